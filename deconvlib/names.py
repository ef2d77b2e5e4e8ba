"""One thing has many names in the frameworks: an argument by another name is told the one that is meant here."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

MEANT = (
    ("stride", "strides", "window_strides"),
    ("dilation", "dilations", "dilation_rate", "rhs_dilation"),
    ("kernel_size", "kernel_sizes", "kernel_shape"),
    ("padding", "paddings", "pads", "crop", "auto_pad"),
    ("output_padding", "output_paddings"),
    ("groups", "group", "feature_group_count"),
    ("input_size", "size", "input_shape"),
    ("inputs", "input", "x", "lhs", "X"),
    ("kernel", "weight", "weights", "filters", "rhs", "w", "W"),
    ("output_size", "output_shape"),
    ("data_format", "dimension_numbers"),
)
REMEDIES = {
    "kernel_size": "the size is that of the kernel array",
    "input_size": "the size is that of the inputs",
    "bias": "add it to the result",
}


def samples(count: int) -> str:
    """The count as one says it: 1 sample, 2 samples."""
    return "1 sample" if count == 1 else f"{count} samples"


def own_words(function: Callable[P, R]) -> Callable[P, R]:
    """The function, with an error that names the argument that is meant where Python's would only refuse."""
    taken = [name for name in inspect.signature(function).parameters if name != "self"]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in taken:
                raise TypeError(_told(function.__qualname__.removesuffix(".__init__"), name, taken))
        return function(*args, **kwargs)

    return checked


def _told(function: str, name: str, taken: list[str]) -> str:
    synonyms = next((names for names in MEANT if name in names), ())
    here = next((other for other in synonyms if other in taken), None)
    near = difflib.get_close_matches(name, taken, n=1)
    if here:
        remedy = f"here it is called {here}"
    elif name in REMEDIES:
        remedy = REMEDIES[name]
    elif near:
        remedy = f"did you mean {near[0]}?"
    else:
        remedy = f"it takes {', '.join(taken)}"
    return f"{function} must be given arguments that it has, got {name}=; {remedy}"
