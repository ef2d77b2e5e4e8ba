"""What a page states, each statement with its line: code and its output, numbers, equations, names and links.

A page is read line by line, not by a Markdown parser: a parser takes a fence that is indented in a tab or an admonition
for an indented code block and drops it, and what is dropped is never checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Fence", "Page", "Statement"]

FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
NUMBER = re.compile(
    r"(?P<value>`[^`\n]+`|\([^()\n]*\)|\d+(?: ?[x×] ?\d+)+|[^\s(`*|\[]+)<!--=\s*(?P<expression>[^\n]+?)\s*-->"
)
EQUATION = re.compile(
    r"<!--\s*eq:\s*(?P<code>.+?)"
    r"(?:\s+for\s+(?P<ranges>[^\n]*?\.\.[^\n]*?))?(?:\s+where\s+(?P<condition>[^\n]+?))?\s*-->\s*\$\$(?P<tex>.+?)\$\$",
    re.S,
)
DISPLAY = re.compile(r"\$\$.+?\$\$", re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
MATH = re.compile(r"\$\$.+?\$\$|(?<!\\)\$(?!\s)[^$\n]+?(?<!\s)\$(?!\d)", re.S)
CODE = re.compile(r"(`+)(?P<code>.+?)(?<!`)\1(?!`)")
LINK = re.compile(r"\]\((?P<target>[^()\s]+(?:\([^()\s]*\))?)(?:\s+\"[^\"]*\")?\)")
REFERENCE = re.compile(r"\]\[(?P<name>[A-Za-z_][\w.]*)\]|^::: (?P<directive>[\w.]+)", re.M)
SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?[x×] ?\d+(?: ?[x×] ?\d+)*\b")
PYTHON = ("python", "py", "python3")


@dataclass
class Fence:
    line: int  # of the opening mark; lines count from 0 here, and from 1 where a person reads them
    end: int  # of the closing mark
    indent: str
    words: list[str]
    body: list[str]
    output: Fence | None = None  # the text fence straight after it

    @property
    def is_python(self) -> bool:
        return self.words[:1] != [] and self.words[0].lower() in PYTHON

    @property
    def needs(self) -> list[str]:
        return [word.removeprefix("needs-") for word in self.words if word.startswith("needs-")]


@dataclass
class Statement:
    """One thing that the page says: its kind, its line, and what the pattern found there."""

    kind: str  # code, number, equation, name, link, shape
    line: int
    column: int
    what: Fence | re.Match | str
    problem: str = ""  # wrong, whatever the code does


@dataclass
class Page:
    """The statements of a text, in the order of their lines."""

    text: str
    names: tuple[str, ...] = ()  # the packages (or their usual abbreviations) whose names are to be checked
    fences: list[Fence] = field(init=False)
    statements: list[Statement] = field(init=False)

    def __post_init__(self):
        lines = self.text.split("\n")
        self.statements = []
        self.fences = list(self._fences(lines))
        hidden = {n for fence in self.fences for n in range(fence.line, fence.end + 1)}
        if lines[0] == "---" and "---" in lines[1:]:
            hidden |= set(range(lines.index("---", 1) + 1))
        prose = "\n".join("" if n in hidden else line for n, line in enumerate(lines))
        self.statements += [Statement("code", fence.line, 0, fence) for fence in self.fences if fence.is_python]
        for find in (self._numbers, self._equations, self._names, self._links, self._shapes):
            self.statements += find(prose)
        self.statements.sort(key=lambda s: (s.line, s.column))

    def _fences(self, lines: list[str]) -> Iterator[Fence]:
        previous = None
        n = 0
        while n < len(lines):
            opening = FENCE.match(lines[n])
            if not opening:
                n += 1
                continue
            indent, mark = opening["indent"], opening["mark"]
            closing = re.compile(rf"^[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*$")
            end = next((m for m in range(n + 1, len(lines)) if closing.match(lines[m])), None)
            words = [word.lstrip(".") for word in opening["info"].strip("{} \t").split()]
            if end is None:
                self.statements.append(Statement("code", n, 0, opening, "this fence is never closed"))
                return
            body = [line if line[: len(indent)].strip(" \t>") else line[len(indent) :] for line in lines[n + 1 : end]]
            fence = Fence(n, end, indent, words, body)
            follows = previous and not "".join(lines[previous.end + 1 : n]).strip(" \t>")
            if follows and previous.is_python and words[:1] == ["text"]:
                previous.output = fence
            yield fence
            previous, n = fence, end + 1

    def _numbers(self, prose: str) -> Iterator[Statement]:
        bound = set()
        for match in NUMBER.finditer(prose):
            bound.add(prose.index("<!--=", match.start()))
            yield state("number", prose, match, match)
        for match in re.finditer("<!--=", prose):
            if match.start() not in bound:
                yield state("number", prose, match, match, "a marker stands straight after the value that it binds")

    def _equations(self, prose: str) -> Iterator[Statement]:
        for match in re.finditer(r"<!--\s*eq:", prose):
            equation = EQUATION.match(prose, match.start())
            yield state("equation", prose, match, equation, "" if equation else "no $$ ... $$ follows this marker")

    def _names(self, prose: str) -> Iterator[Statement]:
        if not self.names:
            return
        dotted = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, self.names))})(?:\.[A-Za-z_]\w*)+(?![\w/-])")
        for span in CODE.finditer(blank(NUMBER, prose)):
            for match in dotted.finditer(prose, *span.span("code")):
                yield state("name", prose, match, match[0])
        for match in REFERENCE.finditer(prose):
            name = match["name"] or match["directive"]
            if name.split(".")[0] in self.names:
                yield state("name", prose, match, name)

    def _links(self, prose: str) -> Iterator[Statement]:
        for match in LINK.finditer(blank(CODE, blank(MATH, blank(COMMENT, prose)))):
            yield state("link", prose, match, match["target"])

    def _shapes(self, prose: str) -> Iterator[Statement]:
        free = blank(LINK, blank(MATH, blank(COMMENT, blank(NUMBER, prose))))
        for span in CODE.finditer(free):  # a call such as f((4, 4)) is code; only a shape alone in its code is a claim
            if not SHAPE.fullmatch(span["code"]):
                free = free[: span.start()] + " " * len(span[0]) + free[span.end() :]
        for match in SHAPE.finditer(free):
            problem = f"no code stands behind {match[0]}; write {match[0]}<!--= expression -->"
            yield state("shape", prose, match, match[0], problem)


def state(kind: str, text: str, where: re.Match, what: re.Match | str, problem: str = "") -> Statement:
    offset = where.start()
    return Statement(kind, text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1, what, problem)


def blank(pattern: re.Pattern, text: str) -> str:
    """The text with what the pattern matches overwritten by spaces, so that positions stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
