"""The notebook's cells run, print what it shows, and are Markdown to take away."""

import ast
import contextlib
import re
import sys
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from docs_tools.takeaway.notebook import cells as markdown

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs").rglob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_what_its_cells_print(path, generated):
    notebook = nbformat.read(path, as_version=4)
    metadata = notebook.metadata.copy()
    quiet = ["--log-level=40"]  # of what the kernel tells of itself only errors
    NotebookClient(notebook, kernel_name="python3", record_timing=False, extra_arguments=quiet).execute()
    notebook.metadata = metadata  # the kernel puts its version there
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = printed(cell.outputs)
    generated(path, nbformat.writes(notebook) + "\n")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_what_the_first_cell_installs_is_all_that_a_notebook_needs(path):
    """Each import is one of the packages that `pip install` names, or one that such a package requires itself."""
    cells = nbformat.read(path, as_version=4).cells
    named = re.search(r"`pip install ([^`]+)`", cells[0].source)[1].split()
    brought = set(named)
    for name in named:
        with contextlib.suppress(metadata.PackageNotFoundError):  # such as that of the program that opens it
            name = "tensorflow-cpu" if name == "tensorflow" and sys.platform == "linux" else name
            required = [line for line in metadata.requires(name) or () if "extra ==" not in line]
            brought |= {re.match(r"[\w.-]+", line)[0] for line in required}
    trees = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {module.partition(".")[0] for module in modules} <= brought


def printed(outputs):
    """Without TensorFlow's log, which cuts what is printed in two when it comes in the middle."""
    result = []
    for one in outputs:
        if one.get("name") == "stderr":
            continue
        if result and one.get("name") == result[-1].get("name") == "stdout":
            result[-1]["text"] += one["text"]
        else:
            result.append(one)
    return result


def test_what_is_printed_around_a_log_is_one_output():
    pieces = [("stdout", "a\n"), ("stderr", "log\n"), ("stdout", "b\n")]
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in pieces]
    assert [one["text"] for one in printed(outputs)] == ["a\nb\n"]


def test_the_markdown_has_the_cells_and_what_they_print():
    cells = [
        nbformat.v4.new_markdown_cell("# A $x$"),
        nbformat.v4.new_code_cell("a = 1"),
        nbformat.v4.new_code_cell("b"),
    ]
    cells[2].outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("1\n", "2\n")]
    made = markdown(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
    assert made == "# A $x$\n\n```python\na = 1\n```\n\n```python\nb\n```\n\n```text\n1\n2\n```\n"


def test_there_is_a_notebook():
    assert NOTEBOOKS
