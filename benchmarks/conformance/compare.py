"""One call, asked of an implementation and of deconvlib: do they agree, and if not, how do they differ?"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.conformance.grid import key
from deconvlib import METHODS, frameworks

__all__ = ["Outcome", "arrays", "compare", "ours"]

TOLERANCE = 1e-3  # small integers in float32: sums are exact unless an algorithm transforms them (Winograd)


@dataclass(frozen=True)
class Outcome:
    """What came of a call.

    kind: "values" or "refusal" where both agree.  Otherwise "size" or "value" where both answer; and where one does
    not, what the framework does: it "refuses", it "answers", or its answer is "empty" where deconvlib refuses.
    """

    kind: str
    ours: str
    theirs: str

    @property
    def agrees(self) -> bool:
        return self.kind in ("values", "refusal")


def compare(framework: str, one: Callable, call: dict) -> Outcome:
    x, kernel = arrays(call)
    answers = attempt(deconvlib, framework, call, x, kernel), attempt(one, call, x, kernel)
    return Outcome(kind(*answers), *map(said, answers))


def ours(framework: str, call: dict, x, kernel) -> str:
    """What deconvlib says alone."""
    return said(attempt(deconvlib, framework, call, x, kernel))


def arrays(call) -> tuple[np.ndarray, np.ndarray]:
    """Random, asymmetric, and the same for a call each time: x [batch, *space, in], kernel [*k, out / groups, in]."""
    random = np.random.default_rng(zlib.crc32(key(call).encode()))
    groups = call["groups"]
    shapes = (2, *call["input_size"], 2 * groups), (*call["kernel_size"], 3, 2 * groups)
    x, kernel = (random.integers(-4, 5, shape).astype(np.float32) for shape in shapes)
    kernel.flat[0], x.flat[0] = 5, 5  # never all zeros
    return x, kernel


def deconvlib(framework, call, x, kernel) -> np.ndarray:
    geometry = getattr(frameworks, framework).geometry(call["input_size"], call["kernel_size"], **call["arguments"])
    shares = zip(np.split(x, call["groups"], -1), np.split(kernel, call["groups"], -1))
    return np.concatenate([METHODS["scatter"](*share, geometry) for share in shares], -1)


def attempt(function, *arguments):
    """The answer as an array, or the error."""
    try:
        return np.asarray(function(*arguments))
    except Exception as error:  # a framework's refusal is any error, its own classes included
        return error


def kind(mine, theirs) -> str:
    refused = isinstance(mine, Exception), isinstance(theirs, Exception)
    if any(refused):
        nothing = not refused[1] and 0 in theirs.shape
        return "refusal" if all(refused) else "refuses" if refused[1] else "empty" if nothing else "answers"
    if mine.shape != theirs.shape:
        return "size"
    return "values" if np.allclose(mine, theirs, rtol=0, atol=TOLERANCE) else "value"


def said(answer) -> str:
    """The size and the first channel of the first output, or the error's first line."""
    if isinstance(answer, Exception):
        lines = [line.strip() for line in str(answer).splitlines() if line.strip()]
        return f"{type(answer).__name__}: {lines[0] if lines else ''}"[:160]
    space = answer.shape[1:-1]
    return f"{space} {np.round(answer[0, ..., 0].ravel()[:6]).astype(int).tolist()}"
