"""A reader steps through a figure in a real browser: by button, by slider, by keyboard, or not at all."""

import numpy as np
import pytest

import deconvlib as dl
from docs_tools import gallery, inline_svg
from docs_tools.drawings.shared import INPUT, KERNEL, transposed

OUTPUT = transposed(INPUT, KERNEL, dl.Geometry.of((2, 2), 3))
BEFORE = 2  # steps of padded-grid before its window moves


@pytest.fixture
def opened(browser):
    """A page with one figure: opened(name, **what the reader's browser is set to)."""
    contexts = []

    def open_figure(name: str, above: str = "", **settings):
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.clock.install()  # before the script asks for its first timer
        style, script = gallery.STYLESHEET.read_text("utf8"), inline_svg.SCRIPT.read_text("utf8")
        html = f'<style>{style}</style>{above}{inline_svg.figure(name)}<script type="module">{script}</script>'
        page.set_content(html)
        return page

    yield open_figure
    for context in contexts:
        context.close()


def seen(page) -> list[str]:
    """The numbers in the figure's green cells, as far as they are not transparent."""
    return page.evaluate("""() => [...document.querySelectorAll("rect.output")].filter((cell) => {
      for (let part = cell; part; part = part.parentElement) if (getComputedStyle(part).opacity < 0.5) return false;
      return true;
    }).map((cell) => cell.nextElementSibling.textContent)""")


def button(page, name: str):
    return page.get_by_role("button", name=name)


def step(page) -> int:
    return int(page.get_by_role("slider").input_value())


def test_the_output_fills_sample_by_sample(opened):
    """At each step as many sums as the window has made, in order, and the sum in numbers is read out."""
    page = opened("padded-grid", reduced_motion="reduce")
    for made in range(len(OUTPUT.ravel()) + 1):
        page.get_by_role("slider").fill(str(BEFORE - 1 + made))
        assert seen(page) == [str(sample) for sample in OUTPUT.ravel()[:made]]
        said = page.get_by_role("slider").get_attribute("aria-valuetext")
        assert said.endswith(f"= {OUTPUT.ravel()[made - 1]}" if made else "zeros around: 2 on each side")


def test_next_and_previous_go_around_by_keyboard(opened):
    """From the complete figure to the first step, back, and by single steps; the focus stays."""
    page = opened("stamps", reduced_motion="reduce")
    assert step(page) == 4
    button(page, "Next step").focus()
    steps = []
    for key in ("Enter", "Space", "Enter"):
        page.keyboard.press(key)
        steps.append(step(page))
    button(page, "Previous step").focus()
    for _ in range(4):
        page.keyboard.press("Enter")
        steps.append(step(page))
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    assert [*steps, step(page)] == [0, 1, 2, 1, 0, 4, 3, 0]


def test_it_plays_when_it_comes_into_view_until_it_is_complete(opened):
    """Below the window it waits at its empty beginning; then it plays, once."""
    page = opened("stamps", above='<p style="height: 3000px"></p>')
    page.wait_for_timeout(300)
    assert step(page) == 0
    assert "36" not in seen(page)
    page.locator("svg.fig").scroll_into_view_if_needed()
    button(page, "Pause").wait_for()
    page.clock.run_for(60_000)
    assert step(page) == 4
    assert button(page, "Play").is_visible()
    assert not button(page, "Pause").is_visible()


def test_pause_stops_it_and_play_goes_on(opened):
    page = opened("padded-grid")
    button(page, "Next step").click()
    began = step(page)
    page.clock.run_for(20_000)
    assert step(page) == began
    button(page, "Play").click()
    page.clock.run_for(5_000)
    button(page, "Pause").click()
    went_on = step(page)
    page.clock.run_for(20_000)
    assert step(page) == went_on > began


@pytest.mark.parametrize("settings", [{"java_script_enabled": False}, {"reduced_motion": "reduce"}], ids=str)
def test_without_a_script_and_for_less_motion_the_figure_is_complete_and_stays_so(opened, settings):
    """The whole output is there, and neither a timer nor the stylesheet changes the picture."""
    page = opened("padded-grid", **settings)
    assert seen(page) == [str(sample) for sample in OUTPUT.ravel()]
    first = page.locator("svg.fig").screenshot()
    page.clock.run_for(60_000)
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.locator("svg.fig").screenshot() == first


def test_nothing_moves_when_the_buttons_come(opened):
    """Their place is kept before the script makes them."""
    page = opened("stamps")
    assert page.locator(".stepper button").count() == 3
    filled = page.locator("figure").bounding_box()
    page.evaluate("document.querySelector('.stepper').replaceChildren()")
    assert page.locator("figure").bounding_box() == filled


@pytest.mark.parametrize("width", [390, 1280])
def test_buttons_can_be_touched(opened, width):
    """24 pixels and more in both directions, and inside of the window."""
    page = opened("stamps", viewport={"width": width, "height": 800})
    for control in page.locator(".stepper button, .stepper input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_what_is_pulled_apart_stands_together_before(opened):
    """The four input samples of the stretch touch each other at the first step, and lie two cells apart at the end."""
    page = opened("fractional-grid", reduced_motion="reduce")

    def distances():
        boxes = [cell.bounding_box() for cell in page.locator("rect.input").all()]
        return np.diff([box["x"] for box in boxes])[::2]

    page.get_by_role("slider").fill("0")
    together = distances()
    page.get_by_role("slider").fill("1")
    assert np.allclose(distances(), 2 * together, rtol=0.01)
