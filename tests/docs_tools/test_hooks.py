"""What the hooks do beside what the built site shows."""

import os
from types import SimpleNamespace

import pytest

from docs_tools import hooks


@pytest.mark.parametrize(("built", "stays"), [(100, False), (300, True)])
def test_under_serve_a_page_is_built_anew_when_something_that_it_shows_has_changed(tmp_path, monkeypatch, built, stays):
    """MkDocs itself compares the page with its Markdown alone."""
    source, page = tmp_path / "deconvlib" / "api.py", tmp_path / "index.html"
    source.parent.mkdir()
    for path, time in ((source, 200), (page, built)):
        path.touch()
        os.utime(path, (time, time))
    monkeypatch.setattr(hooks, "ROOT", tmp_path)
    monkeypatch.setattr(hooks, "SHOWN", ("deconvlib",))
    monkeypatch.setattr(hooks, "only_what_changed", True)
    files = SimpleNamespace(documentation_pages=lambda: [SimpleNamespace(abs_dest_path=str(page))])
    hooks.on_files(files, None)
    assert page.exists() == stays


def test_a_description_is_whole_sentences_without_markup():
    content = "<h1>A</h1><p>One &lt; <em>two</em>. And three.</p><p>Not this.</p>"
    assert hooks.first_sentences(content) == "One &lt; two. And three."
    long = "Many words. " * 30
    assert hooks.first_sentences(f"<p>{long}</p>") == ("Many words. " * 16).strip()
