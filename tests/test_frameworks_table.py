"""The table of the frameworks' rules, as formulas: what each row says of the crop and the size, on every small case.

Written from the frameworks' own definitions, beside `deconvlib.frameworks`; tests/test_frameworks_live.py asks the
frameworks themselves.
"""

import itertools

import pytest

from deconvlib import Axis
from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow

CASES = list(itertools.product((1, 2, 3), range(1, 6), range(1, 4), (1, 2)))  # i, k, s, d


def begin_and_size(geometry):
    (axis,) = geometry.axes
    return axis.crop[0], axis.output_size


@pytest.mark.parametrize(("i", "k", "s", "d"), CASES)
class TestTheTable:
    def test_keras(self, i, k, s, d):
        ke, full = Axis(i, k, s, d).span, Axis(i, k, s, d).full_size
        assert begin_and_size(keras.geometry((i,), k, s, "valid", None, d)) == (0, full + max(s - ke, 0))
        assert begin_and_size(keras.geometry((i,), k, s, "same", None, d)) == (max((ke - s) // 2, 0), i * s)
        for a in range(s):
            assert begin_and_size(keras.geometry((i,), k, s, "valid", a, d)) == (0, full + a)
            size = (i - 1) * s + ke % 2 + a
            if size > 0:
                said = begin_and_size(keras.geometry((i,), k, s, "same", a, d))
                assert said == (max((ke - ke % 2 - a) // 2, 0), size)

    def test_tensorflow(self, i, k, s, d):
        full = Axis(i, k, s, d).full_size
        for a in range(s):
            assert begin_and_size(tensorflow.geometry((i,), k, full + a, s, "VALID", dilations=d)) == (0, full + a)
            size = i * s - a
            said = begin_and_size(tensorflow.geometry((i,), k, size, s, "SAME", dilations=d))
            assert said == (max(full - size, 0) // 2, size)

    def test_pytorch(self, i, k, s, d):
        full = Axis(i, k, s, d).full_size
        for a, p in itertools.product(range(max(s, d)), range(min(3, (full + 1) // 2))):
            assert begin_and_size(pytorch.geometry((i,), k, s, p, a, dilation=d)) == (p, full - 2 * p + a)
        for a in range(s):
            said = begin_and_size(pytorch.geometry((i,), k, s, dilation=d, output_size=(full + a,)))
            assert said == (0, full + a)

    def test_jax(self, i, k, s, d):
        ke, full = Axis(i, k, s, d).span, Axis(i, k, s, d).full_size
        assert begin_and_size(jax.geometry((i,), k, s, "VALID", d)) == (0, full + max(s - ke, 0))
        assert begin_and_size(jax.geometry((i,), k, s, "SAME", d)) == (max((ke - s) // 2, 0), i * s)
        assert begin_and_size(jax.geometry((i,), k, s, [(ke - 1, ke)], d)) == (0, full + 1)
        assert begin_and_size(jax.geometry((i,), k, s, [(0, -1)], d, use_consistent_padding=True)) == (0, full + 1)

    def test_jax_at_stride_1_pads_as_a_forward_convolution(self, i, k, s, d):
        """It then takes the words in any capitals."""
        ke = Axis(i, k, 1, d).span
        assert begin_and_size(jax.geometry((i,), k, 1, "same", d)) == (ke - 1 - (ke - 1) // 2, i)
        assert begin_and_size(jax.geometry((i,), k, 1, "Same_Lower", d)) == ((ke - 1) // 2, i)
        if i >= ke:
            assert begin_and_size(jax.geometry((i,), k, 1, "valid", d)) == (ke - 1, i - ke + 1)

    def test_onnx_pads(self, i, k, s, d):
        full = Axis(i, k, s, d).full_size
        for a, p in itertools.product(range(s), range(min(3, (full + 1) // 2))):
            said = {"strides": [s], "dilations": [d], "output_padding": [a]}
            assert begin_and_size(onnx.geometry((i,), k, pads=[p, p], **said)) == (p, full - 2 * p + a)
            assert begin_and_size(onnx.geometry((i,), k, pads=[p, 0], **said)) == (p, full - p + a)

    def test_onnx_auto_pad(self, i, k, s, d):
        full = Axis(i, k, s, d).full_size
        for a in range(s):
            said = {"strides": [s], "dilations": [d], "output_padding": [a]}
            total = full + a - i * s
            assert begin_and_size(onnx.geometry((i,), k, "VALID", **said)) == (0, full + a)
            assert begin_and_size(onnx.geometry((i,), k, "SAME_UPPER", **said)) == (total // 2, i * s)
            assert begin_and_size(onnx.geometry((i,), k, "SAME_LOWER", **said)) == (total - total // 2, i * s)

    def test_onnx_output_shape(self, i, k, s, d):
        full = Axis(i, k, s, d).full_size
        for a, size in itertools.product(range(s), range(1, full + s)):
            said = {"strides": [s], "dilations": [d], "output_padding": [a], "output_shape": [size]}
            total = max(full + a - size, 0)
            for mode in ("NOTSET", "VALID", "SAME_LOWER"):
                assert begin_and_size(onnx.geometry((i,), k, mode, **said)) == (total - total // 2, size)
            assert begin_and_size(onnx.geometry((i,), k, "SAME_UPPER", **said)) == (total // 2, size)
