"""Which arguments give this output size, and which output sizes these arguments can give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deconvlib.geometry import Axis, ceil_div, per_axis


class Solutions(list[Axis]):
    """A list of Axis.  `reason` is None, or where the list is empty a sentence that says why."""

    def __init__(self, axes: Iterable[Axis], reason: str | None = None):
        super().__init__(axes)
        self.reason = reason


def solve(
    input_size: int,
    output_size: int,
    *,
    kernel_sizes: int | Iterable[int],
    strides: int | Iterable[int],
    dilations: int | Iterable[int] = 1,
    paddings: int | Iterable[int] | None = None,
    output_paddings: int | Iterable[int] | None = None,
    uneven: bool = False,
) -> Solutions:
    """Every Axis that makes `output_size` samples of `input_size`, simplest first.

    The crop is (p, p - a), with a padding p >= 0 and an output_padding 0 <= a < s, which every framework takes:

        o = s (i - 1) + ke - 2 p + a

    `uneven=True` adds the crops (p, p + e), e > 0, that cut more from the end, as Keras's "same" does.

    kernel_sizes, strides and dilations are an integer or several, the ones to try.  paddings and output_paddings
    restrict p and a in the same way; None allows all of them.

    The order: by dilation, e, a, p, kernel size, stride, the smallest first.  Where there is no solution the result is
    empty, and its `reason` names the sizes that can be reached.  Raises ValueError for sizes below 1 and for nothing to
    try; TypeError for what is not an integer.
    """
    tried = {
        "kernel_sizes": _several("kernel_sizes", kernel_sizes, least=1),
        "strides": _several("strides", strides, least=1),
        "dilations": _several("dilations", dilations, least=1),
    }
    paddings = None if paddings is None else set(_several("paddings", paddings, least=0))
    output_paddings = None if output_paddings is None else set(_several("output_paddings", output_paddings, least=0))
    (output_size,) = _several("output_size", output_size, least=1)
    found = []
    for k in tried["kernel_sizes"]:
        for s in tried["strides"]:
            for d in tried["dilations"]:
                full = Axis(input_size, k, s, d)
                for p, end in _crops(full, output_size, uneven):
                    a = max(p - end, 0)
                    if (paddings is None or p in paddings) and (output_paddings is None or a in output_paddings):
                        found.append(Axis(input_size, k, s, d, (p, end)))
    found.sort(key=_simplicity)
    if found:
        return Solutions(found)
    return Solutions((), _reason(input_size, output_size, tried, paddings, output_paddings))


def output_sizes(
    input_size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> dict[int, int]:
    """Every output size that this setting can give, and the output_padding that picks it: {size: output_padding}.

        o = s (i - 1) + ke - 2 p + a,  0 <= a < s

    These are exactly the sizes of which the forward convolution with the same arguments makes `input_size` samples.
    That is why the size has to be named: the forward convolution forgets which of them it was.

    Raises ValueError for a negative padding, and where the padding leaves no output.
    """
    full = Axis(input_size, kernel_size, stride, dilation).full_size
    (padding,) = _several("padding", padding, least=0)
    sizes = {full - 2 * padding + a: a for a in range(stride) if full - 2 * padding + a >= 1}
    if not sizes:
        raise ValueError(
            f"padding must leave some of the {full} samples of the full output, got {padding} on both sides; "
            f"take at most {(full + stride - 2) // 2}"
        )
    return sizes


def _crops(full: Axis, output_size: int, uneven: bool) -> Iterator[tuple[int, int]]:
    """Every (p, end) that leaves `output_size`:  2 p - a = F - o  for 0 <= a < s, or  2 p + e = F - o."""
    cut = full.full_size - output_size
    for p in range(0 if uneven else max(ceil_div(cut, 2), 0), (cut + full.stride - 1) // 2 + 1):
        yield p, cut - p


def _simplicity(axis: Axis) -> tuple[int, ...]:
    begin, end = axis.crop
    return axis.dilation, max(end - begin, 0), max(begin - end, 0), begin, axis.kernel_size, axis.stride


def _reason(
    input_size: int,
    output_size: int,
    tried: dict[str, tuple[int, ...]],
    paddings: set[int] | None,
    output_paddings: set[int] | None,
) -> str:
    """Why nothing was found: the nearest sizes below and above that the same ranges reach."""
    sizes = set()
    for k in tried["kernel_sizes"]:
        for s in tried["strides"]:
            for d in tried["dilations"]:
                full = Axis(input_size, k, s, d).full_size
                for p in range(full // 2 + s) if paddings is None else paddings:
                    sizes |= {full - 2 * p + a for a in range(s) if output_paddings is None or a in output_paddings}
    below, above = ([n for n in sizes if n >= 1 and keep(n)] for keep in (output_size.__gt__, output_size.__lt__))
    nearest = [str(n) for n in ([max(below)] if below else []) + ([min(above)] if above else [])]
    ranges = ", ".join(f"{name} {list(values)}" for name, values in tried.items())
    if not nearest:
        return f"no output is left with {ranges} and these paddings; allow a smaller padding"
    if not above:
        remedy = "allow a larger stride or kernel"
    elif not below:
        remedy = "allow a smaller stride or kernel, or more padding"
    else:
        remedy = "allow more output_paddings or another kernel size, or uneven=True"
    return (
        f"no setting makes {output_size} samples of {input_size} with {ranges}; "
        f"the nearest size{' is' if len(nearest) == 1 else 's are'} {' and '.join(nearest)}: {remedy}"
    )


def _several(name: str, value: int | Iterable[int], least: int) -> tuple[int, ...]:
    values = tuple(value) if isinstance(value, Iterable) else (value,)
    values = per_axis(name, values, len(values))
    if not values or min(values) < least:
        raise ValueError(f"{name} must be one or more integers, each at least {least}, got {list(values)}")
    return values
