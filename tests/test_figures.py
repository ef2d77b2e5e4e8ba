"""Laws of the figures: each is what the library draws today, and each can be read without being seen."""

import inspect
import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import markdown
import pytest

from docs_tools import figures, gallery, inline_svg
from docs_tools.checker.numbers import CARDINALS

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


@pytest.mark.parametrize("name", gallery.FIGURES)
def test_a_text_alternative_states_no_number_by_itself(name):
    """Each is computed from what is drawn; only "one" may be a word like any other."""
    words = re.sub(r"\{[^{}]*\}", "", inspect.getdoc(gallery.FIGURES[name]))
    assert not re.findall(rf"\b\d|\b(?:{'|'.join(CARDINALS[2:])})\b", words, re.I)


def test_sums_in_the_words_are_right():
    """Where a text alternative spells out a sum, it adds up."""
    words = " ".join(gallery.draw(name) for name in gallery.FIGURES)
    sums = re.findall(r"(\d+·\d+(?: \+ \d+·\d+)*) = (\d+)", words)
    assert sums
    for terms, total in sums:
        assert sum(math.prod(map(int, term.split("·"))) for term in terms.split(" + ")) == int(total), terms


@pytest.mark.parametrize("name", gallery.FIGURES)
def test_a_figure_fits_a_phone(name):
    """At 358 pixels, a phone's column, no text is smaller than 9 pixels."""
    root = ElementTree.fromstring(gallery.draw(name))
    scale = min(1, 358 / float(root.get("viewBox").split()[2]))
    sizes = [float(text.get("font-size")) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert min(sizes, default=9) * scale >= 9


@pytest.mark.parametrize("role", figures.PALETTE)
@pytest.mark.parametrize(("paper", "fill", "edge"), [("#ffffff", 0, 1), ("#1e2129", 2, 3)], ids=["light", "dark"])
def test_lines_and_words_stand_out(role, paper, fill, edge):
    """Coloured words have 4.5 to 1 against the page, ink 4.5 to 1 against every fill."""
    assert contrast(figures.PALETTE[role][edge], paper) >= 4.5
    if role not in ("ink", "muted"):
        assert contrast(figures.PALETTE["ink"][edge], figures.PALETTE[role][fill]) >= 4.5


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
    assert 'class="pause"' in html  # it has steps


def test_a_figure_without_steps_has_nothing_to_pause():
    """A switch that does nothing would be noise."""
    assert 'class="pause"' not in render("![Three ways](figures/three-ways.svg)")


def test_other_pictures_stay():
    """A picture in a sentence, and one from elsewhere, are left alone."""
    assert "<img" in render("see ![C](figures/matrix-c.svg) here")
    assert "<img" in render("![photo](photo.png)")


def test_a_figure_without_words_fails_the_build():
    """A text alternative is not optional."""
    with pytest.raises(ValueError, match="matrix-c needs a text alternative"):
        render("![](figures/matrix-c.svg)")


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
