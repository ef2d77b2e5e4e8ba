"""The pytest plugin: what is collected, what a run keeps, `--update-docs`."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_markdown_docs.plugin import MarkdownTextFile

from docs_tools.checker.page import Parser
from docs_tools.checker.read_again import Change, around, write
from docs_tools.checker.statements import Comparison, Page, Wrong

os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # its threads sleep after a product; they would spin for long
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "write into the pages what the code says, and list what is to be read again"
    parser.getgroup("pages").addoption("--update-docs", action="store_true", help=told)
    parser.addini("docs_names", "imports for numbers and equations that stand before the page's own", default="")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.update_docs and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--update-docs writes files: run it without -n")
    config.pluginmanager.register(Session(config), "docs-session")


@pytest.hookimpl(tryfirst=True)  # before that of pytest-markdown-docs, which does not see a fence in a tab
def pytest_markdown_docs_markdown_it() -> Parser:
    return Parser()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    is_test = any(file_path.match(pattern) for pattern in (*parent.config.getini("python_files"), "conftest.py"))
    if file_path.suffix == ".md" or (file_path.suffix == ".py" and not is_test):
        return MarkdownTextFile.from_parent(parent, path=file_path)
    return None


class Session:
    """One run of pytest: its pages, and the changes that it wants to make."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.names: dict[str, object] = {}
        exec(config.getini("docs_names"), self.names)
        self.pages: dict[Path, Page] = {}
        self.changes: list[Change] = []
        self.drawn: list[Path] = []  # files that were generated anew

    def page(self, path: Path) -> Page:
        return self.pages.setdefault(path, Page(path, self.names))

    def differs(self, path: Path, line: int, text: str, found: Comparison) -> None:
        """Make a note of the change where that is wanted; otherwise say what is wrong."""
        if self.config.option.update_docs:
            self.changes.append(Change(path, line, text, found.corrected))
            return
        stated, actual = found.stated or "(nothing)", found.actual or "(nothing)"
        name = path.relative_to(self.config.rootpath) if path.is_relative_to(self.config.rootpath) else path
        raise Wrong(f"the page says\n{stated}\nthe code says\n{actual}\nto write it: pytest {name} --update-docs")

    @contextlib.contextmanager
    def captured(self) -> Iterator[None]:
        """What TensorFlow logs belongs to the test's report, as everywhere; pytest-markdown-docs lets it through."""
        capture = self.config.pluginmanager.getplugin("capturemanager")
        capture.resume_global_capture()
        try:
            yield
        finally:
            capture.suspend_global_capture()

    def pytest_markdown_docs_globals(self) -> dict[str, object]:
        return {"docs_session": self}

    def pytest_sessionfinish(self) -> None:
        write(self.changes)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        told = dict.fromkeys(self.to_read_again())  # each once
        if told:
            terminalreporter.section("written anew; read again")
            for place, paragraph in told:
                terminalreporter.write_line(f"{place}\n{paragraph}\n")

    def to_read_again(self):
        places = [(change.path, change.line, change.line + change.new.count("\n")) for change in self.changes]
        for path in self.drawn:
            yield str(path.relative_to(self.config.rootpath)), "    is new: look at it"
            places += self.shown(path)
        for path, first, last in places:
            for line, paragraph in around(path.read_text("utf8"), first, last):
                yield f"{path.relative_to(self.config.rootpath)}:{line}", paragraph

    def shown(self, drawn: Path):
        """Where pages show this file."""
        for page in sorted(self.config.rootpath.glob("docs/**/*.md")):
            for number, line in enumerate(page.read_text("utf8").splitlines(), 1):
                if re.search(rf"\b{re.escape(drawn.name)}\b", line):
                    yield page, number, number


@pytest.fixture
def generated(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a file with what the code makes of it, byte by byte; --update-docs writes it."""
    session = request.config.pluginmanager.get_plugin("docs-session")

    def check(path: Path, text: str) -> None:
        old = path.read_text("utf8") if path.exists() else None
        if request.config.option.update_docs and old != text:
            path.write_text(text, "utf8")
            session.drawn.append(path)
        else:
            assert old == text

    return check
