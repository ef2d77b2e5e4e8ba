"""What a page states, each statement with its line: code and its output, numbers, equations, names, links, figures.

A page is read line by line, not by a Markdown parser: a parser takes a fence that is indented in a tab or an admonition
for an indented code block and drops it, and what is dropped is never checked.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Bound", "Fence", "Statement", "at", "blank", "fences", "numbers", "sentences", "statements"]

PYTHON = ("python", "py", "python3")
SHELL = (["bash"], ["console"], ["sh"])
FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
COMMENT = re.compile(r"<!--.*?-->", re.S)
CODE = re.compile(r"(`+)(?P<code>.+?)(?<!`)\1(?!`)")
MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$(?!\s)[^$\n]+?(?<!\s)\$(?!\d)", re.S)
LINK = re.compile(r"\]\((?P<target>[^()\s]+(?:\([^()\s]*\))?)(?:\s+\"[^\"]*\")?\)")
FIGURE = re.compile(r"!\[(?P<alternative>[^\]]*)\]\((?P<path>[^()\s]+\.svg)(?:\s+\"(?P<caption>[^\"]*)\")?\)")
REFERRED = re.compile(r"(?<!!)\[[^\[\]]*\](?:\([^()\s]*(?:\([^()\s]*\))?(?: \"[^\"]*\")?\)|\[[^\]\n]*\])|\[\^\w+\]")
OPTIONS = re.compile(r"^::: .*\n(?:(?: {4,}.*)?\n)*", re.M)  # what mkdocstrings shows, and how
HTML = re.compile(r"<[a-z/][^<>]*>|\{[^{}\n]*\}")
REFERENCE = re.compile(r"\]\[(?P<name>[A-Za-z_][\w.]*)\]|^::: (?P<directive>[\w.]+)", re.M)
NUMBER = re.compile(
    r"(?P<value>`[^`\n]+`|\([^()\n]*\)|\d+(?: ?(?:[x×]|by) ?\d+)+|[^\s(`*|\[]+)<!--=\s*(?P<expression>[^\n]+?)\s*-->"
)
TABLE = re.compile(r"^[ \t>]*\|.*\n[ \t>]*\|[ :|-]+\|[ \t]*(?:\n[ \t>]*\|.*)*", re.M)
CELL = re.compile(r"(?<=\|)[ \t]*(?P<text>[^|\n]*?)[ \t]*(?=\|)")
RANGE = r"\w+ in -?\d+\.\.-?\d+"
BINDING = (
    rf"<!--\s*eq:\s*(?P<code>[^\n]+?)(?:\s+for\s+(?P<ranges>{RANGE}(?:, *{RANGE})*))?"
    r"(?:\s+where\s+(?P<condition>[^\n]+?))?(?:\s+with\s+(?P<given>\w+ = [^\n]+?))?\s*-->"
)
DISPLAY = re.compile(BINDING + r"\s*\$\$(?P<tex>.+?)\$\$", re.S)
INLINE = re.compile(r"(?<![\\$])\$(?P<tex>[^$\n]+)\$" + BINDING)
# A formula that computes states a rule; one that only compares, such as  a < s, says where one is meant.
CLAIM = re.compile(
    r"^(?!.*\\dots)(?:.*[\w)}'] *[+/-] *[\w({\\]|.*\^\{?\d|.*\d ?[a-z(]"
    r"|.*\\(?:frac|max|min|lfloor|lceil|sum|bmod))",
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
class Bound:
    """What a marker binds: the value before it, or each cell of the column below it."""

    expression: str
    values: list[tuple[int, str]]  # where each begins, and what the page says
    names: dict[str, str | list]  # what the expression may ask for, in a table
    column: bool = False


@dataclass
class Statement:
    """One thing that the page says, and where."""

    kind: str  # code, number, equation, name, word, link, figure, command, shape
    line: int
    column: int
    what: Fence | Bound | re.Match | str | list[str]
    problem: str = ""  # wrong, whatever the code does


def fences(text: str) -> list[Fence]:
    """Every fence, however far it is indented or quoted."""
    found, lines, n = [], text.split("\n"), 0
    while n < len(lines):
        opening = FENCE.match(lines[n])
        if opening:
            indent, mark = opening["indent"], opening["mark"]
            closing = re.compile(rf"[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*$")
            end = next((m for m in range(n + 1, len(lines)) if closing.match(lines[m])), len(lines))
            words = [word.lstrip(".") for word in opening["info"].strip("{} \t").split()]
            body = [line if line[: len(indent)].strip(" \t>") else line[len(indent) :] for line in lines[n + 1 : end]]
            fence = Fence(n, end, indent, words, body)
            between = "".join(lines[found[-1].end + 1 : n]).strip(" \t>") if found else "first"
            if not between and found[-1].is_python and words[:1] == ["text"]:
                found[-1].output = fence
            found.append(fence)
            n = end
        n += 1
    return found


def sentences(text: str) -> str:
    """The page with every line of a fence, and of what stands between --- at its top, made of spaces."""
    lines = text.split("\n")
    hidden = {n for fence in fences(text) for n in range(fence.line, fence.end + 1)}
    if lines[0] == "---" and "---" in lines[1:]:
        hidden |= set(range(lines.index("---", 1) + 1))
    return "\n".join(" " * len(line) if n in hidden else line for n, line in enumerate(lines))


def statements(text: str, names: tuple[str, ...] = ()) -> list[Statement]:
    """All that a page says, in the order of its lines.

    `names` are those of the packages that inline code speaks of.
    """
    blocks, prose, end = fences(text), sentences(text), text.count("\n") + 1
    found = [
        Statement("code", fence.line, 0, fence, "this fence is never closed" * (fence.end == end))
        for fence in blocks
        if fence.is_python or fence.end == end
    ]
    for find in (prompts, numbers, equations, words, links, figures):
        found += find(prose)
    found += [*references(prose, names), *commands(text, blocks)]
    return sorted(found, key=lambda s: (s.line, s.column))


def prompts(prose: str) -> Iterator[Statement]:
    for match in re.finditer(r"^[ \t]*>>> ", prose, re.M):
        yield at("code", prose, match, match, "nothing runs a prompt; write a ```python fence")


def numbers(prose: str) -> Iterator[Statement]:
    tables = list(TABLE.finditer(blank(COMMENT, prose)))
    markers = {match.start("expression"): match for match in NUMBER.finditer(prose)}
    for match in re.finditer(r"<!--=\s*", prose):
        number = markers.get(match.end())
        if not number:
            yield at("number", prose, match, None, "a marker stands straight after the value that it binds")
            continue
        bound = {"values": [(number.start(), number["value"])], "names": {}}
        for table in (table for table in tables if table.start() <= number.start() < table.end()):
            bound |= in_table(table, number.start())
        yield at("number", prose, number, Bound(number["expression"], **bound))


def in_table(table: re.Match, place: int) -> dict:
    """What a marker in a table may ask for: `row`, the cells beside it, or `rows` from its head; `column`, the head."""
    lines = table[0].split("\n")
    starts = itertools.accumulate((len(line) + 1 for line in lines[:-1]), initial=table.start())
    cells = [list(CELL.finditer(table.string, start, start + len(line))) for start, line in zip(starts, lines)]
    texts = [[cell["text"] for cell in row] for row in cells]
    n = table.string.count("\n", table.start(), place)
    m = sum(cell.end() < place for cell in cells[n])
    names = {"column": texts[0][m], "rows": texts[2:]}
    if n:
        return {"names": names | {"row": texts[n]}}
    return {"names": names, "column": True, "values": [(row[m].start("text"), row[m]["text"]) for row in cells[2:]]}


def equations(prose: str) -> Iterator[Statement]:
    bound = {match.start("tex"): match for pattern in (DISPLAY, INLINE) for match in pattern.finditer(prose)}
    used = {match.start("code") for match in bound.values()}
    for match in MATH.finditer(blank(CODE, prose)):
        start = match.start() + 1 + match[0].startswith("$$")
        if start in bound:
            yield at("equation", prose, match, bound[start])
        elif match[0].startswith("$$") or CLAIM.search(match[0]):
            where = "above" if match[0].startswith("$$") else "straight after"
            problem = f"no code stands behind this equation; write <!-- eq: expression for n in 1..9 --> {where} it"
            yield at("equation", prose, match, match, problem)
    for match in re.finditer(r"<!--\s*eq:\s*", prose):
        if match.end() not in used:
            yield at("equation", prose, match, match, "this marker binds no equation: $$ after it, or $ before it")


def references(prose: str, names: tuple[str, ...]) -> Iterator[Statement]:
    if not names:
        return
    dotted = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, names))})(?:\.[A-Za-z_]\w*)+(?![\w/-])")
    for span in CODE.finditer(blank(NUMBER, prose)):
        for match in dotted.finditer(prose, *span.span("code")):
            yield at("name", prose, match, match[0])
    for match in REFERENCE.finditer(prose):
        name = match["name"] or match["directive"]
        wrong = match["name"] and name.split(".")[-1] not in label(prose, match)
        if name.split(".")[0] in names:
            yield at("name", prose, match, name, f"the link leads to {name}, and does not say so" if wrong else "")


def words(prose: str) -> Iterator[Statement]:
    """The identifiers of inline code that reads as Python, and of prose where an underscore tells them."""
    for span in CODE.finditer(blank(NUMBER, prose)):
        code = re.sub(r"^(\w+=[^= ].*)", r"f(\1)", span["code"].strip())  # an argument by its name is part of a call
        try:
            nodes = list(ast.walk(ast.parse(code, mode="eval")))
        except SyntaxError:
            continue
        used = [name for node in nodes for name in identifiers(node)]
        if used:
            yield at("word", prose, span, used)

    free = prose
    for pattern in (COMMENT, CODE, MATH, FIGURE, REFERRED, OPTIONS, HTML):
        free = blank(pattern, free)
    for match in re.finditer(r"(?<![\w./-])(?!\w_\w\b)[A-Za-z]+(?:_\w+)+(?!\.?\w)", free):
        yield at("word", prose, match, [match[0]])


def identifiers(node: ast.AST) -> list[str]:
    text = next((found for field in ("id", "attr", "arg", "name") if (found := getattr(node, field, None))), None)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    return re.findall(r"[A-Za-z_]\w+", text) if isinstance(text, str) else []


def links(prose: str) -> Iterator[Statement]:
    for match in LINK.finditer(blank(CODE, blank(MATH, blank(COMMENT, prose)))):
        loose = re.match(r"[^:]*\?\w", match["target"]) and not prose.startswith("<!--=", match.end())
        problem = f"no code stands behind these settings; write ]({match['target']})<!--= a dict of them -->" * bool(
            loose
        )
        yield at("link", prose, match, (label(prose, match), match["target"]), problem)


def label(prose: str, link: re.Match) -> str:
    """The words before the ] at which a link begins; of a picture, none."""
    opening = prose.rfind("[", 0, link.start())
    return "" if prose[opening - 1 : opening] == "!" else prose[opening + 1 : link.start()]


def figures(prose: str) -> Iterator[Statement]:
    for match in FIGURE.finditer(blank(CODE, prose)):
        yield at("figure", prose, match, match)


def commands(text: str, blocks: list[Fence]) -> Iterator[Statement]:
    """What the page tells to run, in a line of text or in a shell."""
    shell = {n for fence in blocks if fence.words[:1] in SHELL for n in range(fence.line, fence.end)}
    for match in re.finditer(r"(?:(?P<inline>`)|^[ \t>]*(?:\$ )?)make (?P<target>[a-z][\w-]*)(?=[` ]|$)", text, re.M):
        found = at("command", text, match, match["target"])
        if match["inline"] or found.line in shell:
            yield found


def at(kind: str, text: str, where: re.Match, what, problem: str = "") -> Statement:
    offset = where.start()
    return Statement(kind, text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset) - 1, what, problem)


def blank(pattern: re.Pattern, text: str) -> str:
    """The text with what the pattern matches overwritten by spaces, so that positions stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
