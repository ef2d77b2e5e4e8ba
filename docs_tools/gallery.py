"""The catalogue of figures: name -> function.  Each is drawn from a Geometry and arrays, by deconvlib itself.

Every function in the `__all__` of a module of docs_tools/drawings returns (width, height, *elements).  The first
paragraph of its docstring is the figure's title, the rest its text alternative.  `python -m docs_tools.gallery`, or
`pytest --update-docs`, writes docs/figures/NAME.svg and the stylesheet; a test draws them again and compares bytes.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path

from docs_tools import drawings, figure_style
from docs_tools.figures import svg

DOCS = Path(__file__).parents[1] / "docs"
MODULES = [
    importlib.import_module(f"{drawings.__name__}.{found.name}") for found in pkgutil.iter_modules(drawings.__path__)
]
FIGURES: dict[str, Callable[[], tuple]] = {
    name.replace("_", "-"): getattr(module, name) for module in MODULES for name in getattr(module, "__all__", ())
}
PATHS = {name: DOCS / "figures" / f"{name}.svg" for name in FIGURES}
STYLESHEET = DOCS / "stylesheets" / "figures.css"


def draw(name: str) -> str:
    """The text of a figure's file."""
    words = inspect.getdoc(FIGURES[name])
    title, description = (" ".join(part.split()) for part in words.split("\n\n", 1))
    return svg(name, title, description, figure_style.of_a_file(), *FIGURES[name]())


def text(path: Path) -> str:
    """What belongs into one of the files."""
    return figure_style.of_the_site() if path == STYLESHEET else draw(path.stem)


def write() -> None:
    for path in (*PATHS.values(), STYLESHEET):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(path), encoding="utf-8")


if __name__ == "__main__":
    write()
