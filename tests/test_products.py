"""How many products each method needs: the formulas of the page on the methods' costs, counted."""

import itertools

import numpy as np
import pytest

import deconvlib as dl


class Counted:
    """A number that counts how often one is multiplied."""

    products = 0

    def __init__(self, value):
        self.value = value

    def __mul__(self, other):
        Counted.products += 1
        return Counted(self.value * getattr(other, "value", other))

    def __add__(self, other):
        return Counted(self.value + getattr(other, "value", other))

    __rmul__, __radd__ = __mul__, __add__


def products(name, i, k, s):
    """Counted: of a method in two dimensions, for one channel and no crop."""
    wrapped = np.vectorize(Counted, otypes=[object])
    inputs, kernel = wrapped(np.ones((1, i, i, 1))), wrapped(np.ones((k, k, 1, 1)))
    Counted.products = 0
    dl.METHODS[name](inputs, kernel, dl.Geometry.of((i, i), k, s))
    return Counted.products


FORMULAS = {
    "scatter": lambda i, k, s: (i * k) ** 2,
    "subpixel": lambda i, k, s: ((i + k // s - 1) * k) ** 2,  # where the stride divides the kernel
    "fractional_stride": lambda i, k, s: ((s * (i - 1) + k) * k) ** 2,
    "matrix": lambda i, k, s: (i * (s * (i - 1) + k)) ** 2,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_a_method_needs_as_many_products_as_its_formula_says(name):
    """For small sizes, kernels and strides."""
    for i, k, s in itertools.product(range(1, 5), range(1, 5), range(1, 4)):
        if name != "subpixel" or k % s == 0:
            assert products(name, i, k, s) == FORMULAS[name](i, k, s), (i, k, s)
