"""MkDocs hooks: each page's description and the versions at its foot, a light page of the notebook, `make serve`."""

from __future__ import annotations

import contextlib
import html
import platform
import re
from importlib import metadata
from pathlib import Path

from docs_tools.notebook import slim

ROOT = Path(__file__).parents[1]
SHOWN = ("deconvlib", "docs_tools", "docs/figures", "docs/reference/glossary.md")  # what pages show besides their text
LONGEST = 200  # characters of a description that a search engine shows
only_what_changed = False


def on_startup(command, dirty):
    global only_what_changed
    only_what_changed = dirty


def on_config(config):
    config.copyright = f"Built with {versions()}."  # the theme shows it at the foot of each page
    return config


def versions() -> str:
    """Of what the blocks of the pages run with, as far as it is installed here."""
    names = {"deconvlib": "deconvlib", "NumPy": "numpy", "SciPy": "scipy", "TensorFlow": "tensorflow-cpu"}
    names |= {"Keras": "keras", "PyTorch": "torch", "JAX": "jax", "ONNX": "onnx", "onnxruntime": "onnxruntime"}
    found = [f"Python {platform.python_version()}"]
    for title, name in names.items():
        with contextlib.suppress(metadata.PackageNotFoundError):
            found.append(f"{title} {metadata.version(name)}")
    return ", ".join(found)


def on_files(files, config):
    """`make serve` builds the pages alone that changed: after a change of what many of them show, all of them."""
    if only_what_changed:
        sources = [path for name in SHOWN for path in (ROOT / name, *(ROOT / name).rglob("*.*"))]
        newest = max(path.stat().st_mtime for path in sources if path.is_file() and path.suffix != ".pyc")
        for page in files.documentation_pages():
            built = Path(page.abs_dest_path)
            if built.exists() and built.stat().st_mtime < newest:
                built.unlink()
    return files


def on_page_content(content, page, config, files):
    content = slim(content, page, files) if page.file.src_uri.endswith(".ipynb") else content
    if not page.is_homepage:  # it begins with a picture
        page.meta.setdefault("description", first_sentences(content))
    return content


def on_post_page(output, page, config):
    """The API page alone asks for the style sheet of mkdocstrings."""
    unused = 'class="doc ' not in output
    return re.sub(r'<link[^>]*/_mkdocstrings\.css">\s*', "", output) if unused else output


def first_sentences(content: str) -> str:
    """The sentences of a page's first paragraph, as many as are shown; at least one."""
    paragraph = re.search(r"<p>(.*?)</p>", content, re.S)
    text = re.sub(r"<annotation.*?</annotation>|<[^>]+>", "", paragraph[1] if paragraph else "", flags=re.S)
    first, *others = re.split(r"(?<=[.?!:])\s+", " ".join(html.unescape(text).split()))
    for sentence in others:
        if len(first) + 1 + len(sentence) > LONGEST:
            break
        first += f" {sentence}"
    return html.escape(first)
