"""The three array moves that every method is made of.  Arrays are  x [batch, *space, channels]."""

from __future__ import annotations

import math

import numpy as np

from deconvlib.checks import Array


def insert_zeros(x: Array, stride: tuple[int, ...]) -> Array:
    """Put stride - 1 zeros between neighbouring samples:  n  samples become  s (n - 1) + 1."""
    size = [s * (n - 1) + 1 for s, n in zip(stride, x.shape[1:-1], strict=True)]
    out = np.zeros((x.shape[0], *size, x.shape[-1]), x.dtype)
    out[(slice(None), *(slice(None, None, s) for s in stride))] = x
    return out


def pad_or_crop(x: Array, amounts: tuple[tuple[int, int], ...]) -> Array:
    """Add (begin, end) zeros on each spatial axis; a negative amount removes samples instead.  Returns a new array."""
    size = [n + begin + end for n, (begin, end) in zip(x.shape[1:-1], amounts, strict=True)]
    out = np.zeros((x.shape[0], *size, x.shape[-1]), x.dtype)
    source, target = [slice(None)], [slice(None)]
    for n, m, (begin, _) in zip(x.shape[1:-1], size, amounts, strict=True):
        first, last = max(0, -begin), min(n, m - begin)  # the samples of x that stay
        source.append(slice(first, max(first, last)))
        target.append(slice(first + begin, max(first, last) + begin))
    out[tuple(target)] = x[tuple(source)]
    return out


def taps(
    size: tuple[int, ...], kernel_size: tuple[int, ...], step: tuple[int, ...], dilation: tuple[int, ...]
) -> list[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """For each tap t, the samples  d t, d t + step, ...  (`size` of them) that it meets:  [(t, slices), ...]."""
    return [
        (
            tap,
            (slice(None), *(slice(d * t, d * t + s * (n - 1) + 1, s) for t, d, s, n in zip(tap, dilation, step, size))),
        )
        for tap in np.ndindex(*kernel_size)
    ]


def correlate(x: Array, kernel: Array, stride: tuple[int, ...], dilation: tuple[int, ...]) -> Array:
    """Cross-correlation over the positions where the kernel fits, what every framework calls convolution.

        y[j] = sum over taps t of  x[s j + d t] @ kernel[t]

    x [batch, *space, in], kernel [*k, in, out]; the result is [batch, *space', out],  space' = (space - ke) // s + 1.
    """
    *kernel_size, _, channels = kernel.shape
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel_size, strict=True)]
    size = tuple((n - span) // s + 1 for n, span, s in zip(x.shape[1:-1], spans, stride, strict=True))
    out = np.zeros((x.shape[0], *size, channels), np.result_type(x, kernel))
    for tap, samples in taps(size, tuple(kernel_size), stride, dilation):
        out += product(x[samples], kernel[tap])
    return out


def product(x: Array, matrix: Array) -> Array:
    """x @ matrix, [..., in] by [in, out].  NumPy would multiply each row of samples alone: up to five times slower."""
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    result: Array = (rows @ matrix).reshape(*x.shape[:-1], matrix.shape[-1])
    return result
