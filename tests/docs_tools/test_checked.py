"""The checker of the pages, on tiny pages: what is true is green, and each kind of false statement is red."""

import json
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

pytest_plugins = ["pytester"]

PAGE = textwrap.dedent("""
    # A page

    ```python
    import math
    numbers = [1, 2, 3]
    print(sum(numbers))
    ```

    ```text
    6
    ```

    The list has 3<!--= len(numbers) --> entries, `(1, 3)`<!--= (numbers[0], numbers[-1]) --> at its ends.

    <!-- eq: sum(range(1, n + 1)) for n in 1..9 where n != 5 -->
    $$ S = \\frac{n (n + 1)}{2} $$

    !!! note

        ```python
        from math import isqrt, pi
        print(numbers[0])
        ```

        ```text
        1
        ```

    See [a page](#a-page) and `mathematics.isqrt`, [pi, or pie][mathematics.pi].
""")
ITEMS = 9


@pytest.fixture
def check(pytester, monkeypatch):
    """Run the checker on a page; the names it may use are those of `math`, called mathematics."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    pytester.makeini(
        "[pytest]\ndocs_names = mathematics = math\ndocs_words = isqrt\n"
        "docs_proper =\n    Heaps = heapq\n    Texts = string\n"
        "docs_symbols =\n    size = n\n    full size = f g\n"
    )

    def run(text, *options, name="page.md"):
        Path(name).write_text(textwrap.dedent(text), "utf8")
        return pytester.runpytest_inprocess("-p", "docs_tools.checked", *options, name)

    return run


def test_a_true_page_is_green(check):
    check(PAGE).assert_outcomes(passed=ITEMS)


@pytest.mark.parametrize(
    ("true", "false", "message"),
    [
        ("\n6\n", "\n7\n", "*the page says*7*the code says*6*mend it with   pytest page.md --update-docs*"),
        ("\n    1\n", "\n    2\n", "*the page says*2*the code says*1*"),
        ("has 3<!", "has 4<!", "*the page says*4*the code says*3    which is len(numbers)*"),
        ("`(1, 3)`<", "`(1, 2)`<", "*the page says*(1, 2)*the code says*(1, 3)*"),
        ("(n + 1)}", "(n - 1)}", "*the equation gives  0*gives  1*at n = 1*"),
        ("{2}", "{3}", "*the equation gives*"),
        ("n != 5", "n > 9", "*nothing was compared*"),
        ("`mathematics.isqrt`", "`mathematics.iroot`", "*has no attribute 'iroot'*"),
        ("[mathematics.pi]", "[mathematics.pie]", "*has no attribute 'pie'*"),
        ("(#a-page)", "(#the-page)", "*no heading #the-page*"),
        ("(#a-page)", "(other.md)", "*no file other.md*"),
        ("[a page]", "[above]", "*the link says 'above', and too little of ' a-page'*"),
        ("[pi, or pie]", "[e]", "*the link leads to mathematics.pi, and does not say so*"),
        ("sum(numbers)", "total(numbers)", "*page.md*, line 7, in <module>*NameError: name 'total'*"),
    ],
)
def test_each_false_statement_is_red(check, true, false, message):
    assert true in PAGE
    result = check(PAGE.replace(true, false, 1))
    result.assert_outcomes(passed=ITEMS - result.parseoutcomes()["failed"], failed=result.parseoutcomes()["failed"])
    assert matches(message, result.stdout.str()), result.stdout.str()


def test_of_two_pages_with_a_word_of_the_link_it_leads_to_the_more_alike(check):
    Path("gradient.md").write_text("# The gradient of a sum\n", "utf8")
    Path("sums.md").write_text("# Sums\n", "utf8")
    check("See [the gradient of sums](gradient.md) and [sums](sums.md).\n").assert_outcomes(passed=2)
    result = check("See [the gradient of sums](gradient.md) and [sums](gradient.md).\n")
    assert matches("*'sums', which is more like sums.md than gradient.md*", result.stdout.str()), result.stdout.str()


def test_a_link_to_a_heading_says_a_word_of_it(check):
    Path("sums.md").write_text("# Sums\n\n## Of nothing\n\n## Of pairs\n", "utf8")
    check("See [sums of pairs](sums.md#of-pairs).\n").assert_outcomes(passed=1)
    result = check("See [sums of pairs](sums.md#of-nothing).\n")
    assert "nothing of the heading 'of-nothing'" in result.stdout.str()


def matches(pattern: str, text: str) -> bool:
    position = 0
    for part in pattern.split("*"):
        position = text.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("It has shape (4, 16).", "no code stands behind (4, 16)"),
        ("It has shape `(4,)`.", "no code stands behind (4,)"),
        ("It is 6 x 6 samples.", "no code stands behind 6 x 6"),
        ("It is 6 × 6 × 2 samples.", "no code stands behind 6 × 6 × 2"),
        ("<!--= 3 --> samples.", "a marker stands straight after the value"),
        ("A value **3**<!--= 3 -->.", "a marker stands straight after the value"),
        ("```python\nx = 1", "this fence is never closed"),
        ("```python\nprint(5)\n```\n", "(nothing)"),
        ("```python\nx = 5\n```\n\n```text\n5\n```\n", "(nothing)"),
        ("```python\nx = 1/0\n```\n\nIt is 3<!--= 3 -->.", "the block on line 1 failed"),
        ("<!-- eq: 3 for n in 1..2 -->\n\nNo equation.", "this marker binds no equation"),
        ("$$\ny = x\n$$", "no code stands behind this equation"),
        ("Always $o = i + 1$ holds.", "no code stands behind this equation"),
        (r"Always $o = \max(i, 2)$ holds.", "no code stands behind this equation"),
        (r"A multiple of $\gcd(m, n)$.", "no code stands behind this equation"),
        ("```python\nimport math\nprint\n```\n\nCall `mathematics.gcd`.", "one after it has mathematics.gcd"),
        ("Of size $m$.", "the symbol of size is n, not m"),
        ("Of full size $n$.", "the symbol of full size is f or g, not n"),
        ("Of 1998.", "no code stands behind 1998"),
        ("The 2nd.", "no code stands behind 2"),
        ("It takes 20ms.", "no code stands behind 20"),
        ("Of stride-2, say.", "no code stands behind 2"),
        ("It doubles it.", "no code stands behind doubles"),
        ("## Book 1998 { #book-1999 }", "no code stands behind 1998"),
        ("It does so if $k < s$.", "no code stands behind this equation"),
        (r"It does so if $k \ge s$.", "no code stands behind this equation"),
        (r"It is $y = C x$.", "no code stands behind this equation"),
        ("It has $2 i - 1$ stones.", "no code stands behind this equation"),
        ("There $s = 2$ holds.", "no code stands behind 2"),
        ("It has $1/3$ of them.", "no code stands behind this equation"),
        ("It has $1/3$<!-- eq: 1 / 4 --> of them.", "gives  0.25"),
        ("Always $o = i + 1$<!-- eq: i + 2 for i in 1..3 --> holds.", "the equation gives  2"),
        ("A call `isqrt(nmuber)`.", "nmuber: neither the package nor the code"),
        ("A value `'leters'`.", "leters: neither the package nor the code"),
        ("```python\nx = 7\n```\n\nNine stones.", "no code stands behind Nine"),
        ("```python\nx = 7\n```\n\nA stone of 0.5 kg.", "no code stands behind 0.5"),
        ("```python\nx = 7\n```\n\nCall `f(x=8)`.", "no code stands behind 8"),
        ("| a | b |\n|---|---|\n| 5 | 6 |", "no code stands behind 5"),
        ("```python\nx = 7\n```\n\nNine stones.<!-- code: x = 7 -->", "no code stands behind Nine"),
        ("```python\nx = 7\n```\n\nNine stones.<!-- code: x = 9 -->", "the code of this page has not x = 9"),
        ("```python\nx = 7, 9\n```\n\nNine of 7.<!-- code: 7, 9 -->", "no code stands behind 7"),
        ("Nine<!--= 8 --> stones.", "Eight    which is 8"),
        ("```python\nx = -7\n```\n\nIt is 7.<!-- code: x = -7 -->", "no code stands behind 7"),
        ("```python\nmax = 7\n```\n\nIt is `x = 7`.", "no code stands behind 7"),
        ("```python\nf(x='a')\n```\n\nCall `f(x=\"b\")`.", 'no code of this page has x="b"'),
        ("```python\nx = 77\n```\n\nSeven stones.<!-- code: x = 7 -->", "the code of this page has not x = 7"),
        ("```python\nx = 7\n```\n\nThe second of two stones.<!-- code: x = 7 -->", "no code stands behind second"),
        ("```python\nm = 7\nn = 8\n```\n\nEight.<!-- code: m = 7 --><!-- code: n = 8 -->", "says nothing of m = 7"),
        ("```python\nimport heapq\n```\n\nTexts add.<!-- code: import heapq -->", "no code stands behind Texts"),
        (
            "```python\nimport heapq, string\n```\n\nTexts and heaps.<!-- code: heapq, string -->",
            "behind heaps",
        ),
        ("## Texts\n\n```python\nimport heapq, string\n```", "no code stands behind Texts"),
        ("| a | b |\n|---|---|\n| Texts | 5<!--= len('abcde') --> |", "no code stands behind Texts"),
        ("```python\nx = 4, 3  # four stones of two sorts\n```", "beside this comment has not two"),
        ("```python\n# three of four stones\nx = 4, 3\n```", "beside this comment has not four"),
        ("```python\nimport heapq  # texts\n```", "beside this comment has not texts"),
        ("See [Two](two.md?n=3).", "no code stands behind these settings"),
        ("```python\nn = 4\n```\n\n[page](page.md?n=3)<!--= dict(n=n) -->", "](page.md?n=4)"[1:]),
        ("```python\nm = 3\n```\n\n[page](page.md?n=3)<!--= dict(m=m) -->", "(page.md?m=3)"),
        ("Said by a_nmae without code.", "a_nmae: neither the package nor the code"),
        ("![Two squares](two.svg)", "there is no figure two.svg"),
    ],
)
def test_what_nothing_binds_is_red(check, text, message):
    result = check(text)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert message in result.stdout.str()


@pytest.mark.parametrize(
    "text",
    [
        "A call `f((1, 1))`, math $(1, 2)$, an address [x](http://x.org/(1,2)), a comment <!-- (3, 4) -->.",
        "```text\n(4, 16)\n```",
        "---\ntitle: 3 x 3\n---\nNothing.",
        "Always $o = i + 1$<!-- eq: i + 1 for i in 1..3 --> holds, $k$ and `len(x)`.",
        "````markdown\n```python\n1/0\n```\n````",
        "```python\nx = 7\n```\n\nSeven stones.<!-- code: x = 7 --> Call `x = 7`.",
        "```python\nstr(object='a')\n```\n\nCall `str(object=\"a\")`.",
        "One more, version 2.4.6, float32, [book 12](http://x.org/12).\n\n1. The.\n\n# Book 1998 { #book-1998 }",
        "Three<!--= 1 + 2 --> stones, the third<!--= 1 + 2 --> of one, half<!--= 1 / 2 --> of two<!--= 2 -->.",
        "```python\nhalf = 3\n```\n\nHalf of [it](http://x.org?n=4).<!-- code: half = 3 -->",
        "```python\nn = 3\n```\n\nA [page](page.md?n=3)<!--= dict(n=n) -->.",
        "```python\n# four stones\nx = 4, \"# 5\", '#\\'6'  # of four sorts\nimport heapq  # heaps\n```",
        "Of size $n$, and full Size $g'$.",
        "```python\nimport heapq, string\n```\n\nHeaps, and texts.<!-- code: heapq, string -->",
        "```python\nimport heapq\n```\n\nHeaps have 2<!--= heapq.nlargest(1, [1, 2])[0] -->.",
        "## Heaps { #texts }\n\n```python\nimport heapq, string\n```",
        "| a | b |\n|---|---|\n| Texts | 5<!--= len(row[0]) --> |",
        "| a | b<!--= [len(a) for a, b in rows] --> |\n|---|---|\n| Texts | 5 |",
    ],
)
def test_what_claims_nothing_is_green(check, text):
    assert check(text).parseoutcomes().get("failed", 0) == 0


def test_no_fence_escapes(check):
    openings = ["```python", "~~~python", "```{ .python .extra }", '```py title="x.py"', "````python3"]
    blocks = [f"{opening}\nraise SystemError\n{re.match('[`~]+', opening)[0]}\n" for opening in openings]
    fences = [textwrap.indent(block, indent) for block in blocks for indent in ("", "    ", "        ", "> ", "  ")]
    check("Text.\n\n" + "\n".join(fences)).assert_outcomes(failed=25)


def test_a_block_that_needs_what_is_not_installed_is_skipped_with_its_reason(check):
    page = (
        "```{ .python .needs-nonesuch }\nx = 1\n```\n\nIt is 1<!--= x -->.\n\n```{ .python .needs-json }\ny = 2\n```\n"
    )
    result = check(page, "-rs")
    result.assert_outcomes(skipped=2, passed=1)
    assert "nonesuch is not installed" in result.stdout.str()


def test_update_docs_writes_what_the_code_says(check):
    false = PAGE
    for true, wrong in [
        ("\n6\n", "\n7\n8\n"),
        ("has 3<", "has 12<"),
        ("`(1, 3)`", "`(2, 3, 4)`"),
        ("    1\n", "    2\n"),
    ]:
        false = false.replace(true, wrong, 1)
    check(false, "--update-docs").assert_outcomes(passed=ITEMS)
    assert Path("page.md").read_text() == PAGE


def test_update_docs_adds_and_empties_outputs(check):
    check("> ```python\n> print(1)\n> ```\n\nText.\n\n```python\nx = 1\n```\n```text\n1\n```\n", "--update-docs")
    assert Path("page.md").read_text() == (
        "> ```python\n> print(1)\n> ```\n>\n> ```text\n> 1\n> ```\n\nText.\n\n```python\nx = 1\n```\n"
    )
    check(Path("page.md").read_text()).assert_outcomes(passed=2)


def test_each_page_has_a_namespace_of_its_own(check, pytester):
    Path("other.md").write_text("```python\nname = 1\n```\n")
    result = check("```python\nprint(name)\n```\n", "other.md")
    assert "NameError: name 'name' is not defined" in result.stdout.str()


def test_docstrings_are_pages(check):
    source = (
        'def two():\n    """Two.\n\n    ```python\n    print(1 + 1)\n    ```\n\n    ```text\n    3\n    ```\n    """\n'
    )
    Path("math").mkdir()
    result = check(source, "--update-docs", name="math/two.py")
    result.assert_outcomes(passed=1)
    assert Path("math/two.py").read_text() == source.replace("3", "2")


def test_a_docstring_names_what_the_code_has_and_no_other_docstring(check):
    Path("math").mkdir()
    source = 'def two(size):\n    """Give `size`, not `sizing`."""\n\n\ndef three():\n    """Another `sizing`."""\n'
    result = check(source, name="math/two.py")
    result.assert_outcomes(passed=1, failed=2)
    assert "sizing: neither the package nor" in result.stdout.str()


def test_a_notebook_is_a_page(check):
    def cell(kind, text, **more):
        return {"cell_type": kind, "source": [text], **more}

    cells = [
        cell("code", "print(6 * 7)", metadata={"prints": ["42"]}),
        cell("markdown", "It has 2<!--= 1 + 1 --> parts, and (6, 7) none."),
        cell("code", "1 / 0", outputs=[]),
    ]
    result = check(json.dumps({"cells": cells}), name="tour.ipynb")
    result.assert_outcomes(passed=2, failed=2)
    for message in ("(cell 2): no code stands", "(cell 3): the code fails"):
        assert message in result.stdout.str()


def test_what_a_notebook_prints_stands_in_its_metadata(check):
    def notebook(**metadata):
        cells = [{"cell_type": "code", "source": ["print(6 * 7)"], "metadata": metadata}]
        return json.dumps({"cells": cells}, indent=1) + "\n"

    check(notebook(prints=["42"]), name="tour.ipynb").assert_outcomes(passed=1)
    assert "the code says" in check(notebook(prints=["43"]), name="tour.ipynb").stdout.str()
    check(notebook(prints=["43"]), "--update-docs", name="tour.ipynb").assert_outcomes(passed=1)
    assert Path("tour.ipynb").read_text() == notebook(prints=["42"])


@pytest.mark.parametrize("said", ["Two squares", "It's B, after A. Two squares", "A before B?"])
@pytest.mark.parametrize("false", [("A", "C"), ("B", "D"), ("A", "X", "B", "A", "X", "B"), ("Two", "Three"), ("s", "")])
def test_of_a_figure_a_page_says_what_the_figure_says_of_itself(check, said, false):
    """Whole sentences, so that not even two of its names can change places."""
    Path("two.svg").write_text(
        "<svg><title>Two squares</title><desc>One is left of it.</desc>"
        "<metadata>It&#x27;s B, after A. A before B?</metadata><text>Three C D</text></svg>"
    )
    wrong = said
    for old, new in zip(false[::2], false[1::2]):
        wrong = wrong.replace(old, new)
    for text in ("![{}](two.svg)", '![Two squares](two.svg "{}")'):
        check(text.format(said)).assert_outcomes(passed=1)
        if wrong != said:
            result = check(text.format(wrong))
            result.assert_outcomes(failed=1)
            assert "the figure two does not say so; it says" in result.stdout.str()


def test_the_versions_on_record_are_those_of_libraries(check):
    """A module of the standard library has Python's version, whatever number it gives itself."""
    check("```python\nimport json\nimport numpy as np\n```\n").assert_outcomes(passed=1)
    (found,) = Path().rglob(".cache/**/*.json")
    assert json.loads(found.read_text())["versions"] == {"numpy": np.__version__}


def test_a_marker_in_a_table_knows_its_row_and_its_column(check):
    marker = "<!--= eval(column)(row[0]) -->"
    table = f"| word | len |\n|---|---|\n| abc | 3{marker} |\n| word | 4{marker} |\n"
    check(table).assert_outcomes(passed=2)
    for true, false in (("abc", "ab"), ("4<", "3<"), ("len", "hash")):
        check(table.replace(true, false, 1)).assert_outcomes(passed=true != "len", failed=1 + (true == "len"))


COLUMN = """
| word | its length<!--= [len(row[0]) for row in rows] --> | its end<!--= ends(rows) --> |
|---|---|---|
| abc | 3 | c, or `c` |
| words<!-- a comment --> | five | s |
"""
ENDS = "```python\ndef ends(rows):\n    return ['c, or `c`', *(word[-1] for word, *_ in rows[1:])]\n```\n"


@pytest.mark.parametrize(
    ("true", "false"),
    [("abc", "ab"), ("words", "wordy"), ("3", "5"), ("five", "six"), ("c, or", "s, or"), ("`c`", "`d`")],
)
def test_a_marker_in_the_head_of_a_table_binds_every_cell_below_words_as_well(check, true, false):
    check(ENDS + COLUMN).assert_outcomes(passed=3)
    result = check(ENDS + COLUMN.replace(true, false, 1))
    result.assert_outcomes(passed=2, failed=1)
    assert "mend it with" in result.stdout.str()
    check(ENDS + COLUMN.replace(true, false, 1), "--update-docs").assert_outcomes(passed=3)
    check(Path("page.md").read_text()).assert_outcomes(passed=3)
    assert (Path("page.md").read_text() == ENDS + COLUMN) == (true not in ("abc", "words"))


def test_a_column_has_as_many_cells_as_its_marker_gives(check):
    result = check(ENDS + COLUMN.replace("ends(rows)", "['c, or `c`']"))
    assert "the column has 2 cells, and ['c, or `c`'] gives 1" in result.stdout.str()


def test_an_equation_in_a_table_knows_its_row(check):
    table = "| of | is |\n|---|---|\n| sum | $n + n$<!-- eq: eval(row[0])([n, n]) for n in 2..5 --> |\n| max | 1 |\n"
    table = table.replace("| 1 |", "| $n$<!-- eq: eval(row[0])([n, n]) for n in 2..5 --> |")
    check(table).assert_outcomes(passed=2)
    check(table.replace("sum", "min")).assert_outcomes(passed=1, failed=1)
