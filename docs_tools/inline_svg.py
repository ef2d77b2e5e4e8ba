"""A Python-Markdown extension: a figure of the catalogue, alone in its paragraph, becomes inline SVG.

    ![What it shows](../figures/padded-grid.svg "A caption, if wanted")

An <img> sees neither the reader's palette nor a wish for less motion; inline SVG does.  What the file carries for
itself is taken out: its style, which the site's stylesheet has, and what pages say of it, since this one says its part.
Figures with steps get a switch to pause them.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

FIGURES = Path(__file__).parents[1] / "docs" / "figures"
SOURCE = re.compile(r"(?:^|/)figures/([\w-]+)\.svg$")


def figure(name: str, caption: str = "") -> str:
    """The <figure> that stands in the page."""
    drawing = (FIGURES / f"{name}.svg").read_text(encoding="utf-8")
    drawing = re.sub(r"<(style|metadata)>.*?</\1>\n?", "", drawing, flags=re.S)
    pause = (
        f'<input type="checkbox" class="pause" id="{name}-pause" aria-label="Pause"><label for="{name}-pause"></label>'
    )
    parts = (
        pause if 'class="step' in drawing else "",
        drawing.replace("\n", ""),
        f"<figcaption>{escape(caption)}</figcaption>" if caption else "",
    )
    return f'<figure class="drawn">{"".join(parts)}</figure>'


class InlineFigures(Treeprocessor):
    def run(self, root):
        for paragraph in root.iter("p"):
            image = paragraph[0] if len(paragraph) == 1 else None
            source = SOURCE.search(image.get("src", "")) if image is not None and image.tag == "img" else None
            if source and not (paragraph.text or "").strip() and not (image.tail or "").strip():
                if not image.get("alt"):
                    raise ValueError(f"figure {source[1]} needs a text alternative: ![what it shows](…)")
                html = figure(source[1], image.get("title", ""))
                paragraph.remove(image)
                paragraph.text = self.md.htmlStash.store(html)


class InlineSvgExtension(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(InlineFigures(md), "inline_svg", 10)  # after inline patterns, before MkDocs' links


def makeExtension(**settings):
    return InlineSvgExtension(**settings)
