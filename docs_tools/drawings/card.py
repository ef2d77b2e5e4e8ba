"""The picture that a chat shows beside a link: the page's title, and the output of the shared example."""

from __future__ import annotations

import io
import textwrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import deconvlib as dl
from docs_tools.drawings.shared import INPUT, KERNEL, partial_sums

SIZE = (1200, 630)  # what those who show links ask for
CELL = 92
BACKGROUND = "#303f9f"
LIGHT = "#ffffff"
BY_COUNT = {1: "#5c6bc0", 2: "#9fa8da", 4: "#ffffff"}  # brighter where more stamps overlap


def card(title: str, name: str) -> bytes:
    """A PNG file."""
    image = Image.new("RGB", SIZE, BACKGROUND)
    draw = ImageDraw.Draw(image)
    _grid(draw, SIZE[0] - 80 - 5 * CELL, (SIZE[1] - 5 * CELL) // 2)
    size = 64 if len(title) <= 45 else 52
    lines = textwrap.wrap(title, width=int(1080 / size))
    draw.multiline_text((72, 84), "\n".join(lines), LIGHT, ImageFont.load_default(size), spacing=14)
    draw.text((72, SIZE[1] - 108), f"{name}: the transposed convolution", LIGHT, ImageFont.load_default(30))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _grid(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """The output of the shared example, a cell a sample."""
    geometry = dl.Geometry.of(INPUT.shape, KERNEL.shape, 2)
    *_, (values, counts) = partial_sums(geometry)
    for (row, column), value in np.ndenumerate(values):
        count = int(counts[row, column])
        left, top = x + column * CELL, y + row * CELL
        draw.rounded_rectangle((left, top, left + CELL - 6, top + CELL - 6), 8, BY_COUNT[count])
        ink = LIGHT if count == 1 else BACKGROUND
        middle = (left + CELL / 2 - 3, top + CELL / 2 - 3)
        draw.text(middle, str(value), ink, ImageFont.load_default(30), anchor="mm")
