"""Pages to take away say what the pages say, and their notebooks run."""

from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from docs_tools.checker.page import fences
from docs_tools.takeaway.hooks import colab_address
from docs_tools.takeaway.markdown import flat, linked, plain, readable
from docs_tools.takeaway.notebook import notebook

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WITH_BLOCKS = [path for path in sorted(DOCS.rglob("*.md")) if any(f.is_python for f in fences(path.read_text("utf8")))]

PAGE = """\
# Title { #title }

There are 3<!--= 1 + 2 --> of [these][deconvlib.conv], as [that page](../concepts/sizes.md#crop) says.
<!-- eq: n + 1 for n in 1..2 -->

![A row of zeros](../figures/zeros.svg "All of them are zero.")

```python
import skimage
print("{ .not-an-attribute }")
```

```text
{ .not-an-attribute }
```

??? question "1. Why?"

    Think.

    === "In words"

        Because.

        ```{ .python .needs-torch }
        if True:
            import torch
        ```

After it.
"""


def test_markdown_without_what_is_for_the_site_alone():
    text = plain(PAGE)
    assert text.startswith("# Title\n\nThere are 3 of these, as [that page](../concepts/sizes.md#crop) says.\n\n!")
    assert 'print("{ .not-an-attribute }")' in text


def test_boxes_and_tabs_become_paragraphs():
    assert flat('a\n\n??? note "B"\n\n    c\n\n    === "D"\n\n        e\n            f\n\n    g\n\nh') == (
        "a\n\n**B**\n\nc\n\n**D**\n\ne\n    f\n\ng\n\nh"
    )


def test_a_page_reads_well_as_it_stands():
    text = readable(PAGE)
    assert "**1. Why?**\n\nThink.\n\n**In words**\n\nBecause.\n\n```python\nif True:\n" in text
    assert readable("````markdown\n```{ .python }\n```\n````") == "````markdown\n```{ .python }\n```\n````\n"


def test_links_lead_to_the_site_or_remain_as_words():
    text = '[a](../concepts/sizes.md#crop) [b](index.md) [c](https://example.org) ![d](../figures/x.svg "e")'
    assert linked(text, "guides/page.md", "https://host/") == (
        "[a](https://host/concepts/sizes/#crop) [b](https://host/guides/) [c](https://example.org)"
        " ![d](https://host/figures/x.svg)\n\n*e*"
    )
    assert linked(text, "guides/page.md", None) == "a b [c](https://example.org) *d*"


def test_a_page_as_a_notebook():
    cells = notebook(PAGE, "guides/page.md", "https://host/").cells
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "code", "markdown", "code", "markdown"]
    assert cells[1].source == "%pip install --quiet deconvlib scikit-image torch"
    assert cells[2].outputs[0].text == "{ .not-an-attribute }\n"
    assert cells[3].source == "**1. Why?**\n\nThink.\n\n**In words**\n\nBecause."
    assert (cells[4].source, cells[4].metadata.tags) == ("if True:\n    import torch", ["needs-torch"])


@pytest.mark.parametrize("path", WITH_BLOCKS, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_notebook_has_the_blocks_of_its_page_and_what_they_print(path):
    """In order: those that the tests of the page run."""
    text = path.read_text("utf8")
    made = notebook(text, path.relative_to(DOCS).as_posix(), None)
    nbformat.validate(made)
    code = [cell for cell in made.cells if cell.cell_type == "code" and "install" not in cell.metadata.get("tags", [])]
    assert [cell.source for cell in code] == ["\n".join(f.body) for f in fences(text) if f.is_python]
    printed = ["".join(output.text for output in cell.outputs).rstrip("\n") for cell in code]
    assert [p for p in printed if p] == ["\n".join(f.body).rstrip() for f in fences(text) if f.words == ["text"]]


@pytest.mark.parametrize("name", ["first-steps/stamps", "concepts/sizes"])
def test_a_notebook_runs_as_jupyter_runs_it(name):
    path = DOCS / f"{name}.md"
    made = notebook(path.read_text("utf8"), f"{name}.md", None)
    made.cells = [cell for cell in made.cells if "install" not in cell.metadata.get("tags", [])]
    before = [cell.outputs for cell in made.cells if cell.cell_type == "code"]
    NotebookClient(made, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    after = [cell.outputs for cell in made.cells if cell.cell_type == "code"]
    assert ["".join(o.text for o in outputs) for outputs in after] == ["".join(o.text for o in b) for b in before]


def test_every_page_lies_beside_itself(site, documents):
    """As Markdown and, with code, as a notebook; the links under the title lead there."""
    for name, document in documents.items():
        for link in document.xpath("//*[@class='take-away']/a[@download]"):
            assert (site / name.parent / link.get("href")).is_file()
    listed = (site / "llms.txt").read_text("utf8")
    whole = (site / "llms-full.txt").read_text("utf8")
    for path in DOCS.rglob("*.md"):
        copy = (site / path.relative_to(DOCS)).read_text("utf8")
        assert copy in whole
        assert f"/{path.relative_to(DOCS).as_posix()}): " in listed


def test_colab_opens_the_notebook_of_a_repository_on_github(monkeypatch):
    monkeypatch.setenv("REPOSITORY_URL", "https://github.com/somebody/deconvlib")
    notebook, page = (SimpleNamespace(file=SimpleNamespace(src_uri=f"first-steps/a.{end}")) for end in ("ipynb", "md"))
    place = "https://colab.research.google.com/github/somebody/deconvlib/blob/main/docs/first-steps/a.ipynb"
    assert (colab_address(notebook), colab_address(page)) == (place, None)
    monkeypatch.setenv("REPOSITORY_URL", "https://example.org/somebody/deconvlib")
    assert colab_address(notebook) is None
