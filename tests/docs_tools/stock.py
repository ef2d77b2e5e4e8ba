"""The pages under plain pytest-markdown-docs: `pytest -p tests.docs_tools.stock --markdown-docs docs/index.md`.

Its own parser does not see a fence that is indented in a tab or an admonition, so it gets ours; collecting and running
are its own, and share nothing with ours.  Each page is one namespace: every fence continues the one before.
"""

from __future__ import annotations

import importlib.util
import textwrap
from types import SimpleNamespace

import pytest

from docs_tools.checked.page import fences


class Parser:
    """What pytest-markdown-docs asks of a Markdown parser."""

    def parse(self, text: str) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(
                type="fence",
                info="python continuation",
                map=[fence.line, fence.end],
                content=textwrap.dedent("\n".join(fence.body)) + "\n",
            )
            for fence in fences(text)
            if fence.is_python and all(map(importlib.util.find_spec, fence.needs))
        ]


@pytest.hookimpl(tryfirst=True)
def pytest_markdown_docs_markdown_it():
    return Parser()
