"""A page as a notebook, its prose and its blocks, in order, with what they print; and a notebook as Markdown."""

from __future__ import annotations

import sys

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from docs_tools.checker.page import Fence, fences, python_blocks
from docs_tools.live.names import Names
from docs_tools.takeaway.markdown import flat, linked, plain

__all__ = ["cells", "notebook", "requirements"]

ON_PYPI = {"skimage": "scikit-image"}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(text: str, source: str, base: str | None) -> nbformat.NotebookNode:
    """The notebook of a page: its Markdown, where it lies in the docs, and the address of the site, if it has one."""
    text = linked(flat(plain(text)), source, base)
    blocks = fences(text)
    cells, last = [], 0
    for start, end in python_blocks(text, blocks):
        code, *printed = fences(text[start:end])
        cell = new_code_cell("\n".join(code.body))
        cell.metadata["tags"] = [f"needs-{module}" for module in code.needs]
        cell.outputs = [new_output("stream", name="stdout", text="\n".join([*shown.body, ""])) for shown in printed]
        cells += [new_markdown_cell(text[last:start].strip()), cell]
        last = end
    cells.append(new_markdown_cell(text[last:].strip()))
    install = f"%pip install --quiet {' '.join(requirements(blocks))}"
    cells.insert(1, new_code_cell(install, metadata={"tags": ["install"]}))
    cells = [cell for cell in cells if cell.source]
    for n, cell in enumerate(cells):
        cell.id = f"cell-{n}"  # the same in every build
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})


def requirements(blocks: list[Fence]) -> list[str]:
    """What has to be installed for the blocks, by the names of PyPI."""
    modules: set[str] = set()
    for block in blocks:
        if block.is_python:
            modules |= Names("\n".join(block.body)).modules | set(block.needs)
    others = modules - sys.stdlib_module_names - {"deconvlib", "numpy"}
    return ["deconvlib", *sorted(ON_PYPI.get(module, module) for module in others)]


def cells(notebook: str) -> str:
    """The Markdown of a notebook's cells, and below each what it printed."""
    parts = []
    for cell in nbformat.reads(notebook, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
        if printed:
            parts.append(f"```text\n{printed.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"
