r"""A display equation, read from its LaTeX and evaluated.

It knows numbers, symbols with subscripts and primes (k_e is k_e, i' is i_prime, \alpha is alpha), + - / \cdot \times,
products by juxtaposition, powers, the transpose ^\top, \frac, \max, \min, floor, ceiling, \bmod, indices x[n, m] (zero
outside of the array), \sum_{t=a}^{b} or \sum_t of a product, += , and < and \le between sides.  A product of two arrays
is the matrix product.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Iterator
from fractions import Fraction

__all__ = ["check", "sides"]

TOKEN = re.compile(r"\s*(?:(?P<command>\\(?:[A-Za-z]+|[,;!: ]))|(?P<number>\d+)|(?P<symbol>[A-Za-z])|(?P<other>\S))")
SPACING = {r"\,", r"\;", r"\!", r"\:", r"\ ", r"\left", r"\right", r"\quad", r"\qquad", r"\displaystyle", "&"}
GREEK = {"\\" + name for name in ("alpha", "beta", "gamma", "delta", "lambda", "mu", "sigma", "tau", "phi")}
STARTS = {"(", r"\max", r"\min", r"\lfloor", r"\lceil", r"\frac", r"\sum"} | GREEK


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
    tex, code = re.sub(r"\\mathrel\{\+\}=|\+=", r"\\gathers ", binding["tex"]), compile(binding["code"], "code", "eval")
    condition = compile(binding["condition"] or "True", "condition", "eval")
    cases = [names for names in assignments(domain) if eval(condition, namespace | names)]
    if not cases:
        raise AssertionError("no value of the variables satisfies the condition: nothing was compared")
    if r"\gathers" in tex:
        compare(gathered(tex, eval(code, namespace), cases, namespace), eval(code, namespace), binding["code"])
        return len(cases)
    entry, parsed = sides(tex, {*domain, *namespace}, set(domain))
    expressions = [compile(side, "equation", "eval") for side in parsed]
    for names in cases:
        want = eval(code, namespace | names)
        if entry and getattr(want, "ndim", 0) == len(entry.args) - 1:
            index = ", ".join(map(ast.unparse, entry.args[1:]))
            want = eval(f"at(whole, {index})", namespace | names | {"whole": want})
        for expression in expressions:
            compare(eval(expression, namespace | names), want, binding["code"], names)
    return len(cases)


def assignments(domain: dict[str, range]) -> Iterator[dict[str, int]]:
    return (dict(zip(domain, values)) for values in itertools.product(*domain.values()))


def compare(got, want, code: str, names: dict[str, int] | None = None):
    if not equal(got, want):
        at = f"\nat {', '.join(f'{name} = {value}' for name, value in names.items())}" if names else ""
        raise AssertionError(f"the equation gives  {got}\n{code} gives  {want}{at}")


def sides(tex: str, known: set[str], variables: set[str]) -> tuple[ast.Call | None, list[str]]:
    """The entry that is defined, if one is, and the other sides of the equation as Python expressions."""
    tex = re.sub(r"\\(?:begin|end)\{aligned\}|\\\\", " ", tex).strip().rstrip(".,")
    ordered = re.split(r"(<|>|\\le|\\ge)(?![a-z])", tex)
    if len(ordered) > 1:  # a condition, as Python chains it
        ordered[::2] = (Parser(part, known, variables).whole() for part in ordered[::2])
        return None, [" ".join({r"\le": "<=", r"\ge": ">="}.get(part, part) for part in ordered)]
    parts = re.split(r"=(?![^{]*\})", tex)
    parsed = [Parser(part, known, variables).whole() for part in parts]
    symbol = len(parsed) > 1 and parsed[0].isidentifier() and parsed[0] not in variables
    left = ast.parse(parsed[0], mode="eval").body
    entry = left if isinstance(left, ast.Call) and left.func.id == "at" else None
    return entry, parsed[1:] if symbol or entry else parsed


def gathered(tex: str, like, cases: list[dict[str, int]], namespace: dict):
    """What  y[index] += term  adds up to over all cases, in an array like the given one; what falls outside is lost."""
    target, term = tex.rstrip(" .,\n").split(r"\gathers")
    place = Parser(target, {*namespace, *cases[0]})
    place.take()  # the name of the array
    index = compile(f"({', '.join(place.list('[', ']'))},)", "index", "eval")
    term = compile(Parser(term, {*namespace, *cases[0]}).whole(), "equation", "eval")
    result = like * 0
    for names in cases:
        where = eval(index, namespace | names)
        if all(0 <= n < size for n, size in zip(where, result.shape, strict=True)):
            result[where] += eval(term, namespace | names)
    return result


class Parser:
    """Recursive descent, from tokens to the text of a Python expression."""

    def __init__(self, tex: str, known: set[str], integers: set[str] = frozenset()):
        self.tex, self.known, self.integers = tex, known, integers
        self.tokens = [m[m.lastgroup] for m in TOKEN.finditer(tex) if m[m.lastgroup] not in SPACING]
        self.position = 0
        self.summed: set[str] = set()  # the variables of the sums with limits that have been read

    def whole(self) -> str:
        expression = self.sum()
        if self.next is not None:
            raise SyntaxError(f"cannot read {' '.join(self.tokens[self.position :])!r} in {self.tex.strip()!r}")
        return expression

    @property
    def next(self) -> str | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def take(self, *wanted: str) -> str:
        token = self.next
        if token is None or (wanted and token not in wanted):
            raise SyntaxError(f"expected {' or '.join(wanted) or 'more'}, found {token!r} in {self.tex.strip()!r}")
        self.position += 1
        return token

    def sum(self) -> str:
        sign = self.take() if self.next in ("-", "+") else ""
        result = sign + self.product()
        while self.next in ("+", "-"):
            result += f" {self.take()} {self.product()}"
        return result if result.isidentifier() or result.isdigit() else f"({result})"

    def product(self) -> str:
        result = self.power()
        while self.next is not None:
            if self.next in ("/", r"\cdot", r"\times", r"\bmod"):
                function = {"/": "ratio", r"\bmod": "modulo"}.get(self.take(), "times")
            elif self.next in STARTS or self.next.isalnum():
                function = "times"
            else:
                break
            result = f"{function}({result}, {self.power()})"
        return result

    def power(self) -> str:
        base = self.atom()
        while self.next == "^":
            self.take()
            power = self.group()
            base = f"{base}.T" if power in ("top", "T") else f"{base}**{power}"
        return base

    def group(self) -> str:
        if self.next != "{":
            if len(self.next or "") > 1 and self.next.isdigit():  # TeX takes one digit, a reader may take more
                raise SyntaxError(f"expected {{{self.next}}} in braces in {self.tex.strip()!r}")
            return self.atom()
        self.take("{")
        inside = self.sum()
        self.take("}")
        return inside

    def atom(self) -> str:
        token = self.take()
        if token.isdigit():
            return token
        if token == "(":
            inside = self.sum()
            self.take(")")
            return inside
        if token in (r"\lfloor", r"\lceil"):
            inside = self.sum()
            self.take(token.replace(r"\l", r"\r"))
            return f"{token[2:]}({inside})"
        if token == r"\frac":
            return f"ratio({self.group()}, {self.group()})"
        if token in (r"\max", r"\min"):
            return f"{token[1:]}({', '.join(self.list('(', ')'))})"
        if token == r"\sum":
            return self.total()
        if token.isalpha() or token in GREEK or token == r"\top":
            return self.symbol(token.lstrip("\\"))
        raise SyntaxError(f"cannot read {token!r} in {self.tex.strip()!r}")

    def list(self, opening: str, closing: str) -> list[str]:
        self.take(opening)
        items = [self.sum()]
        while self.next == ",":
            self.take()
            items.append(self.sum())
        self.take(closing)
        return items

    def symbol(self, name: str) -> str:
        if self.next == "_":
            self.take()
            start = self.position
            subscript = self.list("{", "}") if self.next == "{" else [self.atom()]
            plain = re.sub(r"\W|text|mathrm", "", "".join(self.tokens[start : self.position]))
            if f"{name}_{plain}" not in self.known and name in self.known - self.integers:
                return self.entry(name, subscript)
            name = f"{name}_{plain}"
        while self.next == "'":
            self.take()
            name += "_prime"
        return self.entry(name, self.list("[", "]")) if self.next == "[" else name

    def entry(self, name: str, index: list[str]) -> str:
        """An entry.  A variable of a sum with limits that is an index by itself stays inside of the array."""
        inside = tuple(n for n, part in enumerate(index) if part in self.summed)
        return f"at({name}, {', '.join(index)}{f', inside={inside}' if inside else ''})"

    def total(self) -> str:
        self.take("_")
        values, braced = "EVERYWHERE", self.next == "{"
        if braced:
            self.take()
        variable = self.symbol(self.take())
        limited = braced and self.next == "="
        if limited:
            self.take()
            first = self.sum()
        if braced:
            self.take("}")
        if limited:
            self.take("^")
            values = f"range({first}, {self.group()} + 1)"
        self.summed |= {variable} if limited else set()
        return f"sum({self.product()} for {variable} in {values})"


def ratio(a, b):
    return Fraction(a) / b if isinstance(a, (int, Fraction)) else a / b


def times(a, b):
    return a @ b if getattr(a, "ndim", 0) and getattr(b, "ndim", 0) else a * b


def at(array, *index, inside=()):
    """An entry of an array that is zero outside, except where the index has to be `inside`."""
    kept = [0 <= n < size for n, size in zip(index, array.shape, strict=True)]
    if not all(kept[n] for n in inside):
        raise IndexError(f"a sum reaches {index}, outside of an array of shape {array.shape}")
    return array[index] if all(kept) else 0


def equal(a, b) -> bool:
    if not hasattr(a, "shape") and not hasattr(b, "shape"):
        return math.isclose(a, b, rel_tol=1e-9) if isinstance(a, float) or isinstance(b, float) else a == b
    import numpy as np

    return np.shape(a) == np.shape(b) and np.allclose(a, b)


FUNCTIONS = {
    "EVERYWHERE": range(-99, 100),  # a sum without limits: the arrays of a page are shorter, and zero outside
    "ratio": ratio,
    "times": times,
    "modulo": lambda a, b: a % b,
    "at": at,
    "floor": math.floor,
    "ceil": math.ceil,
    "max": max,
    "min": min,
}
