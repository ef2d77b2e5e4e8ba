"""The explorer in a browser: what a reader does with it, and what then stands there."""

from pathlib import Path

import pytest
from browser import served, watched

DOCS = Path(__file__).parents[1] / "docs"
ALONE = "assets/explorer/embed.html"


@pytest.fixture(scope="module")
def docs():
    with served(DOCS) as address:
        yield address


@pytest.fixture
def explore(browser, docs):
    """A function that opens the explorer, alone, with a state."""
    with watched(browser, docs) as page:

        def opened(search=""):
            page.goto(f"{ALONE}?{search}")
            page.locator("deconv-explorer .told").wait_for()
            return page

        yield opened


def told(page) -> str:
    return page.locator(".told").text_content()


def knob(page, letter):
    return page.locator(f"[data-knob={letter}]")


def settled(page, search):
    """The address says this, after a moment."""
    page.wait_for_function("(search) => location.search === search", arg=search)


def test_a_slider_and_a_typed_number_change_the_pictures_and_the_address(explore):
    page = explore()
    assert "3 → 7" in page.locator(".says").text_content()
    knob(page, "s").locator("[type=range]").fill("3")
    settled(page, "?s=3")
    assert "3 → 9" in page.locator(".says").text_content()
    assert page.locator(".output figcaption").text_content().startswith("Output, 9 × 9")
    assert knob(page, "s").locator("[type=number]").input_value() == "3"
    knob(page, "k").locator("[type=number]").fill("4")
    settled(page, "?k=4&s=3")
    assert "3 → 10" in page.locator(".says").text_content()


def test_a_refusal_stands_there_in_the_words_of_the_package(explore):
    page = explore()
    knob(page, "a").locator("[type=range]").fill("2")
    assert "output_padding must be at least 0 and less than the stride" in page.locator(".says.refused").text_content()


def test_the_sum_of_a_cell_stands_there_in_numbers(explore):
    page = explore("x=1,2,3,4,5,6,7,8,9&w=1,2,3,4,5,6,7,8,9")
    cell = page.locator(".output svg").bounding_box()
    size = (cell["width"] - 4) / 7
    page.mouse.move(cell["x"] + 2.5 * size, cell["y"] + 2.5 * size)
    assert told(page) == "y[2, 2] = 1·9 + 2·7 + 4·3 + 5·1 = 40"
    page.mouse.move(cell["x"] + 3.5 * size, cell["y"] + 2.5 * size)
    assert told(page) == "y[2, 3] = 2·8 + 5·2 = 26"
