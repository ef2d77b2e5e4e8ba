"""The pytest plugin: what is collected, `--update-docs`, and what is to be read again after it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from docs_tools.checker.page import Parser
from docs_tools.checker.read_again import CHANGES, Change, read_again, write
from docs_tools.checker.statements import Page

os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # its threads sleep after a product; they would spin for long
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "write into the pages what the code says, and list what is to be read again"
    parser.getgroup("pages").addoption("--update-docs", action="store_true", help=told)
    parser.addini("docs_names", "imports for numbers and equations that stand before the page's own", default="")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.update_docs and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--update-docs writes files: run it without -n")
    config.stash[CHANGES] = []


@pytest.hookimpl(tryfirst=True)  # before that of pytest-markdown-docs, which does not see a fence in a tab
def pytest_markdown_docs_markdown_it() -> Parser:
    return Parser()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    is_test = any(file_path.match(pattern) for pattern in (*parent.config.getini("python_files"), "conftest.py"))
    if file_path.suffix == ".md" or (file_path.suffix == ".py" and not is_test):
        return Page.from_parent(parent, path=file_path)
    return None


@pytest.fixture
def docs_page(request: pytest.FixtureRequest) -> Page:
    """The page of a statement."""
    return request.node.parent


@pytest.fixture
def generated(pytestconfig: pytest.Config) -> Callable[[Path, str], None]:
    """Compare a file with what the code makes of it, byte by byte; --update-docs writes it."""

    def check(path: Path, text: str) -> None:
        old = path.read_text("utf8") if path.exists() else ""
        if pytestconfig.option.update_docs and old != text:
            path.write_text(text, "utf8")  # at once: other tests look whether it is there
            pytestconfig.stash[CHANGES].append(Change(path, 1, text, text))
        else:
            assert old == text, f"{path.name} is not what the code makes: pytest --update-docs writes it"

    return check


def pytest_sessionfinish(session: pytest.Session) -> None:
    write(session.config.stash[CHANGES])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    places = dict.fromkeys(read_again(config.stash[CHANGES], config.rootpath))  # each once
    if places:
        terminalreporter.section("written anew; read again")
        for place, paragraph in places:
            terminalreporter.write_line(f"{place}\n{paragraph}\n")
