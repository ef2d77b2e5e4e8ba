"""Mutants are wrong in one place each, and of every kind."""

import difflib
import faulthandler
import json
import os
import signal
from pathlib import Path

import pytest

from docs_tools.checked.numbers import proper_names
from docs_tools.mutants import child, code, pages, speed
from docs_tools.mutants.reasons import reason, reasons

SOURCE = '''
"""A docstring with 1 + 1."""
import math


def f(x, stride: int = 1):
    """Another, with 2 * 2."""
    for (begin, end), n in x:
        if begin < end and not n == 3:
            raise ValueError(f"{begin + end} is wrong")
        x = np.flip(x, 0) @ x.T - min(n, stride)
        x += 1
        a, b = [], []
        y = zip(x, x, strict=True)
    return x.reshape(-1)[-1] if stride else [v for v in x if v not in (2, True)]
'''
PAGE = """# A page

```python
print(1)
```

```text
1
```

It is 5<!--= 5 -->, see `dl.conv`, `name(x)` and [there](#a-page), [here](other.md), a_name and `make test`.
And seven.

![Two squares](two.svg "Each has 4 corners.")

<!-- eq: n + 1 for n in 1..3 -->
$$ F = \\max(n, 0) + 1 $$
"""


def changed_lines(a: str, b: str) -> int:
    return sum(line.startswith("+ ") for line in difflib.ndiff(a.split("\n"), b.split("\n")))


def test_each_mutant_of_code_compiles_and_differs_in_one_place():
    found = code.mutants("f.py", SOURCE)
    kinds = {mutant.kind for mutant in found}
    assert kinds == {"operator", "comparison", "sign", "and, or", "constant", "side", "name", "flip", "branch"}
    assert len({mutant.text for mutant in found}) == len(found)
    for mutant in found:
        compile(mutant.text, "f.py", "exec")
        assert changed_lines(SOURCE, mutant.text) == 1
        assert "docstring with 1 + 1" in mutant.text
        assert "begin + end} is wrong" in mutant.text
        assert "reshape(-1)" in mutant.text
        assert "a, b = [], []" in mutant.text
        assert "strict=True" in mutant.text
    assert {"np.flip(x, 0)": "x", "x.T": "x", "(begin, end)": "(end, begin)"}.items() <= {
        m.was: m.now for m in found
    }.items()


def test_what_changes_the_speed_alone_is_told_from_what_changes_results():
    source = (
        "FITS = 2 << 20\nPOINTS = (0, 1)\nx = 3\n\n\n@functools.lru_cache(64)\ndef f(a):\n    return a + 1\n\n\n"
        "def cut(n):\n    return n // 2\ny = a.astype(b, copy=False)\n"
    )
    assert set(speed.lines(source, constants=True)) == {1, 6, 11, 12, 13}
    assert set(speed.lines(source, constants=False)) == {6, 13}


def test_each_statement_of_a_page_is_changed():
    found = pages.mutants("page.md", PAGE, ("dl",))
    changes = [(mutant.kind, mutant.was, mutant.now) for mutant in found]
    assert changes.count(("output", "1", "2")) == 1
    assert changes.count(("number", "5", "6")) == 1
    assert changes.count(("sentence", "seven", "eight")) == 1
    assert sum(kind == "equation" for kind, *_ in changes) == 4  # \\max, 0, +, 1
    assert sum(kind == "link" for kind, *_ in changes) == 2
    assert sum(kind == "name" for kind, *_ in changes) == 4  # the dotted name, its word, other words
    assert changes.count(("caption", "4", "5")) == 1
    assert all(changed_lines(PAGE, mutant.text) == 1 for mutant in found)


def test_a_number_or_a_name_of_a_sentence_becomes_another_one_and_another_one_of_the_page():
    text = "Seven heaps, 3 texts, 4 or two sums, half of seven.\n"
    now: dict[str, list[str]] = {}
    for mutant in pages.mutants("page.md", text, (), proper_names(["Heaps", "Sums", "Texts = string"])):
        now.setdefault(mutant.was, []).append(mutant.now)
    assert now == {
        "Seven": ["eight", "two"],
        "heaps": ["Texts", "texts"],
        "3": ["4"],
        "texts": ["Sums", "sums"],
        "4": ["5", "3"],
        "two": ["three", "half"],
        "sums": ["Heaps", "heaps"],
        "half": ["1.5", "seven"],
        "seven": ["eight", "two"],
    }


def test_what_a_notebook_prints_is_changed():
    cell = {"metadata": {"prints": ["[[1 2]", " [3 4]]"]}, "source": ["x = 1"]}
    text = json.dumps({"cells": [cell]}, indent=1)
    now = [mutant.text for mutant in pages.mutants("tour.ipynb", text, ())]
    assert now == [text.replace("3 4", "3 5")]


def test_a_drawing_has_its_label_its_place_and_its_title_changed():
    drawing = '<svg><title>Two</title><rect class="a" x="10"/><text y="3">7</text></svg>'
    now = {mutant.text for mutant in pages.mutants("two.svg", drawing, ())}
    assert now == {drawing.replace(a, b) for a, b in [(">7", ">8"), ('x="1', 'x="2'), ('"a"', '"z"'), (">Two", ">zwo")]}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_crash_is_noticed_and_a_test_that_is_missing_is_told():
    """A child that dies has noticed its change; one that found no test to run has noticed nothing."""
    crashed = child.fork(lambda: (faulthandler.disable(), os.kill(os.getpid(), signal.SIGABRT)))
    assert child.wait({crashed: "x"}) == ("x", -signal.SIGABRT)
    lost = child.fork(lambda: child.NO_TEST)
    with pytest.raises(SystemExit, match="no such test: x"):
        child.wait({lost: "x"})


def test_each_survivor_that_is_published_has_its_reason():
    """What the pages did not notice is explained on the page that says so."""
    published = json.loads(Path("docs/assets/mutants.json").read_text("utf8"))
    assert [survivor for survivor in published["survivors"] if not reason(survivor)] == []


def test_each_reason_speaks_of_code_that_is_there():
    for entry in reasons():
        files = [path for path in Path().glob("d*/**/*.*") if path.match(entry["files"])]
        assert any(entry["code"] in path.read_text("utf8") for path in files), entry
