"""The figures that show a real picture: the cameraman of scikit-image (CC0, by Lav Varshney)."""

from __future__ import annotations

import numpy as np
from skimage.data import camera

import deconvlib as dl
from deconvlib.arrays import insert_zeros, pad_or_crop
from docs_tools.drawings.shared import transposed
from docs_tools.figures import Figure

__all__ = ["checkerboard_picture", "deconvolution", "learned", "learned_picture", "upsampled"]


def photograph(size: int) -> np.ndarray:
    """The head of the cameraman, size by size samples from 0 to 1."""
    crop = camera()[40:232, 140:332] / 255
    step = len(crop) // size
    return crop[: step * size, : step * size].reshape(size, step, size, step).mean((1, 3))


def row(figure: Figure, pictures: dict[str, np.ndarray], size: float = 168, columns: int = 2):
    """Pictures side by side, so many in a row, each with its name above."""
    largest = max(len(values) for values in pictures.values())
    for n, (name, values) in enumerate(pictures.items()):
        x, y = 2 + n % columns * (size + 12), 22 + n // columns * (size + 28)
        own = size * len(values) / largest
        margin = (size - own) / 2
        figure.label(x + size / 2, y - 10, name)
        figure.picture(values, x + margin, y + margin, own)
    return columns * (size + 12) - 8, -(-len(pictures) // columns) * (size + 28)


def bilinear(stride: int = 2) -> np.ndarray:
    """The kernel of linear interpolation in two dimensions, for an even stride."""
    taps = 1 - np.abs(np.arange(2 * stride) - stride + 0.5) / stride
    return np.outer(taps, taps)


def upsampled(figure: Figure):
    """A photograph, stretched by zeros, and convolved

    Three photographs of a man behind a camera. Left, a small one of 32 by 32 samples. In the middle, stretched to 64 by
    64: a zero, black, follows each sample in both directions. Right, after the convolution with the bilinear kernel of
    four by four taps: 64 by 64 samples, and smooth.
    """
    small = photograph(32)
    stretched = pad_or_crop(insert_zeros(small[None, ..., None], (2, 2)), ((0, 1), (0, 1)))[0, ..., 0]
    large = transposed(small, bilinear(), dl.Geometry.of(small.shape, 4, stride=2, crop=(1, 1)))
    return row(figure, {"32 × 32": small, "stretched by zeros": stretched, "convolved": large}, size=128, columns=3)


def checkerboard_picture(figure: Figure):
    """The same picture, enlarged twofold by averaging kernels of size 3 and of size 4

    Two photographs of a man behind a camera. Left, enlarged by a transposed convolution with kernel 3 and stride 2: a
    grid of light and dark samples covers the picture. Right, with kernel 4 and stride 2: no grid, a soft picture.
    """
    small, sizes, s = photograph(48), (3, 4), 2
    pictures = {}
    for k in sizes:
        geometry = dl.Geometry.of(small.shape, k, stride=s, crop=(1, k - 3))
        pictures[f"kernel {k}, stride {s}"] = transposed(small, np.full((k, k), 4 / k**2), geometry)
    return row(figure, pictures)


def deconvolution(figure: Figure):
    """A photograph, blurred, transposed, and really deconvolved

    Four photographs of a man behind a camera. First the original. Second, blurred by a convolution with a bell-shaped
    kernel, and smaller by its border. Third, the transposed convolution of the blurred one: it has the size of the
    original again, but is blurred twice, and dark at its border. Fourth, thirty steps of Richardson and Lucy's
    deconvolution: much sharper.
    """
    sharp = photograph(40)
    bell = np.exp(-0.5 * (np.arange(-3, 4) / 1.3) ** 2)
    kernel = np.outer(bell, bell)[..., None, None] / bell.sum() ** 2
    blurred = dl.conv(sharp[None, ..., None], kernel)
    reach = dl.conv_transpose(np.ones_like(blurred), kernel)
    estimate = np.full((1, *sharp.shape, 1), blurred.mean())
    steps = 30
    for _ in range(steps):
        estimate *= dl.conv_transpose(blurred / dl.conv(estimate, kernel), kernel) / reach
    return row(
        figure,
        {
            "original": sharp,
            "blurred: C x": blurred[0, ..., 0],
            "transposed: Cᵀ C x": dl.conv_transpose(blurred, kernel)[0, ..., 0],
            "deconvolved": estimate[0, ..., 0],
        },
    )


def learning(steps: int) -> list[np.ndarray]:
    """The kernel before gradient descent on the photograph, and after: 4 by 4 taps, from half of the size."""
    fine = photograph(64)[None, ..., None]
    fine = fine - fine.mean()
    coarse = fine.reshape(1, 32, 2, 32, 2, 1).mean((2, 4))
    geometry = dl.Geometry.of((32, 32), 4, stride=2, crop=(1, 1))
    start = kernel = 0.2 * np.random.default_rng(0).normal(size=(4, 4, 1, 1))
    for _ in range(steps):
        error = dl.METHODS["scatter"](coarse, kernel, geometry) - fine
        kernel = kernel - 4 * dl.gradients(coarse, kernel, 2 * error / error.size, geometry)[1]
    return [taps[..., 0, 0] for taps in (start, kernel)]


def learned(figure: Figure):
    """A kernel learned from noise, beside the bilinear one

    Three kernels of four by four taps, in percent. Left, the random start. Middle, after fifty steps of gradient
    descent on a photograph: a hill, 53 to 68 percent high in its middle. Right, the bilinear kernel: 6, 19 and 56.
    """
    start, kernel = learning(steps=50)
    x = 2
    for name, taps in {"random": start, "learned": kernel, "bilinear": bilinear()}.items():
        percent = np.rint(100 * taps).astype(int)
        board = figure.board(x, 22, 28, percent, "kernel", strength=np.clip(np.abs(percent) / 60, 0.1, 1))
        board.above(name, "kernel")
        x = board.right + 12
    return board.right + 2, board.bottom + 4


def learned_picture(figure: Figure):
    """What a kernel makes of a small photograph before it has learned, and after

    Four photographs of a man behind a camera. First the small one of 32 by 32 samples. Second, enlarged to 64 by 64 by
    a random kernel: grey and full of dots, and light and dark have changed places. Third, by the same kernel after
    fifty steps of gradient descent: a soft picture without a grid. Fourth the original of 64 by 64 samples, a little
    sharper.
    """
    fine = photograph(64)
    coarse = fine.reshape(32, 2, 32, 2).mean((1, 3))
    geometry = dl.Geometry.of((32, 32), 4, stride=2, crop=(1, 1))
    start, kernel = (fine.mean() + transposed(coarse - fine.mean(), taps, geometry) for taps in learning(steps=50))
    pictures = {"32 × 32": coarse, "random kernel": start, "after 50 steps": kernel, "original, 64 × 64": fine}
    return row(figure, pictures)
