"""What `--update-docs` changed, and the sentences around it, which only a person can judge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs_tools.checker.page import blanked, fences

__all__ = ["CHANGES", "Change", "read_again", "write"]

COMMENT = re.compile(r"<!--.*?-->", re.S)


@dataclass
class Change:
    path: Path
    line: int  # where the old text begins, from 1
    old: str
    new: str


CHANGES = pytest.StashKey[list[Change]]()  # of this run of pytest


def write(changes: list[Change]) -> None:
    """Put the new texts into the files: from the last on, so that the lines of the others keep their numbers."""
    for change in sorted(changes, key=lambda change: change.line, reverse=True):
        text = change.path.read_text("utf8")
        start = sum(map(len, text.splitlines(keepends=True)[: change.line - 1]))
        change.path.write_text(text[:start] + text[start:].replace(change.old, change.new, 1), "utf8")


def read_again(changes: list[Change], root: Path) -> Iterator[tuple[str, str]]:
    """Place and text of each paragraph around a change; of a file that is no page, where pages show it."""
    pages = {path: path.read_text("utf8") for path in sorted(root.glob("docs/**/*.md"))}
    for change in changes:
        places = [(change.path, change.line, change.line + change.new.count("\n"))]
        if change.path.suffix not in (".md", ".py"):
            yield str(change.path.relative_to(root)), "    look at it"
            shown = re.compile(rf"\b{re.escape(change.path.name)}\b")
            lines = [(path, n, line) for path in pages for n, line in enumerate(pages[path].splitlines(), 1)]
            places = [(path, n, n) for path, n, line in lines if shown.search(line)]
        for path, first, last in places:
            for line, paragraph in around(path.read_text("utf8"), first, last):
                yield f"{path.relative_to(root)}:{line}", paragraph


def around(text: str, first: int, last: int) -> list[tuple[int, str]]:
    """The paragraph before these lines of a page and the one after it, or the one that they are in; with its line."""
    found = list(paragraphs(text))
    within = [p for p in found if p[0] <= first <= p[0] + p[1].count("\n")]
    before = [p for p in found if p[0] + p[1].count("\n") < first][-1:]
    after = [p for p in found if p[0] > last][:1]
    return within or before + after


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each run of lines that a person wrote: no code, heading or table, no comment or `:::` alone."""
    text = blanked(text, [(block.start, block.end) for block in fences(text)])
    for match in re.finditer(r"(?:^[ \t>]*\S.*\n?)+", text, re.M):
        if COMMENT.sub("", match[0]).strip() and not re.match(r"[ \t>]*[#|]|[ \t]*(?:===|!!!|\?\?\?|:::)", match[0]):
            yield text.count("\n", 0, match.start()) + 1, match[0].rstrip()
