"""What the sentences of a page say in numbers and proper names, and whether its code has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from docs_tools.checked import page
from docs_tools.checked.numbers import NUMBER
from docs_tools.checked.page import CODE, COMMENT, blank, fences

__all__ = ["SHAPE", "said", "sayings", "settings", "shown", "stands"]

SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?(?:[x×]|by) ?\d+(?: ?(?:[x×]|by) ?\d+)*\b")
COUNTED = re.compile(r"^[ \t>]*\d+\. |^[ \t]*(?:\?\?\?\+?|!!!) [\w ]*\"\d+\. ", re.M)  # of a list; of an exercise
SETTING = re.compile(r"\b[a-z]\w*=(?:\"[^\"\n]*\"|'[^'\n]*'|True\b|False\b|None\b|-?\d[\d.]*\b)")


def said(prose: str, code: str, phrases: list[str], proper: Mapping[str, str]) -> Iterator[re.Match]:
    """Shapes, numbers and proper names without a marker, but for those of inline code that the page's code has too."""
    free = prose
    for marker in page.numbers(prose):
        for begin, text in marker.what["values"]:
            free = free[:begin] + " " * len(text) + free[begin + len(text) :]
    there = [phrase for phrase in sorted(phrases, key=len, reverse=True) if phrase.lower() in prose.lower()]
    allowed = [re.compile(whole(phrase), re.I) for phrase in there]
    for pattern in (page.EQUATION, COMMENT, *allowed):
        free = blank(pattern, free)
    for pattern in (CODE, page.MATH):  # a shape alone in its code is a claim; in a call it is an argument
        free = pattern.sub(lambda span: loose(span[0], code), free)
    for pattern in (page.LINK, page.OPTIONS, page.HTML, COUNTED):
        free = blank(pattern, free)
    return re.finditer(f"{SHAPE.pattern}|{sayings(proper)}", free)


def sayings(proper: Mapping[str, str]) -> str:
    """The pattern of numbers, and of the words that stand for proper names."""
    return rf"{NUMBER.pattern}|\b(?i:{'|'.join(map(re.escape, proper)) or '(?!)'})\b"


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
    return bool(re.search(whole(piece), code))


def whole(piece: str) -> str:
    """The pattern of a text that begins and ends where words do."""
    return rf"(?:\b|(?!\w)){re.escape(piece)}(?:\b|(?<!\w))"


def shown(text: str) -> str:
    """The code of a page, and what it prints."""
    return "\n".join(line for fence in fences(text) for line in fence.body)
