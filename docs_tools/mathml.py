"""Python-Markdown extension: $...$ and $$...$$ become MathML when the site is built, so that no page needs a script.

Also takes the checker's markers (`5<!--= y.shape[1] -->`) out of the text, before other extensions read their brackets.
"""

from __future__ import annotations

import html
import logging
import re

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from math_core import LatexError, LatexToMathML

from docs_tools.checker.page import MARKER

__all__ = ["makeExtension"]

CONVERTER = LatexToMathML(annotation=True, fancy_error=False)
log = logging.getLogger("mkdocs.mathml")  # a warning makes a strict build fail
DISPLAY = re.compile(r"^(?P<indent>[ \t]*)\$\$(?P<tex>.+?)\$\$[ \t]*$", re.S | re.M)
INLINE = r"(?<![\\$])\$(?!\s)(?P<tex>[^$\n]+?)(?<!\s)\$(?!\d)"
PRIME = re.compile("<msup>(<mi>[^<]*</mi>)<mo>′</mo></msup>")  # the sign is raised already; raised again it is tiny
STRAIGHT = r'<mrow>\1<mo lspace="0" rspace="0">′</mo></mrow>'


def mathml(tex: str, *, display: bool) -> str:
    """The MathML of a formula; its TeX stays inside, for whoever copies it.  An error stands red in the page."""
    try:
        return PRIME.sub(STRAIGHT, CONVERTER.convert_with_local_state(tex.strip(), displaystyle=display))
    except LatexError as error:
        log.warning("cannot read the equation %s: %s", tex.strip(), error)
        return f'<code class="failure">{html.escape(f"{tex.strip()}: {error}")}</code>'


class Display(Preprocessor):
    """Display equations stand in a box that scrolls by itself, with the keyboard too, where the page is narrow."""

    def run(self, lines: list[str]) -> list[str]:
        def replace(match):
            equation = mathml(match["tex"], display=True)
            box = f'<div class="equation" tabindex="0" role="group" aria-label="equation">{equation}</div>'
            stashed = self.md.htmlStash.store(box)
            return f"{match['indent']}{stashed}\n"

        text = MARKER.sub("", "\n".join(lines))
        return DISPLAY.sub(replace, text).split("\n")


class Inline(InlineProcessor):
    def handleMatch(self, match, data):
        return self.md.htmlStash.store(mathml(match["tex"], display=False)), match.start(0), match.end(0)


class MathML(Extension):
    def extendMarkdown(self, md: Markdown):
        md.preprocessors.register(Display(md), "mathml-display", 24)  # after fences (25), before blocks of HTML (20)
        inline = Inline(INLINE, md)
        md.inlinePatterns.register(inline, "mathml-inline", 185)  # after inline code (190), before escapes (180)


def makeExtension(**settings):
    return MathML(**settings)
