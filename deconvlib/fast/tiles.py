"""Phases in tiles: each run of each axis is a dense correlation of stride 1, done as F(m, t) along every axis.

    windows of the input --B--> points --times the kernel's points--> --A--> m outputs an axis

B and A go along one axis after the other, each as products of a small matrix with rows of many columns.  The windows of
neighbouring tiles overlap where they lie; only their points are written side by side.  Kernel 3 with
stride 1 on 8 x 8 samples and m = 4 makes 2 x 2 tiles an image.  Each reads a window of 6 x 6 samples; so there are 36
products of [4, in] by [in, out], where the direct way has 9 of [64, in] by [in, out].

With m = 1 nothing is transformed.  The taps lie side by side in one product; or, with many channels, each has a product
of its own, and these are added up.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from deconvlib.fast.cost import Cost, Layer, product
from deconvlib.fast.numbers import ceil_div, cut_axis, in_range, shares
from deconvlib.fast.program import Branch, Job, Program, Step, View, Weights, padding
from deconvlib.fast.runs import Run, runs
from deconvlib.fast.ways import Way, Work, strides
from deconvlib.fast.winograd import POINTS, matrices
from deconvlib.geometry import Geometry

__all__ = ["Piece", "Tiles", "pieces"]

SCRATCH = 4 << 20  # bytes that a chunk may hold, so that it stays in the cache
FEWEST = 64  # tiles in a chunk, at least: each reads all weights
COLUMNS = 1 << 13  # of a transform in one product: they stay in the cache, and a worker's BLAS starts no thread
DEPTH = 1024  # channels times taps, at most, side by side in one product
WIDTHS = (64, 32, 16)  # columns of weights in one product, so that ROWS rows fit
ROWS = 16
REGISTERS = 6  # rows of a product fill the registers in multiples of this
REFUSED = "refused"
PIECES = 32  # of a layer, at most: each takes calls of its own
LONGEST = 4096  # period of an axis, at most: its residues are looked at one by one


def outputs_per_tile(run: Run, largest: int) -> int:
    """The m up to `largest` that takes the fewest products for this run; 1 where there is nothing to save."""
    if run.length < 2 or largest == 1:
        return 1
    allowed = [m for m in range(2, largest + 1) if m + run.length - 2 in POINTS]
    return min(allowed, key=lambda m: ceil_div(run.count, m) * (m + run.length - 1), default=1)


class Piece:
    """One run on each axis, in tiles of `tile` outputs."""

    def __init__(self, chosen: tuple[Run, ...], largest: int, channels: int):
        tile = tuple(outputs_per_tile(run, largest) for run in chosen)
        if any(m == 1 and run.length > 1 for run, m in zip(chosen, tile)):
            tile = (1,) * len(tile)
        self.runs, self.tile, self.transformed = chosen, tile, max(tile) > 1
        self.taps = tuple(run.length for run in chosen)
        self.residues = tuple(len(run.taps) for run in chosen)
        self.window = tuple(m + t - 1 for m, t in zip(tile, self.taps))  # samples that a tile reads along each axis
        self.together = not self.transformed and math.prod(self.taps) * channels <= DEPTH  # taps, in one product
        self.points = 1 if self.together else math.prod(self.window)
        self.depth = math.prod(self.taps) if self.together else 1
        self.count = math.prod(ceil_div(run.count, m) for run, m in zip(chosen, tile))  # tiles in an image

    @property
    def key(self) -> tuple[tuple[int, ...], tuple[tuple[tuple[int, ...], ...], ...]]:
        """What its weights depend on."""
        return self.tile, tuple(run.taps for run in self.runs)

    def multiplications(self, inputs: int, outputs: int) -> int:
        """In the products of one image."""
        return self.count * self.points * self.depth * inputs * math.prod(self.residues) * outputs

    def scratch(self, inputs: int, outputs: int) -> int:
        """Numbers held at a time for each tile."""
        return self.points * (self.depth * inputs + math.prod(self.residues) * outputs)

    def lengths(self, inputs: int, width: int) -> list[int]:
        """How many numbers each array of an image holds, from the samples to the outputs."""
        tiles = [ceil_div(run.count, m) for run, m in zip(self.runs, self.tile)]
        samples = [self.extent(axis, run.count) for axis, run in enumerate(self.runs)]
        steps, all_tiles = range(len(tiles) + 1), math.prod(tiles)
        if not self.transformed:
            windows, products = all_tiles * math.prod(self.window) * inputs, self.points * all_tiles * width
            return [math.prod(samples) * inputs, windows, products] + [all_tiles * width] * (self.points > 1)
        points = [math.prod((*self.window[:done], *tiles[:done], *samples[done:])) * inputs for done in steps]
        outputs = [math.prod((*self.tile[:done], *self.window[done:])) * all_tiles * width for done in steps]
        return points + outputs

    def extent(self, axis: int, count: int) -> int:
        """Samples that the tiles of `count` periods read."""
        return ceil_div(count, self.tile[axis]) * self.tile[axis] + self.taps[axis] - 1

    def weights(self, kernel: np.ndarray) -> np.ndarray:
        """The kernel [*k, out, in] at the points, as [points, depth * in, residues * out]."""
        axes, (*_, outputs, inputs) = len(self.runs), kernel.shape
        order = [[taps[u] for u in range(run.length) for taps in run.taps] for run in self.runs]
        split = [n for pair in zip(self.taps, self.residues) for n in pair]
        taps, residues = range(0, 2 * axes, 2), range(1, 2 * axes, 2)
        w = kernel[np.ix_(*order)].reshape(*split, outputs, inputs)
        if self.together:
            w = w.transpose(*taps, 2 * axes + 1, *residues, 2 * axes)
            return w.reshape(1, math.prod(self.taps) * inputs, -1)
        w = w.transpose(*taps, 2 * axes + 1, *residues, 2 * axes).reshape(*self.taps, -1)
        if self.transformed:
            for axis, (m, t) in enumerate(zip(self.tile, self.taps)):
                along = matrices(m, t)[1].astype(w.dtype)
                w = np.moveaxis(np.tensordot(along, w, (1, axis)), 0, axis)
        return w.reshape(self.points, inputs, -1)


@functools.lru_cache(64)
def pieces(geometry: Geometry, largest: int, channels: int) -> tuple[Piece, ...]:
    """All of a layer.  Together they hold each output once."""
    return tuple(Piece(chosen, largest, channels) for chosen in itertools.product(*map(runs, geometry.axes)))


def blocks_of_columns(weights: np.ndarray, alone: int) -> list[np.ndarray]:
    """[points, depth, columns] as arrays [points, blocks, depth, width], each block contiguous.

    Their widths are such that a product of ROWS rows is within `alone` multiplications.
    """
    points, depth, columns = weights.shape
    width = next((w for w in WIDTHS if ROWS * depth * w <= alone), WIDTHS[-1])
    whole = columns - columns % width
    parts = [weights[..., :whole].reshape(points, depth, -1, width), weights[..., whole:].reshape(points, depth, 1, -1)]
    return [np.ascontiguousarray(part.swapaxes(1, 2)) for part in parts if part.size]


class Tiles(Way):
    """`largest` bounds m; with 1 every output is the sum of its products."""

    def __init__(self, largest: int):
        self.largest, self.name = largest, f"tiles of {largest}"

    def cost(self, layer: Layer) -> Cost | None:
        if self.largest > 1 and (layer.exact or layer.dtype not in (np.float32, np.float64)):
            return None
        if any(math.lcm(axis.stride, axis.dilation) > LONGEST for axis in layer.geometry.axes):
            return None
        if math.prod(len(runs(axis)) for axis in layer.geometry.axes) > PIECES:
            return None
        total, seen = Cost(), set()
        for piece in pieces(layer.geometry, self.largest, layer.group_inputs):
            if math.prod(piece.taps):
                total += self._cost(layer, piece, piece.key not in seen)
                seen.add(piece.key)
        return total

    def _cost(self, layer: Layer, piece: Piece, first: bool) -> Cost:
        """Load, transform, multiply, transform, store."""
        inputs, outputs, size = layer.group_inputs, layer.group_outputs, layer.dtype.itemsize
        tiles, depth, width = piece.count * layer.batch, piece.depth * inputs, math.prod(piece.residues) * outputs
        chunks = ceil_div(tiles, max(FEWEST, SCRATCH // (size * piece.scratch(inputs, outputs))))
        near = size * piece.scratch(inputs, outputs) * tiles <= 2 * SCRATCH * chunks  # in the cache
        weights = piece.points * depth * width * size
        moved = 2 * sum(piece.lengths(inputs, width)) * layer.batch * size  # each array is written, and read
        moved *= 1 if near else int(layer.kind.bytes / layer.kind.memory)
        products = ceil_div(width, WIDTHS[0]) * ceil_div(tiles * depth * WIDTHS[0], layer.kind.alone) * piece.points
        return (
            Cost(
                multiplications=piece.points * product(tiles, depth, width, size),
                bytes=moved + weights * (chunks - 1),
                calls=chunks * 15,
                stacked=products,
                weights=weights,
                prepared=(4 * weights + math.prod(piece.taps) * depth * width * 4) * first,
            )
            * layer.groups
        )

    def weights(self, kernel: np.ndarray, layer: Layer) -> Weights:
        """Nothing but REFUSED for a kernel whose taps may not be added to each other."""
        found: Weights = {}
        with np.errstate(over="ignore", invalid="ignore"):
            if self.largest > 1 and not in_range(np.ascontiguousarray(kernel)):
                return {REFUSED: []}
        inputs = layer.group_inputs
        for piece, group in itertools.product(pieces(layer.geometry, self.largest, inputs), range(layer.groups)):
            if math.prod(piece.taps) and (group, piece.key) not in found:
                with np.errstate(over="ignore", invalid="ignore"):
                    points = piece.weights(kernel[..., group * inputs : (group + 1) * inputs])
                found[group, piece.key] = blocks_of_columns(points, layer.kind.alone)
        return found

    def run(self, x: np.ndarray, out: np.ndarray, weights: Weights, work: Work) -> bool:
        return REFUSED not in weights and super().run(x, out, weights, work)

    def jobs(self, layer: Layer, threads: int) -> list[Job]:
        """The largest first."""
        found: list[tuple[int, Job]] = []
        source, target = strides(layer)
        inputs, outputs, item = layer.group_inputs, layer.group_outputs, layer.dtype.itemsize
        for some, parts in self._shares(layer, threads):
            program = functools.cache(partial(chunk, layer, some, layer.alone(threads)))
            work = sum(piece.multiplications(inputs, outputs) for piece in some)
            rows = max(piece.runs[0].count for piece in some)
            for images, band in cut(layer.batch, rows, parts, threads, max(piece.tile[0] for piece in some)):
                n, counts = (
                    images.stop - images.start,
                    tuple(max(0, min(band.stop, piece.runs[0].count) - band.start) for piece in some),
                )
                first, missing, present = reads(some, 0, band.start, counts, layer.geometry.input_size[0])
                begin = images.start * source[0] + first * source[1]
                end = images.start * target[0] + band.start * some[0].runs[0].period * target[1]
                for g in range(layer.groups):
                    at = begin + g * inputs * item, end + g * outputs * item
                    found.append((work * n * max(counts), Job(program(g, n, counts, missing, present), at)))
        return [job for _, job in sorted(found, key=lambda pair: -pair[0])]

    def _shares(self, layer: Layer, threads: int) -> Iterator[tuple[list[Piece], int]]:
        """(pieces, parts): pieces that read the same samples and so share chunks, and in how many parts these are.

        Each chunk reads all the weights of its pieces.  So where there are few tiles, each piece has chunks of its own.
        """
        inputs, outputs = layer.group_inputs, layer.group_outputs
        groups: dict[tuple[tuple[int, int], ...], list[Piece]] = {}
        for piece in pieces(layer.geometry, self.largest, inputs):
            groups.setdefault(tuple((run.step, run.origin) for run in piece.runs), []).append(piece)
        for together in groups.values():
            main = max(together, key=lambda piece: piece.multiplications(inputs, outputs))
            tiles, item = main.count * layer.batch, layer.dtype.itemsize
            held = item * layer.batch * max(piece.count * piece.scratch(inputs, outputs) for piece in together)
            parts = min(ceil_div(held, SCRATCH), ceil_div(tiles, FEWEST))
            wanted = ceil_div(threads, len(groups))
            alone = [[piece] for piece in together] if tiles < FEWEST * wanted else [together]
            for some in alone:
                yield some, max(parts, min(ceil_div(wanted, len(alone)), ceil_div(tiles, ROWS)))


def cut(batch: int, rows: int, parts: int, threads: int, height: int = 1) -> list[tuple[slice, slice]]:
    """(images, rows) in about so many parts, several images each or bands of one: as many for every thread.

    The bands are multiples of `height`.  64 images for two threads in 3 parts: 4 parts of 16 images.
    """
    parts = ceil_div(parts, threads) * threads if parts > 1 else 1
    images, bands = (ceil_div(batch, parts), 1) if parts <= batch else (1, ceil_div(parts, batch))
    tall = ceil_div(rows, height * bands) * height
    return list(itertools.product(_slices(batch, images), _slices(rows, tall)))


def _slices(end: int, size: int) -> list[slice]:
    return [slice(begin, min(begin + size, end)) for begin in range(0, end, size)]


def reads(together: Sequence[Piece], axis: int, q: int, counts: Sequence[int], samples: int) -> tuple[int, int, int]:
    """What so many periods of each piece read, from q on: the first sample, how many are missing before it, how many
    there are."""
    run = together[0].runs[axis]
    begin, end = span(together, axis, counts)
    first = max(0, begin + q)
    last = min(ceil_div(samples - run.origin, run.step), end + q)
    return (run.origin + run.step * first, first - begin - q, last - first) if first < last else (0, 0, 0)


def span(together: Sequence[Piece], axis: int, counts: Sequence[int]) -> tuple[int, int]:
    """From where to where the tiles of so many periods of each piece read."""
    begins = [piece.runs[axis].start for piece in together]
    return min(begins), max(begin + piece.extent(axis, count) for begin, piece, count in zip(begins, together, counts))


def chunk(
    layer: Layer,
    together: Sequence[Piece],
    alone: int | None,
    group: int,
    n: int,
    counts: Sequence[int],
    missing: int,
    present: int,
) -> Program:
    """n images, and so many periods of the first axis for each piece, which begin with so many missing samples."""
    periods = [(count, *(run.count for run in piece.runs[1:])) for piece, count in zip(together, counts)]
    spans = [span(together, axis, [count[axis] for count in periods]) for axis in range(len(periods[0]))]
    sizes = (n, *(end - begin for begin, end in spans), layer.group_inputs)
    view, before = _read(layer, together, n, periods, missing, present)
    pad = padding(view, sizes, before, layer.dtype.itemsize)
    transformed = any(piece.transformed for piece in together)
    branches = []
    for piece, count in zip(together, periods):
        if math.prod(count):
            first = tuple(run.start - begin for run, (begin, _) in zip(piece.runs, spans))
            tiles = tuple(ceil_div(c, m) for c, m in zip(count, piece.tile))
            shape = (*piece.tile, n, *tiles, *piece.residues, layer.group_outputs)
            steps = (
                list(_steps(layer, piece, alone, group, sizes, first, tiles, shape)) if math.prod(piece.taps) else []
            )
            branches.append(Branch(steps, list(places(layer, piece, count, shape))))
    common = (pad or _copied, sizes) if pad is not None or transformed else None
    return Program(layer.dtype, view, branches, common, transformed)


def _read(
    layer: Layer, together: Sequence[Piece], n: int, periods: Sequence[tuple[int, ...]], missing: int, present: int
) -> tuple[View, tuple[int, ...]]:
    """A view of the samples that are there, and what is missing before."""
    image, *steps, item = strides(layer)[0]
    met = [
        reads(together, axis, 0, [count[axis] for count in periods], size)
        for axis, size in enumerate(layer.geometry.input_size)
    ]
    met[0] = (0, missing, present)
    first, before, length = zip(*met)
    begin = sum(f * step for f, step in zip(first, steps))
    apart = (image, *(run.step * step for run, step in zip(together[0].runs, steps)), item)
    return View((n, *length, layer.group_inputs), begin, apart), (0, *before, 0)


def _steps(
    layer: Layer,
    piece: Piece,
    alone: int | None,
    group: int,
    sizes: tuple[int, ...],
    first: tuple[int, ...],
    tiles: tuple[int, ...],
    shape: tuple[int, ...],
) -> Iterator[tuple[Step, tuple[int, ...]]]:
    """From samples of these sizes, read from `first` on, to the outputs [*tile, n, *tiles, *residues, out]."""
    n, inputs, width = sizes[0], sizes[-1], math.prod(piece.residues) * layer.group_outputs
    each = n * math.prod(tiles)
    if piece.transformed:
        for axis, (m, t) in enumerate(zip(piece.tile, piece.taps)):
            before, after = math.prod(piece.window[:axis]), sizes[axis + 2 :]
            source = before, n * math.prod(tiles[:axis]), sizes[axis + 1], math.prod(after)
            made = (*piece.window[: axis + 1], n, *tiles[: axis + 1], *after)
            matrix = matrices(m, t)[2].astype(layer.dtype)
            yield partial(_transform, matrix, source, first[axis], m, tiles[axis]), made
    elif (*tiles, inputs) != sizes[1:]:
        where = (n, *tiles, *piece.window, inputs) if piece.together else (*piece.window, n, *tiles, inputs)
        yield partial(_windows, first, tiles, piece.window, piece.together), where
    yield partial(_products, (group, piece.key), alone), (piece.points, each, width)
    if piece.transformed:
        for axis, (m, t) in enumerate(zip(piece.tile, piece.taps)):
            if m > 1:
                rest = (*piece.window[axis + 1 :], each, width)
                source = math.prod(piece.tile[:axis]), 1, piece.window[axis], math.prod(rest)
                matrix = matrices(m, t)[0].astype(layer.dtype)
                yield partial(_transform, matrix, source, 0, 1, 1), (*piece.tile[: axis + 1], *rest)
    elif piece.points > 1:
        yield _added, shape


def _copied(samples: np.ndarray, result: np.ndarray, _: Weights) -> None:
    result[...] = samples


def _windows(
    first: tuple[int, ...],
    tiles: tuple[int, ...],
    window: tuple[int, ...],
    together: bool,
    samples: np.ndarray,
    result: np.ndarray,
    _: Weights,
) -> None:
    """The windows of all places [n, *tiles, *window, in]; or with the windows' samples first."""
    n, inputs = samples.shape[0], samples.shape[-1]
    image, *steps, item = samples.strides
    begin, axes = sum(f * step for f, step in zip(first, steps)), len(tiles)
    apart = (image, *steps, *steps, item)
    windows: np.ndarray = np.ndarray((n, *tiles, *window, inputs), samples.dtype, samples, begin, apart)
    result[...] = windows if together else np.moveaxis(windows, range(axes + 1, 2 * axes + 1), range(axes))


def _transform(
    matrix: np.ndarray,
    sizes: tuple[int, int, int, int],
    first: int,
    hop: int,
    windows: int,
    source: np.ndarray,
    result: np.ndarray,
    _: Weights,
) -> None:
    """The matrix times so many windows along an axis, the first of which begins there, each `hop` after the last.

    [before, outer, samples, rest]  ->  [before, points, outer, windows, rest], in columns that stay in the cache.
    """
    (before, outer, samples, rest), (points, length), item = sizes, matrix.shape, source.itemsize
    apart = (outer * samples * rest * item, samples * rest * item, hop * rest * item, rest * item, item)
    shape = (before, outer, windows, length, rest)
    read: np.ndarray = np.ndarray(shape, source.dtype, source, first * rest * item, apart)
    made = result.reshape(before, points, outer, windows, rest).transpose(0, 2, 3, 1, 4)
    if length == 1:  # an axis without tiles: the matrix is [[1]]
        made[...] = read
        return
    whole = rest - rest % COLUMNS
    if whole:
        blocks = (a[..., :whole].reshape(*a.shape[:-1], -1, COLUMNS).swapaxes(-2, -3) for a in (read, made))
        np.matmul(matrix, next(blocks), out=next(blocks))
    if whole < rest:
        np.matmul(matrix, read[..., whole:], out=made[..., whole:])


def _products(
    key: tuple[object, ...], alone: int | None, source: np.ndarray, result: np.ndarray, weights: Weights
) -> None:
    """[points, tiles, depth] by weights [points, blocks, depth, width], the blocks side by side."""
    points, tiles, _ = result.shape
    source, done = source.reshape(points, tiles, -1), 0
    for part in weights[key]:
        _, blocks, depth, width = part.shape
        target = result[..., done : done + blocks * width].reshape(points, tiles, blocks, width)
        height, number = shares(tiles, tiles if alone is None else alone // (depth * width), REGISTERS)
        for some in (slice(0, height * number), slice(height * number, tiles)):
            tall = height if some.start == 0 else tiles - some.start
            if some.start < some.stop:
                rows = source[:, some].reshape(points, 1, -1, tall, depth)
                place = target[:, some].reshape(points, -1, tall, blocks, width).transpose(0, 3, 1, 2, 4)
                np.matmul(rows, part[:, :, None], out=place)  # one block of weights after the other: it stays near
        done += blocks * width


def _added(source: np.ndarray, result: np.ndarray, _: Weights) -> None:
    """The products of all taps, added up."""
    np.add.reduce(source, 0, out=result.reshape(source.shape[1:]))


def places(layer: Layer, piece: Piece, counts: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[tuple[View, View]]:
    """(part of the outputs [*tile, n, *tiles, *residues, out], its place in the output): the last tiles may be cut."""
    axes, size = len(counts), layer.dtype.itemsize
    image, *steps, item = strides(layer)[1]
    periods = [run.period * step for run, step in zip(piece.runs, steps)]
    apart = (*periods, image, *(m * period for m, period in zip(piece.tile, periods)), *steps, item)
    inner = tuple(size * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
    begin = sum(run.first * step for run, step in zip(piece.runs, steps))
    for chosen in itertools.product(*map(cut_axis, counts, piece.tile)):
        firsts, numbers, parts = zip(*chosen)
        some = (*parts, shape[axes], *numbers, *shape[2 * axes + 1 :])
        source = sum(f * step for f, step in zip(firsts, inner[axes + 1 :]))
        target = begin + sum(f * step for f, step in zip(firsts, apart[axes + 1 :]))
        yield View(some, source, inner), View(some, target, apart)
