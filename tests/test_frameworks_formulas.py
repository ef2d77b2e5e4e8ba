"""Each framework's rule in closed form: the crop, the size, what is legal, and what is assumed where nothing is said.

Written from the frameworks' documentation, and not from the code that it judges.
"""

import itertools

import pytest

from deconvlib import Axis, Geometry, output_sizes
from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow

GRID = list(itertools.product((1, 2, 3), range(1, 6), (1, 2, 3), (1, 2)))  # input size, kernel size, stride, dilation
on_a_grid = pytest.mark.parametrize(("i", "k", "s", "d"), GRID)


def said(geometry):
    """Crop at the beginning, and size of the output."""
    (axis,) = geometry.axes
    return axis.crop[0], axis.output_size


def is_legal(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except ValueError:
        return False
    return True


def sizes(i, k, s, d):
    """Span of the kernel, and full size."""
    span = d * (k - 1) + 1
    return span, s * (i - 1) + span


@on_a_grid
def test_keras(i, k, s, d):
    span, full = sizes(i, k, s, d)
    odd = span % 2
    assert said(keras.geometry((i,), k, s, "valid", None, d)) == (0, s * (i - 1) + max(span, s))
    assert said(keras.geometry((i,), k, s, "same", None, d)) == (max((span - s) // 2, 0), i * s)
    for a in range(s):
        assert said(keras.geometry((i,), k, s, "valid", a, d)) == (0, full + a)
        size = (i - 1) * s + odd + a
        if size > 0:
            assert said(keras.geometry((i,), k, s, "same", a, d)) == (max((span - odd - a) // 2, 0), size)
    for n in range(span, span + 3 * s):
        assert keras.forward_geometry((n,), k, s, "valid", d).input_size == ((n - span) // s + 1,)
    for n in range(1, 3 * s + 2):
        there = keras.forward_geometry((n,), k, s, "same", d).axes[0]
        assert there.input_size == -(-n // s)
        assert there.crop[0] == max((there.input_size - 1) * s + span - n, 0) // 2


@on_a_grid
def test_tensorflow(i, k, s, d):
    _, full = sizes(i, k, s, d)
    for o in range(1, full + s + 2):
        valid, same = ((i,), k, (o,), s, "VALID", None, d), ((i,), k, (o,), s, "SAME", None, d)
        assert is_legal(tensorflow.geometry, *valid) == (full <= o <= full + s - 1)
        assert is_legal(tensorflow.geometry, *same) == (-(-o // s) == i)
        if full <= o <= full + s - 1:
            assert said(tensorflow.geometry(*valid)) == (0, o)
        if -(-o // s) == i:
            assert said(tensorflow.geometry(*same)) == (max(full - o, 0) // 2, o)


@on_a_grid
def test_pytorch(i, k, s, d):
    _, full = sizes(i, k, s, d)
    for p, a in itertools.product(range(-1, 4), range(-1, max(s, d) + 1)):
        legal = p >= 0 and 0 <= a < max(s, d) and full - 2 * p + a >= 1
        assert is_legal(pytorch.geometry, (i,), k, s, p, a, 1, d) == legal
        if legal:
            assert said(pytorch.geometry((i,), k, s, p, a, 1, d)) == (p, full - 2 * p + a)
    for p, o in itertools.product((0, 1), range(1, full + s + 1)):
        legal = 0 <= o - (full - 2 * p) < s
        assert is_legal(pytorch.geometry, (i,), k, s, p, 0, 1, d, (o,)) == legal
        if legal:
            assert said(pytorch.geometry((i,), k, s, p, 0, 1, d, (o,))) == (p, o)


@on_a_grid
def test_jax(i, k, s, d):
    span, full = sizes(i, k, s, d)
    assert said(jax.geometry((i,), k, s, "SAME", d)) == (max((span - s) // 2, 0), i * s)
    assert said(jax.geometry((i,), k, s, "VALID", d)) == (0, s * (i - 1) + max(span, s))
    for a, b in [*itertools.product(range(-1, 4), repeat=2), (span - 1, span)]:
        size = full - (span - 1 - a) - (span - 1 - b)
        assert is_legal(jax.geometry, (i,), k, s, [(a, b)], d) == (size >= 1)
        if size >= 1:
            assert said(jax.geometry((i,), k, s, [(a, b)], d)) == (span - 1 - a, size)
        if full - a - b >= 1:
            assert said(jax.geometry((i,), k, s, [(a, b)], d, False, True)) == (a, full - a - b)


def test_jax_pads_as_a_forward_convolution_of_stride_1_where_the_word_is_not_in_capitals():
    for i, k, d in itertools.product((3, 4), (1, 2, 3, 4), (1, 2)):
        span, _ = sizes(i, k, 1, d)
        if i >= span:
            assert jax.geometry((i,), k, 1, "valid", d) == jax.geometry((i,), k, 1, [(0, 0)], d)
        low, high = (span - 1) // 2, span // 2
        assert jax.geometry((i,), k, 1, "same", d) == jax.geometry((i,), k, 1, [(low, high)], d)
        assert jax.geometry((i,), k, 1, "Same_Lower", d) == jax.geometry((i,), k, 1, [(high, low)], d)


@on_a_grid
def test_onnx(i, k, s, d):
    _, full = sizes(i, k, s, d)
    steps = {"strides": (s,), "dilations": (d,)}
    for a in range(-1, s + 1):
        steps |= {"output_padding": (a,)}
        assert is_legal(onnx.geometry, (i,), k, "VALID", **steps) == (0 <= a < s)
        if not 0 <= a < s:
            continue
        assert said(onnx.geometry((i,), k, "VALID", **steps)) == (0, full + a)
        for pads in itertools.product(range(3), repeat=2):
            size = full + a - sum(pads)
            if size >= 1:
                assert said(onnx.geometry((i,), k, pads=pads, **steps)) == (pads[0], size)
        total = full + a - i * s
        assert said(onnx.geometry((i,), k, "SAME_UPPER", **steps)) == (total // 2, i * s)
        assert said(onnx.geometry((i,), k, "SAME_LOWER", **steps)) == (total - total // 2, i * s)
        for o in range(full + s + 1):
            named = steps | {"output_shape": (o,)}
            assert is_legal(onnx.geometry, (i,), k, "SAME_UPPER", **named) == (1 <= o < full + s)
            if 1 <= o < full + s:
                total = max(full + a - o, 0)
                assert said(onnx.geometry((i,), k, "SAME_UPPER", **named)) == (total // 2, o)
                for mode in ("NOTSET", "VALID", "SAME_LOWER"):
                    assert said(onnx.geometry((i,), k, mode, **named)) == (total - total // 2, o)


def test_what_is_assumed_where_nothing_is_said():
    """Stride and dilation 1, no padding, no output_padding, one group; Keras "valid", TensorFlow "SAME"."""
    plain = Geometry((Axis(4, 3), Axis(5, 3)))
    size = (4, 5)
    assert keras.geometry(size, 3) == pytorch.geometry(size, 3) == onnx.geometry(size, 3) == plain
    assert keras.geometry(size, 3) == keras.geometry(size, 3, 1, "valid", None, 1)
    assert keras.forward_geometry(size, 3) == keras.forward_geometry(size, 3, 1, "valid", 1)
    assert pytorch.geometry(size, 3) == pytorch.geometry(size, 3, 1, 0, 0, 1, 1, None)
    assert onnx.geometry(size, 3) == onnx.geometry(size, 3, "NOTSET", (1, 1), 1, (3, 3), (0, 0), None, (0,) * 4, (1, 1))
    assert jax.geometry(size, 3, 2, "SAME") == jax.geometry(size, 3, 2, "SAME", (1, 1), False, False)
    assert tensorflow.geometry(size, 3, (8, 10), 2) == tensorflow.geometry(size, 3, (8, 10), 2, "SAME", "NHWC", (1, 1))
    assert output_sizes(4, 3) == output_sizes(4, 3, 1, 0, 1) == {6: 0}
    for framework in (keras, tensorflow, pytorch, jax, onnx):
        assert framework.call(plain) == framework.call(plain, groups=1)
