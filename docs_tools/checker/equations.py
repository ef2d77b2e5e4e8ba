"""An equation of a page, evaluated beside the code that it is bound to."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np

from docs_tools.checker.latex import sides

__all__ = ["check"]


def check(binding: dict[str, str | None], namespace: dict) -> int:
    """Compare the equation `tex` with `code`, for every value of its variables; the number of cases.

    A side that is a lone symbol without a value, or a lone entry such as y[n], is the name of what is defined.  Where
    the code gives a whole array, its entry n is compared, so that the index on the left is checked as well.
    y[n] += ... adds up over all values of the variables, and the array that comes out is compared.
    """
    ranges = re.findall(r"(\w+) in (-?\d+)\.\.(-?\d+)", binding["ranges"] or "")
    domain = {variable: range(int(first), int(last) + 1) for variable, first, last in ranges}
    namespace = namespace | FUNCTIONS
    namespace |= eval(f"dict({binding['given'] or ''})", namespace)
    code, condition = (compile(text, "code", "eval") for text in (binding["code"], binding["condition"] or "True"))
    cases = [dict(zip(domain, values)) for values in itertools.product(*domain.values())]
    cases = [names for names in cases if eval(condition, namespace | names)]
    if not cases:
        raise AssertionError("no value of the variables satisfies the condition: nothing was compared")
    entry, gathers, parsed = sides(binding["tex"], {*domain, *namespace}, set(domain))
    symbols = {name: matrix(value) for name, value in namespace.items()}
    if gathers:
        want = eval(code, namespace)
        compare(gathered(entry, *parsed, want, [symbols | names for names in cases]), want, binding["code"])
        return len(cases)
    for names in cases:
        want = eval(code, namespace | names)
        index = eval(entry or "()", symbols | names)
        if entry and np.ndim(want) == len(index):
            want = at(want, *index)
        for side in parsed:
            compare(eval(side, symbols | names), want, binding["code"], names)
    return len(cases)


def compare(got, want, code: str, names: dict[str, int] | None = None):
    if np.shape(got) != np.shape(want) or not np.allclose(got, want, rtol=1e-9):
        where = f"\nat {', '.join(f'{name} = {value}' for name, value in names.items())}" if names else ""
        raise AssertionError(f"the equation gives  {got}\n{code} gives  {want}{where}")


def gathered(entry: str, term, like, cases: list[dict]):
    """What  y[index] += term  adds up to over all cases, in an array like the given one; what falls outside is lost."""
    result = like * 0
    for names in cases:
        index = eval(entry, names)
        if all(0 <= n < size for n, size in zip(index, result.shape, strict=True)):
            result[index] += eval(term, names)
    return result


class Matrix(np.ndarray):
    """An array of an equation: side by side with another it is multiplied as a matrix."""

    def __mul__(self, other):
        return self @ other if np.ndim(other) else super().__mul__(other)


def matrix(value):
    return value.view(Matrix) if isinstance(value, np.ndarray) else value


class Inside(int):
    """The variable of a sum with limits: as an index by itself it stays inside of the array."""


def at(array, *index):
    """An entry of an array that is zero outside."""
    kept = [0 <= n < size for n, size in zip(index, array.shape, strict=True)]
    if any(isinstance(n, Inside) and not inside for n, inside in zip(index, kept)):
        raise IndexError(f"a sum reaches {index}, outside of an array of shape {array.shape}")
    return array[index] if all(kept) else 0


FUNCTIONS = {function.__name__: function for function in (Inside, at, math.ceil, math.floor)}
FUNCTIONS["EVERYWHERE"] = range(-99, 100)  # a sum without limits: the arrays of a page are shorter, and zero outside
