"""What a block of Python reads, writes and imports: told from its text, without running it."""

from __future__ import annotations

import ast

__all__ = ["Names"]


class Names(ast.NodeVisitor):
    """`reads` are the names that a block needs from the blocks before it, `writes` those that it makes or changes."""

    def __init__(self, source: str = "") -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.modules: set[str] = set()
        self.later: set[str] = set()  # read inside functions, so only once the whole block has run
        self.visit(ast.parse(source))
        self.reads |= self.later - self.writes

    def read(self, name: str) -> None:
        if name not in self.writes:
            self.reads.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
        else:
            self.writes.add(node.id)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            self.writes.add(node.value.id)  # x[0] = 1 needs x, and changes it

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.modules.add(alias.name.split(".")[0])
            self.writes.add(alias.asname or alias.name.split(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.modules.add((node.module or "").split(".")[0])
        self.writes.update(alias.asname or alias.name for alias in node.names)

    # What is evaluated first comes first: the right side of an assignment, what a loop runs over.

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit_all(node.value, *node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit_all(node.value, node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        self.visit_all(node.value, node.target)

    def visit_For(self, node: ast.For) -> None:
        self.visit_all(node.iter, node.target, *node.body, *node.orelse)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.writes.add(node.name)
        self.generic_visit(node)

    # What has names of its own: comprehensions, functions, classes.

    def visit_comprehension_like(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        outside = set(self.writes)
        for part in node.generators:
            self.visit_all(part.iter, part.target, *part.ifs)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.visit_all(*results)
        self.writes = outside

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_comprehension_like

    def visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        arguments = node.args
        self.visit_all(*arguments.defaults, *arguments.kw_defaults, *getattr(node, "decorator_list", []))
        inside = Names()
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        inside.writes = {argument.arg for argument in every if argument}
        inside.visit_all(*(node.body if isinstance(node.body, list) else [node.body]))
        self.later |= inside.reads | (inside.later - inside.writes)
        self.modules |= inside.modules
        if not isinstance(node, ast.Lambda):
            self.writes.add(node.name)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_function

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outside = set(self.writes)
        self.visit_all(*node.bases, *node.keywords, *node.decorator_list, *node.body)
        self.writes = outside | {node.name}

    def visit_all(self, *nodes: ast.AST | None) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)
