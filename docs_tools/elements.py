"""A Python-Markdown extension: the explorer's own elements are blocks, so that what stands in them is Markdown.

    <deconv-lesson kind="stamps" markdown>

    ![What it shows](../figures/stamps.svg "A caption")

    </deconv-lesson>

Where a script runs the element takes the place of what stands in it.
"""

from __future__ import annotations

from typing import Any

from markdown import Markdown
from markdown.extensions import Extension

ELEMENTS = ("deconv-explorer", "deconv-lesson")


class ElementsExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.block_level_elements.extend(ELEMENTS)


def makeExtension(**settings: Any) -> ElementsExtension:
    return ElementsExtension(**settings)
