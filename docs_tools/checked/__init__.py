"""pytest plugin: everything that a Markdown page or a docstring states is a test.

    code      ```python fences run in order, one namespace a page; a ```text fence straight after is what they print
    number    5<!--= y.shape[1] -->                             is the value of the expression, there on the page
              | 5<!--= sizes[row[0]][column] --> |               in a table, with the cells beside it and its head
              | size<!--= [sizes[r[0]] for r in rows] --> |      in its head: all cells of the column, words as well
              [far](page.md?n=3)<!--= dict(n=len(y)) -->         the settings that a link hands over
    equation  <!-- eq: f(n) for n in 1..9 --> $$ F = n + 1 $$   is evaluated from its LaTeX
              $F = n + 1$<!-- eq: f(n) for n in 1..9 -->        the same in a line of text
              <!-- eq: f(n) for n in 1..9 where n > k with k = 3 -->   restricts, and gives names a value
    name      `package.name`, [text][package.name]              imports, and the block before or after has it
    word      `name`, `f(x, size=3)`, a_name                     is a name of the package or of the page's code
    link      [its heading](other.md#heading)                   leads there, and half of its words say so
    figure    ![Two grids](two.svg "Both are 3 by 3.")           says sentences that the drawing says of itself
    shape     (4, 16), 6 x 6                                    is not written without a number's marker
              size $n$                                           has the symbol that belongs to the noun
    quote     Nine rows of 3.<!-- code: x = 9, 3 -->             nor another number, or second, unless it quotes code
              NumPy adds them.<!-- code: np.sum -->              nor a proper name; a title's is in the code below it

`--update-docs` writes outputs and numbers into the page.  Fences marked `{ .python .needs-NAME }` are skipped where the
module NAME is not installed.

Settings: `docs_names`, lines such as `np = numpy`: what markers may use without an import on the page, and whose names
are checked; `docs_words`, more names that inline code may use; `docs_proper`, proper names and the words of code that
stand for them; `docs_symbols`, nouns and the symbols that may follow them; `docs_numbers`, phrases such as
`180 degrees` whose numbers and names need nothing behind them; `docs_sources`, what a record of a check depends on.
"""

from __future__ import annotations

import ast
import bisect
import builtins
import functools
import importlib
import itertools
import json
import keyword
import os
import re
import sys
import types
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from docs_tools.checked import record
from docs_tools.checked.items import KINDS, Stale
from docs_tools.checked.numbers import proper_names
from docs_tools.checked.page import Fence, statements
from docs_tools.checked.said import shown
from docs_tools.checked.unbound import misnamed, unbound

os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # its threads sleep after a product; they would spin for long
AROUND = pytest.StashKey[str]()
EDITS = pytest.StashKey[dict[Path, list[tuple[int, int, str]]]]()  # by file: begin, end, new text


def pytest_addoption(parser):
    parser.getgroup("checked").addoption("--update-docs", action="store_true", help="write what differs into the pages")
    parser.addini("docs_names", "modules by their names on the pages, such as  np = numpy", type="linelist", default=[])
    parser.addini("docs_words", "more names that inline code may use", type="args", default=[])
    parser.addini("docs_sources", "files and folders whose change makes every record of a check void", type="args")
    parser.addini("docs_proper", "names and their words in code, such as  NumPy = np", type="linelist", default=[])
    parser.addini(
        "docs_symbols", "nouns and the symbols that may follow them, such as  stride = s", type="linelist", default=[]
    )
    parser.addini("docs_numbers", "phrases whose numbers and names need no code", type="linelist", default=[])


def pytest_configure(config):
    config.stash[EDITS] = defaultdict(list)
    config.stash[AROUND] = record.surroundings(config.rootpath, config.getini("docs_sources"))


def pytest_collect_file(file_path: Path, parent):
    kind = {".md": Page, ".ipynb": NotebookPage, ".py": SourceFile}.get(file_path.suffix)
    folder = file_path.relative_to(parent.config.rootpath).parts[0]
    if kind and (kind is not SourceFile or folder in packages(parent.config)):
        return kind.from_parent(parent, path=file_path)


def aliases(config) -> dict[str, str]:
    return dict(re.split(r"\s*=\s*", line, maxsplit=1) for line in config.getini("docs_names"))


def packages(config) -> set[str]:
    return {module.split(".")[0] for module in aliases(config).values()}


class Page(pytest.File):
    """The statements of a text as test items, and the namespace that they share."""

    kinds, recorded = tuple(KINDS), True

    def collect(self):
        self.text, self.aliases = self.read(), aliases(self.config)
        found = [*statements(self.text, tuple(self.aliases))]
        found += unbound(self.text, self.config.getini("docs_numbers"), proper_names(self.config.getini("docs_proper")))
        symbols = (re.split(r"\s*=\s*", line) for line in self.config.getini("docs_symbols"))
        found += misnamed(self.text, {noun: own.split() for noun, own in symbols})
        found.sort(key=lambda statement: (statement.line, statement.column))
        self.statements = [statement for statement in found if statement.kind in self.kinds]
        for statement in self.statements:
            name = f"{statement.kind}:{statement.line + 1}" + f":{statement.column}" * bool(statement.column)
            yield KINDS[statement.kind].from_parent(self, name=name, statement=statement)

    def read(self) -> str:
        return self.path.read_text("utf8")

    def setup(self):
        self.namespace = {"__name__": "__main__"}
        self.broken = None  # the line of the block that failed: what follows it can't be judged
        self.skipped = None  # why a block was skipped
        self.passed, self.failures = [], []

    def teardown(self):
        """Record what held and what failed, unless only a part of the page was asked for."""
        complete = len(self.passed) + len(self.failures) == len(self.statements)
        if complete and self.recorded and not self.config.getoption("--update-docs"):
            modules = [value for value in self.namespace.values() if isinstance(value, types.ModuleType)]
            modules = [m for m in modules if m.__name__ not in sys.stdlib_module_names]  # these are Python's version
            found = {
                "key": record.key(self.text, self.config.stash[AROUND]),
                "passed": Counter(self.passed),
                "failures": self.failures,
                "versions": {m.__name__: m.__version__ for m in modules if hasattr(m, "__version__")},
            }
            record.save(self.config.rootpath, self.path, found)
        self.namespace = None

    def place(self, line: int) -> str:
        return f"{self.path.relative_to(self.config.rootpath)}:{line + 1}"

    def write_numbers(self, values: list[tuple[int, str]], new: list[str]):
        edits = [(begin, begin + len(old), text) for (begin, old), text in zip(values, new) if old != text]
        self.config.stash[EDITS][self.path] += edits

    def write_output(self, fence: Fence, printed: list[str]):
        """What a block prints, in the fence that follows it."""
        output, indent = fence.output, fence.indent
        lines = [f"{indent}```text", *(indent + line for line in printed), f"{indent}```"] if printed else []
        lines = lines if output else [indent, *lines]
        first = output.line if output and printed else fence.end + 1
        last = output.end + 1 if output else first
        starts = [0, *(match.end() for match in re.finditer("\n", self.text)), len(self.text)]
        new = "".join(line.rstrip() + "\n" for line in lines)
        self.config.stash[EDITS][self.path].append((starts[first], starts[last], new))

    def vocabulary(self) -> set[str]:
        """What inline code may speak of: the words of the page's own code, of the packages and of Python."""
        return set(re.findall(r"[A-Za-z_]\w+", shown(self.text))) | common_words(self.config)

    def around(self, line: int) -> str:
        """The block before a line and the one after it, and what they print."""
        blocks = [statement.what for statement in self.statements if statement.kind == "code"]
        near = [block for block in blocks if block.end < line][-1:] + [b for b in blocks if b.line > line][:1]
        near += [block.output for block in near if block.output]
        return "\n".join(line for block in near for line in block.body)

    def offered(self) -> dict:
        """What a marker may use: the page's own names, and the packages that it speaks of."""
        if self.broken is not None:
            raise Stale(f"the block on line {self.broken} failed, so that this can't be computed")
        return {name: importlib.import_module(module) for name, module in self.aliases.items()} | self.namespace


class NotebookPage(Page):
    """The cells as a page.  Outputs are made when the site is built; what a cell prints stands in its metadata."""

    def read(self):
        self.cells = json.loads(self.path.read_text("utf8"))["cells"]
        texts = [self.as_page(cell) for cell in self.cells]
        self.first_lines = list(itertools.accumulate((text.count("\n") + 2 for text in texts), initial=0))
        return "\n\n".join(texts)

    def as_page(self, cell: dict) -> str:
        source, prints = "".join(cell["source"]), cell.get("metadata", {}).get("prints")
        if cell["cell_type"] != "code":
            return source
        return "\n".join(["```python", source, "```", *(["```text", *prints, "```"] if prints else [])])

    def write_output(self, fence: Fence, printed: list[str]):
        notebook = json.loads(self.path.read_text("utf8"))
        metadata = notebook["cells"][bisect.bisect(self.first_lines, fence.line) - 1].setdefault("metadata", {})
        metadata["prints"] = printed
        self.path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf8")

    def write_numbers(self, values: list[tuple[int, str]], new: list[str]):
        raise Stale(f"the page says {values} and the code {new}; a notebook's sentences are yours to write")

    def place(self, line: int) -> str:
        return f"{super().place(line)} (cell {bisect.bisect(self.first_lines, line)})"


class SourceFile(Page):
    """The docstrings of a file, each in its place, and spaces for the rest."""

    kinds, recorded = ("code", "number", "name", "word"), False

    def read(self):
        source = super().read()
        nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
        spans = [(n.body[0].lineno, n.body[0].end_lineno) for n in nodes if ast.get_docstring(n)]
        inside = {line for first, last in spans for line in range(first, last + 1)}
        lines = source.split("\n")
        return "\n".join(line if n in inside else " " * len(line) for n, line in enumerate(lines, 1))


@functools.cache
def common_words(config) -> set[str]:
    """What code says, and no docstring: a docstring is held against it."""
    found = {*aliases(config), *keyword.kwlist, *dir(builtins), *config.getini("docs_words")}
    for path in (p for name in packages(config) for p in (config.rootpath / name).rglob("*.py")):
        code = re.sub(r'""".*?"""|#[^\n]*', "", path.read_text("utf8"), flags=re.S)  # ten times faster than ast
        found.update(path.parts, [path.stem], re.findall(r"[A-Za-z_]\w+", code))
    return found


def pytest_sessionfinish(session):
    for path, edits in session.config.stash[EDITS].items():
        text = path.read_text("utf8")
        for begin, end, new in sorted(edits, reverse=True):  # from the last, so that what is left keeps its place
            text = text[:begin] + new + text[end:]
        path.write_text(text, "utf8")
