"""The built site shows the blocks that ran and no others, leads nowhere wrong, and asks nobody."""

import ast
import copy
import functools
import pkgutil
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import lxml.html
import numpy as np
import pytest
import yaml

import deconvlib.frameworks
from docs_tools.checker.page import fences

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
BIN = Path(sys.executable).parent
OTHER_LANGUAGES = {"text", "diff", "console", "bash", "sh", "toml", "yaml", "markdown", "json", "html"}


def document(documents, page: Path):
    relative = page.relative_to(ROOT / "docs").with_suffix("")
    return documents[relative.parent / "index.html" if relative.name == "index" else relative / "index.html"]


def code(block) -> str:
    return block.text_content().strip("\n")


@functools.cache
def docstring_blocks() -> set[str]:
    """The Python blocks of all docstrings, which the API page shows."""
    trees = [ast.parse(path.read_text("utf8")) for path in (ROOT / "deconvlib").rglob("*.py")]
    nodes = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    texts = [text for node in nodes if (text := ast.get_docstring(node))]
    return {"\n".join(fence.body) for text in texts for fence in fences(text) if fence.is_python}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT / "docs")))
def test_the_python_blocks_that_a_page_shows_are_those_that_ran(documents, page):
    article = document(documents, page).xpath("//article")[0]
    made = "ancestor::*[contains(@class, 'doc-signature') or contains(@class, 'mkdocstrings-source')]"
    blocks = article.xpath(f".//div[contains(@class, 'highlight')]//pre[not({made})]")
    python = [block for block in blocks if block.xpath("ancestor::div[contains(@class, 'language-py')]")]
    stated = fences(page.read_text("utf8"))
    ran = ["\n".join(fence.body).strip("\n") for fence in stated if fence.is_python]
    other = ["\n".join(fence.body).strip("\n") for fence in stated if not fence.is_python]
    assert {fence.words[0] for fence in stated if fence.words and not fence.is_python} <= OTHER_LANGUAGES
    assert [code(block) for block in python if code(block) not in docstring_blocks()] == ran
    if ":::" not in page.read_text("utf8"):  # docstrings have their equations in indented blocks
        unknown = [code(block) for block in article.xpath(".//pre") if block not in python and code(block) not in other]
        assert not unknown, "code that is indented and not fenced never runs"


def test_every_page_has_a_title_and_a_description_of_its_own(documents):
    """As a search engine and a chat read them: whole, and no two alike."""
    pages = {name: root for name, root in documents.items() if name.name != "404.html"}
    for what in (
        "//head/title/text()",
        "//meta[@name='description']/@content",
        "//meta[@property='og:description']/@content",
    ):
        said = [root.xpath(what) for root in pages.values()]
        assert {len(texts) for texts in said} == {1}, what
        assert len({texts[0] for texts in said}) == len(pages), what
        assert all(20 <= len(texts[0]) <= 320 for texts in said), what


def test_the_foot_of_a_page_says_with_which_versions_it_was_built(documents):
    for name, root in documents.items():
        (foot,) = root.xpath("//footer//*[@class='md-copyright']")
        assert f"NumPy {np.__version__}" in foot.text_content(), name


def test_a_page_that_moved_leads_to_its_new_place(site):
    moved = yaml.safe_load(re.search(r"redirect_maps:.*\n((?: {8}.*\n)+)", (ROOT / "mkdocs.yml").read_text("utf8"))[1])
    for old, new in moved.items():
        assert not (ROOT / "docs" / old).exists(), f"{old} has not moved"
        here, there = (site / page.removesuffix(".md").removesuffix("index") for page in (old, new))
        (target,) = lxml.html.parse(str(here / "index.html")).xpath("//link[@rel='canonical']/@href")
        found = (here / target).resolve()
        assert found == there
        assert (found / "index.html").is_file()


def test_the_page_for_what_is_not_there_leads_on(site, documents):
    """Its links lead to pages of the site."""
    links = documents[Path("404.html")].xpath("//article//p//a/@href")
    assert len(links) == 3
    assert all((site.parent / link.lstrip("/") / "index.html").is_file() for link in links)


def test_no_tex_is_left_over_and_every_equation_carries_its_own(documents):
    for name, root in documents.items():
        for article in copy.deepcopy(root).xpath("//article"):
            equations = article.xpath(".//math")
            assert all(m.xpath(".//annotation[@encoding='application/x-tex']") for m in equations), name
            for hidden in article.xpath(".//pre | .//code | .//math | .//svg | .//script"):
                hidden.drop_tree()
            left = re.search(r"\$\$|\\begin\{|\\frac|(?<!\w)\$[^\s$][^$\n]*\$|<!--=", article.text_content())
            assert not left, f"{name}: {left[0]}"


def test_display_equations_scroll_by_keyboard_in_their_own_box(documents):
    shown = [math for root in documents.values() for math in root.xpath("//math[@display='block']")]
    assert shown
    assert all(math.xpath("ancestor::*[@tabindex='0' and contains(@class, 'equation')]") for math in shown)


def test_the_site_asks_no_third_party(site, documents):
    asked = ["//script/@src", "//img/@src", "//iframe/@src", "//source/@src", "//video/@src", "//object/@data"]
    asked += ["//link[not(@rel='canonical')]/@href", "//*/@srcset", "//use/@href", "//image/@href", "//form/@action"]
    for name, root in documents.items():
        for query in asked:
            assert not [url for url in root.xpath(query) if re.match(r"(?:https?:)?//", url)], name
        assert not root.xpath("//*[contains(@class, 'mermaid')]"), f"{name}: Material fetches Mermaid for this"
        assert not root.xpath("//*[@data-md-component='source']"), (
            f"{name}: Material asks the repository's host for stars"
        )
        for style in root.xpath("//style/text() | //@style"):
            assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import", style), name
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import", path.read_text("utf8")), path.name
    for path in (ROOT / "docs").rglob("*.js"):  # Material's own asks only for what the lines above exclude
        assert not re.search(r"https?://(?!www\.w3\.org/)", path.read_text("utf8")), path.name


def test_every_link_and_fragment_leads_somewhere(site):
    options = [
        "--offline",
        "--include-fragments",
        "--index-files",
        "index.html",
        "--no-progress",
        "--root-dir",
        site.parent,
    ]
    pages = [str(path) for path in [*site.rglob("*.html"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]]
    result = subprocess.run([shutil.which("lychee", path=BIN), *options, *pages], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_api_page_lists_exactly_the_public_names(site):
    inventory = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]  # four lines of header, then compressed lines
    entries = [line.split() for line in zlib.decompress(inventory).decode().splitlines()]
    listed = {name for name, *_ in entries}
    objects = {name for name, role, *_ in entries if role != "py:module" and name.count(".") == 1}
    assert objects <= {f"deconvlib.{name}" for name in deconvlib.__all__}
    for name in deconvlib.__all__:  # deconvlib.solve is a module, too, and the function is listed with it
        assert listed & {f"deconvlib.{name}", f"deconvlib.{name}.{name}"}, name


def test_the_api_page_shows_every_method_once(documents):
    ids = documents[Path("reference/api/index.html")].xpath("//@id[starts-with(., 'deconvlib.methods.')]")
    assert sorted(ids) == sorted(f"deconvlib.methods.{name}" for name in {*deconvlib.METHODS, "convolve"} - {"fast"})


def test_the_stars_of_a_shape_are_stars(documents):
    """[batch, *space, in]: Markdown takes a pair of them for emphasis."""
    emphasised = documents[Path("reference/api/index.html")].xpath("//*[contains(@class, 'doc-contents')]//em")
    assert [one for one in emphasised if one.xpath("string(preceding-sibling::text()[1])").endswith(("[", "("))] == []


def test_the_api_page_shows_every_framework_and_nothing_twice():
    text = (ROOT / "docs" / "reference" / "api.md").read_text("utf8")
    shown = re.findall(r"^::: deconvlib\.(\S+)$", text, re.M)
    assert len(set(shown)) == len(shown)
    modules = {module.name for module in pkgutil.iter_modules(deconvlib.frameworks.__path__)}
    frameworks = {f"frameworks.{name}" for name in modules if not name.startswith("_")}
    assert {name for name in shown if name.startswith("frameworks.")} == frameworks
    for heading, first in re.findall(r"^## (.+)\n\n::: deconvlib\.(\S+)$", text, re.M):
        name = heading.lower().replace(" ", "_")
        assert first == name or name not in deconvlib.__all__


def test_what_a_page_tells_to_make_is_a_target_of_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf8"), re.M))
    texts = [path.read_text("utf8") for path in [*PAGES, ROOT / "README.md", *ROOT.glob("deconvlib/**/*.py")]]
    told = {name for text in texts for name in re.findall(r"(?:`|^(?:\$ )?)make ([a-z][\w-]*)", text, re.M)}
    assert {"test", "conformance"} <= told <= targets


def test_no_page_and_no_docstring_has_a_prompt():
    """Nothing runs one; a ```python fence runs."""
    paths = [*PAGES, *ROOT.glob("docs/**/*.ipynb"), ROOT / "README.md", *ROOT.glob("deconvlib/**/*.py")]
    assert [path for path in paths if re.search(r"^[ \t>]*>>> ", path.read_text("utf8"), re.M)] == []
