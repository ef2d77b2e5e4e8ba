"""A page as plain Markdown, which reads well where MkDocs and its extensions are not."""

from __future__ import annotations

import inspect
import posixpath
import re
from collections.abc import Callable
from pydoc import locate

from docs_tools.checker.page import fences

__all__ = ["flat", "linked", "plain", "readable"]

BOX = re.compile(r"""(?P<indent> *)(?:!!!|\?\?\?\+?|===)\s+(?:[\w-]+\s+)*"(?P<title>[^"]*)"\s*""")
IMAGE = re.compile(r'!\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)(?:\s+"(?P<caption>[^"]*)")?\)')
LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")


def outside_code(change: Callable[[str], str], text: str) -> str:
    """Change what is prose, and leave fences as they are."""
    parts, last = [], 0
    for fence in fences(text):
        parts += [change(text[last : fence.start]), text[fence.start : fence.end]]
        last = fence.end
    return "".join([*parts, change(text[last:])])


def plain(text: str) -> str:
    """Without what is written for the site alone: comments that bind numbers, attributes, references to the API."""

    def change(prose: str) -> str:
        prose = re.sub(r"^[ \t]*<!--.*?-->\n|<!--.*?-->", "", prose, flags=re.S | re.M)
        prose = re.sub(r"^<(deconv-[\w-]+)\b.*?</\1>\n|^</?(?:div|figure)\b[^>]*>\n", "", prose, flags=re.S | re.M)
        prose = re.sub(r"\[([^\]]*)\]\[[\w.]+\]", r"\1", prose)  # [`conv`][deconvlib.conv]
        prose = re.sub(r"^::: ([\w.]+)\n(?:    .*\n)*", documented, prose, flags=re.M)
        return re.sub(r" ?\{:? ?[.#][^}\n]*\}", "", prose)

    return outside_code(change, text).strip() + "\n"


def documented(match: re.Match[str]) -> str:
    """What mkdocstrings shows of a name: its signature and its docstring."""
    found = locate(match[1])
    lines = [f"### {match[1]}", ""]
    if callable(found):
        lines += ["```text", f"{match[1].rpartition('.')[2]}{inspect.signature(found)}", "```", ""]
    return "\n".join([*lines, inspect.getdoc(found) or "", ""])


def readable(text: str) -> str:
    """The page for whoever reads Markdown as it stands: no boxes, and a block of Python says `python` and no more."""
    text = flat(plain(text))
    parts, last = [], 0
    for fence in fences(text):
        begin, _, rest = text[fence.start : fence.end].partition("\n")
        begin = begin[: begin.rindex("`") + 1] + "python" if fence.is_python else begin
        parts += [text[last : fence.start], f"{begin}\n{rest}"]
        last = fence.end
    return "".join([*parts, text[last:]])


def flat(text: str) -> str:
    """Boxes, folded answers and tabs as headed paragraphs, with nothing indented for their sake."""
    lines: list[str] = []
    boxes: list[int] = []  # how far the boxes around a line are indented
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        while line.strip() and boxes and indent <= boxes[-1]:
            boxes.pop()
        if match := BOX.fullmatch(line):
            lines.append(f"**{match['title']}**")
            boxes.append(len(match["indent"]))
        else:
            lines.append(line[4 * len(boxes) :])
    return "\n".join(lines)


def linked(text: str, source: str, base: str | None) -> str:
    """Links and pictures of the page at `source` come from the site at `base`; without one, their words remain."""

    def full(target: str) -> str:
        path, mark, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path)) if path else source
        path = re.sub(r"(^|/)index\.md$|\.(?:md|ipynb)$", "/", path).lstrip("/")
        return f"{base}{path}{mark}{anchor}"

    def picture(match: re.Match[str]) -> str:
        if not base:
            return f"*{match['words']}*"
        caption = f"\n\n*{match['caption']}*" if match["caption"] else ""
        return f"![{match['words']}]({full(match['target'])}){caption}"

    def link(match: re.Match[str]) -> str:
        if re.match(r"[a-z]+:", match["target"]):
            return match[0]
        return f"[{match['words']}]({full(match['target'])})" if base else match["words"]

    return outside_code(lambda prose: LINK.sub(link, IMAGE.sub(picture, prose)), text)
