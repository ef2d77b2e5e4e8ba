"""MkDocs hooks: every page as Markdown and as a notebook beside it, llms.txt, and the links to them."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url, meta

from docs_tools.checker.page import fences
from docs_tools.hosted import address
from docs_tools.takeaway.markdown import readable
from docs_tools.takeaway.notebook import notebook
from docs_tools.takeaway.notebook import page as as_page

pages: list[Page] = []  # in the order of the navigation


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """A notebook in the docs is a page like the others, and lies beside it."""
    for file in [file for file in files if file.src_uri.endswith(".ipynb")]:
        page = File.generated(config, file.src_uri.replace(".ipynb", ".md"), content=as_page(file.content_string))
        page.edit_uri = file.src_uri
        files.append(page)
    return files


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    global pages
    pages = nav.pages
    return nav


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Under the title: the page to take away."""
    links = {"Notebook": notebook_path(page)} if has_code(page) else {}
    links["Markdown"] = page.file.src_uri
    written = " ".join(
        f'<a href="{get_relative_url(path, page.url)}" download>{word}</a>' for word, path in links.items()
    )
    if (Path(config.docs_dir) / notebook_path(page)).exists() and (colab := colab_address(notebook_path(page))):
        written += f' <a href="{colab}">Colab</a>'
    return output.replace("</h1>", f'</h1>\n<p class="take-away">{written}</p>', 1)


def on_post_build(config: MkDocsConfig) -> None:
    site = Path(config.site_dir)
    whole = []
    for page in pages:
        text = readable(source(page))
        whole.append(f"<!-- {(config.site_url or '') + page.url} -->\n\n{text}")
        write(site / page.file.src_uri, text)
        if has_code(page) and not (Path(config.docs_dir) / notebook_path(page)).exists():
            made = notebook(source(page), page.file.src_uri, config.site_url)
            write(site / notebook_path(page), nbformat.writes(made) + "\n")
    write(site / "llms.txt", contents(config))
    write(site / "llms-full.txt", "\n\n".join(whole))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf8")


def notebook_path(page: Page) -> str:
    return page.file.src_uri.removesuffix(".md") + ".ipynb"


def has_code(page: Page) -> bool:
    return any(block.is_python for block in fences(source(page)))


def source(page: Page) -> str:
    """What stands in the file, without its front matter."""
    return meta.get_data(page.file.content_string)[0]


def colab_address(notebook: str) -> str | None:
    """Colab opens what lies in a repository: a notebook that is written as one, once there is a repository."""
    repository = re.fullmatch(r"https://github\.com/(.+)", address().repository or "")
    return f"https://colab.research.google.com/github/{repository[1]}/blob/main/docs/{notebook}" if repository else None


def contents(config: MkDocsConfig) -> str:
    """llms.txt: what the site is, and each page with its first sentences, as Markdown."""
    lines = [f"# {config.site_name}", "", f"> {config.site_description}"]
    section = None
    for page in pages:
        above = page.ancestors[-1].title if page.ancestors else "Home"
        if above != section:
            lines += ["", f"## {above}", ""]
            section = above
        place = (config.site_url or "") + page.file.src_uri
        about = html.unescape(page.meta.get("description", config.site_description))
        lines.append(f"- [{page.title}]({place}): {about}")
    return "\n".join([*lines, "", "All of it in one file: " + (config.site_url or "") + "llms-full.txt", ""])
