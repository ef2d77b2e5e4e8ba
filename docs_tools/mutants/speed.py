"""Changes of code that can't change a result, only how fast it comes.

They are counted in a column of their own: neither as noticed nor as survivors.  Caches and copies are known by their
look; single lines stand in reasons.toml with `speed = true`; and where else a project decides how to compute stands in
its pyproject.toml, under [tool.mutants]:

    speed_files       files that only decide which way runs, and on which workers
    speed_functions   functions that do, by their names, in the folder `tuned`
    tuned             the folder where a number in capitals, at the top of a file, is one that was tuned
"""

from __future__ import annotations

import ast
import functools
import tomllib
from collections.abc import Iterator
from pathlib import Path

from docs_tools.mutants.code import Mutant
from docs_tools.mutants.reasons import fitting

__all__ = ["CHECKED", "SETTINGS", "changes_speed_alone", "lines"]

TOOLS = tomllib.loads(Path("pyproject.toml").read_text("utf8"))["tool"]
SETTINGS, CHECKED = TOOLS["mutants"], TOOLS["pytest"]["ini_options"]


def changes_speed_alone(mutant: Mutant) -> bool:
    """Whether the change lies where the code decides how to compute, in the size of a cache, or in a copy that need not
    be made."""
    if mutant.file in SETTINGS["speed_files"]:
        return True
    line = Path(mutant.file).read_text("utf8").split("\n")[mutant.line - 1]
    told = fitting({"file": mutant.file, "code": line, "was": mutant.was, "now": mutant.now}).get("speed", False)
    return told or (mutant.file.endswith(".py") and mutant.line in of_file(mutant.file))


@functools.cache
def of_file(file: str) -> set[int]:
    with open(file, encoding="utf8") as opened:
        return set(lines(opened.read(), file.startswith(SETTINGS["tuned"])))


def lines(source: str, constants: bool) -> Iterator[int]:
    """The lines of which every change changes the speed alone."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        cached = [d for d in getattr(node, "decorator_list", []) if "cache" in ast.unparse(d)]
        copied = [node] if isinstance(node, ast.keyword) and node.arg == "copy" else []
        decides = (
            [node]
            if constants and isinstance(node, ast.FunctionDef) and node.name in SETTINGS["speed_functions"]
            else []
        )
        tuned = [node] if constants and (is_tuned(node) or reads_tuned(node)) else []
        for found in (*cached, *copied, *decides, *tuned):
            end = found.test if isinstance(found, ast.If) else found
            yield from range(found.lineno, end.end_lineno + 1)


def is_tuned(node: ast.AST) -> bool:
    """NAME = a number, or a computation with numbers alone."""
    if not isinstance(node, ast.Assign) or not ast.unparse(node.targets[0]).isupper():
        return False
    return all(isinstance(part, ast.Constant | ast.BinOp | ast.operator) for part in ast.walk(node.value))


def reads_tuned(node: ast.AST) -> bool:
    """A statement, or a condition, with a tuned number in it."""
    part = node.test if isinstance(node, ast.If) else node
    names = {name.id for name in ast.walk(part) if isinstance(name, ast.Name)} & tuned_names()
    return bool(names) and isinstance(node, ast.Assign | ast.If)


@functools.cache
def tuned_names() -> set[str]:
    trees = [ast.parse(path.read_text("utf8")) for path in Path(SETTINGS["tuned"]).glob("*.py")]
    return {ast.unparse(node.targets[0]) for tree in trees for node in tree.body if is_tuned(node)}
