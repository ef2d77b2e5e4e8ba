"""The colours and strokes of the figures, light and dark, and how a figure sits in a page.

An SVG carries its own style, so that it reads well as a file.  Inside a page, docs_tools/inline_svg.py takes that style
away, and the site's stylesheet, made from the same PALETTE, colours it as the reader wishes.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["PALETTE", "of_a_file", "of_the_site"]

# role: (light fill, light line, dark fill, dark line)
PALETTE = {
    "input": ("#cfe4f8", "#1a66a8", "#173b5e", "#77bbf2"),
    "kernel": ("#ffe2b3", "#965200", "#563609", "#f2ad4e"),
    "zero": ("#f6f6f6", "#6b6b6b", "#262a36", "#a2a8b8"),
    "crop": ("#fbdfdc", "#b3261e", "#4d1f1f", "#ff938a"),
    "output": ("#cbeed7", "#17743c", "#134229", "#66d394"),
    "overlap": ("#b98ae0", "#6f34a3", "#8a52bd", "#cfa8f5"),
    "ink": ("#1c1c1c", "#1c1c1c", "#f1f2f6", "#f1f2f6"),
    "muted": ("#595959", "#595959", "#b4b9c8", "#b4b9c8"),
}

STROKES = """\
.fig text{font-family:system-ui,sans-serif;text-anchor:middle;dominant-baseline:central}
.fig text[text-anchor=start]{text-anchor:start}.fig text[text-anchor=end]{text-anchor:end}
.fig .zero,.fig .crop{stroke-dasharray:3 2}.fig .zero{stroke-width:.7}
.fig .line{fill:none;stroke-dasharray:none;stroke-width:1.5}
.fig .frame{fill:none;stroke-width:2.5;stroke-dasharray:none}.fig image{image-rendering:pixelated}
.fig .passing{opacity:0}
"""

IN_A_PAGE = Path(__file__).parent / "figures.css"


def of_a_file() -> str:
    """The style of a figure that stands alone."""
    light, dark = _variables()
    return "\n".join([f".fig{{{light}}}", f"@media (prefers-color-scheme:dark){{.fig{{{dark}}}}}", *_roles(), STROKES])


def of_the_site() -> str:
    """The stylesheet of all figures in pages."""
    light, dark = _variables()
    dark_page = f'[data-md-color-scheme="slate"] .fig{{{dark}}}'
    return "\n".join([f".fig{{{light}}}", dark_page, *_roles(), STROKES + IN_A_PAGE.read_text("utf8")])


def _variables() -> tuple[str, str]:
    light = "".join(f"--{role}:{fill};--{role}-line:{edge};" for role, (fill, edge, _, _) in PALETTE.items())
    dark = "".join(f"--{role}:{fill};--{role}-line:{edge};" for role, (_, _, fill, edge) in PALETTE.items())
    return light, dark


def _roles() -> list[str]:
    return [
        f".fig .{role}{{fill:var(--{role});stroke:var(--{role}-line)}}.fig .t-{role}{{fill:var(--{role}-line)}}"
        for role in PALETTE
    ]
