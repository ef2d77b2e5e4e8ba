"""pytest plugin: everything that a Markdown page or a docstring states is a test.

    code      ```python fences run in order, one namespace a page; a ```text fence straight after is what they print
    number    5<!--= y.shape[1] -->                             is the value of the expression, there on the page
    equation  <!-- eq: f(n) for n in 1..9 --> $$ F = n + 1 $$   is evaluated from its LaTeX
              $F = n + 1$<!-- eq: f(n) for n in 1..9 -->        the same in a line of text
              <!-- eq: f(n) for n in 1..9 where n > k with k = 3 -->   restricts, and gives names a value
    name      `package.name`, [text][package.name]              imports
    word      `name`, `f(x, size=3)`                            is a name of the package or of the page's code
    link      [text](other.md#heading)                          leads somewhere
    shape     (4, 16), 6 x 6, 4 rows                            is not written without a number's marker

`--update-docs` writes outputs and numbers into the page.  Fences marked `{ .python .needs-NAME }` are skipped where the
module NAME is not installed.

Settings: `docs_names`, lines such as `np = numpy`: what markers may use without an import on the page, and whose names
are checked; `docs_words`, more names that inline code may use; `docs_units`, nouns such as `rows`.
"""

from __future__ import annotations

import ast
import bisect
import builtins
import contextlib
import functools
import importlib
import importlib.util
import io
import itertools
import json
import keyword
import re
import textwrap
import traceback
import types
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from docs_tools.checked import equations, record
from docs_tools.checked.links import broken
from docs_tools.checked.page import Statement, fences, statements

AROUND = pytest.StashKey[str]()
EDITS = pytest.StashKey[dict[Path, list["Edit"]]]()


class Edit(NamedTuple):
    """New text for some lines of a file, or for some columns of one line."""

    line: int
    end: int
    new: list[str]
    columns: tuple[int, int] | None = None


class Stale(AssertionError):
    """The page says one thing, and the code another."""


def pytest_addoption(parser):
    parser.getgroup("checked").addoption("--update-docs", action="store_true", help="write what differs into the pages")
    parser.addini("docs_names", "modules by their names on the pages, such as  np = numpy", type="linelist", default=[])
    parser.addini("docs_words", "more names that inline code may use", type="args", default=[])
    parser.addini("docs_sources", "files and folders whose change makes every record of a check void", type="args")
    parser.addini("docs_units", "nouns that make a number before them a claim", type="args", default=[])


def pytest_configure(config):
    config.stash[EDITS] = defaultdict(list)
    config.stash[AROUND] = record.surroundings(config.rootpath, config.getini("docs_sources"))


def pytest_collect_file(file_path: Path, parent):
    if file_path.suffix in (".md", ".ipynb"):
        kind = MarkdownPage if file_path.suffix == ".md" else NotebookPage
        return kind.from_parent(parent, path=file_path)
    packages = {module.split(".")[0] for module in aliases(parent.config).values()}
    if file_path.suffix == ".py" and packages & set(file_path.relative_to(parent.config.rootpath).parts[:1]):
        return Docstrings.from_parent(parent, path=file_path)


def aliases(config) -> dict[str, str]:
    return dict(re.split(r"\s*=\s*", line, maxsplit=1) for line in config.getini("docs_names"))


class Checked:
    """The statements of one text as test items, and the namespace that they share."""

    kinds = ("code", "number", "equation", "name", "word", "link", "shape")

    def read(self, text: str, first_line: int = 0):
        self.text, self.first_line = text, first_line
        found = statements(text, tuple(aliases(self.config)), tuple(self.config.getini("docs_units")))
        self.statements = [statement for statement in found if statement.kind in self.kinds]
        for statement in self.statements:
            name = f"{statement.kind}:{first_line + statement.line + 1}" + f":{statement.column}" * bool(
                statement.column
            )
            yield KINDS[statement.kind].from_parent(self, name=name, statement=statement)

    def setup(self):
        self.namespace = {"__name__": "__main__"}
        self.broken = None  # the line of the block that failed: what follows it can't be judged
        self.skipped = None  # why a block was skipped
        self.passed, self.failures = [], []

    def teardown(self):
        self.save()
        self.namespace = None

    def save(self):
        """Nothing is recorded of a docstring: it is no page."""

    def place(self, line: int) -> str:
        return f"{self.path.relative_to(self.config.rootpath)}:{line + 1}"

    def vocabulary(self) -> set[str]:
        """What inline code may speak of: the words of the page's own code, of the packages and of Python."""
        own = " ".join(line for fence in fences(self.text) for line in fence.body)
        return set(re.findall(r"[A-Za-z_]\w+", own)) | common_words(self.config)

    def offered(self) -> dict:
        """What a marker may use: the page's own names, and the packages that it speaks of."""
        if self.broken is not None:
            raise Stale(f"the block on line {self.broken} failed, so that this can't be computed")
        return {name: importlib.import_module(module) for name, module in aliases(self.config).items()} | self.namespace


class MarkdownPage(Checked, pytest.File):
    def collect(self):
        yield from self.read(self.path.read_text("utf8"))

    def save(self):
        """Record what held and what failed, unless only a part of the page was asked for."""
        if len(self.passed) + len(self.failures) == len(self.statements) and not self.config.getoption("--update-docs"):
            modules = [value for value in self.namespace.values() if isinstance(value, types.ModuleType)]
            found = {
                "key": record.key(self.text, self.config.stash[AROUND]),
                "passed": Counter(self.passed),
                "failures": self.failures,
                "versions": {m.__name__: m.__version__ for m in modules if hasattr(m, "__version__")},
            }
            record.save(self.config.rootpath, self.path, found)


class NotebookPage(MarkdownPage):
    """The cells as a page.  Its outputs are made when the site is built, so none are stored and none compared."""

    def collect(self):
        cells = [(cell, "".join(cell["source"])) for cell in json.loads(self.path.read_text("utf8"))["cells"]]
        texts = [f"```python\n{text}\n```" if cell["cell_type"] == "code" else text for cell, text in cells]
        self.first_lines = list(itertools.accumulate((text.count("\n") + 2 for text in texts), initial=0))
        yield from self.read("\n\n".join(texts))
        for n, (cell, _) in enumerate(cells):
            if cell.get("outputs") or cell.get("execution_count"):
                stored = Statement("code", self.first_lines[n], 0, "", "an output is stored; the build makes it anew")
                self.statements.append(stored)
                yield Code.from_parent(self, name=f"output:{n + 1}", statement=stored)

    def place(self, line: int) -> str:
        return f"{super().place(line)} (cell {bisect.bisect(self.first_lines, line)})"


class Docstrings(pytest.File):
    def collect(self):
        source = self.path.read_text("utf8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
                name = getattr(node, "name", "module")
                yield Docstring.from_parent(self, name=name, node=node.body[0], source=source)


class Docstring(Checked, pytest.Collector):
    kinds = ("code", "number", "name")

    def __init__(self, *, node, source, **keywords):
        super().__init__(**keywords)
        self.node, self.source = node, source

    def collect(self):
        lines = self.source.split("\n")[self.node.lineno - 1 : self.node.end_lineno]
        yield from self.read("\n".join(lines), self.node.lineno - 1)


class Item(pytest.Item):
    """A statement.  `update` tells whether a page that differs is to be rewritten."""

    def __init__(self, *, statement, **keywords):
        super().__init__(**keywords)
        self.statement = statement
        self.line = self.parent.first_line + statement.line  # in the file
        self.update = self.config.getoption("--update-docs") and self.path.suffix != ".ipynb"

    def runtest(self):
        try:
            if self.statement.problem:
                raise Stale(self.statement.problem)
            self.check(self.statement.what)
        except pytest.skip.Exception:
            self.parent.passed.append("skipped")
            raise
        except Exception as error:
            message = explain(error, str(self.path))
            self.parent.failures.append({"line": self.statement.line, "message": message})
            raise
        self.parent.passed.append(self.statement.kind)

    def rewrite(self, line: int, end: int, new: list[str], columns: tuple[int, int] | None = None):
        first = self.parent.first_line
        self.config.stash[EDITS][self.path].append(Edit(first + line, first + end, new, columns))

    def differs(self, stated: list[str], actual: list[str]) -> Stale:
        says = "".join(
            f"the {who} says\n{textwrap.indent(chr(10).join(text) or '(nothing)', '    ')}\n"
            for who, text in (("page", stated), ("code", actual))
        )
        return Stale(f"{says}mend it with   pytest {self.path.relative_to(self.config.rootpath)} --update-docs")

    def reportinfo(self):
        return self.path, self.line, f"{self.path.relative_to(self.config.rootpath)}: {self.name}"

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Exception):
            return f"{self.parent.place(self.line)}: {explain(excinfo.value, str(self.path))}"
        return super().repr_failure(excinfo)


class Code(Item):
    def check(self, fence):
        for module in fence.needs:
            if importlib.util.find_spec(module) is None:
                self.parent.skipped = f"{module} is not installed"
                pytest.skip(self.parent.skipped)
        printed = io.StringIO()
        try:
            tree = ast.parse(textwrap.dedent("\n".join(fence.body)), str(self.path))
            ast.increment_lineno(tree, self.line + 1)
            with contextlib.redirect_stdout(printed):
                exec(compile(tree, str(self.path), "exec", dont_inherit=True), self.parent.namespace)
        except Exception:
            self.parent.broken = self.line + 1
            raise
        self.compare(fence, [line.rstrip() for line in printed.getvalue().rstrip().splitlines()])

    def compare(self, fence, printed: list[str]):
        output = fence.output
        if self.path.suffix == ".ipynb":
            return
        stated = [line.rstrip() for line in output.body] if output else []
        if printed == stated and bool(printed) == bool(output):
            return
        if not self.update:
            raise self.differs(stated, printed)
        new = [fence.indent + line if line else fence.indent.rstrip() for line in printed]
        if output and printed:
            self.rewrite(output.line + 1, output.end, new)
        elif output:
            self.rewrite(fence.end + 1, output.end + 1, [])
        else:
            around = fence.indent.rstrip(), f"{fence.indent}```text", f"{fence.indent}```"
            self.rewrite(fence.end + 1, fence.end + 1, [*around[:2], *new, around[2]])


class Number(Item):
    def check(self, match):
        value, expression = match["value"], match["expression"]
        quote = "`" * value.startswith("`")
        try:
            actual = quote + shown(eval(expression, self.parent.offered())) + quote
        except NameError:
            if self.parent.skipped:
                pytest.skip(self.parent.skipped)
            raise
        if actual == value:
            return
        if not self.update:
            raise self.differs([value], [f"{actual}    which is {expression}"])
        column = self.statement.column
        self.rewrite(self.statement.line, self.statement.line, [actual], (column, column + len(value)))


class Equation(Item):
    def check(self, match):
        try:
            equations.check(match.groupdict(), self.parent.offered())
        except (AssertionError, IndexError, SyntaxError) as error:
            raise Stale(str(error)) from None


class Name(Item):
    def check(self, name):
        alias, *rest = name.split(".")
        resolve(aliases(self.config)[alias], rest)


class Word(Item):
    def check(self, words):
        unknown = set(words) - self.parent.vocabulary()
        if unknown:
            raise Stale(
                f"{', '.join(sorted(unknown))}: neither the package nor the code of this page has this name; "
                "where it is right, add it to docs_words in pyproject.toml"
            )


class Link(Item):
    def check(self, target):
        problem = broken(self.path, target)
        if problem:
            raise Stale(problem)


class Shape(Item):
    """Has a problem by its mere presence."""


KINDS = {"code": Code, "number": Number, "equation": Equation, "name": Name, "word": Word, "link": Link, "shape": Shape}


@functools.cache
def common_words(config) -> set[str]:
    roots = {config.rootpath / module.split(".")[0] for module in aliases(config).values()}
    sources = [path.read_text("utf8") for root in roots for path in root.rglob("*.py")]
    found = {word for source in sources for word in re.findall(r"[A-Za-z_]\w+", source)}
    return found.union(aliases(config), keyword.kwlist, dir(builtins), config.getini("docs_words"))


def resolve(module: str, path: list[str]):
    """The object that a dotted name means."""
    found = importlib.import_module(module)
    for n, part in enumerate(path):
        if not hasattr(found, part):
            try:
                importlib.import_module(".".join([module, *path[: n + 1]]))
            except ImportError:
                raise Stale(f"{'.'.join([module, *path])} does not exist: {found!r} has no {part!r}") from None
        found = getattr(found, part)
    return found


def shown(value) -> str:
    """As a page writes it: np.int64(5) is 5, also inside of a tuple."""
    return re.sub(r"\bnp\.\w+\(([^()]*)\)", r"\1", str(value))


def explain(error: Exception, path: str) -> str:
    """The error without the frames of the tools; the lines of the page keep their numbers."""
    if isinstance(error, Stale):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    start = next((n for n, frame in enumerate(frames) if frame.filename == path), len(frames))
    lines = traceback.format_list(frames[start:]) + traceback.format_exception_only(error)
    return "".join(["the code fails\n", *lines])


def pytest_sessionfinish(session):
    for path, edits in session.config.stash[EDITS].items():
        lines = path.read_text("utf8").split("\n")
        numbers = sorted((e for e in edits if e.columns), key=lambda e: (e.line, e.columns), reverse=True)
        outputs = sorted((e for e in edits if not e.columns), key=lambda e: e.line, reverse=True)
        for edit in numbers + outputs:  # from the last to the first, so that what is left keeps its place
            if edit.columns:
                begin, end = edit.columns
                lines[edit.line] = lines[edit.line][:begin] + edit.new[0] + lines[edit.line][end:]
            else:
                lines[edit.line : edit.end] = edit.new
        path.write_text("\n".join(lines), "utf8")


def pytest_terminal_summary(terminalreporter, config):
    for path, edits in config.stash[EDITS].items():
        terminalreporter.write_line(f"{path.relative_to(config.rootpath)}: {len(edits)} places written anew")
