"""Where a relative link of a Markdown page leads, without building the site."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from docs_tools.checked.page import sentences

__all__ = ["broken"]


def broken(page: Path, words: str, target: str) -> str | None:
    """What is wrong with a link, or None.  Addresses on the web are left alone: no test asks a third party."""
    if re.match(r"[a-z][a-z+.-]*:|<", target):
        return None
    file, _, anchor = target.partition("#")
    file = file.partition("?")[0]  # the explorer's state
    path = (page.parent / file).resolve() if file else page
    if not path.exists():
        return f"the link leads to {target}, and there is no file {file}"
    text = path.read_text("utf8") if path.suffix == ".md" else ""
    if anchor and text and not anchors(text) & {anchor, anchor.split(".")[0]}:
        return f"the link leads to {target}, and {path.name} has no heading #{anchor}"
    there = f"{file} {anchor}" + "".join(re.findall(r"^# (.+)", text, re.M)[: not anchor])
    if text and 2 * len(roots(words) & roots(there)) < max(len(roots(words)), bool(words)):
        return f"the link says {words!r}, and too little of {there!r}, where it leads"
    if anchor and roots(words) and not roots(words) & roots(anchor):
        return f"the link says {words!r}, and nothing of the heading {anchor!r}, where it leads"
    if text and not anchor and words:
        others = {path, *page.parent.glob("*.md"), *path.parent.parent.glob("*/*.md")}
        best = max(sorted(others), key=lambda other: (likeness(words, other), other == path))
        if best != path:
            return f"the link says {words!r}, which is more like {best.name} than {path.name}, where it leads"
    return None


def likeness(words: str, page: Path) -> float:
    """Of the words of a link, and of a page's name and title, how many are common."""
    said, there = roots(words), named(page, page.stat().st_mtime_ns)
    return len(said & there) / max(1, len(said | there))


@functools.cache
def named(page: Path, changed: int) -> set[str]:
    """The words of a page's name and title."""
    return roots(page.stem + "".join(re.findall(r"^# .+", page.read_text("utf8"), re.M)[:1]))


def roots(text: str) -> set[str]:
    """How the words of a title begin, but for those that any title could have."""
    words = re.findall(r"[a-z0-9]{3,}", text.lower())
    return {word.rstrip("s")[:5] for word in words} - {"the", "and", "for", "how", "what", "with"}


def anchors(text: str) -> set[str]:
    """The ids of a page's headings, as MkDocs makes them, those set by hand, and the packages of mkdocstrings."""
    from markdown.extensions.toc import slugify, unique  # here, since few pages need it, and it takes a while

    text, used = sentences(text), set()
    ids = set(re.findall(r"\{[^}\n]*#([\w.-]+)[^}\n]*\}|\bid=\"([\w.-]+)\"", text))
    ids = {a or b for a, b in ids} | set(re.findall(r"^::: (\w+)", text, re.M))
    for heading in re.findall(r"^#{1,6} +(.+?)(?: *#+| *\{[^}]*\})?$", text, re.M):
        plain = re.sub(r"<!--.*?-->|\]\([^)]*\)|\]\[[^\]]*\]|[`*\[\]$]", "", heading)
        ids.add(unique(slugify(plain, "-"), used))
    return ids
