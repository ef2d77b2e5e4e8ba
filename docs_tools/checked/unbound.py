"""Numbers that stand in the prose although nothing would notice when they become wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from docs_tools.checked import page
from docs_tools.checked.numbers import NUMBER, value, written
from docs_tools.checked.page import CODE, COMMENT, Statement, at, blank, fences, sentences

__all__ = ["said", "unbound"]

SHAPE = re.compile(r"\(\d+(?:, ?\d+)+,?\)|\(\d+,\)|\b\d+ ?(?:[x×]|by) ?\d+(?: ?(?:[x×]|by) ?\d+)*\b")
QUOTE = re.compile(r"<!-- code: (?P<code>[^\n]+?) -->")
COUNTED = re.compile(r"^[ \t>]*\d+\. |^[ \t]*(?:\?\?\?\+?|!!!) [\w ]*\"\d+\. ", re.M)  # of a list; of an exercise
SETTING = re.compile(r"\b[a-z]\w*=(?:\"[^\"\n]*\"|'[^'\n]*'|True\b|False\b|None\b|-?\d[\d.]*\b)")
HASH = re.compile(r"((?:[^#\"']|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\"'])*)(#?)(.*)")  # code, and a comment
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def unbound(text: str, phrases: list[str], proper: Mapping[str, str]) -> Iterator[Statement]:
    """Shapes without a marker; numbers and proper names without one, unless their line quotes code with them, in turn.

    `phrases` are what may be said without code; `proper` has each word of the code that stands for a proper name.
    """
    prose, code = sentences(text), shown(text)
    quotes, used, elsewhere = list(QUOTE.finditer(prose)), set(), asked(prose)
    waiting = {line: [(name, "") for name in names] for line, names in titles(text, proper)}
    for comment in COMMENT.finditer(prose):  # what the line's quotes have, in turn, and the names in its markers
        quote = QUOTE.fullmatch(comment[0])
        has = written(quote["code"] if quote else comment[0], proper)
        line = prose.count("\n", 0, comment.start())
        waiting.setdefault(line, []).extend((n, comment.start()) for n in has if quote or isinstance(n, str))
    waiting = {line: iter(pairs) for line, pairs in waiting.items()}
    for match in said(prose, code, phrases, proper):
        problem = f"no code stands behind {match[0]}; write {match[0]}<!--= expression -->"
        found = at("shape", prose, match.start(), match[0], problem)
        if not SHAPE.fullmatch(match[0]):
            wanted, rest = value(match[0], proper), waiting.get(found.line, ())
            quote = next((place for said, place in rest if said == wanted), None)  # from where the last one was quoted
            used.add(quote)
            if quote is not None or (isinstance(wanted, str) and found.line in elsewhere):
                continue
            found.problem += ", or end the line with <!-- code: a piece of the page's code that has it, in turn -->"
        yield found
    yield from comments(text, proper)
    for match, setting in settings(prose):
        if not stands(setting, code.replace("'", '"')):
            yield at("shape", prose, match.start(), setting, f"no code of this page has {setting}")
    for quote in quotes:
        if not stands(quote["code"], code):
            yield at("shape", prose, quote.start(), quote["code"], f"the code of this page has not {quote['code']}")
        elif quote.start() not in used and written(quote["code"], proper):
            yield at("shape", prose, quote.start(), quote["code"], f"this line says nothing of {quote['code']}")


def comments(text: str, proper: Mapping[str, str]) -> Iterator[Statement]:
    """The comments of blocks whose numbers and names are not in the code of their line, nor of the next, in turn."""
    for fence in filter(lambda fence: fence.is_python, fences(text)):
        for n, line in enumerate(fence.body):
            code, mark, comment = HASH.match(line).groups()
            there = iter(written("\n".join([code, *fence.body[n + 1 : n + 2]]), proper))
            for match in re.finditer(rf"{NUMBER.pattern}|{either(proper)}", comment if mark else ""):
                if value(match[0], proper) not in there:
                    problem = f"the code beside this comment has not {match[0]}, in turn"
                    yield Statement("shape", fence.line + 1 + n, match.start(), match[0], problem)


def asked(prose: str) -> set[int]:
    """The lines of tables in whose head, or in which, a marker asks for the cells: it depends on the names in them."""
    lines = set()
    for table in page.TABLE.finditer(prose):
        first, rows = prose.count("\n", 0, table.start()), table[0].split("\n")
        asking = [bool(re.search(r"<!--(?:=| eq:)[^\n]*?\brows?\b", row)) for row in rows]
        lines |= {first + n for n in range(len(rows)) if asking[0] or asking[n]}
    return lines


def titles(text: str, proper: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
    """The lines of headings and of tabs, each with as many of the names that the code below it has first as it says."""
    blocks = fences(text)
    for title in re.finditer(r"^(?:#+ |[ \t]*===\+? \")[^{\n]*", sentences(text), re.M):
        line = text.count("\n", 0, title.start())
        body = next(("\n".join(fence.body) for fence in blocks if fence.line > line), "")
        first = dict.fromkeys(name for name in written(body, proper) if isinstance(name, str))
        yield line, list(first)[: sum(isinstance(name, str) for name in written(title[0], proper))]


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
    for pattern in (page.LINK, page.OPTIONS, page.HTML, COUNTED, YEAR):
        free = blank(pattern, free)
    return re.finditer(f"{SHAPE.pattern}|{NUMBER.pattern}|{either(proper)}", free)


def either(proper: Mapping[str, str]) -> str:
    """The pattern of the words that stand for proper names."""
    return rf"\b(?i:{'|'.join(map(re.escape, proper)) or '(?!)'})\b"


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
