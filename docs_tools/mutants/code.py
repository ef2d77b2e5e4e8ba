"""Changes of Python code: every arithmetic operator, comparison, constant, flip, axis and side, one at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Mutant", "mutants"]


class Mutant(NamedTuple):
    """A file with one change."""

    file: str
    kind: str
    line: int
    was: str
    now: str
    text: str  # of the whole file
    test: str = ""  # the one test that has to notice; without a name, any test may
    first: int = 0  # the lines that run when the changed code does
    last: int = 0


OPERATORS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "+",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "//",
    ast.Pow: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}
COMPARISONS = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
EXCHANGED = dict(
    pair
    for a, b in [
        ("stride", "dilation"),
        ("min", "max"),
        ("floor", "ceil"),
        ("any", "all"),
        ("input_size", "output_size"),
    ]
    for pair in [(a, b), (b, a)]
)
UNDONE = {"flip", "swapaxes", "transpose", "moveaxis", "reversed"}  # calls that turn something around: left out


def mutants(file: str, source: str) -> list[Mutant]:
    """Every change of the file, in the order of its lines.  Messages, annotations and imports are left alone."""
    tree = ast.parse(source)
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for kind, node, now, begun in changes(tree, 1):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        was = source.encode()[begin:end].decode()
        text = (source.encode()[:begin] + now.encode() + source.encode()[end:]).decode()
        found.append(Mutant(file, kind, node.lineno, was, now, text, "", min(node.lineno, begun), node.end_lineno))
    return sorted(found, key=lambda mutant: mutant.line)


def changes(node: ast.AST, begun: int) -> Iterator[tuple[str, ast.AST, str, int]]:
    """(kind, the node to replace, the code to replace it with, the line where its statement begins)."""
    begun = node.lineno if isinstance(node, ast.stmt) else begun
    yield from ((*found, begun) for found in change(node))
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params") or (isinstance(node, ast.Raise) and name != "cause"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not is_said(child) and not is_guard(child) and not is_open(node, child):
                yield from changes(child, begun)


def is_said(node: ast.AST) -> bool:
    """Docstrings, messages, lists of names and imports."""
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    listing = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("__")
    return text or listing or isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom)


def is_guard(node: ast.AST) -> bool:
    """frozen=True, strict=True: what refuses a mistake that nobody makes, and changes nothing else."""
    return isinstance(node, ast.keyword) and node.arg in ("frozen", "strict")


def is_open(node: ast.AST, child: ast.AST) -> bool:
    """The -1 of a reshape: to NumPy every negative number is the same there.  And  a, b = [], []  turned around."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
        return child in node.targets and len(set(map(ast.unparse, node.value.elts))) == 1
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "reshape" and ast.unparse(child) == "-1"


def change(node: ast.AST) -> Iterator[tuple[str, ast.AST, str]]:
    code = ast.unparse
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield "operator", node, f"({code(node.left)} {OPERATORS[type(node.op)]} {code(node.right)})"
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield "operator", node, f"({code(node.right)} @ {code(node.left)})"
    elif isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        yield "operator", node, f"{code(node.target)} {OPERATORS[type(node.op)]}= {code(node.value)}"
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield "sign", node, code(node.operand)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield "comparison", node, f"({code(node.left)} {COMPARISONS[type(node.ops[0])]} {code(node.comparators[0])})"
    elif isinstance(node, ast.BoolOp):
        word = " or " if isinstance(node.op, ast.And) else " and "
        yield "and, or", node, f"({word.join(f'({code(value)})' for value in node.values)})"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", node, str(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "constant", node, repr(node.value + 1)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) and len(node.elts) == 2:
        yield "side", node, f"({', '.join(code(e) for e in reversed(node.elts))})"
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in EXCHANGED:
        yield "name", node, EXCHANGED[node.id]
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in EXCHANGED:
        yield "name", node, f"{code(node.value)}.{EXCHANGED[node.attr]}"
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield "flip", node, code(node.value)
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in UNDONE:
        method = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") != "np"
        yield "flip", node, code(node.func.value if method else node.args[0])
    elif isinstance(node, ast.IfExp):
        yield "branch", node, f"({code(node.orelse)} if {code(node.test)} else {code(node.body)})"
