"""Parity with the installed TensorFlow and Keras: values and sizes, call by call."""

import itertools
import os
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from cases import rng

import deconvlib as dl

KERNELS, STRIDES, PADDINGS = range(1, 6), range(1, 5), ("valid", "same")
TOLERANCE = {"float16": 4e-3, "float32": 2e-6, "float64": 1e-14}


def normal(*shape, dtype="float32", seed=0):
    return rng(seed).normal(size=shape).astype(dtype)


def assert_equal(got, want):
    want = np.asarray(want)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    scale = np.abs(want).astype(np.float64).max(initial=1)
    tolerance = TOLERANCE[str(want.dtype)]
    np.testing.assert_allclose(got.astype(np.float64) / scale, want.astype(np.float64) / scale, rtol=0, atol=tolerance)


def settings(kernels=KERNELS, strides=STRIDES):
    """Every kernel, stride, padding and output_padding; and what TensorFlow refuses although Keras's rule allows it."""
    for k, s, padding in itertools.product(kernels, strides, PADDINGS):
        for a in (None, *range(s)):
            refused = padding == "same" and a == 0 and k % 2 == 0
            yield k, s, padding, a, refused


HALF_TO_DOUBLE = [(axes, 1, dtype) for axes in (1, 2) for dtype in ("float16", "float32", "float64")]
DILATED = [(1, 2, "float32"), (1, 3, "float32"), (2, 2, "float32"), (3, 2, "float32")]  # on the CPU in float32 alone


@pytest.mark.parametrize(
    ("axes", "dilation", "dtype"), [*HALF_TO_DOUBLE, (3, 1, "float16"), (3, 1, "float32"), *DILATED]
)
def test_conv_transpose_is_keras_conv_transpose(axes, dilation, dtype):
    """The live op, kernel 1 to 5, stride 1 to 4 together with dilation, both paddings, every output_padding."""
    checked = 0
    for k, s, padding, a, _ in settings(range(1, 6) if axes < 3 else (1, 2, 3)):
        size = (4, 3, 2)[:axes]
        inputs = normal(2, *size, 3, dtype=dtype)
        kernel = normal(*(k,) * axes, 2, 3, dtype=dtype, seed=1)
        if padding == "same" and a == 0 and (dilation * (k - 1) + 1) % 2 == 0:
            continue  # TensorFlow refuses: see below
        want = keras.ops.conv_transpose(inputs, kernel, s, padding, a, dilation_rate=dilation)
        assert_equal(dl.conv_transpose(inputs, kernel, s, padding, a, dilation_rate=dilation), want)
        checked += 1
    assert checked > 50


def test_tensorflow_refuses_what_keras_rule_allows_for_an_even_span_and_no_output_padding():
    """padding="same", output_padding=0: Keras's size (i - 1) s breaks TensorFlow's rule ceil(o / s) = i."""
    refused = 0
    for k, s, padding, a, refuses in settings():
        if refuses:
            inputs, kernel = normal(1, 3, 1), normal(k, 1, 1)
            assert dl.conv_transpose(inputs, kernel, s, padding, a).shape == (1, 2 * s, 1)
            with pytest.raises(tf.errors.OpError):
                keras.ops.conv_transpose(inputs, kernel, s, padding, a)
            refused += 1
    assert refused == 8


@pytest.mark.parametrize(("axes", "dilation", "dtype"), [*HALF_TO_DOUBLE, (3, 1, "float32"), *DILATED])
def test_conv_is_keras_conv(axes, dilation, dtype):
    for k, s, padding in itertools.product(KERNELS if axes < 3 else (1, 2), STRIDES, PADDINGS):
        if s > 1 and dilation > 1:
            continue  # TensorFlow: "strides > 1 not supported in conjunction with dilation_rate > 1"
        inputs = normal(2, *(13, 10, 7)[:axes], 3, dtype=dtype)
        kernel = normal(*(k,) * axes, 3, 2, dtype=dtype, seed=1)
        want = keras.ops.conv(inputs, kernel, s, padding, dilation_rate=dilation)
        assert_equal(dl.conv(inputs, kernel, s, padding, dilation_rate=dilation), want)


def test_unequal_arguments_on_each_axis():
    inputs, kernel = normal(2, 4, 5, 3), normal(2, 5, 4, 3, seed=1)
    for strides, padding, a in itertools.product([(3, 2), (1, 4)], PADDINGS, [None, (0, 1)]):
        if padding == "same" and a:
            a = (0, 1) if strides[0] == 1 else (1, 0)
        try:
            want = keras.ops.conv_transpose(inputs, kernel, strides, padding, a)
        except tf.errors.OpError:
            assert padding == "same"
            continue
        assert_equal(dl.conv_transpose(inputs, kernel, strides, padding, a), want)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_channels_first(axes):
    inputs = normal(2, 3, *(4, 3, 2)[:axes])
    transposed, forward = normal(*(3, 2, 2)[:axes], 4, 3), normal(*(3, 2, 2)[:axes], 3, 4)
    for s, padding in itertools.product((1, 2), PADDINGS):
        want = keras.ops.conv_transpose(inputs, transposed, s, padding, data_format="channels_first")
        assert_equal(dl.conv_transpose(inputs, transposed, s, padding, data_format="channels_first"), want)
        want = keras.ops.conv(inputs, forward, s, padding, data_format="channels_first")
        assert_equal(dl.conv(inputs, forward, s, padding, data_format="channels_first"), want)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_layers_hold_their_kernel_in_our_layout(axes):
    """Conv1D to Conv3D and their transposes, built by Keras, with their own random weights."""
    forward, transposed = getattr(keras.layers, f"Conv{axes}D"), getattr(keras.layers, f"Conv{axes}DTranspose")
    inputs = normal(2, *(5, 4, 3)[:axes], 3)
    for k, s, padding in itertools.product((1, 2, 3, 5)[: 5 - axes], (1, 2, 3), PADDINGS):
        for a in (None, s - 1):
            if padding == "same" and a == 0 and k % 2 == 0:
                continue
            layer = transposed(2, k, s, padding, output_padding=a, use_bias=False, kernel_initializer="random_normal")
            want = layer(inputs)
            assert_equal(dl.conv_transpose(inputs, np.asarray(layer.kernel), s, padding, a), want)
            assert layer.compute_output_shape(inputs.shape) == want.shape
        if padding == "same" or k <= min(inputs.shape[1:-1]):
            layer = forward(2, k, s, padding, use_bias=False, kernel_initializer="random_normal")
            want = layer(inputs)
            assert_equal(dl.conv(inputs, np.asarray(layer.kernel), s, padding), want)


def test_every_legal_output_shape_of_tf_nn_conv2d_transpose_is_a_crop():
    """TensorFlow lets its caller name the output: VALID any F to F + s - 1, SAME any o with ceil(o / s) = i."""
    i, legal = 3, 0
    inputs = normal(1, i, i, 2)
    for k, s in itertools.product(KERNELS, STRIDES):
        kernel = normal(k, k, 4, 2, seed=1)
        full = dl.Axis(i, k, s).full_size
        for padding, sizes in (("VALID", range(full, full + s)), ("SAME", range((i - 1) * s + 1, i * s + 1))):
            for o in sizes:
                begin = max(full - o, 0) // 2 if padding == "SAME" else 0
                want = tf.nn.conv2d_transpose(inputs, kernel, (1, o, o, 4), s, padding)
                assert_equal(dl.conv_transpose(inputs, kernel, s, [(begin, full - o - begin)] * 2), want)
                legal += 1
            for o in (sizes[0] - 1, sizes[-1] + 1):
                if o > 0:
                    with pytest.raises((tf.errors.OpError, ValueError)):
                        tf.nn.conv2d_transpose(inputs, kernel, (1, o, o, 4), s, padding)
    assert legal == 100


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (3, 1), (1, 2)])  # TensorFlow has not got both
def test_the_transposed_convolution_is_the_gradient_of_the_convolution(padding, stride, dilation):
    """tf.GradientTape through keras.ops.conv, against conv_transpose with the same kernel array and arguments."""
    u, kernel = tf.constant(normal(2, 8, 9, 3)), normal(3, 2, 3, 4, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(u)
        y = keras.ops.conv(u, kernel, stride, padding, dilation_rate=dilation)
    upstream = normal(*y.shape, seed=2)
    want = tape.gradient(y, u, upstream)
    axes = [
        dl.Axis.of_convolution(n, k, stride, dilation, same_padding(n, k, stride, dilation, padding))
        for n, k in zip(u.shape[1:-1], kernel.shape[:2])
    ]
    got = dl.conv_transpose(upstream, kernel, stride, dl.Geometry(axes).crop, dilation_rate=dilation)
    assert_equal(got, want)


def same_padding(n, k, s, d, padding):
    """TensorFlow's: as few zeros as give ceil(n / s) outputs, the odd one at the end."""
    total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0) if padding == "same" else 0
    return total // 2, total - total // 2


def test_tensorflow_convolves_float16_in_3d_wrongly_where_the_kernel_is_shorter_than_the_stride():
    """Its oneDNN kernel differs from TensorFlow's own float32 answer; ours agrees with the latter."""
    inputs, kernel = normal(2, 4, 4, 4, 3, dtype="float16"), normal(1, 1, 1, 3, 2, dtype="float16", seed=1)
    exact = np.asarray(keras.ops.conv(inputs.astype("float32"), kernel.astype("float32"), 4, "same"))
    half = np.asarray(keras.ops.conv(inputs, kernel, 4, "same"))
    assert_equal(dl.conv(inputs, kernel, 4, "same"), exact.astype("float16"))
    assert np.abs(half - exact).max() > 0.5 * np.abs(exact).max()


def test_without_onednn_tensorflow_on_the_cpu_refuses_dilation_and_channels_first():
    """So parity there depends on the platform: deconvlib answers everywhere."""
    code = """
import keras, numpy as np
for argument in ({"dilation_rate": 2}, {"data_format": "channels_first"}):
    try:
        keras.ops.conv_transpose(np.ones((1, 2, 2, 2)), np.ones((3, 3, 2, 2)), **argument)
    except Exception as error:
        print(error)
"""
    environment = os.environ | {"TF_ENABLE_ONEDNN_OPTS": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert re.search("dilation rates larger than 1.*only supports NHWC", done.stdout, re.DOTALL), done.stdout


def test_the_seed_of_it_all():
    """The first example: nines, and what the transposed convolution makes of them."""
    ones = np.ones((3, 3, 1, 1), "float16")
    nines = dl.conv(np.ones((1, 4, 4, 1), "float16"), ones)
    back = dl.conv_transpose(nines, ones)
    assert nines.ravel().tolist() == [9] * 4
    assert back[0, :, :, 0].tolist() == [[9, 18, 18, 9], [18, 36, 36, 18], [18, 36, 36, 18], [9, 18, 18, 9]]
    layer = keras.layers.Conv2DTranspose(1, 3, use_bias=False, kernel_initializer="ones")
    assert np.array_equal(layer(nines), back)
