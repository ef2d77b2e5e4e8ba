"""The catalogue of figures: name -> function.  Each is drawn from a Geometry and arrays, by deconvlib itself.

Every function in the `__all__` of a module of docs_tools/drawings draws on a Figure and returns its width and height.
The first paragraph of its docstring is the figure's title, the rest its text alternative.  `pytest` draws them all and
compares docs/figures/NAME.svg and the stylesheet byte by byte; `pytest --update-docs` writes them.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path

from docs_tools import drawings, figure_style
from docs_tools.figures import Figure, svg

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
    figure = Figure()
    width, height = FIGURES[name](figure)
    return svg(name, title, description, figure_style.of_a_file(), width, height, *figure.elements)


def text(path: Path) -> str:
    """What belongs into one of the files."""
    return figure_style.of_the_site() if path == STYLESHEET else draw(path.stem)
