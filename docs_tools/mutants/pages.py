"""Changes of pages: every printed output, bound number, equation, name, link and figure, one at a time."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from docs_tools.checked.numbers import WORDS, spoken, value
from docs_tools.checked.page import Statement, sentences, statements
from docs_tools.checked.said import SHAPE, said, shown
from docs_tools.mutants.code import Mutant

__all__ = ["mutants"]

ALONE = ("name", "word", "link", "figure")  # statements that need no block of the page to have run
SIGNS = {"+": "-", "-": "+", r"\max": r"\min", r"\min": r"\max", "floor": "ceil", "ceil": "floor"}
SIGNS |= {"<": r"\le ", ">": r"\ge ", r"\le": "<", r"\ge": ">"}


def mutants(file: str, text: str, names: tuple[str, ...] = (), proper: Mapping[str, str] = {}) -> list[Mutant]:
    """Every change of a page; of a drawing, one for each kind of thing that it has."""
    if Path(file).suffix == ".svg":
        test = f"test_a_figure_drawn_again_has_the_same_bytes[{Path(file).stem}]"
        spans = [("figure", *span, test) for span in drawing(text)]
    else:
        cells = Path(file).suffix == ".ipynb"  # whose lines are not those of the file
        spans = [(*span, "" if cells else alone(s)) for s in statements(text, names) for span in changes(text, s)]
        spans += [("sentence", *span, "") for span in others(text, proper) if not cells]
        for prints in re.finditer(r'"prints": \[\n(?: *".*",?\n)+', text) if cells else ():
            spans.append(("output", *bumped(text, *prints.span()), ""))
    return [
        Mutant(file, kind, text.count("\n", 0, begin) + 1, text[begin:end], now, text[:begin] + now + text[end:], test)
        for kind, begin, end, now, test in dict.fromkeys(spans)
    ]


def alone(statement: Statement) -> str:
    """The test of a statement that needs no block of the page to have run."""
    column = f":{statement.column}" if statement.column else ""
    return f"{statement.kind}:{statement.line + 1}{column}" if statement.kind in ALONE else ""


def changes(text: str, statement: Statement) -> Iterator[tuple[str, int, int, str]]:
    """(kind, begin, end, new text) for what can be changed in a statement."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    begin, what = starts[statement.line] + statement.column, statement.what
    if statement.kind == "code" and what.output and all(map(importlib.util.find_spec, what.needs)):
        first, last = starts[what.output.line + 1], starts[what.output.end]
        yield ("output", *bumped(text, first, last))
    elif statement.kind == "number":
        for place, value in (cell for cell in what["values"] if cell[1]):
            yield ("number", *bumped(text, place, place + len(value)))
    elif statement.kind == "equation":
        formula = what["tex"]
        tex = text.index(formula, begin)
        for match in re.finditer(r"\d|[+<>-]|\\max|\\min|\\[lg]e(?![a-z])|(?<=\\[lr])(?:floor|ceil)", formula):
            new = SIGNS.get(match[0]) or str((int(match[0]) + 1) % 10)
            changed = formula[: match.start()] + new + formula[match.end() :]
            if match[0] in ("floor", "ceil"):  # both brackets, or it is no formula any more
                changed = formula.replace(match[0], new)
            yield "equation", tex, tex + len(formula), changed
    elif statement.kind == "figure":
        for said in filter(None, what[1:]):
            place = text.index(said, begin)
            yield ("caption", *bumped(text, place, place + len(said)))
    elif statement.kind == "name":
        end = text.index(what, begin) + len(what)
        yield "name", end, end, "x"
    elif statement.kind == "link" and not re.match(r"[a-z]+:", what[1]):
        end = text.index(what[1], begin) + len(what[1])
        place = end - len(re.search(r"(?:\.\w+(?:\?.*)?)?$", what[1])[0])
        yield "link", place, place, "x"
        others = [s.what[1] for s in statements(text) if s.kind == "link" and ".md" in s.what[1]]
        others = [other for other in others if other.partition("#")[0] != what[1].partition("#")[0]]
        if others and ".md" in what[1]:  # a page that is there, but another
            yield "link", end - len(what[1]), end, others[-1]
    elif statement.kind == "word":
        if text[begin - 1 : begin] == '"':
            return  # a key of a notebook
        end = begin + len(re.match(r"`+[^`]*|\w+", text[begin:])[0])
        last = [match.end() for match in re.finditer(r"[A-Za-z_]\w+", text[begin:end]) if match[0] in what]
        yield "name", begin + last[-1], begin + last[-1], "x"


def others(text: str, proper: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """In the place of each number and name of a sentence one more, or the next name, and another that the page has."""
    found = list(said(sentences(text), shown(text), [], proper))
    values = {match[0]: value(match[0], proper) for match in found if not SHAPE.fullmatch(match[0])}
    known, words = list(dict.fromkeys(proper.values())), [*values, *values]

    def sort(word):
        return word.lower() in proper, word[-1].isdigit()

    for match in found:
        word = match[0]
        if word.lower() in proper:
            yield *match.span(), known[known.index(values[word]) - 1]
        elif word.lower() in WORDS:
            yield *match.span(), spoken(values[word] + 1)
        else:
            yield bumped(text, *match.span())
        rest = words[words.index(word) + 1 :] if word in values else []
        alike = (other for other in rest if sort(other) == sort(word) and values[other] != values[word])
        yield from ((*match.span(), other) for other in islice(alike, 1))


def bumped(text: str, begin: int, end: int) -> tuple[int, int, str]:
    """The last digit one higher, or the last letter doubled."""
    digits = list(re.finditer(r"\d", text[begin:end]))
    if digits:
        place = begin + digits[-1].start()
        return place, place + 1, str((int(text[place]) + 1) % 10)
    place = begin + max(match.end() for match in re.finditer(r"\w", text[begin:end]))
    return place, place, text[place - 1]


def drawing(text: str) -> Iterator[tuple[int, int, str]]:
    """Of a figure: one label, one position, one class, and its title."""
    for pattern in (r"<text[^>]*>[^<]*?(\d)", r'<rect[^>]*x="(\d)', r'class="(\w)', r"<title[^>]*>(\w)"):
        match = re.search(pattern, text)
        if match:
            new = str((int(match[1]) + 1) % 10) if match[1].isdigit() else "z"
            yield match.start(1), match.end(1), new
