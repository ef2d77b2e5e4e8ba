"""mkdocstrings extension: a shape in a docstring, such as [batch, *space, in], keeps its stars.

Markdown takes two stars in a paragraph for emphasis.  Equations are indented, and Markdown leaves them alone.
"""

from __future__ import annotations

import re

import griffe

STAR = re.compile(r"(?<=[\[(])\*(?=\w)|(?<=, )\*(?=\w+[,\])])")


class Shapes(griffe.Extension):
    def on_object(self, *, obj, **_):
        if obj.docstring is not None:
            obj.docstring.value = escaped(obj.docstring.value)


def escaped(docstring: str) -> str:
    return "\n".join(line if line.startswith("    ") else STAR.sub(r"\\*", line) for line in docstring.split("\n"))
