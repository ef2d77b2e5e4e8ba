"""A notebook in the docs is a page like the others: its cells are the page's Markdown, and what they printed follows.

So its links are checked, its formulas are MathML, and it looks like the other pages.  The file itself lies beside it.
"""

from __future__ import annotations

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File

__all__ = ["as_page"]


def as_page(file: File, config: MkDocsConfig) -> File:
    page = File.generated(config, file.src_uri.replace(".ipynb", ".md"), content=markdown(file.content_string))
    page.edit_uri = file.src_uri
    return page


def markdown(notebook: str) -> str:
    parts = []
    for cell in nbformat.reads(notebook, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
        parts += [f"```text\n{printed.rstrip()}\n```"] * bool(printed)
    return "\n\n".join(parts) + "\n"
