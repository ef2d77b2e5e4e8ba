"""What a block of Python reads, writes and imports: told from its compiled code, without running it."""

from __future__ import annotations

import ast
import dis
from types import CodeType

__all__ = ["Names"]


class Names:
    """`reads` are the names that a block needs from the blocks before it, `writes` those that it makes or changes."""

    def __init__(self, source: str) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.modules: set[str] = set()
        tree = ast.parse(source)
        block = compile(tree, "block", "exec")
        for step in dis.get_instructions(block):
            if step.opname == "STORE_NAME":
                self.writes.add(step.argval)
            elif step.opname == "LOAD_NAME" and step.argval not in self.writes:
                self.reads.add(step.argval)
        for node in ast.walk(tree):  # x[0] = 1 needs x, and changes it
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
                self.writes.add(node.value.id)
        for code in (block, *inner(block)):
            steps = [(step.opname, step.argval) for step in dis.get_instructions(code)]
            self.modules |= {name.split(".")[0] for what, name in steps if what == "IMPORT_NAME"}
            if code is not block:  # it runs later, with the names that the whole block has made
                own = {name for what, name in steps if what == "STORE_NAME"}  # those of a class
                read = {name for what, name in steps if what in ("LOAD_GLOBAL", "LOAD_NAME")}
                self.reads |= read - own - self.writes


def inner(code: CodeType) -> list[CodeType]:
    """The functions, classes and comprehensions of a block, at every depth."""
    found = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return found + [deeper for function in found for deeper in inner(function)]
