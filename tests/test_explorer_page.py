"""The explorer in a browser: what a reader does with it, and what then stands there."""

import base64
import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from browser import served, violations, watched

from deconvlib.checks import check_groups
from deconvlib.frameworks import jax, keras, pytorch, tensorflow

DOCS = Path(__file__).parents[1] / "docs"
ALONE = "assets/explorer/embed.html"
RAMPS = "x=1,2,3,4,5,6,7,8,9&w=1,2,3,4,5,6,7,8,9"
RANDOM = np.random.default_rng(3)
VIEWS = ("output", "stamps", "padded", "phases", "matrix")


@pytest.fixture(scope="module")
def address():
    with served(DOCS) as address:
        yield address


@pytest.fixture
def explore(page):
    """A function that opens the explorer, alone, with a state."""

    def opened(search=""):
        page.goto(f"{ALONE}?{search}")
        page.locator("deconv-explorer .says:not(:empty)").wait_for()
        return page

    return opened


@pytest.fixture
def touched(browser, address):
    """A telephone's page."""
    with watched(browser, address, has_touch=True, viewport={"width": 390, "height": 800}) as page:
        yield page


def drawn(page):
    """A change is drawn with the next frame."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def told(page) -> str:
    drawn(page)
    return page.locator(".told").text_content()


def says(page) -> str:
    drawn(page)
    return page.locator(".says").text_content()


def below(page):
    """Down to the code and to what can be taken away, which comes when it is in sight."""
    page.locator(".meaning").scroll_into_view_if_needed()
    page.locator(".take").wait_for(state="attached")


def knob(page, letter, box="range"):
    return page.locator(f"[data-knob={letter}] [type={box}]")


def settled(page, search):
    """The address says this, after a moment."""
    page.wait_for_function("(search) => location.search === search", arg=search)


def place(page, view, row, column) -> dict[str, float]:
    """Where a cell of a view is on the page, by row and column of the view's last grid."""
    box = page.locator(f".panel.{view} .scroll")
    box.scroll_into_view_if_needed()
    x, y = box.evaluate(
        "(box, [row, column]) => { const panel = document.querySelector('deconv-explorer')"
        ".panels[box.parentNode.classList[1]]; const grid = panel.picture.grids.at(-1);"
        "const { left, top } = box.firstChild.getBoundingClientRect();"
        "return [left + grid.x + (column + 0.5) * grid.size, top + grid.y + (row + 0.5) * grid.size]; }",
        [row, column],
    )
    return {"x": x, "y": y}


def move(page, view, row, column):
    page.mouse.move(**place(page, view, row, column))


def lit(page, view) -> list[tuple[int, int]]:
    """The cells of a view that are lit, by row and column of its last grid."""
    if view in ("input", "kernel"):
        cells = page.locator(f".cells.{view} input").evaluate_all(
            "(all) => all.map((one) => one.classList.contains('lit'))"
        )
        columns = page.evaluate(f"document.querySelector('deconv-explorer').panels.{view}.columns")
        return sorted(divmod(n, columns) for n, on in enumerate(cells) if on)
    found = page.locator(f".panel.{view} .scroll").evaluate(
        "(box) => { const panel = document.querySelector('deconv-explorer').panels[box.parentNode.classList[1]];"
        "const { x, y, size, rows, columns } = panel.picture.grids.at(-1);"
        "return [...box.querySelectorAll('.lights .lit')].map((lit) => [(lit.getAttribute('y') - y) / size,"
        "(lit.getAttribute('x') - x) / size]).filter(([r, c]) => r >= 0 && c >= 0 && r < rows && c < columns); }"
    )
    return sorted((int(row), int(column)) for row, column in found)


# ---- knobs ----


def test_a_slider_and_a_typed_number_change_the_pictures_and_the_address(explore):
    page = explore()
    assert says(page) == "3 × 3 → 7 × 7"
    knob(page, "s").fill("3")
    settled(page, "?s=3")
    assert says(page) == "3 × 3 → 9 × 9"
    assert page.locator(".output figcaption").text_content().startswith("Output, 9 × 9")
    assert knob(page, "s", "number").input_value() == "3"
    knob(page, "k", "number").fill("4")
    settled(page, "?k=4&s=3")
    assert says(page) == "3 × 3 → 10 × 10"
    assert page.locator(".output text").count() == 100


def test_each_axis_has_settings_of_its_own_or_the_same(explore):
    page = explore()
    page.get_by_label("same settings").uncheck()
    knob(page, "s0").fill("1")
    assert says(page) == "3 × 3 → 5 × 7"
    knob(page, "k1").fill("5")
    settled(page, "?k=3x5&s=1x2")
    assert says(page) == "3 × 3 → 5 × 9"
    page.get_by_label("same settings").check()
    settled(page, "?k=5")
    assert says(page) == "3 × 3 → 9 × 9"


def test_one_axis_has_a_row_to_each_stamp(explore):
    page = explore()
    page.get_by_label("1", exact=True).check()
    settled(page, "?axes=1")
    assert says(page) == "3 → 7"
    assert page.locator(".stamps .kernel").count() == 9
    assert told(page) == "y[2] = 1·3 + 2·1 = 5"


def test_a_refusal_stands_there_in_the_words_of_the_package(explore):
    page = explore()
    knob(page, "a").fill("2")
    assert "output_padding must be at least 0 and less than the stride" in says(page)
    assert page.locator(".views").is_visible()  # those of before
    assert page.locator(".views").evaluate("(views) => getComputedStyle(views).filter") == "grayscale(1)"
    knob(page, "a").fill("1")
    assert says(page) == "3 × 3 → 8 × 8"
    assert page.locator(".views").evaluate("(views) => getComputedStyle(views).filter") == "none"
    page = explore("a=3")
    assert page.locator(".views").is_hidden()  # there were none before
    knob(page, "a").fill("0")
    assert says(page) == "3 × 3 → 7 × 7"
    assert page.locator(".views").is_visible()


def test_what_is_too_much_to_draw_says_so_and_has_its_sizes_and_code(explore):
    page = explore("i=4096&p=1")
    assert "4096 × 4096 → 8191 × 8191 is too much to draw" in says(page)
    assert page.locator(".views").is_hidden()
    assert "4096 × 4096 → 8191 × 8191" in page.locator(".answer").text_content()
    assert "padding=1" in page.locator(".codes code").text_content()
    knob(page, "i", "number").fill("3")
    assert says(page) == "3 × 3 → 5 × 5"
    assert page.locator(".views").is_visible()


def test_a_number_that_a_knob_does_not_take_is_marked_and_does_not_stay(explore):
    page = explore()
    box = knob(page, "s", "number")
    box.fill("99")
    assert says(page) == "3 × 3 → 7 × 7"
    assert box.evaluate("(box) => [box.matches(':invalid'), getComputedStyle(box).outlineStyle]") == [True, "solid"]
    box.press("Tab")
    assert box.input_value() == "2"
    for _ in range(2):
        box.press("ArrowUp")
    assert says(page) == "3 × 3 → 11 × 11"
    assert box.input_value() == "4"


def test_every_picture_is_drawn_as_far_as_the_sliders_go(explore):
    page = explore("i=8&k=7&s=4")
    for view in VIEWS:
        assert page.locator(f".{view} .drawing rect").count() > 1000, view


# ---- numbers ----


def test_a_number_typed_into_a_cell_is_in_the_sums_and_in_the_address(explore):
    page = explore("x=ones&w=ones")
    page.get_by_label("input, cell 1, 1").fill("5")
    assert told(page) == "x[1, 1] = 5 times the kernel lands on 9 output samples"
    settled(page, "?x=1,1,1,1,5,1,1,1,1&w=ones&at=j1,1")
    page.get_by_label("kernel, cell 0, 2").fill("-2")
    drawn(page)
    move(page, "output", 2, 4)
    assert told(page) == "y[2, 4] = 1·1 + 1·1 + 5·−2 + 1·1 = −7"
    assert page.get_by_label("Numbers of the input").input_value() == "typed"


@pytest.mark.parametrize(("name", "letter"), [("input", "x"), ("kernel", "w")])
@pytest.mark.parametrize("fill", ["ones", "ramp", "random", "picture", "smooth"])
def test_numbers_can_be_filled_in(explore, fill, name, letter):
    page = explore("i=4&k=4")
    page.get_by_label(f"Numbers of the {name}").select_option(fill)
    drawn(page)
    cells = [int(box.input_value()) for box in page.locator(f".cells.{name} input").all()]
    if fill == "ones":
        assert cells == [1] * 16
    elif fill == "ramp":
        assert cells == list(range(1, 17))
    else:
        assert len(set(cells)) > 1
        assert cells != list(range(1, 17))
    if fill != "ramp":
        settled(page, f"?i=4&k=4&{letter}={fill}")


# ---- pointing ----


@pytest.mark.parametrize(
    ("view", "cell", "said", "partners"),
    [
        ("output", (2, 3), "y[2, 3] = 2·8 + 5·2 = 26", {"input": [(0, 1), (1, 1)], "kernel": [(0, 1), (2, 1)]}),
        ("stamps", (2, 3), "y[2, 3] = 2·8 + 5·2 = 26", {"padded": [(2, 4), (4, 4)], "phases": [(2, 3)]}),
        ("padded", (4, 4), "x[1, 1] = 5 times the kernel lands on 9 output samples", {"input": [(1, 1)]}),
        ("phases", (1, 1), "y[1, 1] = 1·5 = 5", {"input": [(0, 0)], "kernel": [(1, 1)], "output": [(1, 1)]}),
        ("matrix", (4, 24), "x[1, 1]·w[1, 1] = 5·5 = 25 lands in y[3, 3]", {"output": [(3, 3)], "matrix": [(4, 24)]}),
        ("matrix", (0, 48), "C has a zero here: x[0, 0] does not reach y[6, 6]", {"output": [], "input": []}),
    ],
)
def test_a_cell_of_each_view_lights_its_partners_in_all_others(explore, view, cell, said, partners):
    page = explore(RAMPS)
    move(page, view, *cell)
    assert told(page) == said
    for other, cells in partners.items():
        assert lit(page, other) == cells, other


def test_each_number_of_a_sum_has_the_colour_of_its_cell(explore):
    page = explore(RAMPS)
    move(page, "output", 2, 3)
    drawn(page)
    for part, numbers in (("x", ["2", "5"]), ("w", ["8", "2"]), ("y", ["26"])):
        assert page.locator(f".told .{part}").all_text_contents() == numbers
    colour = "(one) => getComputedStyle(one).color"
    assert len({page.locator(f".told .{part}").first.evaluate(colour) for part in "xwy"}) == 3
    page = explore("i=5&k=5&s=1&x=ones&w=ones")  # a long sum begins with what it comes to
    assert told(page).startswith("y[4, 4] = 25 = 1·1 + ")
    assert page.locator(".told .y").text_content() == "25"
    assert page.locator(".told .x").count() == 25


def test_each_picture_says_what_it_shows(explore):
    page = explore()
    for view in VIEWS:
        assert page.locator(f".{view} .note").is_visible()


def test_all_views_light_the_pairs_that_reach_a_sample(explore):
    """For every output sample of an uneven case: as counted from the definition."""
    page = explore("i=2x3&k=3x2&s=2x1&d=1x2&b=1x0&e=0x1")
    height, width = 4, 4
    for n in np.ndindex(height, width):
        move(page, "output", *n)
        pairs = [
            (j, t) for j in np.ndindex(2, 3) for t in np.ndindex(3, 2) if (2 * j[0] + t[0] - 1, j[1] + 2 * t[1]) == n
        ]
        assert lit(page, "input") == sorted({j for j, _ in pairs}), n
        assert lit(page, "kernel") == sorted({t for _, t in pairs}), n
        assert lit(page, "matrix") == sorted((j[0] * 3 + j[1], n[0] * width + n[1]) for j, _ in pairs), n
        assert lit(page, "phases") == ([n] if pairs else []), n
        assert page.locator(".phases .lights .lit").count() == len({t for _, t in pairs}) + bool(pairs), n


@pytest.mark.parametrize(
    ("view", "cell", "said"),
    [
        ("output", (2, 3), "y[2, 3] = 2·8 + 5·2 = 26"),
        ("stamps", (2, 3), "y[2, 3] = 2·8 + 5·2 = 26"),
        ("padded", (4, 4), "x[1, 1] = 5 times the kernel lands on 9 output samples"),
        ("phases", (1, 1), "y[1, 1] = 1·5 = 5"),
        ("matrix", (4, 16), "x[1, 1]·w[0, 0] = 5·1 = 5 lands in y[2, 2], one of the 4 numbers that add up to 40"),
    ],
)
def test_a_finger_chooses_a_cell_of_each_view(touched, view, cell, said):
    touched.goto(f"{ALONE}?{RAMPS}")
    touched.locator(".says:not(:empty)").wait_for()
    touched.touchscreen.tap(**place(touched, view, *cell))
    assert told(touched) == said
    assert touched.evaluate("document.documentElement.scrollWidth") == 390


def test_a_finger_turns_types_and_plays(touched):
    touched.goto(f"{ALONE}?{RAMPS}")
    touched.locator(".says:not(:empty)").wait_for()
    knob(touched, "s").tap(position={"x": 2, "y": 10})  # the left end of the slider
    assert says(touched) == "3 × 3 → 5 × 5"
    touched.get_by_label("kernel, cell 2, 2").tap()
    assert told(touched).startswith("Tap w[2, 2] = 9 lands on 9 output samples")
    touched.get_by_label("Step").tap()
    assert touched.locator(".step").text_content() == "1 of 9"
    touched.get_by_label("1", exact=True).tap()
    assert says(touched) == "3 → 5"


# ---- the edges of the crop ----


def edge(page, end, axis):
    return page.get_by_role("slider", name=f"edge of the crop, {end}, {axis}")


def centre(handle) -> tuple[float, float]:
    box = handle.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(
    ("end", "axis", "by", "said", "search"),
    [
        ("begin", "columns", (2.1, 0), "3 × 3 → 7 × 5", "?b=0x2"),
        ("begin", "rows", (0, 0.9), "3 × 3 → 6 × 7", "?b=1x0"),
        ("end", "columns", (-2, 3), "3 × 3 → 7 × 5", "?e=0x2"),
        ("end", "rows", (0, -3), "3 × 3 → 4 × 7", "?e=3x0"),
        ("begin", "columns", (-2, 0), "3 × 3 → 7 × 9", "?b=0x-2"),
        ("end", "columns", (-20, 0), "3 × 3 → 7 × 1", "?e=0x6"),  # one sample is left
    ],
)
def test_the_edges_of_the_crop_are_dragged(explore, end, axis, by, said, search):
    page = explore()
    page.get_by_label("same settings").uncheck()
    handle = edge(page, end, axis)
    handle.scroll_into_view_if_needed()
    x, y = centre(handle)
    page.mouse.move(x, y)
    page.mouse.down()
    for part in (0.3, 0.6, 1):
        page.mouse.move(x + part * by[0] * 34, y + part * by[1] * 34)
        drawn(page)
    page.mouse.up()
    page.mouse.move(0, 0)
    assert says(page) == said
    settled(page, search)


def test_a_finger_drags_an_edge_and_the_page_stays_where_it_is(touched):
    touched.goto(ALONE)
    touched.locator(".says:not(:empty)").wait_for()
    handle = edge(touched, "begin", "rows")
    handle.scroll_into_view_if_needed()
    x, y = centre(handle)
    before = touched.evaluate("scrollY")
    devtools = touched.context.new_cdp_session(touched)
    for kind, down in (("touchStart", 0), ("touchMove", 20), ("touchMove", 68), ("touchEnd", None)):
        points = [] if down is None else [{"x": x, "y": y + down}]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        drawn(touched)
    assert says(touched) == "3 × 3 → 5 × 5"
    assert touched.evaluate("scrollY") == before


def test_the_edges_of_the_crop_are_moved_with_keys(explore):
    page = explore("k=4&a=1")
    handle = edge(page, "end", "columns")
    handle.focus()
    for key, now, size in (("ArrowLeft", 1, 8), ("ArrowLeft", 2, 7), ("ArrowRight", 1, 8), ("ArrowDown", 1, 8)):
        page.keyboard.press(key)
        assert says(page) == f"3 × 3 → {size} × {size}", key
        assert handle.get_attribute("aria-valuenow") == str(now)
        assert page.evaluate("document.activeElement.className").startswith("edge")
    edge(page, "begin", "rows").focus()
    page.keyboard.press("ArrowDown")
    assert says(page) == "3 × 3 → 7 × 7"
    assert knob(page, "b").input_value() == "1"


def test_a_framework_has_no_edges_to_drag(explore):
    """There its own arguments make the crop."""
    page = explore("of=keras&call=strides=2,padding='same'")
    assert edge(page, "end", "rows").count() == 0
    page.get_by_label("In the words of").select_option("deconvlib")
    drawn(page)
    assert edge(page, "end", "rows").is_visible()


def test_the_matrix_stands_also_transposed_and_the_output_shows_its_overlap(explore):
    page = explore()
    page.get_by_label("transposed").check()
    drawn(page)
    assert page.locator(".matrix figcaption").text_content().startswith("The transpose of C, 49 × 9")
    move(page, "matrix", 24, 4)
    assert told(page) == "x[1, 1]·w[1, 1] = 5·5 = 25 lands in y[3, 3]"
    page.get_by_label("overlap").check()
    counts = [int(text) for text in page.locator(".output text").all_text_contents()]
    one = [1, 1, 2, 1, 2, 1, 1]
    assert counts == np.outer(one, one).ravel().tolist()


def test_the_chosen_cell_and_the_options_are_in_the_address(explore):
    page = explore(RAMPS)
    move(page, "output", 2, 3)
    page.get_by_label("overlap").check()
    page.get_by_label("transposed").check()
    page.wait_for_function("location.search.endsWith('&show=counts,upright&at=n2,3')")
    page.reload()
    page.locator(".says:not(:empty)").wait_for()
    assert told(page) == "y[2, 3] = 2·8 + 5·2 = 26"
    assert page.get_by_label("overlap").is_checked()
    assert page.locator(".matrix figcaption").text_content().startswith("The transpose of C")
    move(page, "matrix", 24, 4)
    page.wait_for_function("location.search.endsWith('at=j1,1.n3,3')")
    page.reload()
    page.locator(".says:not(:empty)").wait_for()
    assert told(page) == "x[1, 1]·w[1, 1] = 5·5 = 25 lands in y[3, 3]"


# ---- keys ----


def test_everything_can_be_done_with_keys_alone(explore):
    page = explore(RAMPS)
    page.locator(".output .scroll").focus()
    assert told(page).startswith("y[2, 2]")
    page.keyboard.press("ArrowRight")  # on from the chosen cell
    assert told(page) == "y[2, 3] = 2·8 + 5·2 = 26"
    page.locator(".stamps .scroll").focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    assert told(page) == "y[0, 0] = 1·1 = 1"
    page.locator(".padded .scroll").focus()
    page.keyboard.press("ArrowRight")
    assert told(page).startswith("x[0, 1] = 2 times the kernel")
    for view in VIEWS:
        page.locator(f".{view} .scroll").focus()
        page.keyboard.press("ArrowRight")
        before = told(page)
        page.keyboard.press("ArrowDown")
        assert told(page) != before, view
    page.get_by_label("input, cell 0, 0").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert told(page) == "x[1, 1] = 5 times the kernel lands on 9 output samples"
    page.keyboard.type("7")
    assert told(page) == "x[1, 1] = 7 times the kernel lands on 9 output samples"


def test_the_tab_key_reaches_every_control_and_every_view(explore):
    page = explore()
    below(page)  # or a slow machine passes the place of the code before it is there
    reached = set()
    for _ in range(100):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.type"))
    for wanted in ("stride", "Play", "Step", "Speed", "input, cell 0, 0", "kernel, cell 0, 0", "The code"):
        assert wanted in reached, wanted
    assert sum("the arrow keys move from cell to cell" in (label or "") for label in reached) == len(VIEWS)


def test_a_screen_reader_is_told_the_sum(explore):
    page = explore()
    status = page.get_by_role("status").filter(has_text="y[")
    assert status.get_attribute("aria-live") == "polite"


# ---- play ----


def test_play_walks_from_input_to_input_and_the_output_adds_up(explore):
    page = explore(RAMPS)
    page.get_by_label("Speed").fill("5")
    page.get_by_label("Play", exact=True).click()
    page.wait_for_function("parseInt(document.querySelector('.step').textContent) >= 3")
    page.get_by_label("Pause").click()
    at = page.locator(".step").text_content()
    page.wait_for_timeout(700)
    assert page.locator(".step").text_content() == at
    page.get_by_label("Show all").click()
    page.get_by_label("Step").click()
    assert page.locator(".step").text_content() == "1 of 9"
    assert told(page) == "x[0, 0] = 1 times the kernel lands on 9 output samples"
    shown = [int(text) for text in page.locator(".output text").all_text_contents()]
    assert sum(shown) == 45  # the first stamp alone
    page.get_by_label("Step").click()
    assert sum(int(text) for text in page.locator(".output text").all_text_contents()) == 45 * 3
    page.get_by_label("Back").click()
    assert sum(int(text) for text in page.locator(".output text").all_text_contents()) == 45
    for cell, said in (
        ((2, 2), "y[2, 2] = 1·9 = 9 so far"),
        ((6, 6), "y[6, 6] = 0 so far"),
        ((0, 1), "y[0, 1] = 1·2 = 2"),
    ):
        move(page, "output", *cell)
        assert told(page) == said
        summed = page.locator(".stamps .lights text").all_text_contents()
        assert summed == [said.removesuffix(" so far").rpartition(" = ")[2]]
    page.get_by_label("Show all").click()
    assert sum(int(text) for text in page.locator(".output text").all_text_contents()) == 45 * 45
    move(page, "output", 2, 2)
    assert told(page) == "y[2, 2] = 1·9 + 2·7 + 4·3 + 5·1 = 40"


def test_play_walks_from_output_to_output_and_fills_it(explore):
    page = explore(RAMPS)
    page.get_by_label("Order").select_option("outputs")
    for _ in range(3):
        page.get_by_label("Step").click()
    assert told(page) == "y[0, 2] = 1·3 + 2·1 = 5"
    assert page.locator(".output text").all_text_contents() == ["1", "2", "5"]


def test_play_is_as_slow_as_is_asked_and_is_not_read_aloud(explore):
    """After more than a second it is at the first step: one takes three, and less than one where no speed was asked."""
    page = explore()
    page.get_by_label("Speed").fill("1")
    walk = """async () => {
      document.querySelector("[data-do=play]").click();
      await new Promise((done) => setTimeout(done, 1200));
      return [document.querySelector(".step").textContent, document.querySelector(".told").ariaLive];
    }"""
    assert page.evaluate(walk) == ["1 of 9", "off"]
    page.get_by_label("Pause").click()


def test_the_cell_that_a_walk_has_come_to_is_in_the_address(explore):
    page = explore()
    for _ in range(2):
        page.get_by_label("Step").click()
    settled(page, "?at=j0,1")


def test_play_stops_at_the_end(explore):
    page = explore("i=2")
    page.get_by_label("Speed").fill("10")
    page.get_by_label("Play", exact=True).click()
    page.locator(".step", has_text="4 of 4").wait_for()
    page.get_by_label("Play", exact=True).wait_for()


def test_nothing_moves_for_a_reader_who_asks_for_less_motion(browser, address):
    with watched(browser, address, reduced_motion="reduce") as page:
        page.goto(ALONE)
        page.locator(".told").wait_for()
        assert page.get_by_label("Play", exact=True).is_disabled()
        page.get_by_label("Step").click()
        assert page.locator(".step").text_content() == "1 of 9"


# ---- frameworks ----


def field(page, name):
    return page.locator(f".fields [name={name}]")


def test_a_framework_has_arguments_of_its_own(explore):
    page = explore("k=4&p=1")
    page.get_by_label("In the words of").select_option("keras")
    assert field(page, "strides").input_value() == "2"
    assert field(page, "padding").input_value() == "'same'"
    assert says(page) == "3 × 3 → 6 × 6"
    field(page, "padding").fill('"valid"')
    geometry = keras.geometry((3, 3), 4, 2, "valid")
    assert says(page) == "3 × 3 → {} × {}".format(*geometry.output_size)
    settled(page, "?k=4&b=1&e=1&of=keras&call=strides=2,+padding=%22valid%22")


@pytest.mark.parametrize(
    ("search", "name", "value", "rule", "arguments"),
    [
        ("of=keras&call=strides=2", "padding", "1", keras, {"strides": 2, "padding": 1}),
        ("of=keras&call=strides=2", "output_padding", "2", keras, {"strides": 2, "output_padding": 2}),
        ("of=pytorch&call=stride=2", "padding", "'same'", pytorch, {"stride": 2, "padding": "same"}),
        ("of=pytorch&call=stride=2", "output_size", "(9, 9)", pytorch, {"stride": 2, "output_size": (9, 9)}),
        ("of=tensorflow&call=strides=2", "output_shape", "9", tensorflow, {"strides": 2, "output_shape": 9}),
    ],
)
def test_a_framework_refuses_in_the_words_of_the_package(explore, search, name, value, rule, arguments):
    page = explore(search)
    field(page, name).fill(value)
    with pytest.raises(ValueError, match="Keras|PyTorch|TensorFlow|output_padding") as refusal:
        rule.geometry((3, 3), (3, 3), **arguments)
    assert says(page) == str(refusal.value)


def test_leaving_a_framework_keeps_what_it_made(explore):
    page = explore('of=keras&call=strides=2, padding="same"')
    assert says(page) == "3 × 3 → 6 × 6"
    page.get_by_label("In the words of").select_option("deconvlib")
    settled(page, "?e=1")
    assert says(page) == "3 × 3 → 6 × 6"


def test_an_argument_without_a_field_stays_when_another_is_typed(explore):
    """JAX's transpose_kernel moves no sample."""
    page = explore("of=jax&call=strides=2,padding='SAME',transpose_kernel=True")
    field(page, "padding").fill("'VALID'")
    page.wait_for_function("location.search.includes('VALID')")
    assert "transpose_kernel=True" in page.evaluate("location.search")
    assert says(page) == "3 × 3 → 7 × 7"


def test_a_broken_argument_leaves_the_others_in_their_fields(explore):
    page = explore("of=keras&call=strides=(2,padding='same'")
    assert "brackets and quotes must be closed" in says(page)
    assert field(page, "strides").input_value() == "(2"
    assert field(page, "padding").input_value() == "'same'"
    field(page, "strides").fill("2")
    assert says(page) == "3 × 3 → 6 × 6"
    assert "arguments are written name=value, got 2" in says(explore("of=keras&call=2"))


# ---- pasted lines ----


def test_a_pasted_line_is_answered(explore):
    page = explore("i=8")
    page.get_by_label("Paste a line of your code").fill("self.up = nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)")
    page.wait_for_function("document.querySelector('.pasted').textContent")
    answer = page.locator(".pasted").text_content()
    for said in (
        "8 × 8 → 16 × 16",
        "(1, 1), (1, 1)",
        "even: away from the borders each sample is reached equally often",
        "2,097,152 multiplications",
        "32,768 parameters",
    ):
        assert said in answer, said
    assert field(page, "padding").input_value() == "1"
    page.locator(".tab", has_text="Keras").click()
    assert page.locator(".codes code").text_content() == keras.call(pytorch.geometry((8, 8), 4, 2, 1)).code
    settled(page, "?i=8&k=4&c=64x32&of=pytorch&call=stride=2,+padding=1")


def test_a_call_of_several_lines_is_pasted_with_its_comments(explore):
    page = explore()
    call = "nn.ConvTranspose2d(\n    64, 32,  # it's (halved\n    4,\n    stride=2,  # doubles\n    padding=1,\n)"
    page.evaluate("(call) => navigator.clipboard.writeText(call)", call)
    page.get_by_label("Paste a line of your code").focus()
    page.keyboard.press("Control+V")
    page.locator(".pasted", has_text="3 × 3 → 6 × 6").wait_for()
    assert field(page, "padding").input_value() == "1"


def test_a_pasted_line_that_is_none_is_refused(explore):
    page = explore()
    box = page.get_by_label("Paste a line of your code")
    box.fill("nn.ConvTranspose2d(64, 32, 4, strides=2)")
    assert page.locator(".pasted.refused").text_content() == "ConvTranspose2d has no argument 'strides'; write stride"
    box.fill("Conv1DTranspose(8, 5, strides=2, padding='same')")
    assert says(page) == "3 → 6"
    assert page.locator(".pasted.refused").count() == 0
    assert "uneven: a checkerboard; kernel size 6 would be even" in page.locator(".pasted").text_content()


@pytest.mark.parametrize(
    ("line", "search", "sizes", "said"),
    [
        (
            "nn.ConvTranspose3d(4, 2, 3, stride=2, padding=1, output_padding=(1, 0, 1))",
            "?axes=3&i=8&c=4x2&of=pytorch&call=stride=2,+padding=1,+output_padding=(1,+0,+1)",
            "8 × 8 × 8 → 16 × 15 × 16",
            ("(1, 0), (1, 1), (1, 0)", "110,592 multiplications", "216 parameters", "uneven"),
        ),
        (
            "Conv3DTranspose(2, (2, 4, 4), strides=(1, 2, 2), padding='same')",
            "?axes=3&i=8&k=2x4x4&c=1x2&of=keras&call=strides=(1,+2,+2),+padding='same'",
            "8 × 8 × 8 → 8 × 16 × 16",
            ("(0, 1), (1, 1), (1, 1)", "32,768 multiplications", "64 parameters", "even: away from the borders"),
        ),
    ],
)
def test_a_pasted_line_of_three_axes_is_answered_without_pictures(explore, line, search, sizes, said):
    page = explore("i=8")
    page.get_by_label("Paste a line of your code").fill(line)
    page.locator(".pasted", has_text="multiplications").wait_for()
    answer = page.locator(".pasted").text_content()
    for each in (sizes, *said):
        assert each in answer, each
    assert says(page) == f"{sizes}. Three axes have no pictures: sizes and code stand below."
    assert page.locator(".views").is_hidden()
    assert page.get_by_label("with the numbers of the cells").is_hidden()
    page.wait_for_function("location.search.startsWith('?axes=3')")
    assert unquote(page.evaluate("location.search")) == search
    page.locator(".tab", has_text="JAX").click()
    geometry = (pytorch if "nn." in line else keras).geometry
    arguments = (3, 2, 1, (1, 0, 1)) if "nn." in line else ((2, 4, 4), (1, 2, 2), "same")
    assert page.locator(".codes code").text_content() == jax.call(geometry((8, 8, 8), *arguments)).code
    page.reload()
    page.locator(".says:not(:empty)").wait_for()
    assert says(page).startswith(sizes)


def test_three_axes_have_knobs_of_their_own(explore):
    page = explore("axes=3&k=4&p=1")
    assert says(page).startswith("3 × 3 × 3 → 6 × 6 × 6")
    page.get_by_label("same settings").uncheck()
    page.get_by_label("stride, depth").first.fill("1")
    assert says(page).startswith("3 × 3 × 3 → 4 × 6 × 6")
    settled(page, "?axes=3&k=4&s=1x2x2&b=1&e=1")
    page.get_by_label("2", exact=True).check()
    assert says(page) == "3 × 3 → 6 × 6"
    assert page.locator(".views").is_visible()


def answers(page) -> str:
    drawn(page)
    return page.locator(".answer").text_content()


def test_channels_are_typed(explore):
    page = explore()
    below(page)
    page.get_by_label("channels in").fill("8")
    page.get_by_label("channels out").fill("4")
    page.locator(".answer", has_text="2,592 multiplications").wait_for()  # 9 input samples, 9 taps, 8 times 4 channels
    settled(page, "?c=8x4")


def test_groups_divide_the_work_and_the_parameters(explore):
    """They are an argument where the framework has them, and each framework's code has them."""
    page = explore()
    page.get_by_label("Paste a line of your code").fill("nn.ConvTranspose2d(16, 8, (3, 5), stride=2, groups=4)")
    page.locator(".pasted", has_text="multiplications").wait_for()
    assert "4,320 multiplications" in answers(page)  # 9 samples, 15 taps, 16 channels with 2 each
    assert "480 parameters, and 8 more with a bias" in answers(page)
    assert field(page, "groups").input_value() == "4"
    settled(page, "?k=3x5&c=16x8&of=pytorch&call=stride=2,+groups=4")
    field(page, "groups").fill("2")
    assert "960 parameters" in answers(page)
    for name, rule in (("PyTorch", pytorch), ("Keras", keras), ("JAX", jax)):
        page.locator(".tab", has_text=name).click()
        geometry = pytorch.geometry((3, 3), (3, 5), 2)
        assert page.locator(".codes code").text_content() == rule.call(geometry, groups=2).code
    field(page, "groups").fill("3")
    assert "parameters" not in answers(page)
    for wrong in (3, 0):
        field(page, "groups").fill(str(wrong))
        with pytest.raises(ValueError, match="groups") as refusal:
            check_groups(wrong, 16, 8)
        assert str(refusal.value) in answers(page)


# ---- code, links, files ----


@pytest.mark.parametrize("name", ["NumPy", "Keras"])
def test_copied_code_runs_and_gives_the_numbers_of_the_picture(explore, name):
    page = explore(f"{RAMPS}&e=1")
    below(page)
    page.locator(".tab", has_text=name).click()
    page.get_by_label("with the numbers of the cells").check()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Copied").wait_for()
    there = {}
    exec(page.evaluate("navigator.clipboard.readText()"), there)
    shown = [float(text) for text in page.locator(".output text").all_text_contents()]
    np.testing.assert_allclose(np.asarray(there["y"]).ravel(), shown, rtol=1e-6)
    assert len(shown) == 36


def test_the_copied_link_leads_back_to_the_same_state(explore):
    page = explore("i=4x2&k=2&x=random&seed=3&b=1x0")
    before = page.locator(".output text").all_text_contents()
    knob(page, "s0").fill("3")
    drawn(page)
    after = page.locator(".output text").all_text_contents()
    assert after != before
    below(page)
    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    page.locator(".told").wait_for()
    assert page.locator(".output text").all_text_contents() == after


def test_the_line_that_embeds_shows_the_same_in_another_page(explore, tmp_path, browser):
    page = explore("k=4&p=1")
    below(page)
    page.get_by_role("button", name="Copy the line that embeds it").click()
    line = page.evaluate("navigator.clipboard.readText()")
    (tmp_path / "index.html").write_text(f"<!doctype html><link rel=icon href=data:,>{line}")
    with served(tmp_path) as elsewhere:
        other = browser.new_page()
        other.goto(elsewhere)
        inside = other.frame_locator("iframe")
        inside.locator(".says:not(:empty)").wait_for()
        assert inside.locator(".says").text_content() == "3 × 3 → 6 × 6"
        other.close()


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_can_be_taken_away(explore, view):
    """As SVG, which stands alone, and as PNG of twice its size."""
    page = explore()
    below(page)
    page.get_by_label("Picture to take away").select_option(view)
    with page.expect_download() as found:
        page.get_by_role("button", name="SVG").click()
    drawing = Path(found.value.path()).read_text("utf8")
    assert found.value.suggested_filename == f"{view}.svg"
    assert 'class="lit' in drawing or 'class="frame' in drawing
    assert "--input:" in drawing
    page.goto("data:image/svg+xml," + re.sub(r"[#%]", lambda mark: f"%{ord(mark[0]):x}", drawing))
    assert page.evaluate("document.documentElement.tagName") == "svg"  # well-formed, or it is an error page
    page.go_back()
    page.locator(".told").wait_for()
    below(page)
    page.get_by_label("Picture to take away").select_option(view)
    with page.expect_download() as found:
        page.get_by_role("button", name="PNG").click()
    data = Path(found.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = (int.from_bytes(data[n : n + 4], "big") for n in (16, 20))
    assert f'width="{width // 2}" height="{height // 2}"' in drawing
    colours = """async (base64) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }"""
    assert page.evaluate(colours, base64.b64encode(data).decode()) > 20


def test_an_embedded_explorer_can_show_some_views_alone(explore):
    page = explore("view=output,matrix")
    shown = [figure.get_attribute("class") for figure in page.locator(".views figure").all()]
    assert shown == ["panel output", "panel matrix"]
    assert told(page).startswith("y[2, 2]")


# ---- back and forward ----

STEPS = {  # the link that is followed, and what is changed there
    "k=4&p=1": lambda page: page.get_by_label("same settings").uncheck() or knob(page, "s1", "number").fill("3"),
    "axes=1&i=5": lambda page: page.get_by_label("input, cell 2").fill("-7"),
    "d=2&show=counts,upright": lambda page: page.get_by_label("as a picture").check(),
    "x=random&seed=4": lambda page: page.get_by_label("Numbers of the kernel").select_option("smooth"),
    "of=keras&call=strides=2,padding='same'": lambda page: field(page, "dilation_rate").fill("2"),
    "of=tensorflow&call=output_shape=9,strides=2": lambda page: field(page, "output_shape").fill("99"),  # refused
    "axes=3&k=4x3x2": lambda page: page.get_by_label("channels in").fill("12"),
    "at=j1,1.n3,3": lambda page: move(page, "output", 2, 4),
    "i=2": lambda page: page.get_by_label("Paste a line of your code").fill("nn.ConvTranspose1d(64, 32, 4, 3)"),
    "b=1": lambda page: edge(page, "end", "rows").press("ArrowUp"),
    "s=3": lambda page: knob(page, "k", "number").fill("4"),  # and the box is not left
}
SEEN = """() => {
  const explorer = document.querySelector("deconv-explorer");
  const visible = (one) => one.checkVisibility({ visibilityProperty: true });
  const all = (parts, what) => [...explorer.querySelectorAll(parts)].map((one) => visible(one) && what(one));
  const boxes = (part) => all(`${part} :is(input, select)`, ({ type, value, checked }) => [type, value, checked]);
  const texts = (parts) => all(parts, (one) => one.textContent);
  const seen = {
    settings: [boxes(".controls"), boxes(".channels"), texts(".says, .knob span, .fields label")],
    code: texts(".answer, .codes code"),
  };
  if (explorer.querySelector(".refused")) return seen; // the pictures are those of before
  seen.pictures = [boxes(".views"), all(".drawing", (one) => one.innerHTML)];
  seen.words = texts(".told, .note, figcaption span");
  seen.edges = all(".edge", (one) => one.ariaValueNow);
  return seen;
}"""


def with_links(page, *searches):
    """Links to cases, as a page has them."""
    added = """(searches) => searches.forEach((search) => {
      const link = Object.assign(document.createElement("a"), { href: `?${search}`, text: search });
      document.body.append(link, " ");
    })"""
    page.evaluate(added, searches)


def test_back_and_forward_lead_to_all_that_was_there(explore):
    """Whatever has changed, and even where somebody still types into a box."""
    page = explore("k=2")
    below(page)
    with_links(page, *STEPS)

    def seen():
        page.mouse.move(0, 0)
        drawn(page)
        return page.evaluate("location.search"), page.evaluate(SEEN)

    visited = [seen()]
    for search, change in STEPS.items():
        page.locator("a", has_text=re.compile(f"^{re.escape(search)}$")).click()
        drawn(page)
        change(page)
        page.wait_for_timeout(350)  # the address says it after a moment
        visited.append(seen())
    assert len({repr(each) for each in visited}) == len(STEPS) + 1
    for way, places in (("back", visited[-2::-1]), ("forward", visited[1:])):
        for search, was in places:
            page.evaluate(f"history.{way}()")
            settled(page, search)
            now = seen()
            assert now[0] == search
            for part, value in was.items():
                assert now[1][part] == value, (way, unquote(search), part)
    assert page.get_by_label("Paste a line of your code").input_value() == ""  # it is no line of this state


def test_a_change_is_kept_when_a_link_is_followed_at_once(explore):
    page = explore()
    with_links(page, "k=4")
    knob(page, "s").evaluate("(box) => { box.value = 3; box.dispatchEvent(new Event('input', { bubbles: true })); }")
    page.evaluate("document.querySelector(\"a[href='?k=4']\").click()")
    settled(page, "?k=4")
    page.go_back()
    settled(page, "?s=3")
    page.locator(".says", has_text="9 × 9").wait_for()


def test_a_link_opens_a_new_tab_where_that_is_asked_and_other_pictures_are_a_new_page(explore):
    page = explore()
    with_links(page, "s=3", "view=output")
    with page.context.expect_page() as opened:
        page.get_by_text("s=3").click(modifiers=["ControlOrMeta"])
    opened.value.locator(".says", has_text="9 × 9").wait_for()
    opened.value.close()
    assert says(page) == "3 × 3 → 7 × 7"
    page.get_by_text("view=output").click()
    page.locator(".views figure:only-of-type").wait_for()
    page.go_back()
    page.locator(".matrix").wait_for()


# ---- whatever comes ----

NUMBERS = ["0", "-1", "1", "2x3", "2x3x4", "99999999999999999999", "1e5", "0x10", "x", "NaN", "Infinity", "%00", "1.5"]
OF_AN_AXIS = [*"iksdbeapc", "seed"]
ODD = {
    **dict.fromkeys([*OF_AN_AXIS, "axes"], NUMBERS),
    **{key: ["constructor", "__proto__", "1,,-,.,2", "9" * 400, "1e9", "<b>", "picture"] for key in "xw"},
    "of": ["constructor", "__proto__", "none", "keras", "pytorch", "onnx", "jax", "tensorflow"],
    "call": ["(", "strides=9**9", "__proto__=1", "a,b", "strides=99999999999999999999", "padding='same'", "stride=-1"],
    "view": ["none", "output,output", "__proto__", "stamps"],
    "show": ["counts,grey,upright", "none"],
    "at": ["n99,99", "t9,9", "j0,0.n99,0", "n-1,0", "x", "n0,0.n1,1"],
}


def test_no_address_breaks_it(explore):
    """Every odd value alone, and many of them together."""
    alone = [f"axes=1&{name}={value}" for name in OF_AN_AXIS for value in NUMBERS]  # where little is drawn
    alone += [f"{name}={value}" for name, values in ODD.items() for value in values if name not in OF_AN_AXIS]
    together = [
        "&".join(f"{name}={RANDOM.choice(ODD[name])}" for name in RANDOM.choice([*ODD], 5, replace=False))
        for _ in range(60)
    ]
    far = ["i=1&s=100000", "i=2&s=100000&b=99999", "k=2&d=100000&b=99999", "b=-100000", "i=96&k=96", "i=60&s=1"]
    page = explore()
    below(page)
    said = page.evaluate(
        """async (searches) => {
          const frame = () => new Promise(requestAnimationFrame);
          const said = {};
          for (const search of searches) {
            history.pushState(null, "", `?${search}`);
            dispatchEvent(new PopStateEvent("popstate"));
            await frame(); // a change is drawn with the next one
            said[search] = document.querySelector(".says").textContent;
          }
          return said;
        }""",
        [*alone, *together, *far],
    )
    assert [search for search, words in said.items() if not words] == []
    assert len(set(said.values())) > 40  # and each has its own
    for search in ("i=x&of=none", "a=9", "view=none,output", "view=__proto__&x=constructor", "i=1&s=100000"):
        assert says(explore(search)), search


def test_much_too_large_numbers_are_refused_or_said_as_about(explore):
    page = explore("c=99999x99999")
    box = page.get_by_label("Paste a line of your code")
    box.fill("nn.ConvTranspose2d(99999, 99999, 90000, stride=90000)")
    page.locator(".pasted", has_text="about 7.29e+20 multiplications").wait_for()
    box.fill("nn.ConvTranspose2d(64, 32, 99999999999999999999)")
    page.locator(".says", has_text="sizes must be whole numbers below 2^53").wait_for()
    for kernel, words in (
        ("(3, 3, 3)", "one for each of the 2 spatial axes"),
        ("2.5", "needs a number"),
        ("0", "at least 1"),
    ):
        box.fill(f"nn.ConvTranspose2d(64, 32, {kernel})")
        page.locator(".refused:is(.says, .pasted)", has_text=words).wait_for()
    box.fill("nn.ConvTranspose2d(-64, 32, 3)")
    page.locator(".pasted", has_text="channels must be at least 1, got -64").wait_for()


def test_quick_changes_end_with_the_last_one(explore):
    page = explore()
    for name in ("keras", "onnx", "jax", "tensorflow", "", "pytorch"):
        page.get_by_label("In the words of").select_option(name, no_wait_after=True)
    for line in ("nn.ConvTranspose1d(8, 4, 3)", "nn.ConvTranspose3d(8, 4, 3)", "Conv2DTranspose(4, 2, 2)"):
        page.get_by_label("Paste a line of your code").fill(line)
    for axes in ("3", "1", "2"):
        page.get_by_label(axes, exact=True).check()
    for stride in range(1, 5):
        page.locator(".fields [name=strides]").fill(str(stride))
    assert says(page) == "3 × 3 → 12 × 12"
    settled(page, "?k=2&c=8x4&of=keras&call=strides=4")


def test_words_that_cannot_be_loaded_say_so_and_are_asked_for_again(browser, address):
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto(ALONE)
    page.locator(".says:not(:empty)").wait_for()
    context.set_offline(True)
    page.get_by_label("In the words of").select_option("keras")
    page.locator(".says.refused", has_text="could not be loaded").wait_for()
    context.set_offline(False)
    page.get_by_label("In the words of").select_option("pytorch")
    page.locator(".fields [name=stride]").wait_for()
    context.close()


def test_a_strict_page_embeds_it_and_its_code_can_be_copied_there(explore, tmp_path, browser, address):
    page = explore("k=4&p=1")
    below(page)
    page.get_by_role("button", name="Copy the line that embeds it").click()
    line = page.evaluate("navigator.clipboard.readText()")
    policy = f"default-src 'none'; img-src data:; frame-src {address}"
    head = f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{policy}"><link rel=icon href=data:,>'
    (tmp_path / "index.html").write_text(head + line)
    with served(tmp_path) as elsewhere:
        context = browser.new_context()
        other = context.new_page()
        faults = []
        other.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        other.goto(elsewhere.replace("127.0.0.1", "localhost"))  # another site
        inside = other.frame_locator("iframe")
        inside.locator(".meaning").scroll_into_view_if_needed()
        inside.get_by_role("button", name="Copy", exact=True).click()
        inside.get_by_role("button", name="Copied").wait_for()
        assert faults == []
        context.close()


# ---- for everybody ----

MODES = [
    "",
    "axes=1&b=1",
    "axes=3",
    "p=1&show=counts",
    "show=grey,upright&w=smooth",
    "a=2",
    "i=4096",
    "k=3x4&s=1x2&x=picture",
    "of=keras&call=strides=2,padding='same'",
]
OTHER_FRAMEWORKS = [  # the same controls with other names
    "of=tensorflow&call=strides=2",
    "of=pytorch&call=stride=2,padding=1",
    "of=jax&call=strides=2,padding='SAME'",
    "of=onnx&call=strides=(2,2)",
]


@pytest.mark.parametrize(
    ("scheme", "width", "modes"),
    [("light", 1280, MODES + OTHER_FRAMEWORKS), ("dark", 390, MODES)],
    ids=["light and wide", "dark and narrow"],
)
def test_no_mode_breaks_a_rule_of_accessibility(browser, address, scheme, width, modes):
    embedded = "page-has-heading-one", "region", "landmark-one-main"  # a page to be embedded needs none of these
    with watched(browser, address, color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        for mode in modes:
            page.goto(f"{ALONE}?{mode}")
            page.locator(".says:not(:empty)").wait_for()
            below(page)
            assert violations(page, *embedded) == [], mode
            assert page.evaluate("document.documentElement.scrollWidth") <= width, mode
