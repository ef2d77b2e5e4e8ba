r"""An equation, read from its LaTeX: what stands on its sides, as Python.

It knows numbers, symbols with subscripts and primes (k_e is k_e, i' is i_prime), + - / \cdot, products side by side,
powers, the transpose ^\top, \frac, floor, ceiling, indices x[n, m] (zero outside of an array), and \sum_{t=a}^{b} or
\sum_t of a product.  Between sides stands = or += .  A product of two arrays is that of matrices.
"""

from __future__ import annotations

import ast
import re

__all__ = ["sides"]

TOKEN = re.compile(r"\\(?:[A-Za-z]+|[,;!: ])|\d+|\S")
SPACING = {r"\,", r"\;", r"\!", r"\:", r"\ ", r"\left", r"\right", r"\quad", r"\qquad", r"\displaystyle"}
BRACKETS = {"(": ("", ")"), r"\lfloor": ("floor", r"\rfloor"), r"\lceil": ("ceil", r"\rceil")}
AFTER_A_TERM = {*"+-=,)]}", r"\gathers", r"\rfloor", r"\rceil"}


def sides(tex: str, known: set[str], variables: set[str]) -> tuple[str, bool, list]:
    """The index of the entry that is defined, if one is; whether it gathers; the other sides, compiled."""
    reader = Reader(re.sub(r"\\mathrel\{\+\}=|\+=", r"\\gathers ", tex), known, variables)
    texts, relations = [reader.sum()], []
    while reader.tokens:
        relations.append(reader.take("=", r"\gathers"))
        texts.append(reader.sum())
    left = ast.parse(texts[0], mode="eval").body
    entry = bool(relations) and isinstance(left, ast.Call) and left.func.id == "at"
    named = bool(relations) and isinstance(left, ast.Name) and left.id not in variables
    index = f"({', '.join(map(ast.unparse, left.args[1:]))},)" if entry else ""
    others = texts[1:] if entry or named else texts
    return index, r"\gathers" in relations, [compile(text, "equation", "eval") for text in others]


class Reader:
    """By recursive descent: a sum has terms, a term has factors."""

    def __init__(self, tex: str, known: set[str], variables: set[str]):
        self.tex, self.known, self.variables = tex, known, variables
        self.tokens = [token for token in TOKEN.findall(tex.strip().rstrip(".,")) if token not in SPACING]

    @property
    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *wanted: str) -> str:
        if not self.tokens or (wanted and self.next not in wanted):
            found = self.next or "the end"
            raise SyntaxError(f"expected {' or '.join(wanted) or 'more'}, found {found} in {self.tex.strip()!r}")
        return self.tokens.pop(0)

    def sum(self) -> str:
        text = self.take() if self.next in ("+", "-") else ""
        text += self.term()
        while self.next in ("+", "-"):
            text += f" {self.take()} {self.term()}"
        return text

    def term(self) -> str:
        text = self.factor()
        while self.tokens and self.next not in AFTER_A_TERM:
            if self.next == "/":
                self.take()
                text = f"{text} / {self.factor()}"
            else:  # side by side
                if self.next == r"\cdot":
                    self.take()
                text = f"times({text}, {self.factor()})"
        return text

    def factor(self) -> str:
        text = self.atom()
        while self.next == "^":
            self.take()
            power = self.group()
            text += ".T" if power in ("top", "T") else f"**({power})"
        return text

    def atom(self) -> str:
        token = self.take()
        if token.isdigit():
            return token
        if token in BRACKETS:
            function, end = BRACKETS[token]
            return f"{function}({self.inside(end)})"
        if token == r"\frac":
            return f"(({self.group()}) / ({self.group()}))"
        if token == r"\sum":
            return self.summation()
        if token.isalpha() or token == r"\top":
            return self.symbol(token.lstrip("\\"))
        raise SyntaxError(f"cannot read {token!r} in {self.tex.strip()!r}")

    def inside(self, end: str) -> str:
        """Up to a closing bracket; of several indices each is a sum."""
        text = self.sum()
        while self.next == ",":
            text += f"{self.take()} {self.sum()}"
        self.take(end)
        return text

    def group(self) -> str:
        if self.next != "{":
            return self.atom()
        self.take()
        return self.inside("}")

    def symbol(self, name: str) -> str:
        if self.next == "_":
            self.take()
            rest = list(self.tokens)
            subscript = self.group()
            plain = f"{name}_" + re.sub(r"\W", "", "".join(rest[: len(rest) - len(self.tokens)]))
            if plain not in self.known and name in self.known - self.variables:
                return f"at({name}, {subscript})"
            name = plain
        while self.next == "'":
            self.take()
            name += "_prime"
        if self.next == "[":
            self.take()
            return f"at({name}, {self.inside(']')})"
        return name

    def summation(self) -> str:
        """Over all that follows up to the next + or -."""
        values = "EVERYWHERE"
        self.take("_")
        braces = self.next == "{" and self.take()
        variable = self.take()
        if braces and self.take("=", "}") == "=":
            first = self.inside("}")
            self.take("^")
            values = f"map(Inside, range({first}, {self.group()} + 1))"
        return f"sum({self.term()} for {variable} in {values})"
