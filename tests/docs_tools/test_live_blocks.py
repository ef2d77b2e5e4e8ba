"""Which blocks can run in the page, what runs them there, and where the files come from."""

import runpy
import zipfile
from pathlib import Path

import pytest

from docs_tools.live import fetch, files, hooks
from docs_tools.live.blocks import Block, judge, marked, stub
from docs_tools.live.names import Names

ROOT = Path(__file__).parents[2]
HARNESS = runpy.run_path(str(ROOT / "docs" / "assets" / "live" / "run.py"))


def needs(*sources: str, words: str = "") -> list[str]:
    blocks = [Block(source, set(words.split())) for source in sources]
    judge(blocks)
    return [block.needs for block in blocks]


@pytest.mark.parametrize(
    ("source", "reads", "writes"),
    [
        ("y = x + 1", {"x"}, {"y"}),
        ("x = x + 1", {"x"}, {"x"}),
        ("x = 1\nprint(x)", {"print"}, {"x"}),
        ("x += 1", {"x"}, {"x"}),
        ("x[0] = y", {"x", "y"}, {"x"}),
        ("for x in x:\n    y = x", {"x"}, {"x", "y"}),
        ("[a for a in b if a]", {"b"}, set()),
        ("{a: c for a in b}", {"b", "c"}, set()),
        ("def f(a, *b, c=d, **e):\n    return a, b, c, e, g, h\ng = 1", {"d", "h"}, {"f", "g"}),
        ("f = lambda a: a + b", {"b"}, {"f"}),
        ("class A(B):\n    c = d", {"B", "d", "__name__"}, {"A"}),
        ("import a.b, c as d\nfrom e.f import g", set(), {"a", "d", "g"}),
        ("try:\n    pass\nexcept E as error:\n    print(error)", {"E", "print"}, {"error"}),
        ("with open(a) as b:\n    pass", {"open", "a"}, {"b"}),
    ],
)
def test_names_that_a_block_reads_and_writes(source, reads, writes):
    names = Names(source)
    assert (names.reads, names.writes) == (reads, writes)


def test_a_block_needs_what_it_imports_and_what_the_page_does_not_have():
    assert needs("import numpy as np", "import tensorflow as tf", "import math, keras, torch") == [
        "",
        "TensorFlow",
        "Keras and PyTorch",
    ]


def test_a_block_needs_what_it_takes_from_a_block_that_cannot_run():
    """Until a block that can run makes the name anew."""
    assert needs("x = 1", "import torch\nx = torch.zeros(x)\ny = 2", "print(x)", "y = 3", "print(y)") == [
        "",
        "PyTorch",
        "PyTorch",
        "",
        "",
    ]


def test_a_block_says_itself_that_it_cannot_run_in_the_page():
    assert needs("print(1)", words="python needs-scipy") == ["SciPy"]
    assert needs("print(1)", words="python machine") == ["a machine of your own"]


EXERCISE = """
<div class="language-python highlight"><pre><code>import numpy as np</code></pre></div>
<div class="language-python doc-signature highlight"><pre><code>f(a)</code></pre></div>
<details class="question"><summary>1. Half</summary><details class="success">
<div class="language-python highlight"><pre><code>tool = 1
def half(k, *, s=1):
    return (k - tool) // 2
first, last = half(3), half(5)
</code></pre></div>
<div class="language-python check highlight"><pre><code>for k in (1, 3):
    assert half(k) == k // 2
assert last == 2</code></pre></div>
</details></details>
"""


def test_blocks_are_marked_where_they_stand_and_nothing_else_changes():
    text = marked(EXERCISE)
    assert text.count("data-live") == 3
    assert 'doc-signature highlight">' in text
    answer = ' data-answer="def half(k, *, s=1):\n    ...\nlast = ..."'
    assert answer in text
    assert text.replace(answer, "").replace(" data-live", "") == EXERCISE


def test_an_answer_begins_with_the_names_that_the_check_reads():
    assert stub(["a, b = 1, 2\nc = 3"], "assert a == c\nassert print(b)") == "a = ...\nb = ...\nc = ..."


def run(*sources: str) -> tuple[str, list[str]]:
    """What blocks print in one session, and the error of each."""
    session, printed = HARNESS["Session"](), []
    errors = [session.run(f"block {n}", source, printed.append) for n, source in enumerate(sources, 1)]
    return "".join(printed), errors


def test_blocks_share_their_names_and_print_as_they_run():
    assert run("a = 1", "print(a)\nprint(a, end='.')") == ("1\n1.", ["", ""])


def test_an_error_shows_the_lines_of_the_page_alone():
    _, errors = run("import json\ndef load(text):\n    return json.loads(text)", "load('{')")
    assert errors[1].splitlines()[:5] == [
        "Traceback (most recent call last):",
        '  File "<block 2>", line 1, in <module>',
        "    load('{')",
        '  File "<block 1>", line 3, in load',
        "    return json.loads(text)",
    ]
    assert errors[1].splitlines()[-1].startswith("json.decoder.JSONDecodeError: Expecting")
    assert "SyntaxError" in run("print(")[1][0]
    assert run("raise SystemExit")[1] != [""]


def test_an_assertion_that_fails_says_for_which_values():
    check = "for k in range(5):\n    size = k // 2\n    assert (\n        abs(size) != 2\n    ), 'too large'"
    (error,) = run(check)[1]
    assert error.splitlines()[-2:] == ["AssertionError: too large", "with size = 2"]


def test_what_a_block_prints_has_an_end():
    printed, errors = run("for _ in range(10**5):\n    print('again')")
    assert errors == [""]
    assert len(printed) < 21_000
    assert printed.endswith("... and more, which is not shown")


def test_only_files_with_the_right_digest_are_taken(tmp_path, monkeypatch):
    contents = {"a": b"right", "b": b"right too"}
    digests = {name: fetch.hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setitem(fetch.PINS, "files", digests)
    with pytest.raises(ValueError, match="not for b"):
        fetch.fetch({**contents, "b": b"another"}.__getitem__, tmp_path)
    assert not list(tmp_path.iterdir())
    fetch.fetch(contents.__getitem__, tmp_path)
    assert fetch.complete(tmp_path)
    (tmp_path / "a").write_bytes(b"changed")
    assert not fetch.complete(tmp_path)


def test_without_the_files_a_page_is_what_it_was_and_the_build_says_so(monkeypatch, caplog):
    monkeypatch.setattr(fetch, "complete", lambda: False)
    with caplog.at_level("INFO", logger="mkdocs.hooks.live"):
        hooks.on_config(None)
    assert "make live" in caplog.text
    assert hooks.on_page_content(EXERCISE, None, None, None) == EXERCISE
    assert hooks.on_files([], None) == []


def test_the_wheel_holds_this_package():
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "deconvlib").rglob("*.py")}
    with zipfile.ZipFile(files.wheel()) as wheel:
        assert {name for name in wheel.namelist() if name.endswith(".py")} == sources
        assert all(wheel.read(name) == (ROOT / name).read_bytes() for name in sources)
