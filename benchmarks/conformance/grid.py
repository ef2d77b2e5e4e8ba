"""The published grid: every call that each framework is asked, legal or not, as data.

A call is {"input_size", "kernel_size", "groups", "arguments"}; its arguments are those of `deconvlib.frameworks`, the
framework's own.  One axis is swept; two and three axes pair its rows, so that neighbouring axes differ.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from itertools import product

__all__ = ["GRID", "calls", "digest", "facts", "key"]

# (input size, kernel size, stride, dilation) of one axis
ROWS = tuple(product((1, 2, 3, 5), (1, 2, 3, 4, 5), (1, 2, 3, 4), (1, 2, 3)))
SHORT_ROWS = tuple(product((1, 3, 4), (1, 2, 3, 4), (1, 2, 3), (1, 2)))


def joined(rows: tuple, axes: int) -> Iterator[tuple]:
    """One tuple an argument, from `axes` rows that stand well apart."""
    shifts = [n * (len(rows) // 3 + 1) for n in range(axes)]
    return (tuple(zip(*(rows[(at + shift) % len(rows)] for shift in shifts))) for at in range(len(rows)))


def call(i, k, groups=1, **arguments) -> dict:
    return {"input_size": i, "kernel_size": k, "groups": groups, "arguments": arguments}


def thin(calls: Iterator[dict], one_in: int) -> Iterator[dict]:
    """Some of the calls: always the same, without a pattern."""
    return (c for c in calls if zlib.crc32(key(c).encode()) % one_in == 0)


def full(i: int, k: int, s: int, d: int) -> int:
    return s * (i - 1) + d * (k - 1) + 1


def keras() -> Iterator[dict]:
    rows = [((i,), (k,), (s,), (d,)) for i, k, s, d in ROWS]
    for n, table in enumerate((rows, joined(ROWS[::2], 2), joined(ROWS[::5], 3))):
        for i, k, s, d in table:
            for padding in ("valid", "same"):
                least = -1 if (k, d) == ((2,), (1,)) else 0  # a few times only: TensorFlow ends the process on some
                amounts = range(least, s[0] + 1) if n == 0 else (0, 1)
                for a in (None, *((a,) * (n + 1) for a in amounts)):
                    yield call(i, k, strides=s, padding=padding, output_padding=a, dilation_rate=d)


def tensorflow() -> Iterator[dict]:
    rows = [((i,), (k,), (s,), (d,)) for i, k, s, d in ROWS]
    for n, table in enumerate((rows, joined(ROWS[::2], 2), joined(ROWS[::5], 3))):
        for i, k, s, d in table:
            sizes = tuple(map(full, i, k, s, d))
            for change in range(-1, s[0] + 1) if n == 0 else (0, 1):
                o = tuple(size + change for size in sizes)
                yield call(i, k, output_shape=o, strides=s, padding="VALID", dilations=d)
            for change in range(-s[0], 2) if n == 0 else (-1, 0):
                o = tuple(a * b + change for a, b in zip(i, s))
                yield call(i, k, output_shape=o, strides=s, padding="SAME", dilations=d)
    for i, k, s, d in joined(SHORT_ROWS, 2):
        for pads in (((1, 0), (0, 1)), ((0, 2), (1, 1))):
            for change in (0, 1):
                o = tuple(full(*row) - sum(pad) + change for *row, pad in zip(i, k, s, d, pads))
                yield call(i, k, output_shape=o, strides=s, padding=((0, 0), *pads, (0, 0)), dilations=d)


def pytorch() -> Iterator[dict]:
    for i, k, s, d in SHORT_ROWS:
        for p, a in product(range(-1, 4), range(-1, max(s, d) + 2)):
            yield call((i,), (k,), stride=(s,), padding=(p,), output_padding=(a,), dilation=(d,))
    for axes, groups in product((1, 2, 3), (1, 2)):
        for i, k, s, d in joined(ROWS[:: 2 * axes + 1], axes):
            for p, a in product((0, 1, 2), (0, 1)):
                arguments = {"stride": s, "padding": (p,) * axes, "output_padding": (a,) * axes, "dilation": d}
                yield call(i, k, groups, **arguments)


NEITHER = {"transpose_kernel": False, "use_consistent_padding": False}


def jax() -> Iterator[dict]:
    pairs = tuple(product(range(-2, 4), repeat=2))
    strings = ("SAME", "VALID", "same", "valid", "SAME_LOWER")

    def every(i, k, s, d, paddings) -> Iterator[dict]:
        for padding, transposed, consistent in product(paddings, (False, True), (False, True)):
            switches = {"transpose_kernel": transposed, "use_consistent_padding": consistent}
            yield call(i, k, strides=s, padding=padding, rhs_dilation=d, **switches)

    one = (c for row in SHORT_ROWS for c in every(*((n,) for n in row), [*strings, *((pair,) for pair in pairs)]))
    two = (c for row in joined(SHORT_ROWS, 2) for c in every(*row, [*strings[:2], ((1, 0), (2, 1)), ((0, 3), (-1, 2))]))
    yield from thin(one, 8)
    yield from thin(two, 5)
    for i, k, begin, end in product((5, 6), (4, 5), (-2, -1), (0, 1, 2)):  # deeper crops than the kernel is long
        yield call((i,), (k,), strides=(1,), padding=((begin, end),), rhs_dilation=(1,), **NEITHER)


def onnx() -> Iterator[dict]:
    for i, k, s, d in SHORT_ROWS:
        common, size = {"strides": (s,), "dilations": (d,)}, full(i, k, s, d)
        for a in range(s + 1):
            for pads in ((0, 0), (1, 0), (0, 1), (2, 1), (-1, 0)):
                yield call((i,), (k,), pads=pads, output_padding=(a,), **common)
            for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
                yield call((i,), (k,), auto_pad=mode, output_padding=(a,), **common)
        shapes = product(("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"), range(-2, s + 1), (0, 1))
        for mode, change, a in shapes:
            if size + change > 0:
                yield call((i,), (k,), auto_pad=mode, output_shape=(size + change,), output_padding=(a,), **common)
    for axes, group in product((1, 2), (1, 2)):
        for i, k, s, d in joined(SHORT_ROWS, axes):
            common = {"strides": s, "dilations": d}
            yield call(i, k, group, pads=(1,) + (0,) * (2 * axes - 1), **common)
            yield call(i, k, group, auto_pad="SAME_UPPER", **common)


GRID = {"keras": keras, "tensorflow": tensorflow, "pytorch": pytorch, "jax": jax, "onnx": onnx}


def calls(framework: str) -> list[dict]:
    """The calls that a framework is asked, each once, the smallest first."""
    unique = {key(c): c for c in GRID[framework]()}
    return sorted(unique.values(), key=_size)


def _size(c: dict) -> tuple:
    """What makes a call easy to take in: few axes, then few samples and taps, then few arguments other than 1 and 0."""
    return len(c["input_size"]), sum(c["input_size"]) + sum(c["kernel_size"]), len(key(c)), key(c)


def key(c: dict) -> str:
    return json.dumps(c, sort_keys=True)


def digest() -> str:
    """Changes with any call of the grid."""
    return hashlib.sha256("\n".join(key(c) for name in sorted(GRID) for c in calls(name)).encode()).hexdigest()[:16]


DEFAULTS = {"auto_pad": "NOTSET", "output_padding": 0, "output_shape": None, "begin": 0, "end": 0}


def facts(c: dict) -> list[dict]:
    """What a rule may speak of, for each axis: i, k, s, d, ke, F, and the arguments by name.

    `largest_s` and `largest_d` are over all axes.  A per-axis argument gives its entry (ONNX's pads and a pair of
    TensorFlow's or JAX's give `begin` and `end`).
    """
    arguments, axes = c["arguments"], len(c["input_size"])
    stride = arguments.get("strides", arguments.get("stride"))
    dilation = next(arguments[n] for n in ("dilations", "dilation", "dilation_rate", "rhs_dilation") if n in arguments)
    found = []
    for n, (i, k, s, d) in enumerate(zip(c["input_size"], c["kernel_size"], stride, dilation)):
        ke = d * (k - 1) + 1
        own = DEFAULTS | {name: v[n] if isinstance(v, tuple) and len(v) == axes else v for name, v in arguments.items()}
        pads, padding = arguments.get("pads"), arguments.get("padding")
        if pads is not None:
            own["begin"], own["end"] = pads[n], pads[n + axes]
        elif isinstance(padding, tuple) and isinstance(padding[0], tuple):
            own["begin"], own["end"] = padding[n + (len(padding) - axes) // 2]
        found.append(
            own
            | {"i": i, "k": k, "s": s, "d": d, "ke": ke, "F": s * (i - 1) + ke, "groups": c["groups"], "axes": axes}
            | {"largest_s": max(stride), "largest_d": max(dilation)}
        )
    return found
