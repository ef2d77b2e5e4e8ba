"""Drawing primitives: cells, grids, frames, arrows and steps, as deterministic SVG.

The same colour always means the same thing, and never alone: zeros and crops are also dashed, and every grid has its
label.  The colours themselves are in docs_tools/figure_style.py.
"""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape

import numpy as np

__all__ = [
    "arrow", "cell", "frame", "grid", "growing", "label", "line", "moves", "passes", "picture", "stays", "svg", "tag",
    "titled",
]  # fmt: skip


def tag(name: str, *content: str, **attributes) -> str:
    """One element.  `class_` stands for class; underscores become hyphens; None is left out."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{words}>{''.join(content)}</{name}>" if content else f"<{name}{words}/>"


def label(x: float, y: float, text, role: str = "ink", anchor: str = "middle", size: float = 12) -> str:
    """Text whose middle (or start, or end) is at (x, y).  A step's role "ink says" is also read aloud."""
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


def titled(words: str, role: str, values, x: float, y: float, size: float, gap: float = 14) -> str:
    """A matrix of samples of one role, with its name above the middle."""
    return label(x + size * np.shape(values)[1] / 2, y - gap, words, role) + grid(values, role, x, y, size)


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


# What moves.  A figure is drawn complete; docs_tools/figures.js counts the steps from 0, and the stylesheet shows and
# moves each group by its own numbers.  After the last step, and where no script runs, the figure is complete again.


def stays(step: int, *body: str) -> str:
    """What appears at a step, and stays."""
    return tag("g", *body, class_="step", style=f"--n:{step}")


def passes(step: int, *body: str, last: int | None = None, still: bool = False) -> str:
    """What is seen at this step alone, or up to the last.  The complete figure shows it where it is `still`."""
    last = step if last is None else last
    return tag("g", *body, class_="step still" if still else "step passing", style=f"--n:{step};--m:{last}")


def growing(states: list[tuple], x: float, y: float, size: float, first: int = 0) -> str:
    """A grid that changes: (values, roles, strength) before the step `first`, after it, and after each later one.

    A sample is drawn anew at the steps where it changes.
    """
    shape = np.shape(states[0][0])
    comes = [0, *range(first, first + len(states) - 1)]  # the step of each state
    groups: dict[tuple, list[str]] = {}  # (first step, last step or None) -> the samples that are seen in between
    for row, column in np.ndindex(*shape):
        drawn = []
        for state in states:
            value, role, *strength = (np.broadcast_to(np.asarray(field), shape)[row, column] for field in state)
            drawn.append(cell(x + size * column, y + size * row, size, role, _shown(value), *strength))
        changes = [n for n in range(len(drawn)) if n == 0 or drawn[n] != drawn[n - 1]]
        for n, following in zip(changes, [*changes[1:], None]):
            last = None if following is None else comes[following] - 1
            if last is None or last >= comes[n]:
                groups.setdefault((comes[n], last), []).append(drawn[n])
    return "".join(
        stays(begin, *samples) if last is None else passes(begin, *samples, last=last)
        for (begin, last), samples in groups.items()
    )


def moves(step: int, from_x: float, from_y: float, *body: str) -> str:
    """What lies elsewhere, at a distance of (from_x, from_y), until this step brings it to its place."""
    return tag("g", *body, class_="moves", style=f"--n:{step};--x:{_text(from_x)}px;--y:{_text(from_y)}px")


def picture(values: np.ndarray, x: float, y: float, size: float) -> str:
    """A picture in 32 greys, 0 black to 1 white.  Its PNG is written uncompressed: the same bytes with every zlib."""
    greys = np.rint(np.clip(values, 0, 1) * 31)  # with 256 the page would be twice as heavy, and look the same
    grey = np.rint(greys * 255 / 31).astype(np.uint8)
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


def svg(name: str, title: str, description: str, style: str, width: float, height: float, *body: str) -> str:
    """The whole file: words, style, drawing.  One element a line, so that a diff shows what moved."""
    text = tag(
        "svg",
        tag("title", escape(title), id=f"{name}-title"),
        tag("desc", escape(description), id=f"{name}-desc"),
        tag("style", escape(style, quote=False)),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_text(width)} {_text(height)}",
        class_="fig",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        style=f"max-width:{_text(1.4 * width)}px",
    )
    return text.replace("><", ">\n<") + "\n"


def _text(value) -> str:
    if isinstance(value, (float, np.floating, int, np.integer)):
        return f"{round(float(value), 2):g}"
    return str(value)


def _shown(value):
    return "" if value is None or value != value else value
