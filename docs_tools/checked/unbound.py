"""Numbers that stand in the prose although nothing would notice when they become wrong."""

from __future__ import annotations

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
    fences,
    sentences,
)

__all__ = ["unbound"]

SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?(?:[x×]|by) ?\d+(?: ?(?:[x×]|by) ?\d+)*\b")
COUNTED = re.compile(r"^[ \t>]*\d+\. |^[ \t]*(?:\?\?\?\+?|!!!) [\w ]*\"\d+\. ", re.M)  # of a list; of an exercise
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
    if not any(fence.is_python for fence in fences(text)):
        return  # a page that computes nothing
    known = {0.0, 1.0}.union(*(written("\n".join(fence.body)) for fence in fences(text)))
    for pattern in (NUMBER, COMMENT, MATH):
        known |= {value for match in pattern.finditer(prose) for value in written(match[0])}
    free = blank(COMMENT, blank(NUMBER, prose))
    for pattern in (
        FIGURE,
        REFERRED,
        OPTIONS,
        MATH,
        SHAPE,
        HTML,
        COUNTED,
        YEAR,
        *(re.compile(re.escape(phrase), re.I) for phrase in phrases),
    ):
        free = blank(pattern, free)
    for match, value in values(free):
        if abs(value) not in known:
            problem = (
                f"no code or output of this page has the number {match[0]}; write {match[0]}<!--= expression -->, "
                "or add the phrase to docs_numbers in pyproject.toml"
            )
            yield at("shape", prose, match, match[0], problem)
