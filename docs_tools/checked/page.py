"""What a page states, each statement with its line: code and its output, numbers, equations, names, links, figures.

A page is read line by line, not by a Markdown parser: a parser takes a fence that is indented in a tab or an admonition
for an indented code block and drops it, and what is dropped is never checked.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Fence", "Statement", "at", "blank", "fences", "numbers", "sentences", "statements"]

PYTHON = ("python", "py", "python3")
FENCE = re.compile(
    r"^(?P<indent>[ \t>]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$(?P<body>.*?)"
    r"(?:^(?P<closing>[ \t>]*(?P=mark)[`~]*[ \t]*)$|\Z)",
    re.M | re.S,
)
FRONT = re.compile(r"\A---\n.*?^---$", re.M | re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
CODE = re.compile(r"(`+)(?P<code>.+?)(?<!`)\1(?!`)")
MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$(?!\s)[^$\n]+?(?<!\s)\$(?!\d)", re.S)
LINK = re.compile(
    r"(?P<picture>!?)\[(?P<words>(?:[^\[\]]|\[[^\[\]]*\])*)\]"
    r"(?:\((?P<target>[^()\s]+(?:\([^()\s]*\))?)(?:\s+\"(?P<caption>[^\"]*)\")?\)|\[(?P<name>[^\]\n]*)\])|\[\^\w+\]"
)
OPTIONS = re.compile(r"^::: .*\n(?:(?: {4,}.*)?\n)*", re.M)  # what mkdocstrings shows, and how
HTML = re.compile(r"<[a-z/][^<>]*>|\{[^{}\n]*\}")
NUMBER = re.compile(
    r"(?P<value>`[^`\n]+`|\([^()\n]*\)|\d+(?: ?(?:[x×]|by) ?\d+)+|[^\s(`*|\[]+)?<!--=\s*(?P<expression>[^\n]+?)\s*-->"
)
TABLE = re.compile(r"^[ \t>]*\|.*\n[ \t>]*\|[ :|-]+\|[ \t]*(?:\n[ \t>]*\|.*)*", re.M)
CELL = re.compile(r"(?<=\|)[ \t]*(?P<text>[^|\n]*?)[ \t]*(?=\|)")
RANGE = r"\w+ in -?\d+\.\.-?\d+"
EQUATION = re.compile(
    r"(?:(?<![\\$])\$(?P<inline>[^$\n]+)\$)?"
    rf"<!--\s*eq:\s*(?P<code>[^\n]+?)(?:\s+for\s+(?P<ranges>{RANGE}(?:, *{RANGE})*))?"
    r"(?:\s+where\s+(?P<condition>[^\n]+?))?(?:\s+with\s+(?P<given>\w+ = [^\n]+?))?\s*-->"
    r"(?(inline)|(?:\s*\$\$(?P<display>.+?)\$\$)?)",
    re.S,
)
# A formula that computes, or compares, states a rule; one that gives a symbol a number is read as a number is.
CLAIM = re.compile(
    r"^(?!.*\\dots)(?:\$[+-]|.*[\w)}'] *[+/-] *[\w({\\]|.*\^\{?\d|.*\d ?[a-z(]"
    r"|.*\\(?:frac|max|min|gcd|lfloor|lceil|sum|bmod|odot)|.*(?:[<>=]|\\(?:le|ge|ne)q?(?![a-z]))(?! *-?\d+\$))",
    re.S,
)


@dataclass
class Fence:
    line: int  # of the opening mark; lines count from 0 here, and from 1 where a person reads them
    end: int  # of the closing mark
    indent: str
    words: list[str]  # the language, and what else stands there
    body: list[str]
    output: Fence | None = None  # the text fence straight after it

    @property
    def is_python(self) -> bool:
        return bool(self.words) and self.words[0].lower() in PYTHON

    @property
    def needs(self) -> list[str]:
        return [word.removeprefix("needs-") for word in self.words if word.startswith("needs-")]


@dataclass
class Statement:
    """One thing that the page says, and where."""

    kind: str
    line: int
    column: int
    what: object  # depends on the kind
    problem: str = ""  # wrong, whatever the code does


def fences(text: str) -> list[Fence]:
    """Every fence, however far it is indented or quoted."""
    found, last = [], 0
    for match in FENCE.finditer(text):
        line, indent = text.count("\n", 0, match.start()), match["indent"]
        words = [word.lstrip(".") for word in match["info"].strip("{} \t").split()]
        rows = match["body"].split("\n")[1 : -1 if match["closing"] is not None else None]
        body = [row if row[: len(indent)].strip(" \t>") else row[len(indent) :] for row in rows]
        fence = Fence(line, line + 1 + len(body), indent, words, body)
        if found and found[-1].is_python and words[:1] == ["text"] and not text[last : match.start()].strip(" \t>\n"):
            found[-1].output = fence
        found.append(fence)
        last = match.end()
    return found


def sentences(text: str) -> str:
    """The page with every line of a fence, and of what stands between --- at its top, made of spaces."""
    return blank(FRONT, blank(FENCE, text))


def statements(text: str, packages: tuple[str, ...] = ()) -> list[Statement]:
    """All that a page says, of the code of these packages too, in the order of its lines."""
    blocks, prose, end = fences(text), sentences(text), text.count("\n") + 1
    found = [
        Statement("code", fence.line, 0, fence, "this fence is never closed" * (fence.end == end))
        for fence in blocks
        if fence.is_python or fence.end == end
    ]
    for find in (numbers, equations, words):
        found += find(prose)
    found += [*names(prose, packages), *links(prose, packages)]
    return sorted(found, key=lambda s: (s.line, s.column))


def numbers(prose: str) -> Iterator[Statement]:
    tables = list(TABLE.finditer(blank(COMMENT, prose)))
    for match in NUMBER.finditer(prose):
        names, cells = in_table(tables, match.start())
        values = [(match.start(), match["value"] or "")] if cells is None else cells
        problem = "" if match["value"] else "a marker stands straight after the value that it binds"
        bound = {"expression": match["expression"], "values": values, "names": names, "column": cells is not None}
        yield at("number", prose, match.start(), bound, problem)


def equations(prose: str) -> Iterator[Statement]:
    tables = list(TABLE.finditer(blank(COMMENT, prose)))
    for match in EQUATION.finditer(prose):
        binding = match.groupdict() | {"tex": match["inline"] or match["display"]}
        binding["names"], _ = in_table(tables, match.start())
        problem = "" if binding["tex"] else "this marker binds no equation: $$ after it, or $ before it"
        yield at("equation", prose, match.start("display") - 2 if match["display"] else match.start(), binding, problem)
    for match in MATH.finditer(blank(EQUATION, blank(CODE, prose))):
        if match[0].startswith("$$") or CLAIM.search(match[0]):
            problem = "no code stands behind this equation; write <!-- eq: expression for n in 1..9 --> beside it"
            yield at("equation", prose, match.start(), match, problem)


def in_table(tables: list[re.Match], place: int) -> tuple[dict, list[tuple[int, str]] | None]:
    """What a marker in a table may ask for, and from the head of one the cells of its column, each with its place.

    `row` are the cells beside it, `rows` those of all the table, `column` is the head.
    """
    for table in (table for table in tables if table.start() <= place < table.end()):
        lines = re.compile(r".+").finditer(table.string, *table.span())
        cells = [list(CELL.finditer(table.string, *line.span())) for line in lines]
        n = table.string.count("\n", table.start(), place)
        m = sum(cell.end() < place for cell in cells[n])
        head, _, *rows = [[cell["text"] for cell in row] for row in cells]
        if n:
            return {"column": head[m], "rows": rows, "row": rows[n - 2]}, None
        return {"column": head[m], "rows": rows}, [(row[m].start("text"), row[m]["text"]) for row in cells[2:]]
    return {}, None


def names(prose: str, packages: tuple[str, ...]) -> Iterator[Statement]:
    """The dotted names of these packages: in code, and where mkdocstrings shows what they name."""
    alternatives = "|".join(map(re.escape, packages)) or "(?!)"
    dotted = re.compile(rf"(?<![\w./-])(?:{alternatives})(?:\.[A-Za-z_]\w*)+(?![\w/-])")
    spans = [span.span("code") for span in CODE.finditer(blank(NUMBER, prose))]
    for span in spans + [line.span() for line in re.finditer(r"^::: .*", prose, re.M)]:
        for match in dotted.finditer(prose, *span):
            yield at("name", prose, match.start(), match[0])


def words(prose: str) -> Iterator[Statement]:
    """The identifiers of inline code that reads as Python, and of prose where an underscore tells them."""
    free = prose
    for span in CODE.finditer(blank(NUMBER, prose)):
        code = re.sub(r"^(\w+=[^= ].*)", r"f(\1)", span["code"].strip())  # an argument by its name is part of a call
        used = re.findall(r"(?<!\w)[A-Za-z_]\w+", code)
        with contextlib.suppress(SyntaxError):
            if used and ast.parse(code, mode="eval"):
                yield at("word", prose, span.start(), used)
    for pattern in (COMMENT, CODE, MATH, LINK, OPTIONS, HTML):
        free = blank(pattern, free)
    for match in re.finditer(r"(?<![\w./-])(?!\w_\w\b)[A-Za-z]+(?:_\w+)+(?!\.?\w)", free):
        yield at("word", prose, match.start(), [match[0]])


def links(prose: str, packages: tuple[str, ...]) -> Iterator[Statement]:
    for match in LINK.finditer(blank(CODE, blank(MATH, blank(COMMENT, prose)))):
        target, name, begin = match["target"], match["name"] or "", match.start()
        said = prose[slice(*match.span("words"))]
        if match["picture"] and target and target.endswith(".svg"):
            yield at("figure", prose, begin, (target, said, prose[slice(*match.span("caption"))]))
        elif target:
            bound = prose.startswith("<!--=", match.end()) or not re.match(r"[^:]*\?\w", target)
            problem = "" if bound else "no code stands behind these settings; write ](page?n=1)<!--= a dict of them -->"
            yield at("link", prose, begin, ("" if match["picture"] else said, target), problem)
        elif name.split(".")[0] in packages:
            silent = name.split(".")[-1] not in said
            yield at("name", prose, begin, name, f"the link leads to {name}, and does not say so" * silent)


def at(kind: str, text: str, offset: int, what, problem: str = "") -> Statement:
    return Statement(kind, text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1, what, problem)


def blank(pattern: re.Pattern, text: str) -> str:
    """The text with what the pattern matches overwritten by spaces, so that positions stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
