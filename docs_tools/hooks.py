"""MkDocs hooks: versions at the foot of each page, a light page of a notebook, a 404 page that leads on."""

from __future__ import annotations

import contextlib
import hashlib
import html
import logging
import platform
import re
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

import jinja2

from docs_tools import quick
from docs_tools.address import address
from docs_tools.drawings.card import card
from docs_tools.head import card_path, described
from docs_tools.notebook import slim

ROOT = Path(__file__).parents[1]
LOST = """<h1>This page is not here</h1>
<p>It may have moved. Begin <a href="{root}">at the beginning</a>, look up
<a href="{root}reference/questions/">a question</a> or <a href="{root}reference/glossary/">a word</a>,
or search above.</p>"""
LAZY_SEARCH = (ROOT / "docs_tools" / "lazy_search.js").read_text("utf8")
log = logging.getLogger("mkdocs.hooks.deconvlib")
LONGEST = 88  # characters of a line that fit beside the contents
serving = False
around = ""  # the digest, taken once for each build


def on_startup(command, dirty):
    global serving
    serving = command == "serve"
    if serving:
        quick.remember_search()


def on_config(config):
    global around
    around = digest()
    config.copyright = f"Built with {versions()}."  # the theme shows it at the foot of each page
    with_addresses(config)
    return config


def with_addresses(config):
    """The site's own address, and links to its sources: as far as they are known."""
    known = address()
    if not serving:
        config.site_url = known.site
        if known.site is None:
            log.info("SITE_URL is not given: no sitemap, no canonical addresses, no pictures for links")
    if known.repository is None:
        log.info("REPOSITORY_URL is not given: no links to the sources")
        return
    # not repo_url, for which the theme asks the repository's host in each reader's browser
    config.edit_uri_template = f"{known.repository}/edit/main/docs/{{path}}"
    config.theme["features"].append("content.action.edit")
    source = {"icon": "fontawesome/brands/git-alt", "link": known.repository, "name": "The source of this site"}
    config.extra["social"] = [source]


def versions() -> str:
    """Of what the blocks of the pages run with, as far as it is installed here."""
    names = {"deconvlib": "deconvlib", "NumPy": "numpy", "SciPy": "scipy", "TensorFlow": "tensorflow-cpu"}
    names |= {"Keras": "keras", "PyTorch": "torch", "JAX": "jax", "ONNX": "onnx", "onnxruntime": "onnxruntime"}
    found = [f"Python {platform.python_version()}"]
    for title, name in names.items():
        with contextlib.suppress(metadata.PackageNotFoundError):
            found.append(f"{title} {metadata.version(name)}")
    return ", ".join(found)


def digest() -> str:
    """Of all that the docstrings on a page depend on."""
    files = [*(ROOT / "deconvlib").rglob("*.py"), *(ROOT / "docs_tools").glob("*.py"), *(ROOT / "pins").iterdir()]
    return hashlib.sha256(b"\n".join(path.read_bytes() for path in sorted(files))).hexdigest()


def on_env(env, config, files):
    """Keep the compiled templates between builds: a third of the time after an edit."""
    folder = ROOT / ".cache" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = jinja2.FileSystemBytecodeCache(str(folder))
    return env


def on_page_markdown(markdown, page, config, files):
    if serving:
        page.markdown = markdown
        quick.remember_page(page, files, around)
    return markdown


def on_page_content(content, page, config, files):
    if page.file.src_uri.endswith(".ipynb"):
        content = slim(content, page, files)
    return wrapped(content)


def wrapped(content: str) -> str:
    """A printed message that is longer than the page is wide is marked, so that it wraps; tables and arrays do not."""

    def mark(block):
        lines = html.unescape(re.sub("<[^>]+>", "", block[1])).split("\n")
        return block[0].replace("language-text", "language-text long", int(max(map(len, lines)) > LONGEST))

    return re.sub(r'<div class="language-text highlight">(.*?)</pre>', mark, content, flags=re.S)


def on_post_page(output, page, config):
    if config.site_url and not serving:
        picture = Path(config.site_dir) / card_path(page)
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(card(page.title, config.site_name))
    return described(named(output), page, config)


def on_post_build(config):
    if not config.site_url:
        for sitemap in Path(config.site_dir).glob("sitemap.xml*"):
            sitemap.unlink()  # it would have no addresses


def on_post_template(output, template_name, config):
    if template_name == "404.html":
        output = output.replace("<h1>404 - Not found</h1>", LOST.format(root=urlsplit(config.site_url or "/").path))
    return named(output)


def named(output: str) -> str:
    """The search dialog has a name, the logo its size, and the search's index waits until it is wanted."""
    output = output.replace('role="dialog"', 'role="dialog" aria-label="Search"', 1)
    output = output.replace('alt="logo"', 'alt="logo" width="24" height="24"')
    return re.sub('(?=<script src="[^"]*bundle)', lambda _: f"<script>{LAZY_SEARCH}</script>", output, count=1)


def on_serve(server, config, builder):
    server.builder = lambda: build_or_show(builder, Path(config.site_dir))
    return server


def build_or_show(builder, site: Path):
    """A build that fails shows why on every page; MkDocs alone would keep each request waiting."""
    try:
        builder()
    except (Exception, SystemExit) as error:
        log.error("%s", error)
        text = html.escape(f"{type(error).__name__}: {error}")
        for page in site.rglob("*.html"):
            page.write_text(
                f'<body><h1 style="color:#c00">The site cannot be built</h1><pre>{text}</pre></body>', "utf8"
            )
