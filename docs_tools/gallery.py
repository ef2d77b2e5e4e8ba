"""The catalogue of figures: name -> function.  Each is drawn from a Geometry and arrays, by deconvlib itself.

A function of docs_tools/drawings returns (its names, width, height, *elements).  Its docstring has the figure's
title, its text alternative, and what else a page may say of it; what stands in braces is computed from the names.
`python -m docs_tools.gallery`, or `pytest --update-docs`, writes docs/figures/NAME.svg and the stylesheet; a test draws
them again and compares bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docs_tools.drawings import axes, counts, first_steps, links, pictures, speed
from docs_tools.drawings.words import filled
from docs_tools.figures import stylesheet, svg

DOCS = Path(__file__).parents[1] / "docs"
FIGURES: dict[str, Callable[[], tuple]] = {
    name.replace("_", "-"): getattr(module, name)
    for module in (first_steps, links, axes, counts, pictures, speed)
    for name in module.__all__
}
PATHS = {name: DOCS / "figures" / f"{name}.svg" for name in FIGURES}
STYLESHEET = DOCS / "stylesheets" / "figures.css"


def draw(name: str) -> str:
    """The text of a figure's file."""
    names, width, height, *body = FIGURES[name]()
    return svg(name, width, height, filled(FIGURES[name], names), *body)


def text(path: Path) -> str:
    """What belongs into one of the files."""
    return stylesheet() + "\n" if path == STYLESHEET else draw(path.stem)


def write() -> None:
    for path in (*PATHS.values(), STYLESHEET):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(path), encoding="utf-8")


if __name__ == "__main__":
    write()
