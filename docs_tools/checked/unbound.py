"""Numbers that stand in the prose although nothing would notice when they become wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docs_tools.checked import page
from docs_tools.checked.numbers import NUMBER, value, written
from docs_tools.checked.page import CODE, COMMENT, Statement, at, blank, fences, sentences

__all__ = ["said", "unbound"]

SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?(?:[x×]|by) ?\d+(?: ?(?:[x×]|by) ?\d+)*\b")
QUOTE = re.compile(r"<!-- code: (?P<code>[^\n]+?) -->")
COUNTED = re.compile(r"^[ \t>]*\d+\. |^[ \t]*(?:\?\?\?\+?|!!!) [\w ]*\"\d+\. ", re.M)  # of a list; of an exercise
SETTING = re.compile(r"\b[a-z]\w*=(?:\"[^\"\n]*\"|'[^'\n]*'|True\b|False\b|None\b|-?\d[\d.]*\b)")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def unbound(text: str, phrases: list[str]) -> Iterator[Statement]:
    """Shapes without a marker; numbers without one, unless their line quotes code of the page with them, in turn.

    `phrases` are what may be said without code.
    """
    prose, code = sentences(text), shown(text)
    quoted = [iter(written(" ".join(QUOTE.findall(line)))) for line in prose.split("\n")]
    for match in said(prose, code, phrases):
        problem = f"no code stands behind {match[0]}; write {match[0]}<!--= expression -->"
        found = at("shape", prose, match.start(), match[0], problem)
        if not SHAPE.fullmatch(match[0]):
            if value(match[0]) in quoted[found.line]:  # from where the one before was quoted
                continue
            found.problem += ", or end the line with <!-- code: a piece of the page's code that has it, in turn -->"
        yield found
    for match, setting in settings(prose):
        quotes = QUOTE.findall(prose.split("\n")[prose.count("\n", 0, match.start())])
        if not stands(setting, "\n".join([code, *quotes]).replace("'", '"')):
            yield at("shape", prose, match.start(), setting, f"no code of this page has {setting}, nor a quote")
    for match in QUOTE.finditer(prose):
        if not stands(match["code"], code):
            yield at("shape", prose, match.start(), match["code"], f"the code of this page has not {match['code']}")


def said(prose: str, code: str, phrases: list[str]) -> Iterator[re.Match]:
    """The shapes and numbers without a marker, but for those of inline code that the page's code has as well."""
    free = prose
    for marker in page.numbers(prose):
        for begin, text in marker.what["values"]:
            free = free[:begin] + " " * len(text) + free[begin + len(text) :]
    for pattern in (page.EQUATION, COMMENT):
        free = blank(pattern, free)
    for pattern in (CODE, page.MATH):  # a shape alone in its code is a claim; in a call it is an argument
        free = pattern.sub(lambda span: loose(span[0], code), free)
    allowed = [re.compile(re.escape(phrase), re.I) for phrase in sorted(phrases, key=len, reverse=True)]
    for pattern in (*allowed, page.LINK, page.OPTIONS, page.HTML, COUNTED, YEAR):
        free = blank(pattern, free)
    return re.finditer(f"{SHAPE.pattern}|{NUMBER.pattern}", free)


def settings(prose: str) -> Iterator[tuple[re.Match, str]]:
    """The arguments by name of inline code without a marker."""
    for span in CODE.finditer(prose):
        if not prose.startswith("<!--=", span.end()):
            yield from ((span, setting.replace("'", '"')) for setting in SETTING.findall(span[0]))


def loose(span: str, code: str) -> str:
    """What of inline code, or of a formula, the code of the page does not say."""
    if SHAPE.fullmatch(span.strip("`")):
        return span
    return re.sub(r"[^\n]", " ", span) if stands(span.strip("`"), code) else blank(SHAPE, span)


def stands(piece: str, code: str) -> bool:
    """Whether it is a piece of the code, of whole words."""
    return bool(re.search(rf"(?:\b|(?!\w)){re.escape(piece)}(?:\b|(?<!\w))", code))


def shown(text: str) -> str:
    """The code of a page, and what it prints."""
    return "\n".join(line for fence in fences(text) for line in fence.body)
