"""What `--update-docs` changed, and the sentences around it, which only a person can judge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs_tools.checker.page import blanked, fences

__all__ = ["Change", "around", "write"]

COMMENT = re.compile(r"<!--.*?-->", re.S)


@dataclass
class Change:
    path: Path
    line: int  # where the statement begins, from 1
    old: str
    new: str


def write(changes: list[Change]) -> None:
    """Put the new texts into the files: from the last on, so that the lines of the others keep their numbers."""
    for change in sorted(changes, key=lambda change: change.line, reverse=True):
        text = change.path.read_text("utf8")
        start = sum(map(len, text.splitlines(keepends=True)[: change.line - 1]))
        before, after = text[:start], text[start:]
        change.path.write_text(before + after.replace(change.old, change.new, 1), "utf8")


def around(text: str, first: int, last: int) -> Iterator[tuple[int, str]]:
    """The paragraph before these lines of a page and the one after it, or the one that they are in; with its line."""
    found = list(paragraphs(text))
    within = [p for p in found if p[0] <= first <= p[0] + p[1].count("\n")]
    before = [p for p in found if p[0] + p[1].count("\n") < first][-1:]
    after = [p for p in found if p[0] > last][:1]
    yield from within or before + after


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each run of lines that is neither code, nor a heading, nor a table, nor a comment alone."""
    text = blanked(text, [(block.start, block.end) for block in fences(text)])
    for match in re.finditer(r"(?:^[ \t>]*\S.*\n?)+", text, re.M):
        if COMMENT.sub("", match[0]).strip() and not re.match(r"[ \t>]*[#|]|[ \t]*(?:===|!!!|\?\?\?)", match[0]):
            yield text.count("\n", 0, match.start()) + 1, match[0].rstrip()
