"""Laws of the glossary: one meaning a term, shown at its first use."""

import re

import markdown
import pytest

from docs_tools import glossary


def render(text):
    return markdown.markdown(text, extensions=[glossary.makeExtension(), "def_list", "fenced_code"])


def test_every_term_has_a_short_meaning():
    """A tooltip is one sentence."""
    found = glossary.meanings()
    assert len(found) > 25
    for term, meaning in found.items():
        assert re.fullmatch(r"[^.]{10,110}\.", meaning), f"{term}: {meaning}"


def test_the_first_use_is_marked_and_no_other():
    html = render("A crop, and the crop of a stride.\n\nThe *crop* and the stride.")
    assert html.count("<abbr") == 2
    assert html.startswith('<p>A <abbr title="How many samples')
    assert "</abbr>, and the crop of a <abbr" in html
    assert html.endswith("<p>The <em>crop</em> and the stride.</p>")


def test_a_plural_is_a_use():
    assert render("The taps of a tap.").endswith(">taps</abbr> of a tap.</p>")


def test_the_longer_term_wins():
    html = render("the full output of a transposed convolution")
    assert ">full output</abbr>" in html
    assert ">transposed convolution</abbr>" in html


def test_a_term_inside_of_a_longer_one_is_no_use_of_it():
    html = render("A transposed convolution. One more transposed convolution.\n\nA convolution.")
    assert html.count("<abbr") == 2
    assert html.endswith(">convolution</abbr>.</p>")


@pytest.mark.parametrize("text", ["# The crop", "`crop`", "[crop](x.md)", "```\ncrop\n```", "cropped, crop-like"])
def test_headings_links_code_and_other_words_stay(text):
    assert "<abbr" not in render(text)


def test_the_glossary_itself_is_not_marked():
    assert "<abbr" not in render("crop\n:   a crop of a stride")


def test_every_word_stays():
    """Marking adds elements and takes no text away."""
    text = "The kernel, its taps *and the stride* of a crop: the span, and **the adjoint** of it with groups."
    assert re.sub(r"<[^>]*>", "", render(text)) == re.sub(r"\*", "", text)
