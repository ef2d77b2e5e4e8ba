"""`make serve` builds every page after every edit; here, what did not change is not rendered and not indexed again.

`make site` uses nothing of this.  Pages that show docstrings are always rendered: mkdocstrings has more to do there.
"""

from __future__ import annotations

from pathlib import Path

from material.plugins.search.plugin import SearchIndex

__all__ = ["remember_page", "remember_search"]

RENDERED = ("content", "toc", "_title_from_render", "present_anchor_ids", "links_to_anchors")
memory: dict[tuple, object] = {}


def remember_page(page, files, around: str):
    """Let the page keep its last rendering while its text, the other files and the package are the same."""
    if "\n::: " in page.markdown or page.file.src_uri.endswith(".ipynb"):
        return
    others = [Path(file.abs_src_path) for file in files if file.abs_src_path]
    drawn = [path.stat().st_mtime_ns for path in others if path.suffix != ".md" or path.stem == "glossary"]
    key = page.url, page.markdown, around, tuple(others), tuple(drawn)
    render = page.render

    def cached(config, files):
        if key not in memory:
            render(config, files)
            memory[key] = {name: getattr(page, name) for name in RENDERED}
        vars(page).update(memory[key])

    page.render = cached


def remember_search():
    """The same for the sections that the search knows."""
    index_page = SearchIndex.add_entry_from_context

    def cached(index, page):
        key = page.url, page.content
        if key not in memory:
            before = len(index.entries)
            index_page(index, page)
            memory[key] = index.entries[before:]
        else:
            index.entries += memory[key]

    SearchIndex.add_entry_from_context = cached
