"""Blocks that run in the page, as a reader runs them: in a browser, by clicking."""

import os
from pathlib import Path

import pytest
from browser import missing

from docs_tools.checker.page import fences
from docs_tools.live import fetch

DOCS = Path(__file__).parents[1] / "docs"
WITH_BLOCKS = [path for path in sorted(DOCS.rglob("*.md")) if any(f.is_python for f in fences(path.read_text("utf8")))]
ALL = [path.relative_to(DOCS).with_suffix("").as_posix() for path in WITH_BLOCKS]
FEW = ["first-steps/padded-input", "concepts/sizes", "guides/port-a-layer"]
PATIENCE = 120_000  # milliseconds that Python may take to load and to run a block, on a busy machine


@pytest.fixture
def live(page):
    """A page of the browser, and a function that opens a page of the site in it."""
    if not fetch.complete():
        missing("Python for the page is not there: `make live` fetches it")

    def opened(name):
        page.goto(name.removesuffix("index"))
        return page

    return opened


def shown(block):
    """What stands below a block."""
    return block.evaluate(
        "(block) => { const next = block.nextElementSibling;"
        " return next?.matches('.language-text') && !next.hidden ? next.querySelector('code').textContent : ''; }"
    )


def lines(text):
    return [line.rstrip() for line in text.rstrip().splitlines()]


def unfold(block):
    """Open the solutions and tabs that hide a block."""
    block.evaluate(
        "(block) => { for (let e = block; e; e = e.parentElement) {"
        " if (e.matches('details')) e.open = true;"
        " if (e.matches('.tabbed-block')) { const n = [...e.parentElement.children].indexOf(e);"
        " e.closest('.tabbed-set').querySelectorAll(':scope > input')[n].click(); } } }"
    )


def run(block):
    unfold(block)
    block.locator("[data-do=run]").click()
    block.locator("[data-do=run]").wait_for(timeout=PATIENCE)


@pytest.mark.parametrize("name", ALL if os.environ.get("LIVE_PAGES") == "all" else FEW)
def test_every_block_prints_in_the_page_what_the_page_shows(live, name):
    """In order, each by its own button."""
    page = live(name)
    blocks = page.locator("[data-live]").all()
    if not blocks:
        pytest.skip("none of its blocks can run in the page")
    before = [lines(shown(block)) for block in blocks]
    for block, wanted in zip(blocks, before):
        run(block)
        assert lines(shown(block)) == wanted, block.locator("code").first.text_content()
