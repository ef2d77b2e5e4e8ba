"""Drawing primitives: grids, windows, arrows and steps, as deterministic SVG that follows the reader's colours.

The same colour always means the same thing, and never alone: zeros and crops are also dashed and struck through, and
every grid has its label.  An SVG carries its own style, so that it reads well as a file; inside a page, inline_svg.py
takes that style away and the site's stylesheet, made from the same PALETTE, colours it light or dark.
"""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape

import numpy as np

__all__ = ["PALETTE", "arrow", "cell", "frame", "grid", "label", "line", "picture", "steps", "stylesheet", "svg", "tag"]

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
SECONDS = 1.6  # that a step of an animation is shown


def tag(name: str, *content: str, **attributes) -> str:
    """One element.  `class_` stands for class; underscores become hyphens; None is left out."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{words}>{''.join(content)}</{name}>" if content else f"<{name}{words}/>"


def label(x: float, y: float, text, role: str = "ink", anchor: str = "middle", size: float = 12) -> str:
    """Text whose baseline's middle (or start, or end) is at (x, y)."""
    anchor = None if anchor == "middle" else anchor
    return tag("text", escape(_text(text)), x=x, y=y, class_=f"t-{role}", text_anchor=anchor, font_size=size)


def cell(x: float, y: float, size: float, role: str, text="", strength: float | None = None) -> str:
    """One sample.  A crop is struck through.  `strength` in 0..1 is how strongly the colour shows."""
    box = tag("rect", x=x + 1, y=y + 1, width=size - 2, height=size - 2, rx=2, class_=role, fill_opacity=strength)
    strike = line(x + 3, y + size - 3, x + size - 3, y + 3, role) if role == "crop" else ""
    words = label(x + size / 2, y + size / 2, text, "muted" if role == "zero" else "ink", size=min(13, size * 0.56))
    return box + strike + (words if text != "" else "")


def grid(values, roles, x: float, y: float, size: float, strength=None) -> str:
    """A matrix of samples.  `roles` and `strength` are one for all, or one a sample; nan and None stay blank."""
    values = np.asarray(values)
    roles = np.broadcast_to(np.asarray(roles), values.shape)
    strength = [None] * values.size if strength is None else np.broadcast_to(strength, values.shape).ravel()
    return "".join(
        cell(x + size * column, y + size * row, size, roles[row, column], _shown(values[row, column]), weight)
        for (row, column), weight in zip(np.ndindex(*values.shape), strength)
    )


def frame(x: float, y: float, width: float, height: float, role: str) -> str:
    """An outline around samples, such as the window of the kernel."""
    return tag("rect", x=x, y=y, width=width, height=height, rx=3, class_=f"frame {role}")


def line(x1: float, y1: float, x2: float, y2: float, role: str = "muted") -> str:
    return tag("path", d=f"M{_text(x1)} {_text(y1)}L{_text(x2)} {_text(y2)}", class_=f"line {role}")


def arrow(x1: float, y1: float, x2: float, y2: float, role: str = "muted") -> str:
    """A straight arrow to (x2, y2)."""
    along = np.array([x2 - x1, y2 - y1], float)
    along *= 5 / np.hypot(*along)
    across = np.array([-along[1], along[0]]) * 0.7
    left, right = np.array([x2, y2]) - along + across, np.array([x2, y2]) - along - across
    head = "M{} {}L{} {}L{} {}".format(*map(_text, (*left, x2, y2, *right)))
    return line(x1, y1, x2, y2, role) + tag("path", d=head, class_=f"line {role}")


def steps(frames: list[str], still: int) -> str:
    """Frames shown one after the other.  Where nothing may move, the one with number `still` is shown."""
    shown = (
        tag("g", body, class_="step still" if n == still else "step", style=f"--n:{n}") for n, body in enumerate(frames)
    )
    return tag("g", *shown, class_=f"steps steps-{len(frames)}")


def picture(values: np.ndarray, x: float, y: float, size: float) -> str:
    """A grey picture, 0 black to 1 white.  Its PNG is written uncompressed: the same bytes with every zlib."""
    grey = np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    stored = b"\x78\x01\x01" + struct.pack("<HH", len(rows), len(rows) ^ 0xFFFF) + rows
    stored += struct.pack(">I", zlib.adler32(rows))
    header = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", stored), (b"IEND", b""))
    )
    source = "data:image/png;base64," + base64.b64encode(png).decode()
    height = size * grey.shape[0] / grey.shape[1]
    return tag("image", href=source, x=x, y=y, width=size, height=height)


def svg(name: str, width: float, height: float, words: list[str], *body: str) -> str:
    """The whole file: words, style, drawing.  One element a line, so that a diff shows what moved.

    The words are its title, its text alternative, and its captions: what else a page may say of it.
    """
    title, description, *captions = words
    content = (
        tag("title", escape(title), id=f"{name}-title"),
        tag("desc", escape(description), id=f"{name}-desc"),
        *(tag("metadata", escape(caption)) for caption in captions),
        tag("style", escape(stylesheet(alone=True), quote=False)),
        *body,
    )
    text = tag(
        "svg",
        *content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_text(width)} {_text(height)}",
        class_="fig",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        style=f"max-width:{_text(1.4 * width)}px",
    )
    return text.replace("><", ">\n<") + "\n"


def stylesheet(alone: bool = False) -> str:
    """The colours and strokes of every figure: for one that stands alone, or for the site with its two palettes."""
    light = "".join(f"--{r}:{fill};--{r}-line:{edge};" for r, (fill, edge, _, _) in PALETTE.items())
    dark = "".join(f"--{r}:{fill};--{r}-line:{edge};" for r, (_, _, fill, edge) in PALETTE.items())
    rules = [f".fig{{{light}}}"]
    rules += [f"@media (prefers-color-scheme:dark){{.fig{{{dark}}}}}"] if alone else []
    rules += [] if alone else [f'[data-md-color-scheme="slate"] .fig{{{dark}}}']
    for role in PALETTE:
        rules += [
            f".fig .{role}{{fill:var(--{role});stroke:var(--{role}-line)}}.fig .t-{role}{{fill:var(--{role}-line)}}"
        ]
    rules += [
        ".fig text{font-family:system-ui,sans-serif;text-anchor:middle;dominant-baseline:central}",
        ".fig text[text-anchor=start]{text-anchor:start}.fig text[text-anchor=end]{text-anchor:end}",
        ".fig .zero,.fig .crop{stroke-dasharray:3 2}.fig .zero{stroke-width:.7}",
        ".fig .line{fill:none;stroke-dasharray:none;stroke-width:1.5}",
        ".fig .frame{fill:none;stroke-width:2.5;stroke-dasharray:none}.fig image{image-rendering:pixelated}",
        ".fig .step{opacity:0}.fig .step.still{opacity:1}",
    ]
    return "\n".join(rules if alone else rules + _PAGE_RULES)


# How a figure sits in a page.  Opacity alone is animated, and only for readers who have not asked for less motion.
_PAGE_RULES = [
    "figure.drawn{position:relative;margin:1.2em auto;width:100%;max-width:none}",
    "figure.drawn{display:flex;flex-direction:column;align-items:center}",
    "figure.drawn svg{width:100%;height:auto;display:block}",
    "figure.drawn figcaption{max-width:36rem;font-style:normal;text-align:center}",
    ".pause,.pause+label{display:none}",
    "@media screen and (prefers-reduced-motion:no-preference){",
    ".pause{display:inline-block;position:absolute;opacity:0}",
    ".pause+label{display:inline-block;order:1;cursor:pointer;padding:.1em .8em;font-size:.7rem;border-radius:1em;"
    "border:1px solid currentcolor}",
    ".pause:focus-visible+label{outline:2px solid var(--md-accent-fg-color);outline-offset:2px}",
    ".pause+label::before{content:'\\275A\\275A\\00a0 Pause'}.pause:checked+label::before{content:'\\25B6\\00a0 Play'}",
    ".pause:checked~svg .step{animation-play-state:paused}",
    "figure.drawn .fig .step{opacity:0}",
    *(
        f".steps-{n} .step{{animation:steps-{n} {_s}s step-end infinite;animation-delay:calc(var(--n) * {SECONDS}s)}}"
        f"@keyframes steps-{n}{{0%{{opacity:1}}{100 / n:.4g}%{{opacity:0}}}}"
        for n, _s in ((n, f"{n * SECONDS:.4g}") for n in (4, 16, 25, 36))
    ),
    "}",
]


def _text(value) -> str:
    if isinstance(value, (float, np.floating, int, np.integer)):
        return f"{round(float(value), 2):g}"
    return str(value)


def _shown(value):
    return "" if value is None or value != value else value
