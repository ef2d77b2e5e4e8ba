"""What the package says of itself to a registry: its addresses, and a README whose links lead somewhere from there.

The addresses are those of pyproject.toml under [tool.deconvlib].  What needs one that is empty is left out.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)
PICTURE = re.compile(r"!\[[^\]]*\]\((?!https?:)([^)\s]+)[^)]*\)\n*")
LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)")


class Addresses(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        root = Path(self.root)
        addresses = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["tool"]["deconvlib"]
        text = readme((root / "README.md").read_text("utf8"), addresses["repository"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = urls(addresses)
        missing = [name for name, value in addresses.items() if not value]
        if missing:
            print(f"[tool.deconvlib] has no {', no '.join(missing)} yet: left out", file=sys.stderr)


def urls(addresses: dict[str, str]) -> dict[str, str]:
    """The links that a registry shows beside the package."""
    found = {"Documentation": addresses["site"], "Source": addresses["repository"]}
    if addresses["repository"]:
        found["Issues"] = f"{addresses['repository']}/issues"
        found["Changelog"] = f"{addresses['repository']}/blob/main/CHANGELOG.md"
    found["Contact"] = addresses["contact"]
    return {name: value for name, value in found.items() if value}


def readme(text: str, repository: str) -> str:
    """With whole addresses; where there is no repository, without pictures and with the words of the links alone."""
    parts = FENCE.split(text)  # what is in a fence is no link, however it looks
    return "".join(part if number % 2 else _prose(part, repository) for number, part in enumerate(parts))


def _prose(text: str, repository: str) -> str:
    if not repository:
        return LINK.sub(r"\1", PICTURE.sub("", text))
    text = PICTURE.sub(lambda found: found[0].replace(found[1], f"{repository}/raw/main/{found[1]}"), text)
    return LINK.sub(rf"[\1]({repository}/blob/main/\2)", text)
