"""Products of samples with weights, the weights in blocks of columns that this machine's BLAS runs well.

    [points, tiles, depth]  by weights  [points, depth, columns]  ->  [points, tiles, columns]

With 16 channels to 100 the weights are an array of one block of 64 columns, and one of a block of 36.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from deconvlib.fast.blas import Kind
from deconvlib.fast.numbers import shares
from deconvlib.fast.program import BoundStep, Weights

__all__ = ["cut_columns", "products", "widths"]

WIDTHS = (64, 32, 16)  # columns of weights in one product


def cut_columns(columns: int, depth: int, kind: Kind, most: int | None) -> list[tuple[int, int]]:
    """(blocks, their columns) of the weights: one of all columns where `most` is None, for whole products."""
    return [(1, columns)] if most is None else widths(depth, columns, kind)


def widths(depth: int, columns: int, kind: Kind) -> list[tuple[int, int]]:
    """(blocks, their columns), such that BLAS does a product of enough rows on one thread."""
    width = next((w for w in WIDTHS if kind.rows * depth * w <= kind.alone), WIDTHS[-1])
    blocks, rest = divmod(columns, width)
    return [(blocks, width)] * (blocks > 0) + [(1, rest)] * (rest > 0)


def products(
    key: Hashable, depth: int, kind: Kind, most: int | None, source: np.ndarray, result: np.ndarray
) -> BoundStep:
    """With the weights of that key, in products of at most so many multiplications."""
    points, tiles, columns = result.shape
    source, done, calls = source.reshape(points, tiles, depth), 0, []
    for i, (blocks, width) in enumerate(cut_columns(columns, depth, kind, most)):
        target = result[..., done : done + blocks * width].reshape(points, tiles, blocks, width)
        height, number = shares(tiles, tiles if most is None else most // (depth * width), kind.registers)
        for some in (slice(0, height * number), slice(height * number, tiles)):
            tall = height if some.start == 0 else tiles - some.start
            if some.start < some.stop:
                rows = source[:, some].reshape(points, 1, -1, tall, depth)
                place = target[:, some].reshape(points, -1, tall, blocks, width).transpose(0, 3, 1, 2, 4)
                calls.append((i, rows, place))
        done += blocks * width

    def run(weights: Weights) -> None:
        parts = weights[key]
        for i, rows, place in calls:  # one block of weights after the other: it stays near
            np.matmul(rows, parts[i], out=place)

    return run
