"""The program of a chunk of tiles: some images and a band of rows, for all pieces that read the same samples.

    samples between zeros                 [n, rows, columns, in]             once for all pieces
    points along rows, then columns       [points, points, n, tiles, tiles, in]
    products with the kernel's points     [points, points, n * tiles * tiles, out]
    outputs along rows, then columns      [m, m, n * tiles * tiles, out]

and each of the m * m outputs of a tile is written to its place.  The windows of neighbouring tiles overlap where they
lie; only their points are written side by side.  But along the last axis a window has no more columns than there are
channels.  Where BLAS takes longer to start so short a product than to do it (Kind.shortest), all windows are copied
into one matrix first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.numbers import ceil_div, cut_axis, in_range, row_major
from deconvlib.fast.pieces import Piece
from deconvlib.fast.products import products
from deconvlib.fast.program import BoundStep, Branch, Program, Step, View, Weights, Write, padding
from deconvlib.fast.ways import strides
from deconvlib.fast.winograd import matrices

__all__ = ["Chunk", "program", "reads"]

LONG = 32  # output channels: the last product of so many columns is worth its call
COLUMNS = 1 << 13  # of a transform in one product: they stay in the cache, and a worker's BLAS starts no thread


class Chunk(NamedTuple):
    """So many images, and so many periods of the first axis for each piece."""

    images: int
    periods: tuple[int, ...]
    missing: int  # samples that they read before the first
    present: int  # samples that they read


def reads(together: Sequence[Piece], axis: int, q: int, periods: Sequence[int], samples: int) -> tuple[int, int, int]:
    """What so many periods of each piece read, from q on: (first sample, how many are missing before it, how many)."""
    run = together[0].runs[axis]
    begin, end = span(together, axis, periods)
    first = max(0, begin + q)
    last = min(ceil_div(samples - run.origin, run.step), end + q)
    return (run.origin + run.step * first, first - begin - q, last - first) if first < last else (0, 0, 0)


def span(together: Sequence[Piece], axis: int, periods: Sequence[int]) -> tuple[int, int]:
    """From where to where the tiles of so many periods of each piece read."""
    begins = [piece.runs[axis].start for piece in together]
    return min(begins), max(begin + piece.extent(axis, n) for begin, piece, n in zip(begins, together, periods))


def program(layer: SizedLayer, together: Sequence[Piece], most: int | None, group: int, chunk: Chunk) -> Program:
    """Of the pieces that read the same samples, in products of at most so many multiplications."""
    periods = [(rows, *(run.periods for run in piece.runs[1:])) for piece, rows in zip(together, chunk.periods)]
    spans = [span(together, axis, [each[axis] for each in periods]) for axis in range(len(periods[0]))]
    sizes = (chunk.images, *(end - begin for begin, end in spans), layer.group_inputs)
    view, before = _read(layer, together, chunk, periods)
    pad = padding(view, sizes, before, layer.dtype.itemsize)
    transformed = any(piece.transformed for piece in together)
    branches = []
    for piece, each in zip(together, periods):
        if math.prod(each):
            first = tuple(run.start - begin for run, (begin, _) in zip(piece.runs, spans))
            tiles = tuple(ceil_div(n, m) for n, m in zip(each, piece.tile))
            some_taps, m, matrix = math.prod(piece.taps) > 0, piece.tile[-1], None
            if some_taps and m > 1 and layer.group_outputs >= max(LONG, layer.kind.shortest):
                # the last product writes to the output itself
                matrix, m = matrices(m, piece.taps[-1])[0].astype(layer.dtype), piece.window[-1]
            shape = (*piece.tile[:-1], m, chunk.images, *tiles, *piece.residues, layer.group_outputs)
            steps = list(_steps(layer, piece, most, group, sizes, first, tiles, shape)) if some_taps else []
            branches.append(Branch(steps, list(_writes(layer, piece, each, shape, matrix))))
    return Program(layer.dtype, view, pad, branches, _in_range if transformed else None, looked_at=not transformed)


def _in_range(samples: np.ndarray, _: Weights) -> bool:
    return in_range(samples)


def _read(
    layer: SizedLayer, together: Sequence[Piece], chunk: Chunk, periods: Sequence[tuple[int, ...]]
) -> tuple[View, tuple[int, ...]]:
    """A view of the samples that are there, and what is missing before."""
    image, *steps, item = strides(layer)[0]
    met = [
        reads(together, axis, 0, [each[axis] for each in periods], size)
        for axis, size in enumerate(layer.geometry.input_size)
    ]
    met[0] = (0, chunk.missing, chunk.present)
    first, before, length = zip(*met)
    begin = sum(f * step for f, step in zip(first, steps))
    apart = (image, *(run.step * step for run, step in zip(together[0].runs, steps)), item)
    return View((chunk.images, *length, layer.group_inputs), begin, apart), (0, *before, 0)


def _steps(
    layer: SizedLayer,
    piece: Piece,
    most: int | None,
    group: int,
    sizes: tuple[int, ...],
    first: tuple[int, ...],
    tiles: tuple[int, ...],
    shape: tuple[int, ...],
) -> Iterator[tuple[Step, tuple[int, ...]]]:
    """From samples of these sizes, read from `first` on, to an array [*tile, n, *tiles, *residues, out] of this shape.

    Where that has the points of an axis instead of its outputs, they stay: the write transforms them.
    """
    n, inputs, width = sizes[0], sizes[-1], math.prod(piece.residues) * layer.group_outputs
    each = n * math.prod(tiles)
    if piece.transformed:
        for axis, (m, t) in enumerate(zip(piece.tile, piece.taps)):
            before, after = math.prod(piece.window[:axis]), sizes[axis + 2 :]
            source = before, n * math.prod(tiles[:axis]), sizes[axis + 1], math.prod(after)
            made = (*piece.window[: axis + 1], n, *tiles[: axis + 1], *after)
            matrix = matrices(m, t)[2].astype(layer.dtype)
            if m > 1 and source[-1] < layer.kind.shortest:  # a product for each window would be too short
                yield partial(_gathered, source, first[axis], m, tiles[axis]), made
                gathered = before, 1, piece.window[axis], math.prod(made[axis + 1 :])
                yield partial(_transform, matrix, gathered, 0, 1, 1), made
            else:
                yield partial(_transform, matrix, source, first[axis], m, tiles[axis]), made
    elif (*tiles, inputs) != sizes[1:]:
        where = (n, *tiles, *piece.window, inputs) if piece.side_by_side else (*piece.window, n, *tiles, inputs)
        yield partial(_windows, first, tiles, piece.window, piece.side_by_side), where
    depth = piece.taps_at_once * inputs
    yield partial(products, (group, piece.key), depth, layer.kind, most), (piece.points, each, width)
    if piece.transformed:
        for axis, (m, t) in enumerate(zip(piece.tile, piece.taps)):
            if shape[axis] < piece.window[axis]:
                rest = (*piece.window[axis + 1 :], each, width)
                source = math.prod(piece.tile[:axis]), 1, piece.window[axis], math.prod(rest)
                matrix = matrices(m, t)[0].astype(layer.dtype)
                yield partial(_transform, matrix, source, 0, 1, 1), (*piece.tile[: axis + 1], *rest)
    elif piece.points > 1:
        yield _added, shape


def _windows(
    first: tuple[int, ...],
    tiles: tuple[int, ...],
    window: tuple[int, ...],
    side_by_side: bool,
    samples: np.ndarray,
    result: np.ndarray,
) -> BoundStep:
    """The windows of all places [n, *tiles, *window, in]; or with the windows' samples first."""
    n, inputs = samples.shape[0], samples.shape[-1]
    image, *steps, item = samples.strides
    begin, axes = sum(f * step for f, step in zip(first, steps)), len(tiles)
    apart = (image, *steps, *steps, item)
    windows: np.ndarray = np.ndarray((n, *tiles, *window, inputs), samples.dtype, samples, begin, apart)
    read = windows if side_by_side else np.moveaxis(windows, range(axes + 1, 2 * axes + 1), range(axes))
    return lambda _: np.copyto(result, read)


def _gathered(
    sizes: tuple[int, int, int, int], first: int, hop: int, windows: int, source: np.ndarray, result: np.ndarray
) -> BoundStep:
    """All windows along an axis as one matrix, for one long product.

    [before, outer, samples, rest]  ->  [before, length, outer, windows, rest]
    """
    before, outer, _, rest = sizes
    read = _along(sizes, first, hop, windows, result.size // (before * outer * windows * rest), source)
    made = result.reshape(before, -1, outer, windows, rest).transpose(0, 2, 3, 1, 4)
    return lambda _: np.copyto(made, read)


def _along(
    sizes: tuple[int, int, int, int], first: int, hop: int, windows: int, length: int, source: np.ndarray
) -> np.ndarray:
    """A view of the windows, of that length, along an axis: [before, outer, windows, length, rest]."""
    (before, outer, samples, rest), item = sizes, source.itemsize
    apart = (outer * samples * rest * item, samples * rest * item, hop * rest * item, rest * item, item)
    return np.ndarray((before, outer, windows, length, rest), source.dtype, source, first * rest * item, apart)


def _transform(
    matrix: np.ndarray,
    sizes: tuple[int, int, int, int],
    first: int,
    hop: int,
    windows: int,
    source: np.ndarray,
    result: np.ndarray,
) -> BoundStep:
    """The matrix times so many windows along an axis, the first of which begins there, each `hop` after the last.

    [before, outer, samples, rest]  ->  [before, points, outer, windows, rest], in columns that stay in the cache.
    """
    (before, outer, _, rest), (points, length) = sizes, matrix.shape
    if length == 1:  # an axis without tiles: the matrix is [[1]]
        return _gathered(sizes, first, hop, windows, source, result)
    read = _along(sizes, first, hop, windows, length, source)
    made = result.reshape(before, points, outer, windows, rest).transpose(0, 2, 3, 1, 4)
    whole, calls = rest - rest % COLUMNS, []
    if whole:
        calls.append([a[..., :whole].reshape(*a.shape[:-1], -1, COLUMNS).swapaxes(-2, -3) for a in (read, made)])
    if whole < rest:
        calls.append([read[..., whole:], made[..., whole:]])

    def run(_: Weights) -> None:
        for read, made in calls:
            np.matmul(matrix, read, out=made)

    return run


def _added(source: np.ndarray, result: np.ndarray) -> BoundStep:
    """The products of all taps, added up."""
    total = result.reshape(source.shape[1:])

    def run(_: Weights) -> None:
        np.add.reduce(source, 0, out=total)

    return run


def _writes(
    layer: SizedLayer, piece: Piece, periods: tuple[int, ...], shape: tuple[int, ...], matrix: np.ndarray | None
) -> Iterator[Write]:
    """Parts of the outputs [*tile, n, *tiles, *residues, out], and their places: the last tiles may be cut.

    With a matrix the last axis of a tile has points still, of which it makes outputs.
    """
    axes, size = len(periods), layer.dtype.itemsize
    image, *steps, item = strides(layer)[1]
    hops = [run.period * step for run, step in zip(piece.runs, steps)]
    apart = (*hops, image, *(m * hop for m, hop in zip(piece.tile, hops)), *steps, item)
    inner = row_major(shape, size)
    begin = sum(run.first * step for run, step in zip(piece.runs, steps))
    for chosen in itertools.product(*map(cut_axis, periods, piece.tile)):
        firsts, numbers, _, parts = zip(*chosen)
        rest = (shape[axes], *numbers, *shape[2 * axes + 1 :])
        source = sum(f * step for f, step in zip(firsts, inner[axes + 1 :]))
        target = begin + sum(f * step for f, step in zip(firsts, apart[axes + 1 :]))
        part, place = View((*parts, *rest), source, inner), View((*parts, *rest), target, apart)
        if matrix is None:
            yield Write(part, place)
        else:
            points = View((*parts[:-1], shape[axes - 1], *rest), source, inner)
            yield Write(_rows(points, axes - 1), _rows(place, axes - 1), matrix[: parts[-1]])


def _rows(view: View, axis: int) -> View:
    """With this axis before the last, the rows of a matrix."""
    shape, strides = (
        (*values[:axis], *values[axis + 1 : -1], values[axis], values[-1]) for values in (view.shape, view.strides)
    )
    return View(shape, view.begin, strides)
