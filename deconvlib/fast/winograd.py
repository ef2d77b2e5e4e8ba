"""Toom-Cook, or Winograd: m outputs of a filter with t taps from m + t - 1 products instead of m t.

The sums  y[o] = sum_j g[j] d[o + j],  o < m,  are the transpose of a product of polynomials.  Let E_n evaluate a
polynomial with n coefficients at P = m + t - 1 points, one of them infinity (the leading coefficient).  The product of
polynomials a and g has the coefficients  E_P^-1 ((E_t g) * (E_m a)).  Take the inner product with d, and read off what
multiplies a:

    y = A ((G g) * (B d)),    A = E_m^T,  G = E_t,  B = E_P^-T.

Source: Lavin & Gray, arXiv:1509.09308; Winograd, Arithmetic Complexity of Computations (1980).
"""

from __future__ import annotations

import functools

import numpy as np

__all__ = ["POINTS", "matrices"]

# The finite points, by their number: for the larger tiles those with the smallest rounding error of all we tried.
POINTS = {0: (), 1: (0,), 2: (1, -1), 3: (0, 1, -1), 4: (0, 0.75, -0.75, 1.5), 5: (0, 0.75, -0.75, 1.5, -1.5)}


@functools.lru_cache
def matrices(outputs: int, taps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A [m, P], G [P, t] and B [P, P] with  y = A ((G g) * (B d)),  P = m + t - 1."""
    size = outputs + taps - 1
    a, g, p = (_evaluate(POINTS[size - 1], coefficients) for coefficients in (outputs, taps, size))
    b = np.linalg.inv(p).T
    scale = 2.0 ** np.round(np.log2(np.abs(b).sum(1, keepdims=True)))  # a power of two moves to the kernel, exactly
    return a.T, g * scale, b / scale


def _evaluate(points: tuple[float, ...], coefficients: int) -> np.ndarray:
    """The matrix that evaluates a polynomial at the points and at infinity."""
    infinity = np.eye(coefficients)[-1:]
    return np.vstack([np.vander(points, coefficients, increasing=True).reshape(-1, coefficients), infinity])
