"""Equations are evaluated as a reader would."""

import numpy as np
import pytest

from docs_tools.checker import equations, latex
from docs_tools.mathml import mathml

ARRAYS = {
    "A": np.arange(6.0).reshape(2, 3),
    "B": np.arange(12.0).reshape(3, 4),
    "w": np.array([2.0, 3, 5]),
    "x": np.array([7, 11, 13, 17]),
}


def check(tex, code, ranges=None, condition=None, given=None):
    binding = {"tex": tex, "code": code, "ranges": ranges, "condition": condition, "given": given}
    return equations.check(binding, ARRAYS | {"np": np})


@pytest.mark.parametrize(
    ("tex", "code"),
    [
        (r"F = s (i - 1) + k", "s*(i-1)+k"),
        (r"F = s i - s + k", "s*i - s + k"),
        (r"o' = i' + 2 k_e", "i_prime + 2*k_e"),
        (r"\frac{i}{s} + 1", "i / s + 1"),
        (r"o = \left\lfloor \frac{i + 2k - s}{s} \right\rfloor + 1.", "(i + 2*k - s)//s + 1"),
        (r"o = \lceil i / s \rceil", "-(-i//s)"),
        (r"a = i^2 - 2 (k + 1)^{k - 1} s^3", "i**2 - 2*(k+1)**(k-1)*s**3"),
        (r"a = i s / k / s i - k", "i*s/k/s*i - k"),
        (r"-i + s", "s - i"),
        (r"s i = i s = \sum_{t=1}^{i} s", "i*s"),
        (r"S = \sum_{t=0}^{k-1} t i + s", "i*k*(k-1)//2 + s"),
        (r"y[i] = \sum_{t=0}^{2} w[t] x[i - t]", "np.convolve(w, x)[i]"),
        (r"y_i = \sum_{t=0}^{2} w_t x_{i - t}", "np.convolve(w, x)[i]"),
        (r"y[i] = \sum_t w[t] \; x[i - t]", "np.convolve(w, x)[i]"),
        (r"y[i] = \sum_{t} w[t] x[i - t]", "np.convolve(w, x)[i]"),
    ],
)
def test_an_equation_equals_the_code_it_is_bound_to(tex, code):
    ranges = ", ".join(f"{v} in 1..4" for v in ("i", "k", "s", "k_e", "i_prime") if v in code or v in tex)
    assert check(tex, code, ranges) > 1
    with pytest.raises(AssertionError, match="the equation gives"):
        check(tex, f"({code}) + 1", ranges)


def test_a_matrix_equation_is_a_matrix_product():
    assert check(r"Y = B^\top A^{\top}", "(A @ B).T") == 1
    with pytest.raises(AssertionError):
        check(r"Y = A B", "(A @ B).T")


@pytest.mark.parametrize(("term", "right"), [(r"w[t] \, x[j]", True), (r"w[j] x[j]", False), (r"w[t] x[t]", False)])
def test_an_accumulation_adds_up_and_drops_what_falls_outside(term, right):
    tex, code = rf"y[j + t - 1] \mathrel{{+}}= {term}", "np.convolve(w, u)[1:]"
    if right:
        assert check(tex.replace("x", "u"), code, "j in 0..3, t in 0..2", None, "u = x") == 12
    else:
        with pytest.raises(AssertionError, match="the equation gives"):
            check(tex.replace("x", "u"), code, "j in 0..2, t in 0..2", None, "u = x")


@pytest.mark.parametrize("limit", [1, 3])
def test_a_sum_has_the_limits_of_its_array(limit):
    with pytest.raises((AssertionError, IndexError), match=r"the equation gives|a sum reaches"):
        check(rf"y_i = \sum_{{t=0}}^{{{limit}}} w_t x_{{i - t}}", "np.convolve(w, x)[i]", "i in 0..5")


def test_the_index_on_the_left_is_an_index_of_the_array_behind_it():
    tex = r"y[2 i + s] = \sum_t w[t] x[2 i + s - t]"
    assert check(tex, "np.convolve(w, x)", "i in 0..2, s in 0..1") == 6
    with pytest.raises(AssertionError, match="the equation gives"):
        check(tex.replace("y[2 i + s]", "y[2 i - s]"), "np.convolve(w, x)", "i in 0..2, s in 0..1")


def test_a_condition_that_nothing_satisfies_is_an_error():
    with pytest.raises(AssertionError, match="nothing was compared"):
        check("y = n", "n", "n in 1..3", "n > 3")


@pytest.mark.parametrize("tex", [r"y = \oint x", "y = (x", "y = x + ", "y = x ]", r"y = \frac{x}"])
def test_what_cannot_be_read_says_so(tex):
    with pytest.raises(SyntaxError, match=r"expected|cannot read"):
        latex.sides(tex, {"x"}, set())


def test_a_prime_is_raised_once():
    """U+2032 stands high by itself; as a superscript it would be raised, and made smaller, twice."""
    drawn = mathml("o' = i' - p^2", display=False)
    assert drawn.count('<mo lspace="0" rspace="0">′</mo>') == 2
    assert drawn.count("<msup>") == 1
