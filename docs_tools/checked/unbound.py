"""Numbers and proper names that stand in a page although nothing would notice when they become wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from docs_tools.checked import page
from docs_tools.checked.numbers import value, written
from docs_tools.checked.page import COMMENT, Fence, Statement, at, blank, fences, sentences
from docs_tools.checked.said import SHAPE, said, sayings, settings, shown, stands

__all__ = ["misnamed", "unbound"]

QUOTE = re.compile(r"<!-- code: (?P<code>[^\n]+?) -->")
HASH = re.compile(r"((?:[^#\"']|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\"'])*)(#?)(.*)")  # code, and a comment


def unbound(text: str, phrases: list[str], proper: Mapping[str, str]) -> Iterator[Statement]:
    """Shapes without a marker; numbers and proper names without one, unless their line quotes code with them, in turn.

    `phrases` are what may be said without code; `proper` has each word of the code that stands for a proper name.
    """
    prose, code, blocks = sentences(text), shown(text), fences(text)
    behind, used, tables = support(prose, blocks, proper), set(), asking(prose)
    for match in said(prose, code, phrases, proper):
        problem = f"no code stands behind {match[0]}; write {match[0]}<!--= expression -->"
        found = at("shape", prose, match.start(), match[0], problem)
        if not SHAPE.fullmatch(match[0]):
            wanted, rest = value(match[0], proper), behind.get(found.line, ())
            place = next((place for there, place in rest if there == wanted), None)  # from where the last one was
            used.add(place)
            if place is not None or (isinstance(wanted, str) and found.line in tables):
                continue
            found.problem += ", or end the line with <!-- code: a piece of the page's code that has it, in turn -->"
        yield found
    for match, setting in settings(prose):
        if not stands(setting, code.replace("'", '"')):
            yield at("shape", prose, match.start(), setting, f"no code of this page has {setting}")
    for quote in QUOTE.finditer(prose):
        if not stands(quote["code"], code):
            yield at("shape", prose, quote.start(), quote["code"], f"the code of this page has not {quote['code']}")
        elif quote.start() not in used and written(quote["code"], proper):
            yield at("shape", prose, quote.start(), quote["code"], f"this line says nothing of {quote['code']}")
    yield from comments(blocks, proper)


def misnamed(text: str, symbols: Mapping[str, list[str]]) -> Iterator[Statement]:
    """The symbols that stand after a noun to which another one belongs."""
    prose = blank(COMMENT, sentences(text))
    nouns = "|".join(sorted(symbols, key=len, reverse=True)) or "(?!)"
    for match in re.finditer(rf"\b(?i:({nouns})) \$([A-Za-z](?:_\w)?)'?\$", prose):
        own = symbols[match[1].lower()]
        if match[2] not in own:
            problem = f"the symbol of {match[1]} is {' or '.join(own)}, not {match[2]}"
            yield at("shape", prose, match.start(2), match[2], problem)


def support(prose: str, blocks: list[Fence], proper: Mapping[str, str]) -> dict[int, Iterator]:
    """On each line what its quotes have, in turn, and the names in its markers, each with its place.

    For titles, as many names as they say of those that the code below has first, and the numbers of their id.
    """
    found: dict[int, list] = {}
    for title in re.finditer(r"^(?P<said>(?:#+ |[ \t]*===\+? \")[^{\n]*)(?P<id>.*)", prose, re.M):
        line = prose.count("\n", 0, title.start())
        below = next(("\n".join(fence.body) for fence in blocks if fence.line > line), "")
        first = list(dict.fromkeys(names(below, proper)))
        found[line] = [(name, 0) for name in first[: len(names(title["said"], proper))]]
        found[line] += [(number, 0) for number in written(title["id"], {})]
    for comment in COMMENT.finditer(prose):
        quote = QUOTE.fullmatch(comment[0])
        has = written(quote["code"], proper) if quote else names(comment[0], proper)
        line = prose.count("\n", 0, comment.start())
        found.setdefault(line, []).extend((there, comment.start()) for there in has)
    return {line: iter(pairs) for line, pairs in found.items()}


def names(text: str, proper: Mapping[str, str]) -> list[str]:
    return [name for name in written(text, proper) if isinstance(name, str)]


def asking(prose: str) -> set[int]:
    """The lines of tables where a marker, there or in the head, asks for the cells: it depends on the names in them."""
    lines = set()
    for table in page.TABLE.finditer(prose):
        first, rows = prose.count("\n", 0, table.start()), table[0].split("\n")
        asks = [bool(re.search(r"<!--(?:=| eq:)[^\n]*?\brows?\b", row)) for row in rows]
        lines |= {first + n for n in range(len(rows)) if asks[0] or asks[n]}
    return lines


def comments(blocks: list[Fence], proper: Mapping[str, str]) -> Iterator[Statement]:
    """The comments of blocks whose numbers and names are not in the code of their line, nor of the next, in turn."""
    for fence in (fence for fence in blocks if fence.is_python):
        for n, line in enumerate(fence.body):
            code, mark, comment = HASH.match(line).groups()
            there = iter(written("\n".join([code, *fence.body[n + 1 : n + 2]]), proper))
            for match in re.finditer(sayings(proper), comment if mark else ""):
                if value(match[0], proper) not in there:
                    problem = f"the code beside this comment has not {match[0]}, in turn"
                    yield Statement("shape", fence.line + 1 + n, match.start(), match[0], problem)
