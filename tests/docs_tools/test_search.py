"""The site's search, as the browser runs it: a page is found by the words of who needs it."""

import json
import re

import pytest

ASKED = {
    "keras to pytorch": "guides/port-a-layer/",
    "convert Conv2DTranspose to ConvTranspose2d": "guides/port-a-layer/",
    "Sizes of tensors must match except in dimension 1": "guides/recipes/",
    "U-Net": "guides/recipes/",
    "output padding must be smaller than either stride or dilation": "reference/questions/",
    "Given transposed=1, weight of size": "reference/questions/",
    "Size of out_backprop doesn't match computed": "reference/questions/",
    "could not create a primitive descriptor": "reference/questions/",
    'padding="same" pytorch': "reference/questions/",
    "upsample without checkerboard artifacts": "guides/avoid-checkerboards/",
    "receptive field decoder": "concepts/receptive-field/",
    "test oracle": "guides/test-oracle/",
    "sparse matrix": "reference/questions/",
    "nn.Upsample": "guides/recipes/",
    "causal": "guides/recipes/",
    "FLOPs": "guides/recipes/",
    "flax": "reference/questions/",
    "undo a blur": "guides/recipes/",
    "weight initialization": "guides/recipes/",
    "output_padding": "concepts/sizes/",
    "install": "",
    "double size without checkerboards": "guides/avoid-checkerboards/",
    "oracle for a float16 kernel": "guides/test-oracle/",  # "a" is not the beginning of "avoid"
    "ConvTranspose auto_pad SAME_UPPER": "reference/questions/",
    "unpooling": "concepts/not-an-inverse/",
    "invert a convolution": "concepts/not-an-inverse/",
    "backpropagation": "concepts/gradient/",
    "fractionally strided convolution": "first-steps/fractional-stride/",
    "dilated transposed convolution": "concepts/dimensions/",
    "why is it called transposed": "first-steps/direct-convolution/",
    "rotate kernel 180": "first-steps/padded-input/",
    "kernel size divisible by stride": "concepts/checkerboards/",
    "from scratch": "first-steps/stamps/",
    "super resolution": "first-steps/subpixel/",
    "difference between Conv2d and ConvTranspose2d": "reference/questions/",
    "how to calculate the shape of a transpose convolution": "reference/questions/",
    "grid pattern in output": "reference/questions/",
    "number of parameters": "guides/recipes/",
    "overlap-add": "guides/recipes/",
    "reverse a convolution in tensorflow": "guides/recipes/",
    "Concatenate layer requires inputs with matching shapes": "guides/recipes/",
    "tile large image": "concepts/receptive-field/",
}
ANSWERS = """async (questions) => {
  const config = JSON.parse(document.getElementById("__config").textContent);
  const at = (path) => new URL(path, new URL(config.base + "/", location));
  const index = await (await fetch(at("search/search_index.json"))).json();
  const worker = new Worker(new URL(config.search, location));
  const reply = (type, data) => new Promise((done) => {
    worker.onmessage = (message) => done(message.data.data);
    worker.postMessage({ type, data });
  });
  await reply(0, { ...index, options: { suggest: true } });
  const found = [];
  for (const question of questions) {
    const { items } = await reply(2, question);
    found.push(items.map((sections) => sections[0].location.split("#")[0]));
  }
  worker.terminate();
  return found;
}"""


@pytest.fixture
def found(page):
    """Ask several questions: the pages that are found for each, the best first."""
    page.goto("")
    return lambda questions: dict(zip(questions, page.evaluate(ANSWERS, questions)))


def test_a_page_is_found_by_the_words_of_who_needs_it(found):
    first = {question: (pages or [None])[0] for question, pages in found(list(ASKED)).items()}
    assert first == ASKED


@pytest.mark.parametrize("query", ["", "?q=stamps"])
def test_the_index_comes_when_it_is_wanted(page, query):
    """It weighs more than a page; a link with a question wants it at once."""
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "search_index" in request.url else None)
    page.goto(f"concepts/sizes/{query}")
    page.wait_for_load_state("networkidle")
    assert len(asked) == bool(query)
    if not query:
        page.keyboard.press("/")
        page.get_by_role("textbox", name="Search").press_sequentially("stamps")
    page.locator(".md-search-result__link").first.wait_for()
    assert len(asked) == 1
    assert page.get_by_role("dialog", name="Search").is_visible()


def test_no_word_of_a_heading_is_an_invalid_query(found, page, site):
    """Lunr mixes up parts of words in a large index with much punctuation; it then fails, and nothing is found."""
    warnings = []
    page.on("console", lambda message: warnings.append(message.text) if "Invalid query" in message.text else None)
    index = json.loads((site / "search" / "search_index.json").read_text("utf8"))
    words = {word for entry in index["docs"] for word in re.findall(r"[a-z]+", entry["title"].lower())}
    found(sorted(words))
    assert warnings == []
