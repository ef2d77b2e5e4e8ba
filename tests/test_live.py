"""Blocks that run in the page, as a reader runs them: in a browser, by clicking."""

import os
from pathlib import Path

import pytest
from browser import missing, violations

from docs_tools.checker.page import fences
from docs_tools.live import fetch

DOCS = Path(__file__).parents[1] / "docs"
WITH_BLOCKS = [path for path in sorted(DOCS.rglob("*.md")) if any(f.is_python for f in fences(path.read_text("utf8")))]
ALL = [*(path.relative_to(DOCS).with_suffix("").as_posix() for path in WITH_BLOCKS), "reference/api"]  # and docstrings
FEW = ["guides/port-a-layer", "concepts/channels"]  # the tests that follow go on with the last one
PATIENCE = 120_000  # milliseconds that Python may take to load and to run a block, on a busy machine


def present():
    if not fetch.complete():
        missing("Python for the page is not there: `make live` fetches it")


@pytest.fixture
def live(page, address):
    """A function that opens a page of the site, or goes on with it: Python runs there already, once a test began it.

    At the end its blocks are as they were.
    """
    present()

    def opened(name):
        place = address + f"{name}/".removeprefix("index/")
        if page.url != place:
            page.goto(place)
        return page

    yield opened
    page.locator("[data-do=reset]").evaluate_all("(buttons) => buttons.forEach((button) => button.click())")
    page.locator("[data-do=reset]").first.wait_for(state="detached")


@pytest.fixture
def channels(live):
    return live("concepts/channels")


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
    """Click, and wait until the block has run."""
    unfold(block)
    begins(block)
    block.locator("[data-do=run]").click()
    ends(block)


def begins(block):
    """Forget that it has run before."""
    block.evaluate("(block) => delete block.dataset.state")


def ends(block):
    """Wait until a block has run, or an answer is judged."""
    block.locator("xpath=self::*[@data-state='ended']").wait_for(timeout=PATIENCE)


def test_nothing_is_loaded_before_the_click(live, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    live("concepts/channels")
    page.wait_for_load_state("networkidle")
    assert asked
    assert not [url for url in asked if "/live/" in url]
    assert page.locator("[data-live] [data-do=run]").count()


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


def edit(block, text):
    unfold(block)
    block.locator("[data-do=edit]").click()
    block.locator("textarea").fill(text)


def reset(block):
    """Click, and wait: the answer comes with the script, a moment later."""
    block.locator("[data-do=reset]").click()
    block.locator("[data-do=edit]").wait_for(timeout=PATIENCE)


def said(block):
    """The line below a block that says how it stands."""
    return block.evaluate(
        "(block) => block.nextElementSibling.nextElementSibling.querySelector('[role=status]').textContent"
    )


def test_an_edited_block_prints_the_edited_answer_and_can_be_reset(channels):
    block = channels.locator("[data-live]").first
    source, before = block.locator("code").text_content(), shown(block)
    edit(block, "import deconvlib as dl\nprint(dl.Axis(5, 4, stride=3).output_size)")
    run(block)
    assert shown(block) == "16\n"
    assert said(block) == "Your version ran here."
    reset(block)
    assert (block.locator("code").text_content(), shown(block)) == (source, before)
    assert block.locator("textarea").count() == 0


def test_a_block_is_run_after_those_above_it_as_they_read_now(channels):
    """The blocks above run first, and again when one of them was edited."""
    first, second = channels.locator("[data-live]").all()[:2]
    edit(first, "number = 1")
    edit(second, "number += 1\nprint(number)")
    for _ in range(2):
        run(second)
        assert shown(second) == "2\n"
    first.locator("textarea").fill("number = 5")
    run(second)
    assert shown(second) == "6\n"
    first.locator("textarea").fill("other = 5")
    run(second)
    assert lines(shown(second))[-1] == "NameError: name 'number' is not defined"


def test_an_error_is_pythons_own_with_the_remedy(channels):
    """The traceback shows the lines of the page alone; what was printed before stays."""
    block = channels.locator("[data-live]").first
    call = "dl.conv_transpose(np.ones((1, 4, 1)), np.ones((3, 1, 1)), strides=2, method='padded')"
    edit(block, f"import numpy as np\nimport deconvlib as dl\nprint('before')\n{call}")
    run(block)
    assert lines(shown(block)) == [
        "before",
        "Traceback (most recent call last):",
        '  File "<block 1>", line 4, in <module>',
        f"    {call}",
        "ValueError: padded needs stride 1 on every axis, got (2,); use method='fractional_stride'",
    ]
    assert said(block) == "It stopped with an error."


def test_it_is_all_done_with_the_keyboard(channels):
    """Tab indents, Enter keeps the indentation, Ctrl+Enter runs, Escape leaves."""
    block = channels.locator("[data-live]").first
    block.locator("[data-do=edit]").focus()
    channels.keyboard.press("Enter")
    block.locator("textarea:focus").wait_for()
    channels.keyboard.press("Control+A")
    channels.keyboard.type("if True:\nprint(1)\nprint(2)\n\nfor n in range(2):\nprint(n)")
    channels.keyboard.press("Shift+Tab")
    channels.keyboard.type("; print('out')")
    channels.keyboard.press("Control+A")
    channels.keyboard.press("Tab")
    channels.keyboard.press("Shift+Tab")
    assert block.locator("textarea").input_value() == (
        "if True:\n    print(1)\n    print(2)\n    \n    for n in range(2):\n    print(n); print('out')"
    )
    channels.keyboard.press("Escape")
    assert channels.evaluate("document.activeElement.textContent") == "Run"
    block.locator("textarea").fill("print(sum(range(5)))")
    begins(block)
    block.locator("textarea").press("Control+Enter")
    ends(block)
    assert shown(block) == "10\n"


EXERCISES = [
    path.relative_to(DOCS).with_suffix("").as_posix() for path in WITH_BLOCKS if ".check }" in path.read_text("utf8")
]


def tried(exercise):
    """Where a reader types an answer."""
    unfold(exercise)
    if exercise.locator(".live-answer").count() == 0:
        exercise.locator("[data-do=try]").click()
        exercise.locator(".live-answer textarea").wait_for()
    return exercise.locator(".live-answer textarea")


def answer(exercise, code):
    """Type an answer, and read the verdict."""
    exercise.locator(".live-answer textarea").fill(code)
    actions = exercise.locator(".live-answer ~ .live-actions")
    begins(actions)
    actions.locator("[data-do=check]").click()
    ends(actions)
    return exercise.locator(".live-actions ~ .live-state [role=status]").first.text_content()


@pytest.mark.parametrize("name", EXERCISES if os.environ.get("LIVE_PAGES") == "all" else EXERCISES[:1])
def test_every_exercise_tells_a_right_answer_from_a_wrong_one(live, name):
    """What the answer begins with is wrong, and the solution is right."""
    page = live(name)
    for exercise in page.locator("details.question:has([data-answer])").all():
        solution = "\n".join(exercise.locator("[data-live]:not(.check) code").all_text_contents())
        begun = tried(exercise).input_value()
        assert "..." in begun
        assert answer(exercise, begun) == "Not yet: the check fails."
        assert answer(exercise, "1 / 0") == "Your code stopped with an error."
        assert answer(exercise, solution) == "Right: every case of the check holds."


def test_an_endless_loop_is_stopped_and_the_page_goes_on_without_a_network(channels):
    """Python starts anew from what was loaded before."""
    block, other = channels.locator("[data-live]").all()[:2]
    wanted = shown(other)
    edit(block, "print('begun')\nwhile True:\n    pass")
    block.locator("[data-do=run]").click()
    channels.locator(".live-printed", has_text="begun").wait_for(timeout=PATIENCE)
    channels.context.set_offline(True)
    block.locator("[data-do=stop]").click()
    ends(block)
    assert said(block).startswith("Stopped.")
    reset(block)
    run(other)
    assert shown(other) == wanted


def test_a_wrong_answer_is_told_where_it_is_wrong(live):
    page = live("first-steps/subpixel")
    exercise = page.locator("details.question:has([data-answer])").first
    tried(exercise)
    answer(exercise, "def taps_of(n, k, s):\n    return list(range(0, k, s))")
    said = exercise.locator(".live-answer ~ .language-text code").first.text_content()
    assert "assert taps_of(n, k, s) == right" in said
    assert said.splitlines()[-1] == "with n = 13, k = 5, s = 2, right = [1, 3]"


SETTINGS = [(scheme, width) for scheme in ("default", "slate") for width in (390, 1280)]


def test_nothing_stands_in_the_way_of_a_screen_reader(live):
    """A block that ran, one that fails in the editor, and an answer that is not right yet; light and dark."""
    page = live("first-steps/subpixel")
    page.emulate_media(reduced_motion="reduce")
    block, other = page.locator("[data-live]").all()[:2]
    run(block)
    exercise = page.locator("details.question:has([data-answer])").first
    answer(exercise, tried(exercise).input_value())
    edit(other, "1 / 0")
    run(other)
    for scheme, width in SETTINGS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("(scheme) => document.body.dataset.mdColorScheme = scheme", scheme)
        page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
        assert violations(page) == [], (scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
