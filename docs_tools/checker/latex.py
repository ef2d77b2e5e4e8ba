r"""An equation, read from its LaTeX: what stands on its sides, as Python.

It knows numbers, symbols with subscripts and primes (k_e is k_e, i' is i_prime), + - / \cdot, products side by side,
powers, the transpose ^\top, \frac, floor, ceiling, indices x[n, m] (zero outside of an array), and \sum_{t=a}^{b} or
\sum_t of a product.  Between sides stands = or += .
"""

from __future__ import annotations

import ast
import re

__all__ = ["sides"]

TOKEN = re.compile(r"\\(?:[A-Za-z]+|[,;!: ])|\d+|\S")
SPACING = {r"\,", r"\;", r"\!", r"\:", r"\ ", r"\left", r"\right", r"\quad", r"\qquad", r"\displaystyle"}
OPERATORS = {"+": " + ", "-": " - ", "/": " / ", ",": ", ", r"\cdot": " * "}
BRACKETS = {"(": ("", ")"), r"\lfloor": ("floor", r"\rfloor"), r"\lceil": ("ceil", r"\rceil")}
RELATIONS = ("=", r"\gathers")
AFTER_A_PRODUCT = {*"+-,)]}", r"\rfloor", r"\rceil", *RELATIONS}


def sides(tex: str, known: set[str], variables: set[str]) -> tuple[str, bool, list]:
    """The index of the entry that is defined, if one is; whether it gathers; the other sides, compiled."""
    reader = Reader(re.sub(r"\\mathrel\{\+\}=|\+=", r"\\gathers ", tex), known, variables)
    texts, relations = [reader.read(*RELATIONS)], set()
    while reader.tokens:
        relations.add(reader.take(*RELATIONS))
        texts.append(reader.read(*RELATIONS))
    try:
        left, *others = (ast.parse(text.strip(), "equation", "eval") for text in texts)
    except SyntaxError:
        raise SyntaxError(f"cannot read {tex.strip()!r}, which became {texts}") from None
    index, first = "", left.body
    if relations and isinstance(first, ast.Call) and first.func.id == "at":
        index = f"({', '.join(map(ast.unparse, first.args[1:]))},)"
    elif not (relations and isinstance(first, ast.Name) and first.id not in variables):
        others.insert(0, left)
    return index, r"\gathers" in relations, [compile(side, "equation", "eval") for side in others]


class Reader:
    """From LaTeX to Python, token by token; which operator binds more strongly, Python knows."""

    def __init__(self, tex: str, known: set[str], variables: set[str]):
        self.tex, self.known, self.variables = tex.strip(), known, variables
        self.tokens = [token for token in TOKEN.findall(self.tex.rstrip(".,")) if token not in SPACING]

    def take(self, *wanted: str) -> str:
        if not self.tokens or (wanted and self.tokens[0] not in wanted):
            found = self.tokens[:1] or "the end"
            raise SyntaxError(f"expected {' or '.join(wanted) or 'more'}, found {found} in {self.tex!r}")
        return self.tokens.pop(0)

    def taken(self, token: str) -> bool:
        """Take this token if it comes next."""
        comes = self.tokens[:1] == [token]
        if comes:
            self.take()
        return comes

    def read(self, *ends: str) -> str:
        """As far as one of these tokens.  What stands side by side is multiplied."""
        text, factor = "", False
        while self.tokens and self.tokens[0] not in ends:
            token = self.take()
            if token == "^" and factor:
                power = self.group()
                text += ".T" if power in ("top", "T") else f"**({power})"
            elif token in OPERATORS:
                text, factor = text + OPERATORS[token], False
            else:
                if factor:
                    text += " * "
                text, factor = text + self.factor(token), True
        return text

    def inside(self, end: str) -> str:
        text = self.read(end)
        self.take(end)
        return text

    def group(self) -> str:
        return self.inside("}") if self.taken("{") else self.factor(self.take())

    def factor(self, token: str) -> str:
        if token.isdigit():
            return token
        if token in BRACKETS:
            function, end = BRACKETS[token]
            return f"{function}({self.inside(end)})"
        if token == r"\frac":
            return f"(({self.group()}) / ({self.group()}))"
        if token == r"\sum":
            return self.sum()
        if token.isalpha() or token == r"\top":
            return self.symbol(token.lstrip("\\"))
        raise SyntaxError(f"cannot read {token!r} in {self.tex!r}")

    def symbol(self, name: str) -> str:
        if self.taken("_"):
            subscript = self.group()
            plain = f"{name}_" + re.sub(r"\W", "", subscript)
            if plain not in self.known and name in self.known - self.variables:
                return f"at({name}, {subscript})"
            name = plain
        while self.taken("'"):
            name += "_prime"
        return f"at({name}, {self.inside(']')})" if self.taken("[") else name

    def sum(self) -> str:
        """Of all that follows up to the next + or -."""
        self.take("_")
        limits = self.taken("{")
        variable, values = self.take(), "EVERYWHERE"
        if limits and self.take("=", "}") == "=":
            first = self.inside("}")
            self.take("^")
            values = f"map(Inside, range({first}, {self.group()} + 1))"
        return f"sum({self.read(*AFTER_A_PRODUCT)} for {variable} in {values})"
