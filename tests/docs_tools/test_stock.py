"""A second opinion: pytest-markdown-docs collects and runs the pages, and shares no code with our runner."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from docs_tools.checked.page import fences

ROOT = Path(__file__).parents[2]
PAGES = ("docs/index.md", "docs/first-steps/stamps.md", "docs/concepts/sizes.md", "README.md")  # with none of the heavy
COMMAND = [sys.executable, "-m", "pytest", "--override-ini", "addopts=", "-p", "tests.docs_tools.stock"]


def stock(*arguments):
    command = [*COMMAND, "--markdown-docs", "-p", "no:cacheprovider", "-q", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def blocks(path):
    return [fence for fence in fences((ROOT / path).read_text("utf8")) if fence.is_python]


def test_pytest_markdown_docs_runs_the_pages_too():
    done = stock(*PAGES)
    wanted = sum(all(map(importlib.util.find_spec, block.needs)) for page in PAGES for block in blocks(page))
    assert f"{wanted} passed" in done.stdout, done.stdout


def test_pytest_markdown_docs_collects_every_block_of_every_page():
    pages = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
    collected = stock("--collect-only", *pages).stdout.count("[CodeFence#")
    assert collected == sum(all(map(importlib.util.find_spec, block.needs)) for page in pages for block in blocks(page))


def test_a_block_that_fails_is_red_there_as_well(tmp_path):
    page = tmp_path / "page.md"
    page.write_text('```python\nx = 1\n```\n\n=== "Tab"\n\n    ```python\n    assert x == 2\n    ```\n', "utf8")
    done = stock(str(page))
    assert "1 failed, 1 passed" in done.stdout, done.stdout
