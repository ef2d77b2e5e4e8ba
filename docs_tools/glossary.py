"""A Python-Markdown extension: the first use of a glossary's term on a page shows the term's meaning.

The glossary is a page of definition lists; the first sentence of a definition is its meaning, and there is no other
place where it is written down.  Headings, links and code stay as they are, and so does the glossary itself.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

GLOSSARY = Path(__file__).parents[1] / "docs" / "reference" / "glossary.md"
ENTRY = re.compile(r"^(?P<term>[^\n:#].*)\n:   (?P<meaning>.+)$", re.M)
UNTOUCHED = r"<(a|abbr|code|pre|script|style|summary|svg|math|h[1-6])\b.*?</\1>|<!--.*?-->|<[^>]*>"


def meanings() -> dict[str, str]:
    """term -> its meaning, in plain text."""
    entries = ENTRY.finditer(GLOSSARY.read_text(encoding="utf-8"))
    return {entry["term"]: re.sub(r"[*`$]", "", entry["meaning"]) for entry in entries}


class FirstUses(Postprocessor):
    def __init__(self, md):
        super().__init__(md)
        self.meanings = meanings()
        terms = "|".join(sorted(self.meanings, key=len, reverse=True))
        self.pattern = re.compile(rf"{UNTOUCHED}|(?<![\w-])(?P<term>{terms})s?(?![\w-])", re.S)

    def run(self, text):
        if "<dt>" in text or "<p" not in text:  # the glossary itself, or a heading on its way to the table of contents
            return text
        left = dict(self.meanings)

        def mark(match):
            meaning = left.pop(match["term"], None)
            return f'<abbr title="{html.escape(meaning)}">{match[0]}</abbr>' if meaning else match[0]

        return self.pattern.sub(mark, text)


class GlossaryExtension(Extension):
    def extendMarkdown(self, md):
        md.postprocessors.register(FirstUses(md), "glossary", 35)  # before raw HTML, such as figures


def makeExtension(**settings):
    return GlossaryExtension(**settings)
