"""The small explorers of the lessons: each opens on the case beside it, and does what a learner wants to do there."""

import re
from pathlib import Path

import numpy as np
import pytest
from browser import served, watched

import deconvlib as dl

DOCS = Path(__file__).parents[1] / "docs"
HEAD = (
    '<!doctype html><html lang="en" data-md-color-scheme="default"><link rel="icon" href="data:,">'
    '<link rel="stylesheet" href="stylesheets/figures.css"><script src="assets/site.js"></script><main>'
)
KINDS = ["direct", "padded", "fractional", "stamps", "phases", "sizes", "checkerboards", "dilation"]
CASES = re.findall(r'<deconv-lesson kind="(\w+)" case="([^"]*)"', "".join(p.read_text() for p in DOCS.rglob("*.md")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pages with nothing but a small explorer, beside the site's files."""
    folder = tmp_path_factory.mktemp("lessons")
    for name in ("assets", "stylesheets"):
        (folder / name).symlink_to(DOCS / name)
    for kind in KINDS:
        text = f'{HEAD}<deconv-lesson kind="{kind}"><p>A figure.</p></deconv-lesson>'
        (folder / f"{kind}.html").write_text(text)
    (folder / "unknown.html").write_text(f'{HEAD}<deconv-lesson kind="unknown"><p>A figure.</p></deconv-lesson>')
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as address:
        yield address


@pytest.fixture
def lesson(page):
    def opened(kind):
        page.goto(f"{kind}.html")
        page.locator(".facts").wait_for()
        return page

    return opened


def drawn(page):
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def turn(page, knob, value):
    page.locator(f"[data-knob={knob}] [type=range]").fill(str(value))
    drawn(page)


def output(page) -> list[int]:
    return [int(text.replace("−", "-")) for text in page.locator(".output text").all_text_contents()]


def facts(page) -> str:
    return page.locator(".facts").text_content()


def test_each_lesson_has_its_own_and_each_opens_on_a_case_that_is_drawn(page, folder):
    """Those that the pages have, with their cases."""
    assert {kind for kind, _ in CASES} == set(KINDS)
    for kind, case in CASES:
        (folder / "case.html").write_text(f'{HEAD}<deconv-lesson kind="{kind}" case="{case}"></deconv-lesson>')
        page.goto(f"case.html?{kind}={case}")
        page.locator(".facts").wait_for()
        assert page.locator(".facts.refused").count() == 0, (kind, case)
        assert page.locator(".views svg rect").count() > 5
        assert page.locator(".told").text_content()


def test_without_a_script_the_figure_stays(browser, address):
    context = browser.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto("stamps.html")
    assert page.get_by_text("A figure.").is_visible()
    context.close()


def test_an_unknown_kind_leaves_the_figure(page):
    page.goto("unknown.html")
    page.wait_for_function("Boolean(customElements.get('deconv-lesson'))")
    assert page.get_by_text("A figure.").is_visible()


def test_a_stamp_vanishes_with_its_input(lesson):
    page = lesson("stamps")
    kernel = np.arange(1, 10).reshape(3, 3)
    x = np.arange(1, 5).reshape(2, 2)
    for typed, value in ((None, x), ("0", np.array([[1, 2], [3, 0]]))):
        if typed:
            page.get_by_label("input, cell 1, 1").fill(typed)
            drawn(page)
        expected = dl.conv_transpose(value[None, ..., None], kernel[..., None, None], 2)
        assert output(page) == expected.ravel().tolist()


def test_stamps_are_walked_through_one_by_one(lesson):
    page = lesson("stamps")
    page.get_by_label("Step").click()
    drawn(page)
    assert sum(output(page)) == 45
    assert page.locator(".stamps .stamp:not(.on)").count() == 1


def test_a_kernel_that_is_not_rotated_gives_wrong_sums_in_red(lesson):
    page = lesson("padded")
    before = output(page)
    assert page.locator(".output .wrong").count() == 0
    page.get_by_label("kernel rotated").uncheck()
    drawn(page)
    kernel = np.arange(1, 10)[::-1].reshape(3, 3)
    x = np.arange(1, 5).reshape(2, 2)
    wrong = dl.conv_transpose(x[None, ..., None], kernel[..., None, None]).ravel().tolist()
    assert output(page) == wrong
    assert page.locator(".output .wrong").count() == sum(a != b for a, b in zip(wrong, before)) > 0
    page.get_by_label("kernel rotated").check()
    drawn(page)
    assert output(page) == before


def test_a_crop_on_each_side_is_turned_by_one_knob(lesson):
    page = lesson("padded")
    turn(page, "p", 1)
    assert len(output(page)) == 4
    grey = "(views) => getComputedStyle(views).filter"
    assert page.locator(".views").evaluate(grey) == "none"
    turn(page, "p", 4)
    assert "crop must leave at least one" in page.locator(".facts.refused").text_content()
    assert page.locator(".views").evaluate(grey) == "grayscale(1)"  # those of before


def test_products_that_count_are_counted(lesson):
    page = lesson("fractional")
    assert (
        facts(page) == "The window computes 225 products. 36 of them meet an input sample; the others are times zero."
    )
    turn(page, "s", 3)
    assert "324 products. 36 of them" in facts(page)


def test_a_row_of_the_matrix_folds_back_into_a_window(lesson):
    page = lesson("direct")
    drawing = page.locator(".matrix svg").bounding_box()
    size = (drawing["width"] - 4) / 16
    page.mouse.move(drawing["x"] + 2 + 0.5 * size, drawing["y"] + 2 + 3.5 * size)
    assert page.locator(".told").text_content() == "x[1, 1] = 4 times the kernel lands on 9 output samples"
    assert page.locator(".output .lit").count() == 9


def test_taps_and_samples_of_a_phase_have_one_colour(lesson):
    page = lesson("phases")
    hues = page.locator(".phases .phase").evaluate_all("(all) => all.map((one) => one.style.getPropertyValue('--hue'))")
    taps, samples = hues[:9], np.array(hues[9:]).reshape(7, 7)
    assert len(set(taps)) == 4
    assert len(set(samples[::2, ::2].ravel())) == 1
    assert samples[0, 0] == taps[0]  # taps (0, 0), (0, 2), (2, 0), (2, 2)
    assert (samples[0, 1], samples[1, 0], samples[1, 1]) == (taps[4], taps[6], taps[8])


def test_the_ends_of_the_crop_are_two_knobs(lesson):
    page = lesson("sizes")
    assert facts(page) == "The full output has 7 samples; 7 − 0 − 0 = 7 are left."
    turn(page, "b", 1)
    turn(page, "e", 2)
    assert facts(page) == "The full output has 7 samples; 7 − 1 − 2 = 4 are left."
    turn(page, "a", 1)
    assert facts(page) == "The full output has 7 samples; 7 − 1 − 1 = 5 are left."
    assert page.locator(".stamps rect.crop").count() == 2


def test_a_checkerboard_is_counted_and_goes_with_an_even_kernel(lesson):
    page = lesson("checkerboards")
    assert output(page) == dl.overlap(dl.Geometry.of((5, 5), 3, 2)).ravel().tolist()
    assert facts(page).startswith("Uneven")
    turn(page, "k", 4)
    assert output(page) == dl.overlap(dl.Geometry.of((5, 5), 4, 2)).ravel().tolist()
    assert facts(page).startswith("Even")
    page.get_by_label("how many stamps").uncheck()
    page.get_by_label("as a picture").check()
    drawn(page)
    assert page.locator(".output .grey").count() == 144


def test_holes_are_counted(lesson):
    page = lesson("dilation")
    assert facts(page) == "Every sample of the output is reached."
    turn(page, "s", 2)
    assert facts(page) == "4 samples of the output are reached by no tap."


# ---- for everybody ----


@pytest.mark.parametrize("kind", KINDS)
def test_a_finger_works_each_of_them(browser, address, kind):
    """It turns the first knob, and chooses a cell of each picture."""
    with watched(browser, address, has_touch=True, viewport={"width": 390, "height": 800}) as page:
        page.goto(f"{kind}.html")
        page.locator(".facts").wait_for()
        slider = page.locator(".knob [type=range]").first
        before = slider.input_value()
        slider.tap(position={"x": slider.bounding_box()["width"] - 3, "y": 10})
        drawn(page)
        assert slider.input_value() == slider.get_attribute("max") != before
        for panel in page.locator(".views .panel:not(.cells)").all():
            chosen = page.evaluate("JSON.stringify(document.querySelector('deconv-lesson').chosen)")
            where = panel.locator(".scroll").evaluate(TAPPED)
            page.touchscreen.tap(**where)
            now = page.evaluate("JSON.stringify(document.querySelector('deconv-lesson').chosen)")
            assert now != chosen, panel.get_attribute("class")
            assert page.locator(".told").text_content()
            assert panel.locator(".lights *").count() > 0
        assert page.evaluate("document.documentElement.scrollWidth") == 390


# Where a cell of a box is that is not chosen yet, and in sight.
TAPPED = """(box) => {
  const lesson = document.querySelector("deconv-lesson");
  const panel = lesson.panels[box.parentNode.classList[1]];
  const now = JSON.stringify(lesson.chosen);
  box.scrollIntoView({ block: "center" });
  const { left, top } = panel.drawing.getBoundingClientRect();
  for (const grid of panel.picture.grids)
    for (let row = 0; row < grid.rows; row++)
      for (let column = 0; column < grid.columns; column++) {
        const chosen = grid.chosen(row, column);
        const [x, y] = grid.corner([row, column]).map((side) => side + grid.size / 2);
        if (chosen && JSON.stringify(chosen) !== now && left + x < 370) return { x: left + x, y: top + y };
      }
}"""


def test_the_ends_of_the_crop_are_dragged_with_a_finger(browser, address):
    with watched(browser, address, has_touch=True, viewport={"width": 800, "height": 390}) as page:
        page.goto("sizes.html")
        page.locator(".facts").wait_for()
        drawing = page.locator(".stamps .scroll")
        page.set_viewport_size({"width": 390, "height": 800})  # the telephone is turned upright
        drawn(page)
        assert drawing.evaluate("(box) => box.scrollWidth <= box.clientWidth")  # both ends are in sight
        box = page.get_by_role("slider", name="edge of the crop, begin, columns").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        devtools = page.context.new_cdp_session(page)
        for kind, right in (("touchStart", 0), ("touchMove", 20), ("touchMove", 66), ("touchEnd", None)):
            points = [] if right is None else [{"x": x + right, "y": y}]
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            drawn(page)
        assert facts(page) == "The full output has 7 samples; 7 − 2 − 0 = 5 are left."
        assert page.get_by_label("crop, begin").first.input_value() == "2"
