"""Where the site and its sources are: said by the environment of the build, or else by pyproject.toml, or nowhere."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

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
