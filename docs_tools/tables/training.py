"""How much of a checkerboard training removes: thirty smooth signals, each to be doubled, from random weights."""

from __future__ import annotations

import numpy as np

import deconvlib as dl
from docs_tools.tables import markdown

__all__ = ["checkerboards"]

STEPS, RUNS, LENGTH = (0, 10, 60), 5, 48


def checkerboards() -> str:
    """One row a remedy: how unequal the phases are on a constant input, before, during and after training."""
    fine = smooth_signals()
    coarse = (fine[:, 0::2] + fine[:, 1::2]) / 2
    repeated = np.repeat(coarse, 2, axis=1)
    rows = [
        ("kernel 3, stride 2", coarse, 2, normal(3)),
        ("kernel 4, stride 2", coarse, 2, normal(4)),
        ("kernel 4, ICNR", coarse, 2, icnr(4)),
        ("resize, then kernel 3", repeated, 1, normal(3)),
    ]
    head = ["layer", *(f"after {steps} steps" for steps in STEPS)]
    return markdown(head, [[name, *shown(*setting, fine)] for name, *setting in rows], right=head[1:])


def smooth_signals() -> np.ndarray:
    speeds = np.random.default_rng(0).uniform(0.5, 3, size=(30, 1))
    return 1 + np.sin(2 * np.pi * speeds * (np.arange(LENGTH) / LENGTH + 1))[..., None]


def normal(size):
    return lambda rng: 0.3 * rng.normal(size=(size, 1, 1))


def icnr(size):
    """Both phases from the same weights."""
    return lambda rng: np.repeat(normal(size // 2)(rng), 2, axis=0)


def shown(inputs, stride, start, fine) -> list[str]:
    """The median of several trainings after each number of steps."""
    runs = []
    for seed in range(RUNS):
        kernel = start(np.random.default_rng(seed))
        runs.append([inequality(trained(kernel, inputs, stride, fine, n), inputs, stride) for n in STEPS])
    return [f"{value:.3f}" for value in np.median(runs, axis=0)]


def geometry(kernel, inputs, stride) -> dl.Geometry:
    full = dl.Axis(inputs.shape[1], len(kernel), stride).full_size
    cut = full - LENGTH
    return dl.Geometry.of(inputs.shape[1], len(kernel), stride, crop=(cut // 2, cut - cut // 2))


def trained(kernel, inputs, stride, fine, steps, rate=0.2):
    """Gradient descent on the mean squared error."""
    where = geometry(kernel, inputs, stride)
    for _ in range(steps):
        error = dl.METHODS["scatter"](inputs, kernel, where) - fine
        kernel = kernel - rate * dl.gradients(inputs, kernel, 2 * error / error.size, where)[1]
    return kernel


def inequality(kernel, inputs, stride) -> float:
    """The standard deviation of the two phases on an input of ones, divided by their root mean square."""
    ones = np.ones((1, inputs.shape[1], 1))
    inside = dl.METHODS["scatter"](ones, kernel, geometry(kernel, inputs, stride))[0, 8:-8, 0]
    phases = inside.reshape(-1, 2).mean(axis=0)
    return float(phases.std() / np.sqrt((phases**2).mean()))
