"""Toom-Cook, or Winograd: m outputs of a filter with t taps from m + t - 1 products instead of m t.

The sums  y[o] = sum_j g[j] d[o + j],  o < m,  are the transpose of a product of polynomials.  Polynomial g has t
coefficients, polynomial a has m, and their product c has P = m + t - 1.  It is known from its values at P - 1 points
and its leading coefficient, its value at infinity:

    c(x) = sum_i c(p_i) L_i(x)  +  c_inf M(x),      M(x) = prod_j (x - p_j),    L_i(p_j) = 1 where i = j, else 0.

Let E_n evaluate a polynomial with n coefficients at the points, and let row i of B hold the coefficients of L_i, the
last one those of M.  Then the coefficients of c are  B.T ((E_t g) * (E_m a)).  Take the inner product with d, and read
off what multiplies a:

    y = A ((G g) * (B d)),    A = E_m.T,  G = E_t.      (A and B are A^T and B^T of Lavin & Gray.)

Two outputs of two taps, with the points 1, -1 and infinity, take three products instead of four:

    u = (g[0] + g[1]) (d[0] + d[1]) / 2,    v = (g[0] - g[1]) (d[0] - d[1]) / 2,    w = g[1] (d[2] - d[0])
    y[0] = u + v,                           y[1] = u - v + w

Source: Lavin & Gray, arXiv:1509.09308; Winograd, Arithmetic Complexity of Computations (1980).
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import numpy as np

__all__ = ["POINTS", "matrices"]

NEAR, FAR = Fraction(3, 4), Fraction(3, 2)
POINTS: dict[int, tuple[Fraction | int, ...]] = {
    0: (),
    2: (1, -1),
    3: (0, 1, -1),
    4: (0, NEAR, -NEAR, FAR),
    5: (0, NEAR, -NEAR, FAR, -FAR),
}
"""The finite points, by their number: for the larger tiles those with the smallest rounding error of all we tried."""


@functools.lru_cache(64)
def matrices(outputs: int, taps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A [m, P], G [P, t] and B [P, P] with  y = A ((G g) * (B d)),  P = m + t - 1; fractions until they are rounded."""
    points = [Fraction(p) for p in POINTS[outputs + taps - 2]]
    rows = []
    for p in points:
        others = [other for other in points if other != p]
        rows.append([c / math.prod(p - other for other in others) for c in (*_monic(others), Fraction(0))])
    rows.append(_monic(points))
    # a power of two moves from B to G, exactly, so that neither is much larger than the other
    scales = [Fraction(2) ** round(math.log2(sum(map(abs, row)))) for row in rows]
    b = [[c / scale for c in row] for row, scale in zip(rows, scales)]
    g = [[c * scale for c in row] for row, scale in zip(_evaluate(points, taps), scales)]
    a = list(zip(*_evaluate(points, outputs)))
    return np.array(a, np.float64), np.array(g, np.float64), np.array(b, np.float64)


def _monic(roots: list[Fraction]) -> list[Fraction]:
    """The coefficients of  prod (x - root),  the constant one first:  [6, -5, 1] for the roots 2 and 3."""
    coefficients = [Fraction(1)]
    for root in roots:
        shifted, scaled = [Fraction(0), *coefficients], [*(root * c for c in coefficients), Fraction(0)]
        coefficients = [high - low for high, low in zip(shifted, scaled)]
    return coefficients


def _evaluate(points: list[Fraction], count: int) -> list[list[Fraction]]:
    """The matrix that evaluates a polynomial with so many coefficients at the points and at infinity."""
    infinity = [Fraction(int(power == count - 1)) for power in range(count)]
    return [*([p**power for power in range(count)] for p in points), infinity]
