"""What the words "valid" and "same" mean: the crop of an axis.

These are Keras's words, with its rules in both directions; they were swept against keras 3.15.1 and its four backends
(`keras/src/backend/common/backend_utils.py`).
"""

from __future__ import annotations

from dataclasses import replace

from deconvlib.arguments import ceil_div
from deconvlib.geometry import Axis

WORDS = ("valid", "same")


def is_word(padding: object) -> bool:
    """Whether it is "valid" or "same", in any capitals."""
    return isinstance(padding, str) and padding.lower() in WORDS


def transposed(word: str, axis: Axis, output_padding: int | None = None, name: str = "axis 0") -> Axis:
    """The axis with the crop that the word gives a transposed convolution, whatever its crop was.

        valid                     o = F + a,  cb = 0;                 a = None means max(ke, s) - ke
        same, output_padding None o = i s,    cb = max((ke - s) // 2, 0)
        same, output_padding a    o = (i - 1) s + ke % 2 + a,  cb = max((ke - ke % 2 - a) // 2, 0)

    With kernel size 3 and stride 2, 4 samples become 9 by "valid" and 8 by "same", which crops (0, 1).
    Raises ValueError for an output_padding outside of 0 .. stride - 1, and where no output is left.
    """
    i, s, a, span = axis.input_size, axis.stride, output_padding, axis.span
    if a is not None and not 0 <= a < s:
        raise ValueError(
            f"output_padding must be at least 0 and less than the stride with padding={word!r}, got {a} with stride "
            f"{s} on {name}; leave it at None, or take one below {s}"
        )
    if word.lower() == "valid":
        begin = 0
        size = axis.full_size + (max(span, s) - span if a is None else a)
    elif a is None:
        begin = max((span - s) // 2, 0)
        size = i * s
    else:
        odd = span % 2
        begin = max((span - odd - a) // 2, 0)
        size = (i - 1) * s + odd + a
    if size < 1:
        raise ValueError(
            f"padding={word!r} with output_padding {a} leaves {size} samples on {name} (input size {i}, "
            f"kernel span {span}, stride {s}); leave output_padding at None"
        )
    return replace(axis, crop=(begin, axis.full_size - begin - size))


def forward(word: str, size: int, kernel_size: int, stride: int = 1, dilation: int = 1) -> Axis:
    """The axis whose forward convolution takes `size` samples and pads them as the word says.

    valid   i = (n - ke) // s + 1,  cb = 0                           n the size
    same    i = ceil(n / s),        cb = max((i - 1) s + ke - n, 0) // 2, the zeros at the beginning
    """
    span = Axis(size, kernel_size, stride, dilation).span  # checks that all are positive
    zeros = 0
    if word.lower() == "same":
        steps = ceil_div(size, stride) - 1
        zeros = max(steps * stride + span - size, 0)
    return Axis.of_convolution(size, kernel_size, stride, dilation, (zeros // 2, zeros - zeros // 2))
