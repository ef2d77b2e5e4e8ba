"""Numbers that stand in the prose although nothing would notice when they become wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from docs_tools.checked import page
from docs_tools.checked.numbers import values, written
from docs_tools.checked.page import CODE, COMMENT, NUMBER, Statement, at, blank, fences, sentences

__all__ = ["said", "unbound"]

SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?(?:[x×]|by) ?\d+(?: ?(?:[x×]|by) ?\d+)*\b")
QUOTE = re.compile(r"<!-- code: (?P<code>[^\n]+?) -->")
COUNTED = re.compile(r"^[ \t>]*\d+\. |^[ \t]*(?:\?\?\?\+?|!!!) [\w ]*\"\d+\. ", re.M)  # of a list; of an exercise
SETTINGS = re.compile(r"(?<=\.md|f=\")\?[\w=&;]+")  # what a link asks of a page of this site
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def unbound(text: str, units: list[str], phrases: list[str]) -> list[Statement]:
    """Shapes, and numbers of `units`, without a marker; other numbers behind which nothing stands.

    `phrases` are what may be said without code.
    """
    prose = sentences(text)
    counts = list(shapes(prose, units))
    taken = {(count.line, count.column) for count in counts}
    return counts + [number for number in loose(text, prose, phrases) if (number.line, number.column) not in taken]


def shapes(prose: str, units: list[str]) -> Iterator[Statement]:
    free = blank(page.LINK, blank(page.MATH, blank(COMMENT, blank(NUMBER, prose))))
    for span in CODE.finditer(free):  # a call such as f((4, 4)) is code; only a shape alone in its code is a claim
        if not SHAPE.fullmatch(span["code"]):
            free = free[: span.start()] + " " * len(span[0]) + free[span.end() :]
    counted = re.compile(rf"\b\d[\d,.]*(?= (?:{'|'.join(units)})\b)") if units else SHAPE
    for pattern in {SHAPE, counted}:
        for match in pattern.finditer(free):
            problem = f"no code stands behind {match[0]}; write {match[0]}<!--= expression -->"
            yield at("shape", prose, match, match[0], problem)


def loose(text: str, prose: str, phrases: list[str]) -> Iterator[Statement]:
    """Other numbers, unless they stand in code of the page that their line quotes."""
    quoted = [Counter(written(" ".join(QUOTE.findall(line)))) for line in prose.split("\n")]
    for match, value in said(text, prose, phrases):
        number = at("shape", prose, match, match[0])
        quoted[number.line][abs(value)] -= 1  # what is said twice is quoted twice
        if quoted[number.line][abs(value)] < 0:
            number.problem = (
                f"nothing stands behind {match[0]}; write {match[0]}<!--= expression -->, or end the line with "
                "<!-- code: a piece of the page's code that has the number -->"
            )
            yield number
    for match in QUOTE.finditer(prose):
        if match["code"] not in shown(text):
            yield at("shape", prose, match, match["code"], f"the code of this page has not {match['code']}")


def said(text: str, prose: str, phrases: list[str]) -> Iterator[tuple[re.Match, float]]:
    """The numbers without a marker, but for those of inline code that the page's code has as well."""
    free = blank(COMMENT, blank(NUMBER, blank(page.INLINE, blank(page.DISPLAY, prose))))
    for span in CODE.finditer(free):
        if span["code"] in shown(text):
            free = free[: span.start()] + " " * len(span[0]) + free[span.end() :]
    allowed = [re.compile(re.escape(phrase), re.I) for phrase in sorted(phrases, key=len, reverse=True)]
    for pattern in (*allowed, page.FIGURE, page.REFERRED, page.OPTIONS, SHAPE, page.HTML, COUNTED, YEAR):
        free = blank(pattern, free)
    for query in SETTINGS.finditer(prose):
        free = free[: query.start()] + query[0] + free[query.end() :]
    return values(free)


def shown(text: str) -> str:
    """The code of a page, and what it prints."""
    return "\n".join(line for fence in fences(text) for line in fence.body)
