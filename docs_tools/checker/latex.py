r"""An equation, read from its LaTeX: what stands on its sides, as Python.

It knows numbers, symbols with subscripts and primes (k_e is k_e, i' is i_prime), + - / \cdot, products side by side,
powers, the transpose ^\top, \frac, \max, \min, \gcd, floor, ceiling, \bmod, indices x[n, m] (zero outside of an array),
\sum_{t=a}^{b} or \sum_t of a product, += , and < and \le between sides.  A product of two arrays is that of matrices,
\odot that of their entries.
"""

from __future__ import annotations

import ast
import re

__all__ = ["sides"]

TOKEN = re.compile(r"\\(?:[A-Za-z]+|[,;!: ])|\d+|\S")
SPACING = {r"\,", r"\;", r"\!", r"\:", r"\ ", r"\left", r"\right", r"\quad", r"\qquad", r"\displaystyle"}
OPERATORS = {token: f" {token} " for token in "+-/,"} | {r"\cdot": " * ", r"\bmod": " % ", r"\odot": " @ "}
RELATIONS = {"=": "==", "<": "<", ">": ">", r"\le": "<=", r"\ge": ">=", r"\gathers": "+="}
BRACKETS = {"(": ("", ")"), r"\lfloor": ("floor", r"\rfloor"), r"\lceil": ("ceil", r"\rceil")}
TERM = {*"+-,)]}", r"\rfloor", r"\rceil", *RELATIONS}  # what ends one


def sides(tex: str, known: set[str], variables: set[str]) -> tuple[str, bool, list]:
    """The index of the entry that is defined, if one is; whether it gathers; the other sides, compiled."""
    reader = Reader(re.sub(r"\\mathrel\{\+\}=|\+=", r"\\gathers ", tex), known, variables)
    parts = [reader.read(*RELATIONS)]
    while reader.tokens:
        parts += [RELATIONS[reader.take(*RELATIONS)], reader.read(*RELATIONS)]
    relations = set(parts[1::2])
    texts = ["".join(parts)] if relations - {"==", "+="} else parts[::2]  # a condition, as Python chains it
    try:
        trees = [ast.fix_missing_locations(Products().visit(ast.parse(text.strip(), mode="eval"))) for text in texts]
        compiled = [compile(tree, "equation", "eval") for tree in trees]
    except SyntaxError:
        raise SyntaxError(f"cannot read {tex.strip()!r}, which became {parts}") from None
    left = trees[0].body
    entry = len(texts) > 1 and isinstance(left, ast.Call) and left.func.id == "at"
    named = len(texts) > 1 and isinstance(left, ast.Name) and left.id not in variables
    index = f"({', '.join(map(ast.unparse, left.args[1:]))},)" if entry else ""
    return index, "+=" in relations, compiled[entry or named :]


class Reader:
    """From LaTeX to Python, token by token; which operator binds more strongly, Python knows."""

    def __init__(self, tex: str, known: set[str], variables: set[str]):
        self.tex, self.known, self.variables = tex, known, variables
        self.tokens = [token for token in TOKEN.findall(tex.strip().rstrip(".,")) if token not in SPACING]

    def take(self, *wanted: str) -> str:
        if not self.tokens or (wanted and self.tokens[0] not in wanted):
            found = self.tokens[:1] or "the end"
            raise SyntaxError(f"expected {' or '.join(wanted) or 'more'}, found {found} in {self.tex.strip()!r}")
        return self.tokens.pop(0)

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
                text, factor = text + " * " * factor + self.factor(token), True
        return text

    def inside(self, end: str) -> str:
        text = self.read(end)
        self.take(end)
        return text

    def group(self) -> str:
        token = self.take()
        if len(token) > 1 and token.isdigit():  # TeX takes one digit, a reader may take more
            raise SyntaxError(f"expected {{{token}}} in braces in {self.tex.strip()!r}")
        return self.inside("}") if token == "{" else self.factor(token)

    def factor(self, token: str) -> str:
        if token.isdigit():
            return token
        if token in BRACKETS:
            function, end = BRACKETS[token]
            return f"{function}({self.inside(end)})"
        if token == r"\frac":
            return f"(({self.group()}) / ({self.group()}))"
        if token in (r"\max", r"\min", r"\gcd"):
            return token[1:] + self.factor(self.take("("))
        if token == r"\sum":
            return self.total()
        if token.isalpha() or token == r"\top":
            return self.symbol(token.lstrip("\\"))
        raise SyntaxError(f"cannot read {token!r} in {self.tex.strip()!r}")

    def symbol(self, name: str) -> str:
        if self.tokens[:1] == ["_"]:
            self.take()
            rest = list(self.tokens)
            subscript = self.group()
            plain = f"{name}_" + re.sub(r"\W", "", "".join(rest[: len(rest) - len(self.tokens)]))
            if plain not in self.known and name in self.known - self.variables:
                return f"at({name}, {subscript})"
            name = plain
        while self.tokens[:1] == ["'"]:
            name += "_prime" * bool(self.take())
        if self.tokens[:1] == ["["]:
            self.take()
            return f"at({name}, {self.inside(']')})"
        return name

    def total(self) -> str:
        """A sum, over all that follows up to the next + or -."""
        values = "EVERYWHERE"
        self.take("_")
        if self.tokens[:1] == ["{"]:
            self.take()
            variable = self.symbol(self.take())
            if self.take("=", "}") == "=":
                first = self.inside("}")
                self.take("^")
                values = f"map(Inside, range({first}, {self.group()} + 1))"
        else:
            variable = self.take()
        return f"sum({self.read(*TERM)} for {variable} in {values})"


class Products(ast.NodeTransformer):
    r"""The product of two arrays is that of matrices; \odot multiplies their entries."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.MatMult):
            return ast.BinOp(node.left, ast.Mult(), node.right)
        times = ast.Call(ast.Name("times", ast.Load()), [node.left, node.right], [])
        return times if isinstance(node.op, ast.Mult) else node
