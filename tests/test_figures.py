"""Laws of the figures: each is what the library draws today, and each can be read without being seen."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import markdown
import numpy as np
import pytest

from docs_tools import gallery, inline_svg
from docs_tools.figure_style import PALETTE
from docs_tools.figures import Board, Figure

DOCS = Path(__file__).parents[1] / "docs"
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]*figures/([\w-]+)\.svg)")


@pytest.mark.parametrize("path", [*gallery.PATHS.values(), gallery.STYLESHEET], ids=lambda path: path.stem)
def test_a_figure_drawn_again_has_the_same_bytes(path, generated):
    """A file is what the catalogue draws.  Where the library changed it: pytest --update-docs, and look at it."""
    generated(path, gallery.text(path))


def test_every_file_is_in_the_catalogue():
    """A drawing that no function draws is an orphan."""
    assert {path.stem for path in (DOCS / "figures").glob("*")} == set(gallery.FIGURES)


@pytest.mark.parametrize("name", gallery.FIGURES)
def test_a_figure_has_a_title_and_a_text_alternative(name):
    """Both are there, and the drawing is labelled by them."""
    root = ElementTree.fromstring(gallery.draw(name))
    space = "{http://www.w3.org/2000/svg}"
    title, description = root.find(f"{space}title"), root.find(f"{space}desc")
    assert 10 < len(title.text) < 90
    assert len(description.text) > 60
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]


def grown(states: list[tuple], first: int = 0) -> str:
    """A growing board with samples of ten pixels."""
    figure = Figure()
    Board(figure, 0, 0, 10, *np.shape(states[0][0])).growing(states, first)
    return "".join(figure.elements)


def shown_at(drawing: str, step: int) -> list[tuple[float, float, str]]:
    """The places and words that a reader sees at a step."""
    root = ElementTree.fromstring(f"<g>{drawing}</g>")
    shown = []
    for group in root:
        first, last = (re.search(rf"--{name}:(\d+)", group.get("style", "")) for name in "nm")
        if (first is None or int(first[1]) <= step) and (last is None or step <= int(last[1])):
            shown += [(float(text.get("x")), float(text.get("y")), text.text) for text in group.iter("text")]
    return shown


@pytest.mark.parametrize("first", [0, 1, 3])
def test_a_growing_board_shows_each_state_at_its_step(first):
    """Each sample is seen once at every step, with the value that it has then, and at last with its last."""
    states = np.random.default_rng(0).integers(0, 3, size=(5, 2, 3))
    drawing = grown([(values, "output") for values in states], first)
    for step in range(9):
        values = states[min(max(step - first + 1, 0), 4)]
        expected = [(10 * x + 5, 10 * y + 5, str(values[y, x])) for y, x in np.ndindex(2, 3)]
        assert sorted(shown_at(drawing, step)) == sorted(expected)


def test_the_complete_figure_shows_no_two_states_of_a_sample():
    """What passes is hidden where no script counts the steps, unless it is the picture that stands still."""
    states = np.arange(8).reshape(4, 1, 2)
    root = ElementTree.fromstring(f"<g>{grown([(values, 'output') for values in states])}</g>")
    complete = [group for group in root if "passing" not in group.get("class")]
    assert [text.text for group in complete for text in group.iter("text")] == ["6", "7"]


@pytest.mark.parametrize("name", gallery.FIGURES)
def test_every_step_shows_something_new(name):
    """The reader who asks for the next step sees it: steps are numbered from 0 without a gap."""
    steps = {int(n) for n in re.findall(r"--n:(\d+)", gallery.draw(name))}
    assert steps == set(range(len(steps)))


@pytest.mark.parametrize("name", gallery.FIGURES)
def test_a_figure_fits_a_phone(name):
    """At 358 pixels, a phone's column, no text is smaller than 9 pixels."""
    root = ElementTree.fromstring(gallery.draw(name))
    scale = min(1, 358 / float(root.get("viewBox").split()[2]))
    sizes = [float(text.get("font-size")) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert min(sizes, default=9) * scale >= 9


@pytest.mark.parametrize("role", PALETTE)
@pytest.mark.parametrize(("paper", "fill", "edge"), [("#ffffff", 0, 1), ("#1e2129", 2, 3)], ids=["light", "dark"])
def test_lines_and_words_stand_out(role, paper, fill, edge):
    """Coloured words have 4.5 to 1 against the page, ink 4.5 to 1 against every fill."""
    assert contrast(PALETTE[role][edge], paper) >= 4.5
    if role not in ("ink", "muted"):
        assert contrast(PALETTE["ink"][edge], PALETTE[role][fill]) >= 4.5


def test_pages_show_figures_that_exist_with_words_for_them():
    """Each reference leads to a file, also for a reader of the Markdown, and has a text alternative."""
    for page in DOCS.rglob("*.md"):
        for alternative, path, _ in PICTURE.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / path).is_file(), f"{page}: {path}"
            assert alternative, f"{page}: {path} has no text alternative"


def test_a_figure_alone_in_its_paragraph_becomes_inline_svg():
    """The img is gone, the caption stays, the file's own style does not."""
    html = render('![A grid](../figures/padded-grid.svg "All <sixteen> sums.")')
    assert "<img" not in html
    assert "<style" not in html
    assert '<figure class="drawn">' in html
    assert "<figcaption>All &lt;sixteen&gt; sums.</figcaption>" in html
    assert '</svg><div class="stepper"></div><figcaption>' in html


def test_a_page_has_the_script_that_steps_once_and_only_where_something_moves():
    """A script that does nothing would be weight."""
    moving, still = "![A grid](figures/padded-grid.svg)", "![Three ways](figures/three-ways.svg)"
    assert render(f"{moving}\n\n{still}\n\n{moving}").count("<script") == 1
    assert "<script" not in render(still)
    assert "stepper" not in render(still)


def test_other_pictures_stay():
    """A picture in a sentence, and one from elsewhere, are left alone."""
    assert "<img" in render("see ![C](figures/matrix-c.svg) here")
    assert "<img" in render("![photo](photo.png)")


def test_a_figure_without_words_fails_the_build():
    """A text alternative is not optional."""
    with pytest.raises(ValueError, match="matrix-c needs a text alternative"):
        render("![](figures/matrix-c.svg)")


def test_a_figure_that_is_not_drawn_yet_says_how():
    """Its function is written, and its file is not."""
    with pytest.raises(ValueError, match="nonesuch is not drawn yet: pytest tests/test_figures.py --update-docs"):
        render("![A drawing](figures/nonesuch.svg)")


def render(text: str) -> str:
    return markdown.markdown(text, extensions=[inline_svg.makeExtension()])


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
