"""MkDocs hooks: blocks that run in the page, where `make live` has fetched what they need."""

from __future__ import annotations

import logging
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs_tools.live import fetch, files
from docs_tools.live.blocks import marked

log = logging.getLogger("mkdocs.hooks.live")
live = False


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    global live
    live = fetch.complete()
    if not live:
        log.info("The pages have no live blocks: `make live` fetches what they need.")
    return config


def on_files(found: Files, config: MkDocsConfig) -> Files:
    for name, file in files.generated().items() if live else ():
        where = {"abs_src_path": str(file)} if isinstance(file, Path) else {"content": file}
        found.append(File.generated(config, f"assets/live/{name}", **where))
    return found


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    return marked(content) if live else content
