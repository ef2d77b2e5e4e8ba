"""MkDocs hooks: every page as Markdown and as a notebook beside it, llms.txt, and the links to them."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url, meta

from docs_tools.checker.page import fences
from docs_tools.hosted import address
from docs_tools.takeaway.markdown import readable
from docs_tools.takeaway.notebook import cells, notebook

pages: list[Page] = []  # in the order of the navigation


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    global pages
    pages = nav.pages
    return nav


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Under the title: the page to take away."""
    links = {"Markdown": markdown_path(page)}
    if has_notebook(page):
        links = {"Notebook": notebook_path(page), **links}
    written = " ".join(
        f'<a href="{get_relative_url(path, page.url)}" download>{word}</a>' for word, path in links.items()
    )
    if colab := colab_address(page):
        written += f' <a href="{colab}">Colab</a>'
    return output.replace("</h1>", f'</h1>\n<p class="take-away">{written}</p>', 1)


def on_post_build(config: MkDocsConfig) -> None:
    site = Path(config.site_dir)
    whole = []
    for page in pages:
        text = markdown(page)
        whole.append(f"<!-- {(config.site_url or '') + page.url} -->\n\n{text}")
        write(site / markdown_path(page), text)
        if has_notebook(page):
            write(site / notebook_path(page), notebook_text(page, config.site_url))
    write(site / "llms.txt", contents(config))
    write(site / "llms-full.txt", "\n\n".join(whole))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf8")


def markdown_path(page: Page) -> str:
    return str(Path(page.file.src_uri).with_suffix(".md"))


def notebook_path(page: Page) -> str:
    return str(Path(page.file.src_uri).with_suffix(".ipynb"))


def is_notebook(page: Page) -> bool:
    return page.file.src_uri.endswith(".ipynb")


def has_notebook(page: Page) -> bool:
    return is_notebook(page) or any(block.is_python for block in fences(source(page)))


def source(page: Page) -> str:
    """What stands in the file, without its front matter."""
    return meta.get_data(page.file.content_string)[0]


def markdown(page: Page) -> str:
    return readable(cells(source(page)) if is_notebook(page) else source(page))


def notebook_text(page: Page, base: str | None) -> str:
    if is_notebook(page):
        return page.file.content_string
    return nbformat.writes(notebook(source(page), page.file.src_uri, base)) + "\n"


def colab_address(page: Page) -> str | None:
    """Colab opens what lies in a repository: the notebook that is written as one, once there is a repository."""
    repository = re.fullmatch(r"https://github\.com/(.+)", address().repository or "")
    if not repository or not is_notebook(page):
        return None
    return f"https://colab.research.google.com/github/{repository[1]}/blob/main/docs/{page.file.src_uri}"


def contents(config: MkDocsConfig) -> str:
    """llms.txt: what the site is, and each page with its first sentences, as Markdown."""
    lines = [f"# {config.site_name}", "", f"> {config.site_description}"]
    section = None
    for page in pages:
        above = page.ancestors[-1].title if page.ancestors else "Home"
        if above != section:
            lines += ["", f"## {above}", ""]
            section = above
        place = (config.site_url or "") + markdown_path(page)
        about = html.unescape(page.meta.get("description", config.site_description))
        lines.append(f"- [{page.title}]({place}): {about}")
    return "\n".join([*lines, "", "All of it in one file: " + (config.site_url or "") + "llms-full.txt", ""])
