"""MkDocs hooks: the site at its address. Canonical addresses, pictures for links, links to the sources, if known."""

from __future__ import annotations

import logging
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from docs_tools.drawings.card import card

log = logging.getLogger("mkdocs.hooks.hosted")
serving = False
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


@dataclass(frozen=True)
class Address:
    """Each is None until it is known; what needs it is then left out."""

    site: str | None  # with a slash at its end
    repository: str | None  # without


def address() -> Address:
    """SITE_URL and REPOSITORY_URL, or what pyproject.toml has under [tool.deconvlib]."""
    given = tomllib.loads(PYPROJECT.read_text("utf8"))["tool"]["deconvlib"]
    site = os.environ.get("SITE_URL") or given["site"]
    repository = os.environ.get("REPOSITORY_URL") or given["repository"]
    return Address(site.rstrip("/") + "/" if site else None, repository.rstrip("/") or None)


def on_startup(command, dirty):
    global serving
    serving = command == "serve"


def on_config(config):
    known = address()
    if not serving:
        config.site_url = known.site
        if known.site is None:
            log.info("SITE_URL is not given: no sitemap, no canonical addresses, no pictures for links")
    if known.repository is None:
        log.info("REPOSITORY_URL is not given: no links to the sources")
        return config
    # not repo_url, for which the theme asks the repository's host in each reader's browser
    config.edit_uri_template = f"{known.repository}/edit/main/docs/{{path}}"
    config.theme["features"].append("content.action.edit")
    source = {"icon": "fontawesome/brands/git-alt", "link": known.repository, "name": "The source of this site"}
    config.extra["social"] = [source]
    return config


def on_page_content(content, page, config, files):
    """The theme's main.html links the picture, which those who show a link to the page ask for."""
    if config.site_url and not serving:
        page.meta["card"] = f"assets/cards/{page.url.strip('/') or 'index'}.png"
        picture = Path(config.site_dir) / page.meta["card"]
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(card(page.title, config.site_name))
    return content


def on_post_build(config):
    if not config.site_url:
        for sitemap in Path(config.site_dir).glob("sitemap.xml*"):
            sitemap.unlink()  # it would have no addresses
