"""A Python-Markdown extension: the first use of a glossary's term on a page shows the term's meaning.

The glossary is a page of definition lists; the first sentence of a definition is its meaning, and there is no other
place where it is written down.  Headings, links and code stay as they are, and so does the glossary itself.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

GLOSSARY = Path(__file__).parents[1] / "docs" / "reference" / "glossary.md"
ENTRY = re.compile(r"^(?P<term>[^\n:#].*)\n:   (?P<meaning>.+)$", re.M)
UNTOUCHED = {"a", "abbr", "code", "pre", "script", "style", "summary", "svg", "math", "dt"}
UNTOUCHED |= {"h1", "h2", "h3", "h4", "h5", "h6"}


def meanings() -> dict[str, str]:
    """term -> its meaning, in plain text."""
    entries = ENTRY.finditer(GLOSSARY.read_text(encoding="utf-8"))
    return {entry["term"]: re.sub(r"[*`$]", "", entry["meaning"]) for entry in entries}


class FirstUses(Treeprocessor):
    def __init__(self, md):
        super().__init__(md)
        self.meanings = meanings()

    def run(self, root):
        if root.find(".//dt") is not None:  # the glossary itself
            return
        self.left = dict(self.meanings)
        self.visit(root)

    def visit(self, element):
        if element.tag in UNTOUCHED or not isinstance(element.tag, str):
            return
        element.text, added = self.mark(element.text)
        for child in list(element):
            self.visit(child)
            child.tail, after = self.mark(child.tail)
            place = list(element).index(child) + 1
            for n, abbreviation in enumerate(after):
                element.insert(place + n, abbreviation)
        for n, abbreviation in enumerate(added):
            element.insert(n, abbreviation)

    def mark(self, text):
        """The text before the first term, and the terms as elements, each with the text that follows it."""
        found = []
        while text and self.left:
            terms = "|".join(sorted(self.left, key=len, reverse=True))
            match = re.search(rf"(?<![\w-])({terms})s?(?![\w-])", text)
            if not match:
                break
            abbreviation = ElementTree.Element("abbr", title=self.left.pop(match[1]))
            abbreviation.text = match[0]
            head, tail = text[: match.start()], text[match.end() :]
            if found:
                found[-1].tail = head
            else:
                first = head
            found.append(abbreviation)
            text = tail
        if not found:
            return text, []
        found[-1].tail = text
        return first, found


class GlossaryExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(FirstUses(md), "glossary", 5)  # after inline patterns and figures


def makeExtension(**settings):
    return GlossaryExtension(**settings)
