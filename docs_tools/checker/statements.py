"""How each kind of statement is compared with the code: one runner of pytest-markdown-docs each."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import pkgutil
import re
import textwrap
import traceback
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_markdown_docs._runners import DefaultRunner, register_runner  # its README's way to add a runner
from pytest_markdown_docs.definitions import FenceTestDefinition
from pytest_markdown_docs.plugin import MarkdownTextFile

from docs_tools.checker import equations
from docs_tools.checker.page import EQUATION, GENERATED, NUMBER, fences
from docs_tools.checker.read_again import CHANGES, Change

__all__ = ["Page"]


class Wrong(AssertionError):
    """The page says one thing, and the code another."""


class Comparison(NamedTuple):
    stated: str
    actual: str
    corrected: str  # the statement as it should stand on the page


class Page(MarkdownTextFile):
    """A page that is collected, and what its statements share while they run."""

    def collect(self) -> Iterator[pytest.Item]:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.offered: dict[str, Any] = {}  # names for numbers and equations that stand before the page's own imports
        exec(self.config.getini("docs_names"), self.offered)
        self.failed = 0  # the line of the block that raised
        self.skipped = ""  # why a block was skipped
        yield from super().collect()


class Statement(DefaultRunner):
    def runtest(self, test: FenceTestDefinition, args: dict, *, asyncio_runner: object = None) -> None:
        page: Page = args["docs_page"]
        if page.failed:
            pytest.skip(f"the block on line {page.failed} of this page failed")
        text = test.source[test.start_line :]  # in front are as many line ends
        try:
            with captured(page.config):
                found = self.compare(text, page, test.start_line)
        except Wrong:
            raise
        except Exception as error:  # also TypeError, upon which pytest-markdown-docs would run the statement again
            if isinstance(error, NameError) and page.skipped and not page.failed:
                pytest.skip(page.skipped)  # the names of a block that was skipped: that makes no number false
            raise Wrong(f"the code fails\n{explained(error, page.path)}") from error
        if found is None or found.stated == found.actual:
            return
        if page.config.option.update_docs:
            page.config.stash[CHANGES].append(Change(page.path, test.start_line, text, found.corrected))
            return
        raise Wrong(
            f"the page says\n{found.stated or '(nothing)'}\nthe code says\n{found.actual or '(nothing)'}\n"
            f"to write it: pytest {os.path.relpath(page.path)} --update-docs"
        )

    @abstractmethod
    def compare(self, text: str, page: Page, line: int) -> Comparison | None: ...

    def repr_failure(self, test: FenceTestDefinition, excinfo: pytest.ExceptionInfo, style: str | None = None) -> str:
        told = excinfo.value if isinstance(excinfo.value, Wrong) else excinfo.exconly()
        return f"{os.path.relpath(test.source_path)}:{test.start_line}: {told}"


@register_runner()
class Block(Statement):
    """A Python fence, and the text fence below it."""

    def compare(self, text: str, page: Page, line: int) -> Comparison:
        code, *output = fences(text)
        for module in code.needs:
            if importlib.util.find_spec(module) is None:
                page.skipped = f"{module} is not installed"
                pytest.skip(page.skipped)
        source = "\n" * line + textwrap.dedent("\n".join(code.body))
        try:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(source, str(page.path), "exec", dont_inherit=True), page.names)
        except Exception:
            page.failed = line
            raise
        actual = "\n".join(row.rstrip() for row in printed.getvalue().rstrip().splitlines())
        stated = "\n".join(output[0].body) if output else ""
        if output and not stated and not actual:
            raise Wrong("the text block is empty, and the code prints nothing: one of them is missing")
        shown = textwrap.indent(f"\n\n```text\n{actual}\n```", code.indent).rstrip() if actual else ""
        return Comparison(stated, actual, text[: code.end] + shown)


@register_runner()
class Number(Statement):
    """A value in a sentence, perhaps in backticks."""

    def compare(self, text: str, page: Page, line: int) -> Comparison:
        number = NUMBER.match(text)
        value = eval(number["code"], page.offered | page.names)
        actual = re.sub(r"\bnp\.\w+\(([^()]*)\)", r"\1", str(value))  # np.int64(5) is 5
        actual = f"`{actual}`" if number["value"].startswith("`") else actual
        return Comparison(number["value"], actual, actual + text[number.end("value") :])


@register_runner()
class Equation(Statement):
    """A display equation.  There is nothing to correct: a person writes it."""

    def compare(self, text: str, page: Page, line: int) -> None:
        try:
            equations.check(EQUATION.match(text).groupdict(), page.offered | page.names)
        except (AssertionError, IndexError, SyntaxError) as error:
            raise Wrong(str(error)) from error


@register_runner()
class Generated(Statement):
    """Markdown that a function returns, such as a table."""

    def compare(self, text: str, page: Page, line: int) -> Comparison:
        stated = GENERATED.match(text)
        made = pkgutil.resolve_name(stated["function"])().strip()
        actual = "\n" + textwrap.indent(made, stated["indent"]) + "\n\n"
        corrected = text[: stated.start("body")] + actual + text[stated.end("body") :]
        return Comparison(stated["body"], actual, corrected)


@register_runner()
class Stray(Statement):
    """A marker that stands where it binds nothing: nobody would notice that it checks nothing."""

    def compare(self, text: str, page: Page, line: int) -> None:
        raise Wrong(f"{text} binds nothing: put it straight after a value, before $$, or around a table")


@contextlib.contextmanager
def captured(config: pytest.Config) -> Iterator[None]:
    """What TensorFlow logs belongs to the test's report, as everywhere; pytest-markdown-docs lets it through."""
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.resume_global_capture()
    try:
        yield
    finally:
        capture.suspend_global_capture()


def explained(error: Exception, path: Path) -> str:
    """The error, and of its traceback what begins in the page."""
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename != str(path):
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))
