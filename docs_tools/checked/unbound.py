"""Numbers that stand in the prose although nothing would notice when they become wrong."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from docs_tools.checked.numbers import values, written
from docs_tools.checked.page import (
    CODE,
    COMMENT,
    FIGURE,
    HTML,
    LINK,
    MATH,
    NUMBER,
    OPTIONS,
    REFERRED,
    Statement,
    at,
    blank,
    sentences,
)

__all__ = ["unbound"]

SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?(?:[x×]|by) ?\d+(?: ?(?:[x×]|by) ?\d+)*\b")
COUNTED = re.compile(r"^[ \t>]*\d+\. |^[ \t]*(?:\?\?\?\+?|!!!) [\w ]*\"\d+\. ", re.M)  # of a list; of an exercise
SECTION = re.compile(r"## |\?\?\? question")  # an exercise is a section of its own
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def unbound(text: str, units: list[str], phrases: list[str]) -> list[Statement]:
    """Shapes, and numbers of `units`, without a marker; other numbers that no code or output of the page has.

    `phrases` are what may be said without code.
    """
    prose = sentences(text)
    counts = list(shapes(prose, units))
    taken = {(count.line, count.column) for count in counts}
    return counts + [number for number in loose(text, prose, phrases) if (number.line, number.column) not in taken]


def shapes(prose: str, units: list[str]) -> Iterator[Statement]:
    free = blank(LINK, blank(MATH, blank(COMMENT, blank(NUMBER, prose))))
    for span in CODE.finditer(free):  # a call such as f((4, 4)) is code; only a shape alone in its code is a claim
        if not SHAPE.fullmatch(span["code"]):
            free = free[: span.start()] + " " * len(span[0]) + free[span.end() :]
    counted = re.compile(rf"\b\d[\d,.]*(?= (?:{'|'.join(units)})\b)") if units else SHAPE
    for pattern in {SHAPE, counted}:
        for match in pattern.finditer(free):
            problem = f"no code stands behind {match[0]}; write {match[0]}<!--= expression -->"
            yield at("shape", prose, match, match[0], problem)


def loose(text: str, prose: str, phrases: list[str]) -> Iterator[Statement]:
    free = blank(COMMENT, blank(NUMBER, prose))
    allowed = [re.compile(re.escape(phrase), re.I) for phrase in phrases]
    for pattern in (*allowed, FIGURE, REFERRED, OPTIONS, MATH, SHAPE, HTML, COUNTED, YEAR):
        free = blank(pattern, free)
    known = dict(computed(text, prose))
    for match, value in values(free):
        number = at("shape", prose, match, match[0])
        if abs(value) not in known[section(prose, number.line)]:
            number.problem = (
                f"no code or output of this section has the number {match[0]}; write {match[0]}<!--= expression -->, "
                "or add the phrase to docs_numbers in pyproject.toml"
            )
            yield number


def computed(text: str, prose: str) -> Iterator[tuple[int, set[float]]]:
    """For each section, the numbers of its code, its outputs, its markers and its formulas."""
    lines, said = text.split("\n"), prose.split("\n")
    bounds = [0, *(n for n, line in enumerate(said) if SECTION.match(line)), len(lines)]
    for first, end in itertools.pairwise(bounds):
        fenced = "\n".join(line for line, sentence in zip(lines[first:end], said[first:end]) if not sentence)
        spoken_of = [match[0] for p in (NUMBER, COMMENT, MATH) for match in p.finditer("\n".join(said[first:end]))]
        yield first, {0.0, 1.0} | written("\n".join([fenced, *spoken_of]))


def section(prose: str, line: int) -> int:
    """The line where the section of a line begins."""
    return max((n for n, sentence in enumerate(prose.split("\n")[: line + 1]) if SECTION.match(sentence)), default=0)
