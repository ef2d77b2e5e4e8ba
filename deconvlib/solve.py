"""Which arguments give this output size, and which output sizes these arguments can give."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from deconvlib.arguments import at_least_one, briefly, ceil_div, entries, integer, pair, per_axis
from deconvlib.checks import check_flag
from deconvlib.geometry import Axis, Geometry, Layer
from deconvlib.names import own_words, samples

MOST = 1_000_000  # settings that are tried, or answers that are listed


class Solutions(list[Axis]):
    """A list of Axis.  `reason` is None, or where the list is empty a sentence that says why."""

    def __init__(self, axes: Iterable[Axis], reason: str | None = None) -> None:
        super().__init__(axes)
        self.reason = reason

    @property
    def arguments(self) -> list[dict[str, int]]:
        """Each answer as the arguments of a layer, by PyTorch's names; `cut` samples are then cut off at the end."""
        return [_arguments(axis) for axis in self]

    def __repr__(self) -> str:
        """All of them where they are few, or else the first."""
        shown = list(map(repr, self if len(self) <= 8 else self[:3]))
        if len(self) > len(shown):
            shown.append(f"and {len(self) - len(shown):,} more")
        reason = f", reason={self.reason!r}" if self.reason else ""
        return f"Solutions([{', '.join(shown)}]{reason})"


def _arguments(axis: Axis) -> dict[str, int]:
    begin, end = axis.crop
    said = {"kernel_size": axis.kernel_size, "stride": axis.stride, "padding": begin}
    said["output_padding"] = max(begin - end, 0)
    said["dilation"] = axis.dilation
    return said if end <= begin else {**said, "cut": end - begin}


class OutputSizes(Mapping[int, int]):
    """Each output size, and the output_padding that picks it; a mapping that does not store its entries."""

    def __init__(self, sizes: range, least: int) -> None:
        self._sizes, self._least = sizes, least

    def __getitem__(self, size: int) -> int:
        if size not in self._sizes:
            raise KeyError(size)
        return size - self._least

    def __iter__(self) -> Iterator[int]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def __repr__(self) -> str:
        if _length(self._sizes) <= 8:
            return repr(dict(self))
        first, last = self._sizes[0], self._sizes[-1]
        return f"{{{first}: {self[first]}, ..., {last}: {self[last]}}}"


@own_words
def solve(
    input_size: int,
    output_size: int,
    *,
    kernel_sizes: int | Iterable[int] = range(1, 9),
    strides: int | Iterable[int] = range(1, 5),
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

    The order: by dilation, e, a, p, kernel size, stride, the smallest first.  `solve(8, 16).arguments` writes the
    answers as arguments of a layer.  Where there is no solution the result is empty, and its `reason` names the sizes
    that can be reached.  Raises ValueError for sizes below 1, for nothing to try, and for more than a million settings
    to try or to list; TypeError for what is not an integer.
    """
    input_size, output_size = at_least_one("input_size", input_size), at_least_one("output_size", output_size)
    kernel_sizes = _several("kernel_sizes", kernel_sizes, least=1)
    strides = _several("strides", strides, least=1)
    dilations = _several("dilations", dilations, least=1)
    allowed = None if paddings is None else _several("paddings", paddings, least=0)
    shown = None if output_paddings is None else _several("output_paddings", output_paddings, least=0)
    check_flag("uneven", uneven)
    _check_count("to try", _length(kernel_sizes) * _length(strides) * _length(dilations) * _length(shown or (0,)))
    every = [Axis(input_size, k, s, d) for k in kernel_sizes for s in strides for d in dilations]
    choices = [(full, _paddings(full, output_size, allowed, shown, uneven)) for full in every]
    _check_count("to list", sum(_length(found) for _, found in choices))
    found = [
        Axis(full.input_size, full.kernel_size, full.stride, full.dilation, (p, full.full_size - output_size - p))
        for full, paddings_found in choices
        for p in paddings_found
    ]
    found.sort(key=_simplicity)
    if found:
        return Solutions(found)
    tried = {"kernel_sizes": kernel_sizes, "strides": strides, "dilations": dilations}
    return Solutions((), _reason(input_size, output_size, tried, every, allowed, shown))


@own_words
def output_sizes(
    input_size: int, kernel_size: int, stride: int = 1, padding: int | tuple[int, int] = 0, dilation: int = 1
) -> OutputSizes:
    """Every output size that this setting can give, and the output_padding that picks it: {size: output_padding}.

        o = s (i - 1) + ke - pb - pe + a,  0 <= a < s

    The padding is p on both sides, or a pair (pb, pe).  These are exactly the sizes of which the forward convolution
    with the same arguments makes `input_size` samples.  That is why the size has to be named: the forward convolution
    forgets which of them it was.

    Raises ValueError for a negative padding, and where the padding leaves no output.
    """
    full = Axis(input_size, kernel_size, stride, dilation)
    begin, end = (padding, padding) if entries("padding", padding) is None else pair("padding", padding)
    begin, end = integer("padding", begin), integer("padding", end)
    if min(begin, end) < 0:
        raise ValueError(f"padding must be at least 0, got {padding}; a crop below 0 adds zeros: see deconvlib.Axis")
    least = full.full_size - begin - end
    sizes = range(max(least, 1), least + full.stride)
    if not sizes:
        raise ValueError(
            f"padding must leave some of the {samples(full.full_size)} of the full output, got {padding}"
            f"{' on both sides' if begin == end else ''}; take at most {(full.full_size + full.stride - 2) // 2}"
        )
    return OutputSizes(sizes, least)


@dataclass(frozen=True)
class SkipSizes:
    """The sizes of an encoder and a decoder with skip connections between them; each has one entry an axis.

    - `encoder`: the input size, and the size after each layer down.
    - `decoder`: the size after each layer up, which has to be that of the encoder at the same level.
    - `fits`: whether it is so at every level.
    - `fitting_size`: the smallest size from the input size on that fits, what to pad to; None where there is none.
    """

    encoder: tuple[tuple[int, ...], ...]
    decoder: tuple[tuple[int, ...], ...]
    fits: bool
    fitting_size: tuple[int, ...] | None


@own_words
def skip_sizes(down: Sequence[Layer], up: Sequence[Layer], input_size: int | Sequence[int]) -> SkipSizes:
    """Which sizes an encoder and a decoder give, whether skip connections fit, and what to pad to where they don't.

        half, double = Layer((3, 3), 2, crop=(1, 1)), Layer((2, 2), 2)
        skip_sizes([half] * 3, [double] * 3, (100, 96)).fits            is False: 100, 50, 25, 13, then 26
        skip_sizes([half] * 3, [double] * 3, (100, 96)).fitting_size    is (104, 96)

    - `down`: the layers that make signals smaller, as convolutions whose padding is the crop; a pool counts as one.
    - `up`: as many transposed convolutions, first the one after the smallest signal.

    Layers that keep the size are left out.

    Raises ValueError where a layer leaves nothing, or `up` has not as many layers as `down`.
    """
    down, up = _layers("down", down), _layers("up", up)
    if len(down) != len(up) or len({len(layer.kernel_size) for layer in (*down, *up)}) != 1:
        raise ValueError(
            f"down and up must have equally many layers, all with the same number of axes, got {len(down)} and "
            f"{len(up)}; leave out the layers that keep the size"
        )
    size = per_axis("input_size", input_size, len(down[0].kernel_size))
    paths = [_path(n, _steps(down, axis), _steps(up, axis)) for axis, n in enumerate(size)]
    fitting = [_fitting(n, _steps(down, axis), _steps(up, axis)) for axis, n in enumerate(size)]
    return SkipSizes(
        encoder=tuple(zip(*(path[: len(down) + 1] for path in paths))),
        decoder=tuple(zip(*(path[len(down) + 1 :] for path in paths))),
        fits=all(_mirrored(path) for path in paths),
        fitting_size=None if None in fitting else tuple(n for n in fitting if n is not None),
    )


def _layers(name: str, value: Any) -> list[Layer]:
    given = None if isinstance(value, Layer) else entries(name, value)
    if not given or not all(isinstance(layer, (Layer, Geometry)) for layer in given):
        raise TypeError(
            f"{name} must be a list of deconvlib.Layer, got {briefly(value)}; write [Layer((3, 3), stride=2)]"
        )
    return [layer.layer if isinstance(layer, Geometry) else layer for layer in given]


def _steps(layers: list[Layer], axis: int) -> list[tuple[int, int, int, tuple[int, int]]]:
    """(kernel size, stride, dilation, crop) of each layer on one axis."""
    return [(layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis], layer.crop[axis]) for layer in layers]


def _path(size: int, down: list[Any], up: list[Any]) -> list[int]:
    """The sizes on one axis, all the way down and up again."""
    path = [size]
    for step in down:
        path.append(Axis.of_convolution(path[-1], *step).input_size)
    for step in up:
        path.append(Axis(path[-1], *step).output_size)
    return path


def _mirrored(path: list[int]) -> bool:
    return path == path[::-1]


def _fitting(size: int, down: list[Any], up: list[Any]) -> int | None:
    """The first size that fits.  Whether one does comes back after as many samples as all strides down make."""
    period = math.prod(stride for _, stride, _, _ in down)
    _check_count("to try", 2 * period)
    for n in range(size, size + 2 * period):
        try:
            if _mirrored(_path(n, down, up)):
                return n
        except ValueError:  # nothing is left of so small a signal
            continue
    return None


def _paddings(
    full: Axis, output_size: int, allowed: Sequence[int] | None, shown: Sequence[int] | None, uneven: bool
) -> Sequence[int]:
    """Every p whose crop (p, cut - p) is one of those that are asked for:  2 p - a = cut  or  2 p + e = cut."""
    cut = full.full_size - output_size
    found: Sequence[int] = range(max(ceil_div(cut, 2), 0), (cut + full.stride - 1) // 2 + 1)
    if shown is not None:
        found = [(cut + a) // 2 for a in shown if a < full.stride and cut + a >= 0 and (cut + a) % 2 == 0]
    if uneven and (shown is None or 0 in shown):  # e > 0 goes with a = 0
        before = range(0, max(ceil_div(cut, 2), 0))
        found = range(0, found.stop) if isinstance(found, range) else [*before, *found]
    if allowed is None:
        return found
    if _length(allowed) < _length(found):
        return [p for p in allowed if p in found]
    return [p for p in found if p in allowed]


def _simplicity(axis: Axis) -> tuple[int, ...]:
    begin, end = axis.crop
    return axis.dilation, max(end - begin, 0), max(begin - end, 0), begin, axis.kernel_size, axis.stride


def _reason(
    input_size: int,
    output_size: int,
    tried: dict[str, Sequence[int]],
    every: list[Axis],
    allowed: Sequence[int] | None,
    shown: Sequence[int] | None,
) -> str:
    """Why nothing was found: the nearest sizes below and above that the same ranges reach."""
    sizes = {size for full in every for size in _nearest(full, output_size, allowed, shown) if size >= 1}
    below = [size for size in sizes if size < output_size]
    above = [size for size in sizes if size > output_size]
    nearest = []
    if below:
        nearest.append(str(max(below)))
    if above:
        nearest.append(str(min(above)))
    ranges = ", ".join(f"{name} {_said(values)}" for name, values in tried.items())
    if not nearest:
        return f"no output is left with {ranges} and these paddings; allow a smaller padding"
    if not above:
        remedy = "allow a larger stride or kernel"
    elif not below:
        remedy = "allow a smaller stride or kernel, or more padding"
    else:
        remedy = "allow more output_paddings or another kernel size, or uneven=True"
    return (
        f"no setting makes {samples(output_size)} of {input_size} with {ranges}; "
        f"the nearest size{' is' if len(nearest) == 1 else 's are'} {' and '.join(nearest)}: {remedy}"
    )


def _nearest(full: Axis, output_size: int, allowed: Sequence[int] | None, shown: Sequence[int] | None) -> Iterator[int]:
    """Sizes  F - 2 p + a  among which are the nearest below and above: for each a, those of the neighbouring p."""
    for a in {0, full.stride - 1} if shown is None else shown:  # where all are allowed only the ends matter
        if a < full.stride:
            largest = full.full_size + a
            at = ceil_div(largest - output_size, 2)  # the first p that gives no more than the size
            if allowed is None:
                neighbours = [p for p in (at - 1, at, 0) if p >= 0]
            else:
                place = bisect.bisect_left(allowed, at)
                neighbours = list(allowed[max(place - 1, 0) : place + 1])
            yield from (largest - 2 * p for p in neighbours)


def _several(name: str, value: int | Iterable[int], least: int) -> Sequence[int]:
    """One or more integers, each once, the smallest first; a range stays one."""
    if isinstance(value, range):
        for end in (value.start, value.stop, value.step):
            integer(name, end)
        values: Sequence[int] = value if value.step > 0 else value[::-1]
    else:
        given = tuple(value) if isinstance(value, Set) else entries(name, value)
        values = sorted({integer(name, one) for one in ((value,) if given is None else given)})
    if not values or values[0] < least:
        raise ValueError(
            f"{name} must be one or more integers, each at least {least}, got {_said(values)}; "
            f"write one such as {least + 2}, or several such as range({least}, {least + 6})"
        )
    return values


def _length(values: Sequence[int]) -> int:
    """len(values), which Python has not got for a range beyond 2**63."""
    return max(ceil_div(values.stop - values.start, values.step), 0) if isinstance(values, range) else len(values)


def _said(values: Any) -> str:
    return repr(values) if isinstance(values, range) and _length(values) > 8 else repr(list(values))


def _check_count(what: str, settings: int) -> None:
    if settings > MOST:
        raise ValueError(
            f"settings to try or to list must be {MOST:,} at most, got {settings:,} {what}; "
            "narrow kernel_sizes, strides, dilations or paddings"
        )
