"""What the hooks show: a badge where all holds, and each failure below the statement that failed."""

import sys
from types import SimpleNamespace

import markdown
import pytest

from docs_tools import hooks
from docs_tools.checked import record

PAGE = """---
title: A page
---
# A page

=== "Tab"

    ```python
    print(1)
    ```

    ```text
    2
    ```

It is 3<!--= 4 -->.
End.
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr(hooks, "ROOT", tmp_path)
    monkeypatch.setattr(hooks, "around", "around")
    source = tmp_path / "page.md"
    source.write_text(PAGE)
    return SimpleNamespace(file=SimpleNamespace(abs_src_path=str(source), src_uri="page.md"), markdown=PAGE)


def found(page, text=PAGE, **more):
    record.save(hooks.ROOT, hooks.Path(page.file.abs_src_path), {"key": record.key(text, "around"), **more})


def body(page):
    return hooks.on_page_markdown(PAGE.split("---\n", 2)[2], page, None, None)


def test_a_page_that_holds_has_a_badge_with_counts_and_versions(page):
    found(page, passed={"code": 2, "number": 1}, failures=[], versions={"numpy": "2.4.6"})
    content = hooks.on_page_content("", page, None, None)
    assert "2 code blocks, 1 number." in content
    assert "numpy 2.4.6" in content
    assert body(page) == PAGE.split("---\n", 2)[2]


def test_a_page_that_changed_has_none(page):
    found(page, "an older text", passed={"code": 2}, failures=[], versions={})
    assert hooks.on_page_content("", page, None, None) == ""


def test_each_failure_stands_below_its_statement(page):
    found(page, failures=[{"line": 7, "message": "the first"}, {"line": 15, "message": "the second"}])
    text = body(page)
    assert text.startswith('!!! failure "2 statements of this page are false"')
    html = markdown.markdown(text, extensions=["admonition", "pymdownx.tabbed", "pymdownx.superfences"])
    places = [html.index(part) for part in ("are false", "print", "the first", "It is 3", "End.", "the second")]
    assert places == sorted(places)
    assert "Line 8" in html
    assert hooks.on_page_content("", page, None, None) == ""


def test_a_build_that_fails_under_serve_shows_why(tmp_path):
    (tmp_path / "index.html").write_text("old")

    def fail():
        raise ValueError("no <such> page")

    hooks.build_or_show(fail, tmp_path)
    assert "ValueError: no &lt;such&gt; page" in (tmp_path / "index.html").read_text()


def check(checker, page):
    """What a build does for a page without a record."""
    checker.done.parent.mkdir(parents=True, exist_ok=True)
    checker.want(hooks.Path(page.file.abs_src_path))
    states, checker.wanted = checker.wanted, set()
    checker.run(states)


@pytest.mark.parametrize(
    ("command", "told"), [("raise SystemExit('no pytest')", "no pytest"), ("while True: pass", "within 1 s")]
)
def test_a_page_whose_checks_end_without_a_result_says_so(page, monkeypatch, command, told):
    """Under `make serve` no page stays "being checked" for ever."""
    monkeypatch.setattr(hooks, "SECONDS", 1)
    run = hooks.subprocess.run
    monkeypatch.setattr(hooks.subprocess, "run", lambda _, **options: run([sys.executable, "-c", command], **options))
    check(hooks.Checker(), page)
    assert told in body(page)


def test_an_edit_that_is_taken_back_is_checked_again(page, monkeypatch):
    """The record of a page is that of its latest check: the one of its text before the edit is gone."""
    checker, source, edited = hooks.Checker(), hooks.Path(page.file.abs_src_path), PAGE.replace("3", "5")
    told = SimpleNamespace(stdout="", stderr="")
    monkeypatch.setattr(hooks.subprocess, "run", lambda *_, **__: told)
    for text in (PAGE, edited, PAGE):
        source.write_text(text)
        check(checker, page)
        assert record.load(hooks.ROOT, source, "around"), text
