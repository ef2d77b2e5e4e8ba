"""Changes of code that can't change a result, only how fast it comes.

They are counted in a column of their own: neither as noticed nor as survivors.  What is recognised here is kept few and
checked elsewhere: docs/reference/agreement.md turns every constant of the fast method to extremes, and runs every way
wherever it can run, whatever its estimated cost.
"""

from __future__ import annotations

import ast
import functools

from docs_tools.mutants.code import Mutant

__all__ = ["changes_speed_alone"]

FAST = "deconvlib/fast/"
ESTIMATES = "deconvlib/fast/cost.py"  # which way runs; every way gives the same
CHUNKS = "jobs"  # the function that cuts a layer in chunks


def changes_speed_alone(mutant: Mutant) -> bool:
    """Whether the change lies in the size of a cache, or in the fast method's estimates, constants or chunks."""
    return any(first <= mutant.line <= last for first, last in spans(mutant.file))


@functools.cache
def spans(file: str) -> list[tuple[int, int]]:
    with open(file) as opened:
        tree = ast.parse(opened.read())
    found = [(1, 10**6)] if file == ESTIMATES else []
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", []):
            if "cache" in ast.unparse(decorator):
                found.append((decorator.lineno, decorator.end_lineno))
        if isinstance(node, ast.FunctionDef) and node.name == CHUNKS:
            found.append((node.lineno, node.end_lineno))
    for node in tree.body if file.startswith(FAST) else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper() and is_number(node.value):
            found.append((node.lineno, node.end_lineno))
    return found


def is_number(node: ast.AST) -> bool:
    return all(isinstance(n, ast.Constant | ast.BinOp | ast.operator) for n in ast.walk(node))
