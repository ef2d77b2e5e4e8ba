"""What a figure is drawn with: cells, boards of them, frames, words, arrows and steps, as deterministic SVG.

The same colour always means the same thing, and never alone: zeros and crops are also dashed, and every board has its
label.  The colours themselves are in docs_tools/figure_style.py.

A figure is drawn complete; docs_tools/figures.js counts the steps from 0, and the stylesheet shows and moves each group
by its own numbers.  After the last step, and where no script runs, the figure is complete again.
"""

from __future__ import annotations

import base64
import contextlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import numpy as np

__all__ = ["Board", "Figure", "svg"]


def tag(name: str, *content: str, **attributes) -> str:
    """One element.  `class_` stands for class; underscores become hyphens; None is left out."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{words}>{''.join(content)}</{name}>" if content else f"<{name}{words}/>"


class Figure:
    """A drawing, to which each method adds something; what is added later lies above."""

    def __init__(self) -> None:
        self.elements: list[str] = []

    def add(self, name: str, *content: str, **attributes) -> None:
        self.elements.append(tag(name, *content, **attributes))

    def label(self, x: float, y: float, text, role: str = "ink", anchor: str = "middle", size: float = 12) -> None:
        """Text whose middle (or start, or end) is at (x, y).  A step's role "ink says" is also read aloud."""
        anchor = None if anchor == "middle" else anchor
        self.add("text", escape(_text(text)), x=x, y=y, class_=f"t-{role}", text_anchor=anchor, font_size=size)

    def cell(self, x: float, y: float, size: float, role: str, text="", strength: float | None = None) -> None:
        """One sample.  A crop is struck through.  `strength` in 0..1 is how strongly the colour shows."""
        self.bar(x + 1, y + 1, size - 2, size - 2, role, strength, rx=2)
        if role == "crop":
            self.line(x + 3, y + size - 3, x + size - 3, y + 3, role)
        if text is not None and text == text and text != "":  # neither nothing nor nan
            ink = "muted" if role == "zero" else "ink"
            self.label(x + size / 2, y + size / 2, text, ink, size=min(13, size * 0.56))

    def bar(self, x: float, y: float, width: float, height: float, role: str, strength=None, rx=None) -> None:
        self.add("rect", x=x, y=y, width=width, height=height, rx=rx, class_=role, fill_opacity=strength)

    def frame(self, x: float, y: float, width: float, height: float, role: str) -> None:
        """An outline."""
        self.bar(x, y, width, height, f"frame {role}", rx=3)

    def line(self, x1: float, y1: float, x2: float, y2: float, role: str = "muted") -> None:
        self.add("path", d=f"M{_text(x1)} {_text(y1)}L{_text(x2)} {_text(y2)}", class_=f"line {role}")

    def arrow(self, x1: float, y1: float, x2: float, y2: float, role: str = "muted") -> None:
        """A straight arrow to (x2, y2)."""
        along = np.array([x2 - x1, y2 - y1], float)
        along *= 5 / np.hypot(*along)
        across = np.array([-along[1], along[0]]) * 0.7
        left, right = np.array([x2, y2]) - along + across, np.array([x2, y2]) - along - across
        self.line(x1, y1, x2, y2, role)
        head = "M{} {}L{} {}L{} {}".format(*map(_text, (*left, x2, y2, *right)))
        self.add("path", d=head, class_=f"line {role}")

    def picture(self, values: np.ndarray, x: float, y: float, size: float) -> None:
        """A picture in 32 greys, 0 black to 1 white."""
        height = size * values.shape[0] / values.shape[1]
        self.add("image", href=_png(values), x=x, y=y, width=size, height=height)

    def board(self, x: float, y: float, size: float, values, roles="zero", strength=None) -> Board:
        """A matrix of samples, or a row of them; or a blank one of this shape."""
        values = np.full(values, np.nan) if isinstance(values, tuple) else np.atleast_2d(values)
        board = Board(self, x, y, size, *values.shape)
        board.fill(values, roles, strength=strength)
        return board

    # What moves: `with figure.staying(3): ...` draws a group that belongs to a step.

    @contextlib.contextmanager
    def group(self, **attributes) -> Iterator[None]:
        outside, self.elements = self.elements, []
        yield
        inside, self.elements = self.elements, outside
        self.add("g", *inside, **attributes)

    def staying(self, step: int):
        """What appears at a step, and stays."""
        return self.group(class_="step", style=f"--n:{step}")

    def passing(self, step: int, last: int | None = None, still: bool = False):
        """What is seen at this step alone, or up to the last.  The complete figure shows it where it is `still`."""
        last = step if last is None else last
        return self.group(class_="step still" if still else "step passing", style=f"--n:{step};--m:{last}")

    def moving(self, step: int, from_x: float, from_y: float):
        """What lies elsewhere, at a distance of (from_x, from_y), until this step brings it to its place."""
        return self.group(class_="moves", style=f"--n:{step};--x:{_text(from_x)}px;--y:{_text(from_y)}px")


@dataclass
class Board:
    """A place for samples, `size` high and wide each, in rows and columns: they are counted from its left upper one."""

    figure: Figure
    x: float
    y: float
    size: float
    rows: int = 1
    columns: int = 1

    @property
    def right(self) -> float:
        return self.x + self.columns * self.size

    @property
    def bottom(self) -> float:
        return self.y + self.rows * self.size

    @property
    def middle(self) -> float:
        return self.x + self.columns * self.size / 2

    @property
    def centre(self) -> float:
        return self.y + self.rows * self.size / 2

    def at(self, row: float, column: float) -> tuple[float, float]:
        return self.x + self.size * column, self.y + self.size * row

    def cell(self, row: int, column: int, role: str, text="", strength: float | None = None) -> None:
        self.figure.cell(*self.at(row, column), self.size, role, text, strength)

    def fill(self, values, roles, row: int = 0, column: int = 0, strength=None) -> None:
        """Samples from this row and column on.  Roles and strength are one for all, or one a sample."""
        values = np.atleast_2d(values)
        roles, strength = (np.broadcast_to(np.asarray(field), values.shape) for field in (roles, strength))
        for y, x in np.ndindex(*values.shape):
            self.cell(row + y, column + x, roles[y, x], values[y, x], strength[y, x])

    def frame(self, role: str, row: int = 0, column: int = 0, rows: int = 1, columns: int = 1, margin: float = 0):
        """An outline around samples, such as the window of the kernel."""
        x, y = self.at(row, column)
        width, height = columns * self.size + 2 * margin, rows * self.size + 2 * margin
        self.figure.frame(x - margin, y - margin, width, height, role)

    def above(self, words: str, role: str = "ink", gap: float = 12, size: float = 12) -> None:
        self.figure.label(self.middle, self.y - gap, words, role, size=size)

    def below(self, words: str, role: str = "ink", gap: float = 12, size: float = 12) -> None:
        self.figure.label(self.middle, self.bottom + gap, words, role, size=size)

    def named(self, words: str, role: str = "ink", size: float = 12) -> None:
        """Words at the figure's left edge, beside the board."""
        self.figure.label(2, self.centre, words, role, "start", size)

    def arrow_to(self, other: Board, gap: float = 8) -> None:
        self.figure.arrow(self.right + gap, other.centre, other.x - gap, other.centre)

    def growing(self, states: list[tuple], first: int = 0) -> None:
        """Samples that change: (values, roles, strength) before the step `first`, after it, and after each later one.

        A sample is drawn anew at the steps where it changes.
        """
        comes = [0, *range(first, first + len(states) - 1)]  # the step of each state
        groups: dict[tuple, list] = {}  # (first step, last step or None) -> the samples that are seen in between
        shape = self.rows, self.columns
        states = [[np.broadcast_to(np.asarray(field), shape) for field in state] for state in states]
        for row, column in np.ndindex(*shape):
            seen = [tuple(field[row, column] for field in state) for state in states]
            changes = [n for n in range(len(seen)) if n == 0 or str(seen[n]) != str(seen[n - 1])]
            for n, following in zip(changes, [*changes[1:], None]):
                last = None if following is None else comes[following] - 1
                if last is None or last >= comes[n]:
                    value, role, *strength = seen[n]
                    groups.setdefault((comes[n], last), []).append((row, column, role, value, *strength))
        for (begin, last), samples in groups.items():
            with self.figure.staying(begin) if last is None else self.figure.passing(begin, last):
                for sample in samples:
                    self.cell(*sample)


def _png(values: np.ndarray) -> str:
    """Written uncompressed: the same bytes with every zlib."""
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
    return "data:image/png;base64," + base64.b64encode(png).decode()


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
