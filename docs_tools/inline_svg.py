"""A Python-Markdown extension: a figure of the catalogue, alone in its paragraph, becomes inline SVG.

    ![What it shows](../figures/padded-grid.svg "A caption, if wanted")

An <img> sees neither the reader's palette nor a wish for less motion; inline SVG does.  The style that the file carries
for itself is taken out, since the site's stylesheet has it.  A page with figures that move gets the script that steps
them.  Where the explorer takes the place of a figure, the figure stands in an element of the explorer's own:

    <deconv-lesson kind="stamps" markdown>

    ![What it shows](../figures/stamps.svg "A caption")

    </deconv-lesson>
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

FIGURES = Path(__file__).parents[1] / "docs" / "figures"
SCRIPT = Path(__file__).parent / "figures.js"
SOURCE = re.compile(r"(?:^|/)figures/([\w-]+)\.svg$")
ELEMENTS = ("deconv-explorer", "deconv-lesson")  # blocks, so that what stands in them is Markdown
STEPPER = '<div class="stepper"></div>'


def figure(name: str, caption: str = "") -> str:
    """The <figure> that stands in the page."""
    file = FIGURES / f"{name}.svg"
    if not file.exists():
        raise ValueError(f"figure {name} is not drawn yet: pytest tests/test_figures.py --update-docs")
    drawing = file.read_text(encoding="utf-8")
    drawing = re.sub(r"<style>.*?</style>\n?", "", drawing, flags=re.S).replace("\n", "")
    stepper = STEPPER if 'class="step' in drawing else ""
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    drawing = drawing.replace("<svg ", "<svg data-search-exclude ", 1)  # or its numbers are found
    return f'<figure class="drawn">{drawing}{stepper}{words}</figure>'


class InlineFigures(Treeprocessor):
    def run(self, root):
        last_moving = None
        for paragraph in root.iter("p"):
            image = paragraph[0] if len(paragraph) == 1 else None
            source = SOURCE.search(image.get("src", "")) if image is not None and image.tag == "img" else None
            if source and not (paragraph.text or "").strip() and not (image.tail or "").strip():
                if not image.get("alt"):
                    raise ValueError(f"figure {source[1]} needs a text alternative: ![what it shows](…)")
                html = figure(source[1], image.get("title", ""))
                paragraph.remove(image)
                paragraph.text = self.md.htmlStash.store(html)
                last_moving = paragraph if STEPPER in html else last_moving
        if last_moving is not None:
            script = f'<script type="module">{SCRIPT.read_text(encoding="utf-8")}</script>'
            last_moving.tail = self.md.htmlStash.store(script)


class InlineSvgExtension(Extension):
    def extendMarkdown(self, md):
        md.block_level_elements.extend(ELEMENTS)
        md.treeprocessors.register(InlineFigures(md), "inline_svg", 10)  # after inline patterns, before MkDocs' links


def makeExtension(**settings):
    return InlineSvgExtension(**settings)
