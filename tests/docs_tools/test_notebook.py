"""The notebook's cells run, and print what it shows."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

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
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]  # TensorFlow's log
    generated(path, nbformat.writes(notebook) + "\n")


def test_there_is_a_notebook():
    assert NOTEBOOKS
