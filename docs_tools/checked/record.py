"""What was checked, page by page, with a key that stops to fit when anything that the result depends on changes."""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["key", "load", "save", "surroundings"]

FOLDER = ".cache/checked"


def surroundings(root: Path, sources: Iterable[str]) -> str:
    """A digest of the given files and folders, of every installed version, of Python, and of the checker itself."""
    here = Path(__file__).parent
    files = {path for name in sources for path in (root / name, *(root / name).rglob("*"))} | {*here.iterdir()}
    files = sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts)
    digest = hashlib.sha256("\n".join([sys.version, *installed()]).encode())
    for path in files:
        digest.update(f"\n{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def installed() -> list[str]:
    """Every distribution's folder, whose name tells its version: a hundredth of the time that reading them takes."""
    return sorted(found.name for folder in sys.path for found in Path(folder or ".").glob("*.dist-info"))


def key(text: str, around: str) -> str:
    return hashlib.sha256(f"{around}\n{text}".encode()).hexdigest()


def save(root: Path, page: Path, record: dict):
    file = root / FOLDER / f"{page.relative_to(root)}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, indent=1), "utf8")


def load(root: Path, page: Path, around: str) -> dict | None:
    """The record of a page as it is now, or None."""
    file = root / FOLDER / f"{page.relative_to(root)}.json"
    record = json.loads(file.read_text("utf8")) if file.exists() else {}
    return record if record.get("key") == key(page.read_text("utf8"), around) else None
