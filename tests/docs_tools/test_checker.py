"""The checker of the pages: for each rule one page that is right, and the same page wrong in one place."""

import re
import textwrap
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
BLOCK = """
Some words.

```python
numbers = [1, 2, 3]
print(sum(numbers))
```

```text
6
```

It has three entries, and their sum is above.
"""
IN_A_TAB = """
=== "Python"

    ```python
    print("first")
    print("  second")
    ```

    ```text
    first
      second
    ```
"""
NUMBERS = """
Before any block, π is 3<!--= int(math.pi) -->.

```python
numbers = [1, 2, 3]
```

It has 3<!--= len(numbers) --> entries, the ends are `(1, 3)`<!--= (numbers[0], numbers[-1]) -->.
In words, three<!--= len(numbers) -->.
"""
EQUATION = """
<!-- eq: sum(range(1, n + 1)) for n in 1..9 -->
$$ S = \\frac{n (n + 1)}{2} $$
"""
TABLE = """
Some words.

<!-- table: made.squares -->

| n | square |
|---|---|
| 3 | 9 |

<!-- end of table -->
"""
MADE = 'def squares():\n    return "| n | square |\\n|---|---|\\n| 3 | 9 |"\n'
DOCSTRING = '"""Of three.\n\n```python\nprint(1 + 2)\n```\n\n```text\n3\n```\n"""\n'


@pytest.fixture
def check(pytester, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.syspath_prepend(str(pytester.path))
    pytester.makeini("[pytest]\ndocs_names = import math")
    Path("made.py").write_text(MADE, "utf8")

    def run(text, *options, name="page.md"):
        Path(name).write_text(text, "utf8")
        return pytester.runpytest_inprocess("-p", "docs_tools.checker.plugin", *options, name)

    return run


def failures(result) -> int:
    return result.parseoutcomes().get("failed", 0)


@pytest.mark.parametrize("page", [BLOCK, IN_A_TAB, NUMBERS, EQUATION, TABLE, DOCSTRING])
def test_a_page_that_is_right_is_green(check, page):
    result = check(page, name="page.py" if page is DOCSTRING else "page.md")
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["passed"] == len(re.findall("```python|<!--=|<!-- eq|<!-- table", page))


@pytest.mark.parametrize(
    ("page", "right", "wrong", "told"),
    [
        (BLOCK, "\n6\n", "\n7\n", "page.md:4: the page says\n7\nthe code says\n6\n"),
        (BLOCK, "```text\n6\n```", "", "page.md:4: the page says\n(nothing)\nthe code says\n6\n"),
        (BLOCK, "print(sum(numbers))", "", "page.md:4: the page says\n6\nthe code says\n(nothing)\n"),
        (BLOCK, "sum(", "total(", 'page.md", line 6, in <module>\n    print(total(numbers))\n'),
        (IN_A_TAB, "  second\n    `", "second\n    `", "page.md:4: the page says\nfirst\nsecond\nthe code says\n"),
        (NUMBERS, "has 3<", "has 4<", "page.md:8: the page says\n4\nthe code says\n3\n"),
        (NUMBERS, "(1, 3)", "(1, 2)", "page.md:8: the page says\n`(1, 2)`\nthe code says\n`(1, 3)`\n"),
        (NUMBERS, "three", "Four", "page.md:9: the page says\nFour\nthe code says\nThree\n"),
        (NUMBERS, "is 3<", "is 2<", "page.md:2: the page says\n2\nthe code says\n3\n"),
        (EQUATION, "n + 1)}", "n - 1)}", "page.md:2: the equation gives  0"),
        (TABLE, "| 9 |", "| 6 |", "| 3 | 6 |"),
        (DOCSTRING, "\n3\n", "\n4\n", "page.py:3: the page says\n4\nthe code says\n3\n"),
    ],
)
def test_one_place_that_is_wrong_is_red_and_told(check, page, right, wrong, told):
    assert page.count(right) == 1
    result = check(page.replace(right, wrong), name="page.py" if page is DOCSTRING else "page.md")
    assert failures(result) == 1
    assert told in result.stdout.str(), result.stdout.str()


def test_plain_english_needs_no_marker(check):
    page = (
        "In Keras a kernel of 3 by 3 and stride 2 double 128 samples to `(256, 256)`, twice in 10.\n\n"
        "So $o = s i$ holds, [as Dumoulin says](https://arxiv.org/abs/1603.07285), for half of them.\n\n"
        "| a | 2 |\n|---|---|\n| `f(x=3)` | 4 x 4 |\n"
    )
    assert check(page).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_what_follows_a_block_that_raised_is_not_judged(check):
    result = check(BLOCK.replace("[1, 2, 3]", "1 / 0") + NUMBERS, "-rs")
    assert result.parseoutcomes() == {"failed": 1, "skipped": 5}
    assert "the block on line 4 of this page failed" in result.stdout.str()


def test_a_block_that_raises_runs_once(check):
    """pytest-markdown-docs would run it again after a TypeError."""
    check("```python\nopen('runs', 'a').write('x')\nlen(3)\n```\n")
    assert Path("runs").read_text() == "x"


def test_each_page_has_names_of_its_own(check):
    Path("other.md").write_text("```python\nname = 1\n```\n", "utf8")
    result = check("```python\nprint(name)\n```\n", "other.md")
    assert "NameError: name 'name' is not defined" in result.stdout.str()


def test_what_needs_a_missing_module_is_skipped_and_says_so(check):
    page = "```{ .python .needs-nonesuch }\nx = 1\n```\n\nIt is 1<!--= x -->, not 3<!--= 1 + 1 -->.\n"
    result = check(page + "\n```{ .python .needs-json }\ny = 2\n```\n", "-rs")
    assert result.parseoutcomes() == {"failed": 1, "skipped": 2, "passed": 1}
    assert "nonesuch is not installed" in result.stdout.str()


def test_no_fence_escapes(check):
    openings = ["```python", "~~~python", "```{ .python .extra }", '```py title="x.py"', "````python3"]
    blocks = [f"{opening}\nraise SystemError\n{re.match('[`~]+', opening)[0]}\n" for opening in openings]
    fences = [textwrap.indent(block, indent) for block in blocks for indent in ("", "    ", "        ", "> ", "  ")]
    result = check("Text.\n\n" + "\n".join(fences))
    assert sum(result.parseoutcomes().values()) == 25


def test_a_fence_inside_of_another_does_not_run(check):
    assert check("````markdown\n```python\n1/0\n```\n````\n").ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(
    ("page", "right", "wrong", "line", "paragraph"),
    [
        (BLOCK, "\n6\n", "\n7\n8\n", 13, "It has three entries"),
        (BLOCK, "\n\n```text\n6\n```", "", 2, "Some words."),
        (IN_A_TAB, "    first\n      second\n", "    third\n", None, ""),
        (NUMBERS, "has 3<", "has 12<", 8, "It has 3<!--= len(numbers) --> entries"),
        (NUMBERS, "three", "nine", 8, "In words, three"),
        (TABLE, "| 9 |", "| 6 |", 2, "Some words."),
        (DOCSTRING, "\n3\n", "\n4\n", None, ""),
    ],
)
def test_update_docs_writes_what_the_code_says_and_lists_what_to_read_again(check, page, right, wrong, line, paragraph):
    name = "page.py" if page is DOCSTRING else "page.md"
    result = check(page.replace(right, wrong), "--update-docs", name=name)
    assert failures(result) == 0
    assert Path(name).read_text("utf8") == page
    if line:
        told = result.stdout.str().partition("read again")[2]
        assert f"page.md:{line}\n" in told
        assert paragraph in told


def test_update_docs_removes_a_text_that_nothing_printed(check):
    check("```python\nx = 1\n```\n\n```text\n1\n```\n\nText.\n", "--update-docs")
    assert Path("page.md").read_text("utf8") == "```python\nx = 1\n```\n\nText.\n"


def test_a_page_goes_to_one_worker(pytester, check):
    """With pytest-xdist: the blocks of a page need those before them."""
    pages = [f"page{n}.md" for n in range(3)]
    for page in pages:
        Path(page).write_text("```python\nx = 1\n```\n" + "\n```python\nx += 1\n```\n" * 5, "utf8")
    check(BLOCK, "-n", "2", "--dist", "loadfile", *pages).assert_outcomes(passed=19)
