"""The explorer and the small ones on the built site: they load, nothing moves, and links of the page lead to cases."""

import gzip

import pytest
from browser import violations, watched
from test_explorer_lessons import CASES, DOCS

WITH_LESSON = sorted(
    path.relative_to(DOCS).with_suffix("").as_posix()
    for path in DOCS.rglob("*.md")
    if "<deconv-lesson" in path.read_text("utf8")
)
# How much has moved so far.  A shift is told after the frame in which it happens.
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  const add = (shifts) => shifts.forEach((shift) => { if (!shift.hadRecentInput) sum += shift.value; });
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
    add(observer.takeRecords());
    done(sum);
  })));
})"""


def test_a_link_of_the_page_shows_its_case_without_a_new_page(page):
    page.goto("first-steps/explorer/")
    page.locator(".says:not(:empty)").wait_for()
    page.evaluate("window.same = true")
    page.get_by_role("link", name="A kernel of 4 at stride 2").click()
    page.locator(".says", has_text="3 × 3 → 6 × 6").wait_for()
    page.wait_for_url("**/explorer/?k=4&p=1")
    assert page.evaluate("window.same") is True


def test_the_way_back_leads_to_the_case_before(page):
    page.goto("first-steps/explorer/?s=3")
    page.locator(".says", has_text="3 → 9").wait_for()
    page.get_by_role("link", name="A kernel of 4 at stride 2").click()
    page.locator(".says", has_text="3 × 3 → 6 × 6").wait_for()
    page.locator("[data-knob=i] [type=range]").fill("4")
    page.wait_for_url("**/explorer/?i=4&k=4&b=1&e=1")
    page.get_by_role("link", name="A kernel shorter than the stride").click()
    page.locator(".says", has_text="3 × 3 → 8 × 8").wait_for()
    for back, sizes, search in (
        ("back", "4 × 4 → 8 × 8", "?i=4&k=4&b=1&e=1"),
        ("back", "3 × 3 → 9 × 9", "?s=3"),
        ("forward", "4 × 4 → 8 × 8", "?i=4&k=4&b=1&e=1"),
    ):
        page.evaluate(f"history.{back}()")
        page.locator(".says", has_text=sizes).wait_for()
        assert page.evaluate("location.search") == search


def test_a_link_from_another_page_leads_to_its_case(page):
    page.goto("concepts/sizes/")
    page.locator("a[href*='explorer/?']").first.click()
    page.locator(".says:not(:empty)").wait_for()
    assert page.evaluate("location.search").startswith("?")
    assert page.locator(".says.refused").count() == 0


@pytest.mark.parametrize("name", ["first-steps/explorer", *WITH_LESSON])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_moves_when_it_comes_and_no_small_one_breaks_a_rule_of_accessibility(
    browser, address, name, scheme, width
):
    with watched(browser, address, color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{name}/")
        for element in page.locator("deconv-explorer, deconv-lesson").all():
            element.scroll_into_view_if_needed()
            element.locator(".told").wait_for()
        assert page.evaluate(SHIFTS) < 0.001
        assert page.evaluate("document.documentElement.scrollWidth") == width
        if name in WITH_LESSON:
            assert violations(page, within="deconv-lesson") == []


@pytest.mark.parametrize(
    ("name", "most", "without"),
    [
        ("first-steps/explorer", 28_500, {"words.js", "words.css", "frameworks.js", "calls.js", "lines.js", "take.js"}),
        ("first-steps/stamps", 25_000, {"words.js", "explorer.js", "explorer.css", "edges.js"}),
        ("concepts/sizes", 26_000, {"words.js", "explorer.js", "explorer.css"}),
    ],
)
def test_a_page_loads_of_it_what_it_shows(browser, address, name, most, without):
    """In bytes, compressed as a host sends them.  The words of the frameworks come when they are wanted."""
    asked = []
    with watched(browser, address) as page:
        page.on("response", lambda response: asked.append(response) if "/assets/explorer/" in response.url else None)
        page.goto(f"{name}/")
        page.locator("deconv-explorer, deconv-lesson").first.scroll_into_view_if_needed()
        page.locator(".told").first.wait_for()
        sizes = {response.url.rpartition("/")[2]: len(gzip.compress(response.body())) for response in asked}
    assert "linked.js" in sizes
    assert not without & set(sizes)
    assert sum(sizes.values()) < most, sizes


def test_eight_lessons_have_one():
    assert len(WITH_LESSON) == len(CASES) == 8
