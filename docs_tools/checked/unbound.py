"""Numbers that stand in the prose although nothing would notice when they become wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from docs_tools.checked import page
from docs_tools.checked.numbers import NUMBER, value, written
from docs_tools.checked.page import CODE, COMMENT, Statement, at, blank, fences, sentences

__all__ = ["said", "unbound"]

SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?(?:[x×]|by) ?\d+(?: ?(?:[x×]|by) ?\d+)*\b")
QUOTE = re.compile(r"<!-- code: (?P<code>[^\n]+?) -->")
COUNTED = re.compile(r"^[ \t>]*\d+\. |^[ \t]*(?:\?\?\?\+?|!!!) [\w ]*\"\d+\. ", re.M)  # of a list; of an exercise
SETTINGS = re.compile(r"(?<=f=\")\?(?P<pairs>[\w=&;]+)")  # what a link in HTML asks of a page of this site
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def unbound(text: str, units: list[str], phrases: list[str]) -> Iterator[Statement]:
    """Shapes, and numbers of `units`, without a marker; others that no code of the page has that their line quotes.

    `phrases` are what may be said without code.
    """
    prose, code = sentences(text), shown(text)
    counted = re.compile(rf" (?:{'|'.join(units or ['(?!)'])})\b")
    quotes = [QUOTE.findall(line) for line in prose.split("\n")]
    quoted = [Counter(written(" ".join(quote))) for quote in quotes]
    for match in said(prose, code, phrases):
        number = at("shape", prose, match, match[0])
        number.problem = f"no code stands behind {match[0]}; write {match[0]}<!--= expression -->"
        if not SHAPE.fullmatch(match[0]) and not (match[0][-1].isdigit() and counted.match(prose, match.end())):
            quoted[number.line][abs(value(match[0]))] -= 1  # what is said twice is quoted twice
            number.problem += ", or end the line with <!-- code: a piece of the page's code that has the number -->"
            number.problem *= quoted[number.line][abs(value(match[0]))] < 0
        if number.problem:
            yield number
    for match in QUOTE.finditer(prose):
        if match["code"] not in code:
            yield at("shape", prose, match, match["code"], f"the code of this page has not {match['code']}")
    for match in SETTINGS.finditer(prose):
        number = at("shape", prose, match, match[0])
        absent = [pair for pair in re.split("&(?:amp;)?", match["pairs"]) if pair not in " ".join(quotes[number.line])]
        if absent:
            number.problem = f"no code that the line quotes has {', '.join(absent)}"
            yield number


def said(prose: str, code: str, phrases: list[str]) -> Iterator[re.Match]:
    """The shapes and numbers without a marker, but for those of inline code that the page's code has as well."""
    free = prose
    for marker in page.numbers(prose):
        for begin, text in marker.what.values if marker.what else ():
            free = free[:begin] + " " * len(text) + free[begin + len(text) :]
    for pattern in (page.INLINE, page.DISPLAY, COMMENT):
        free = blank(pattern, free)
    for pattern in (CODE, page.MATH):  # a shape alone in its code is a claim; in a call it is an argument
        free = pattern.sub(lambda span: loose(span[0], code), free)
    allowed = [re.compile(re.escape(phrase), re.I) for phrase in sorted(phrases, key=len, reverse=True)]
    for pattern in (*allowed, page.FIGURE, page.REFERRED, page.OPTIONS, page.HTML, COUNTED, YEAR):
        free = blank(pattern, free)
    return re.finditer(f"{SHAPE.pattern}|{NUMBER.pattern}", free)


def loose(span: str, code: str) -> str:
    """What of inline code, or of a formula, the code of the page does not say."""
    if SHAPE.fullmatch(span.strip("`")):
        return span
    return re.sub(r"[^\n]", " ", span) if span.strip("`") in code else blank(SHAPE, span)


def shown(text: str) -> str:
    """The code of a page, and what it prints."""
    return "\n".join(line for fence in fences(text) for line in fence.body)
