"""What a page states.

A page is read with patterns, not with a Markdown parser: a parser takes a fence that is indented in a tab or an
admonition for indented code and drops it, and what is dropped is never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

__all__ = ["EQUATION", "NUMBER", "TABLE", "Fence", "Parser", "fences", "found"]

FENCE = re.compile(
    r"^(?P<indent>[ \t>]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)\n(?P<body>.*?)^[ \t>]*(?P=mark)[`~]*[ \t]*$",
    re.M | re.S,
)
NUMBER = re.compile(r"(?P<value>`[^`\n]+`|\([^()\n]*\)|[^\s(`*|\[]+)<!--=\s*(?P<code>[^\n]+?)\s*-->")
RANGE = r"\w+ in -?\d+\.\.-?\d+"
EQUATION = re.compile(
    rf"<!--\s*eq:\s*(?P<code>[^\n]+?)(?:\s+for\s+(?P<ranges>{RANGE}(?:, *{RANGE})*))?"
    r"(?:\s+where\s+(?P<condition>[^\n]+?))?(?:\s+with\s+(?P<given>\w+ = [^\n]+?))?\s*-->"
    r"\s*\$\$(?P<tex>.+?)\$\$",
    re.S,
)
TABLE = re.compile(
    r"^(?P<indent>[ \t]*)<!-- table: (?P<function>[\w.]+) -->\n(?P<body>.*?)^[ \t]*<!-- end of table -->$", re.M | re.S
)


@dataclass
class Fence:
    start: int  # offsets of the fence in the text
    end: int
    indent: str
    words: list[str]  # its language, and what else stands there
    body: list[str] = field(repr=False)

    @property
    def is_python(self) -> bool:
        return self.words[:1] in (["python"], ["py"], ["python3"])

    @property
    def needs(self) -> list[str]:
        """The modules without which the block is skipped."""
        return [word.removeprefix("needs-") for word in self.words if word.startswith("needs-")]


def fences(text: str) -> list[Fence]:
    """Every fence, however far it is indented or quoted."""
    result = []
    for match in FENCE.finditer(text):
        words = [word.lstrip(".") for word in match["info"].strip("{} \t").split()]
        body = [line[len(match["indent"]) :].rstrip() for line in match["body"].splitlines()]
        result.append(Fence(match.start(), match.end(), match["indent"], words, body))
    return result


def found(text: str) -> list[tuple[int, int, str]]:
    """Begin, end and kind of all that is checked, as it stands on the page; the kinds are those of statements.py."""
    blocks = fences(text)
    result = [(*span, "Block") for span in python_blocks(text, blocks)]
    prose = text
    for block in blocks:
        prose = prose[: block.start] + re.sub(r"[^\n]", " ", text[block.start : block.end]) + prose[block.end :]
    for pattern, kind in ((NUMBER, "Number"), (EQUATION, "Equation"), (TABLE, "Table")):
        result += [(*match.span(), kind) for match in pattern.finditer(prose)]
    return sorted(result)


def python_blocks(text: str, blocks: list[Fence]) -> Iterator[tuple[int, int]]:
    """Each Python fence, with the text fence that follows it, if only blank lines are between them."""
    for block, after in zip(blocks, [*blocks[1:], None]):
        if block.is_python:
            shown = after and after.words == ["text"] and not text[block.end : after.start].strip(" \t>\n")
            yield block.start, after.end if shown else block.end


class Parser:
    """What pytest-markdown-docs asks of a Markdown parser: each statement as a fence that says who runs it."""

    def parse(self, text: str) -> list[SimpleNamespace]:
        result = []
        for start, end, kind in found(text):
            line = text.count("\n", 0, start)
            result.append(
                SimpleNamespace(
                    type="fence", info=f"python runner:{kind}", map=[line, line + 1], content=text[start:end]
                )
            )
        return result
