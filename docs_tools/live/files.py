"""The files that the site carries for its live blocks: Pyodide, NumPy, and this very version of deconvlib as a wheel.

They lie in assets/live/.  A name that holds a version or a digest never changes what it means, so a browser keeps it;
files.json alone is asked for anew, and names the others.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from docs_tools.live.fetch import FOLDER, PINS, ROOT

__all__ = ["generated"]


def generated() -> dict[str, Path | str]:
    """Each file in the folder assets/live/ of the site: where it is, or what is in it."""
    package = wheel()
    content = lock(package)
    lock_name = f"lock-{digest(content.encode())}.json"
    folder = f"pyodide-{PINS['pyodide']}"
    fetched = {f"{folder}/{name}": FOLDER / name for name in PINS["files"]}
    weight = sum(path.stat().st_size for path in [*fetched.values(), package] if path.suffix not in (".js", ".mjs"))
    index = {"pyodide": f"{folder}/", "lock": lock_name, "bytes": weight}
    return {**fetched, package_name(package): package, lock_name: content, "files.json": json.dumps(index)}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def wheel() -> Path:
    """This version of deconvlib, built once for each state of its sources."""
    sources = sorted((ROOT / "deconvlib").rglob("*.py"))
    state = digest(b"\n".join(path.read_bytes() for path in sources))
    folder = FOLDER.parent / "wheels" / state
    if not folder.is_dir():
        list(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    (path,) = folder.glob("*.whl")
    return path


def package_name(path: Path) -> str:
    return f"{digest(path.read_bytes())}/{path.name}"


def lock(package: Path) -> str:
    """What Pyodide reads to find the packages, and to check them once more in the reader's browser."""
    numpy = next(name for name in PINS["files"] if name.startswith("numpy"))
    packages = {
        "numpy": entry("numpy", numpy, PINS["files"][numpy], []),
        "deconvlib": entry(
            "deconvlib",
            f"../{package_name(package)}",
            hashlib.sha256(package.read_bytes()).hexdigest(),
            ["numpy"],
        ),
    }
    versions = {"version": PINS["pyodide"], "python": PINS["python"], "abi_version": PINS["abi"]}
    return json.dumps(
        {"info": {**versions, "arch": "wasm32", "platform": PINS["platform"]}, "packages": packages}, indent=1
    )


def entry(name: str, file: str, sha256: str, depends: list[str]) -> dict[str, object]:
    version = Path(file).name.split("-")[1]
    return {
        "name": name,
        "version": version,
        "file_name": file,
        "sha256": sha256,
        "depends": depends,
        "imports": [name],
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }
