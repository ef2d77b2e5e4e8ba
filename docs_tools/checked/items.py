"""The statements of a page as test items: each knows how it is checked."""

from __future__ import annotations

import ast
import contextlib
import difflib
import html
import importlib.util
import io
import pkgutil
import re
import textwrap
import traceback

import pytest

from docs_tools.checked import equations
from docs_tools.checked.links import broken
from docs_tools.checked.numbers import WORDS, spoken
from docs_tools.checked.said import stands

__all__ = ["KINDS", "Stale"]


class Stale(AssertionError):
    """The page says one thing, and the code another."""


class Item(pytest.Item):
    """A statement; its check returns what is wrong."""

    def __init__(self, *, statement, **keywords):
        super().__init__(**keywords)
        self.statement = statement

    def runtest(self):
        try:
            problem = self.statement.problem or self.check(self.statement.what)
            if problem:
                raise Stale(problem)
        except pytest.skip.Exception:
            self.parent.passed.append("skipped")
            raise
        except Exception as error:
            message = explain(error, str(self.path))
            self.parent.failures.append({"line": self.statement.line, "message": message})
            raise
        self.parent.passed.append(self.statement.kind)

    def mend(self, stated: list[str], actual: list[str], write, *what):
        """Write it into the page where that is wanted; otherwise say how to."""
        if self.config.getoption("--update-docs"):
            return write(*what)
        page, code = (textwrap.indent("\n".join(text) or "(nothing)", "    ") for text in (stated, actual))
        how = f"mend it with   pytest {self.path.relative_to(self.config.rootpath)} --update-docs"
        raise Stale(f"the page says\n{page}\nthe code says\n{code}\n{how}")

    def reportinfo(self):
        return self.path, self.statement.line, f"{self.path.relative_to(self.config.rootpath)}: {self.name}"

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, Exception):
            return f"{self.parent.place(self.statement.line)}: {explain(excinfo.value, str(self.path))}"
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
            ast.increment_lineno(tree, self.statement.line + 1)
            with contextlib.redirect_stdout(printed):
                exec(compile(tree, str(self.path), "exec", dont_inherit=True), self.parent.namespace)
        except Exception:
            self.parent.broken = self.statement.line + 1
            raise
        printed = [line.rstrip() for line in printed.getvalue().rstrip().splitlines()]
        stated = [line.rstrip() for line in fence.output.body] if fence.output else []
        if printed != stated or bool(printed) != bool(fence.output):
            self.mend(stated, printed, self.parent.write_output, fence, printed)


class Number(Item):
    def check(self, bound):
        expression, cells = bound["expression"], bound["values"]
        try:
            value = eval(expression, self.parent.offered() | bound["names"])
        except NameError:
            if self.parent.skipped:
                pytest.skip(self.parent.skipped)
            raise
        stated, values = [text for _, text in cells], list(value) if bound["column"] else [value]
        if len(values) != len(stated):
            return f"the column has {len(stated)} cells, and {expression} gives {len(values)}"
        actual = [alike(*pair) for pair in zip(stated, values)]
        if actual != stated:
            told = [*actual[:-1], f"{actual[-1]}    which is {expression}"]
            self.mend(stated, told, self.parent.write_numbers, cells, actual)


class Equation(Item):
    def check(self, binding):
        try:
            equations.check(binding, self.parent.offered() | binding["names"])
        except (AssertionError, IndexError, SyntaxError) as error:
            return str(error)


class Name(Item):
    def check(self, name):
        alias, _, rest = name.partition(".")
        try:
            pkgutil.resolve_name(".".join([self.parent.aliases[alias], *rest.split(".")]))
        except (AttributeError, ImportError) as error:
            return f"{name} does not exist: {error}"
        code = self.parent.around(self.statement.line)
        if code and not stands(name.split(".")[-1], code):
            return f"neither the block before this nor the one after it has {name}"


class Word(Item):
    def check(self, words):
        unknown = set(words) - self.parent.vocabulary()
        if unknown:
            said = "neither the package nor the code of this page has this name; if it is right, add it to docs_words"
            return f"{', '.join(sorted(unknown))}: {said}"


class Link(Item):
    def check(self, link):
        return broken(self.path, *link)


class Figure(Item):
    """What is said of a drawing is what the drawing says itself: each sentence, in its title, text or captions."""

    def check(self, figure):
        target, alternative, caption = figure
        path = self.path.parent / target
        if not path.exists():
            return f"there is no figure {target}"
        words = re.findall(r"<(?:title|desc|metadata)[^>]*>([^<]*)", path.read_text("utf8"))
        known = {said for text in words for said in sentences(html.unescape(text))}
        for said in [*sentences(alternative), *sentences(caption)]:
            if said not in known:
                near = difflib.get_close_matches(said, known, n=1, cutoff=0)
                return f"{said!r}: the figure {path.stem} does not say so; it says {near}"


KINDS = {kind.__name__.lower(): kind for kind in (Code, Number, Equation, Name, Word, Link, Figure)}
KINDS["shape"] = Item  # a problem by its mere presence


def sentences(text: str) -> list[str]:
    return [said.rstrip(".") for said in re.split(r"(?<=[.?!]) +", text.strip())] if text else []


def alike(stated: str, value) -> str:
    """The value as the page writes it: np.int64(5) as 5, also inside of a tuple; in quotes, or as a word."""
    if isinstance(value, dict):  # the settings of a link
        return re.sub(r"\?[^#)]*", "?" + "&".join(f"{name}={setting}" for name, setting in value.items()), stated)
    if stated.lower() in WORDS and not isinstance(value, str):
        word = stated if WORDS[stated.lower()] == value else spoken(value)
        return word.capitalize() if stated[0].isupper() else word
    quote = "`" * (stated.startswith("`") and "`" not in str(value))
    return quote + re.sub(r"\bnp\.\w+\(([^()]*)\)", r"\1", str(value)) + quote


def explain(error: Exception, path: str) -> str:
    """The error without the frames of the tools; the lines of the page keep their numbers."""
    if isinstance(error, Stale):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    start = next((n for n, frame in enumerate(frames) if frame.filename == path), len(frames))
    lines = traceback.format_list(frames[start:]) + traceback.format_exception_only(error)
    return "".join(["the code fails\n", *lines])
