"""The functions that take a framework's own arrays and arguments, against the live frameworks."""

import random
from functools import partial

import numpy as np
import pytest
from cases import rng
from live import needs, onnx_answer

import deconvlib as dl
from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow


def own_arrays(dice, groups=1, bias=True):
    """Random arrays: channels-last x, deconvlib's kernel, and a bias."""
    arrays, axes = rng(dice.randrange(10**6)), dice.choice([1, 2, 2, 3])
    x = arrays.normal(size=(2, *(dice.randint(1, 5) for _ in range(axes)), 2 * groups)).astype("f")
    w = arrays.normal(size=(*(dice.randint(1, 4) for _ in range(axes)), 3, 2 * groups)).astype("f")
    return x, w, arrays.normal(size=3 * groups).astype("f"), axes


def test_pytorchs_function_on_numpy_arrays():
    torch = needs("torch")
    dice, answered = random.Random(11), 0
    for _ in range(60):
        groups = dice.choice([1, 1, 2])
        x, w, b, axes = own_arrays(dice, groups)
        x, w = np.moveaxis(x, -1, 1), pytorch.kernel(w, groups=groups)
        x, b = dice.choice([x, x[0]]), dice.choice([b, None])
        given = (dice.randint(1, 3), dice.randint(0, 2), dice.randint(0, 1), groups, dice.randint(1, 2))
        function = getattr(torch.nn.functional, f"conv_transpose{axes}d")
        tensors = [None if array is None else torch.tensor(array.copy()) for array in (x, w, b)]
        answered += agree(partial(pytorch.conv_transpose, x, w, b, *given), partial(function, *tensors, *given))
    assert answered > 25


def test_kerass_function_on_numpy_arrays():
    import keras as live_keras

    dice, answered = random.Random(12), 0
    for _ in range(40):
        x, w, b, axes = own_arrays(dice)
        given = (dice.randint(1, 3), dice.choice(["valid", "same"]), None)
        layer = getattr(live_keras.layers, f"Conv{axes}DTranspose")(3, w.shape[:-2], *given)
        layer.build(x.shape)
        layer.set_weights([w, b])
        answered += agree(partial(keras.conv_transpose, x, w, *given, bias=b), partial(layer, x))
        first = keras.conv_transpose(np.moveaxis(x, -1, 1), w, *given, data_format="channels_first", bias=b)
        np.testing.assert_allclose(np.moveaxis(first, 1, -1), keras.conv_transpose(x, w, *given, bias=b), atol=1e-5)
    assert answered > 30


def test_tensorflows_function_on_numpy_arrays():
    import tensorflow as tf

    dice, answered = random.Random(13), 0
    for _ in range(40):
        x, w, _, _ = own_arrays(dice)
        s, padding = dice.randint(1, 3), dice.choice(["SAME", "VALID"])
        size = [i * s if padding == "SAME" else s * (i - 1) + k for i, k in zip(x.shape[1:-1], w.shape)]
        given = ((2, *size, 3), s, padding)
        answered += agree(partial(tensorflow.conv_transpose, x, w, *given), partial(tf.nn.conv_transpose, x, w, *given))
    assert answered > 30
    with pytest.raises(ValueError, match="output channels in output_shape"):
        tensorflow.conv_transpose(np.ones((1, 4, 2)), np.ones((3, 5, 2)), (1, 8, 4), 2)
    first = tensorflow.conv_transpose(np.ones((1, 2, 4)), np.ones((3, 5, 2)), (1, 5, 8), 2, data_format="NCW")
    assert first.shape == (1, 5, 8)


def test_jaxs_function_on_numpy_arrays():
    live = needs("jax")
    dice, answered = random.Random(14), 0
    for _ in range(40):
        x, w, _, axes = own_arrays(dice)
        if axes == 3:
            continue
        turned = dice.random() < 0.5
        rhs = w if turned else np.swapaxes(w, -1, -2)
        padding = dice.choice(["SAME", "VALID", [(dice.randint(0, 3), dice.randint(0, 3)) for _ in range(axes)]])
        given = ((dice.randint(1, 3),) * axes, padding, (dice.randint(1, 2),) * axes)
        answered += agree(
            partial(jax.conv_transpose, x, rhs, *given, transpose_kernel=turned),
            partial(live.lax.conv_transpose, x, rhs, *given, transpose_kernel=turned),
        )
    assert answered > 20


def test_onnxs_function_on_numpy_arrays():
    for module in ("onnx", "onnxruntime"):
        needs(module)
    dice, answered = random.Random(15), 0
    for _ in range(30):
        groups = dice.choice([1, 2])
        x, w, _, axes = own_arrays(dice, groups)
        given = {"strides": (dice.randint(1, 3),) * axes, "group": groups}
        given["pads"] = tuple(dice.randint(0, 1) for _ in range(2 * axes))
        own = onnx.kernel(w, groups=groups)
        theirs = onnx_session(np.moveaxis(x, -1, 1), own, given)
        answered += agree(partial(onnx.conv_transpose, np.moveaxis(x, -1, 1), own, **given), theirs)
    assert answered > 15
    biased = onnx.conv_transpose(np.zeros((1, 2, 3)), np.zeros((2, 4, 3)), np.arange(4.0))
    assert (biased == np.arange(4.0)[:, None]).all()


def onnx_session(x, w, attributes):
    """A function that runs one ConvTranspose in ONNX's own layouts."""
    return lambda: np.moveaxis(onnx_answer(attributes, np.moveaxis(x, 1, -1), onnx.from_kernel(w)), -1, 1)


def agree(ours, theirs):
    """Whether both answer, with the same values; otherwise both refuse."""
    try:
        want = np.asarray(theirs())
    except Exception:  # each framework has exceptions of its own
        want = np.zeros(0)
    if not want.size:
        with pytest.raises(ValueError, match="must|needs|takes|leaves"):
            ours()
        return False
    got = ours()
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-4)
    return True


def test_a_kernel_in_the_wrong_layout_is_refused_by_the_framework_that_was_named():
    """RGB is as long as the kernel: deconvlib's own function can't know, PyTorch's layout does."""
    x, weight = np.zeros((1, 3, 8, 8)), np.zeros((3, 5, 3, 3))
    assert pytorch.conv_transpose(x, weight, stride=2).shape == (1, 5, 17, 17)
    with pytest.raises(ValueError, match=r"same input channels, got 3 .* the layouts are \[batch, in, \*space\]"):
        pytorch.conv_transpose(x, np.zeros((5, 3, 3, 3)), stride=2)
    with pytest.raises(ValueError, match="bias must have one entry for each of the 5 output channels"):
        pytorch.conv_transpose(x, weight, np.zeros(3))


@pytest.mark.parametrize(
    ("framework", "arguments"),
    [
        (keras, {"strides": 2, "dilation_rate": 3}),
        (tensorflow, {"output_shape": 15, "strides": 2, "padding": "VALID", "dilations": 3}),
        (pytorch, {"stride": 2, "dilation": 3}),
        (jax, {"strides": (2,), "padding": "VALID", "rhs_dilation": (3,)}),
        (onnx, {"strides": (2,), "dilations": (3,)}),
    ],
    ids=["keras", "tensorflow", "pytorch", "jax", "onnx"],
)
def test_each_function_dilates_as_deconvlib_does(framework, arguments):
    """Also where the framework itself is not installed."""
    x, kernel = rng(2).normal(size=(2, 5, 4)), rng(3).normal(size=(3, 6, 4))
    channels = 1 if framework in (pytorch, onnx) else -1
    got = framework.conv_transpose(np.moveaxis(x, -1, channels), framework.kernel(kernel), **arguments)
    np.testing.assert_allclose(np.moveaxis(got, channels, -1), dl.conv_transpose(x, kernel, 2, dilation_rate=3))


def test_two_layers_of_pytorch_are_one():
    """Conv2d and PixelShuffle, Upsample and Conv2d, a grouped ConvTranspose2d and BatchNorm2d."""
    torch = needs("torch")
    torch.manual_seed(0)
    x = torch.randn(2, 4, 5, 6, dtype=torch.float64)

    def conv(outputs, size, padding):
        layer = torch.nn.Conv2d(4, outputs, size, padding=padding, bias=False).double()
        return layer, layer.weight.detach().numpy().transpose(2, 3, 1, 0)  # [*k, in, out]

    def apply(kernel, layer):
        y = dl.conv_transpose(x.numpy(), kernel, layer.stride, layer.crop, data_format="channels_first")
        return torch.tensor(y)

    layer, kernel = conv(3 * 4, 3, 1)
    torch.testing.assert_close(apply(*dl.fuse_pixel_shuffle(kernel, 2, 1)), torch.nn.PixelShuffle(2)(layer(x)))
    layer, kernel = conv(3, 5, 2)
    upsampled = torch.nn.Upsample(scale_factor=3, mode="nearest")(x)
    torch.testing.assert_close(apply(*dl.fuse_upsample(kernel, 3, 2)), layer(upsampled))

    layer = torch.nn.ConvTranspose2d(4, 6, 3, 2, groups=2).double()
    norm = torch.nn.BatchNorm2d(6).double().eval()
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    weight, bias, mean, variance = (
        t.detach().numpy() for t in (layer.weight, layer.bias, norm.running_mean, norm.running_var)
    )
    scale = norm.weight.detach().numpy() / np.sqrt(variance + norm.eps)
    fused = dl.fuse_scale(pytorch.from_kernel(weight, groups=2), scale, groups=2)
    bias = (bias - mean) * scale + norm.bias.detach().numpy()
    got = pytorch.conv_transpose(x.numpy(), pytorch.kernel(fused, groups=2), bias, 2, groups=2)
    torch.testing.assert_close(torch.tensor(got), norm(layer(x)).detach())


def test_depth_to_space_of_tensorflow():
    import tensorflow as tf

    x, kernel = rng().normal(size=(2, 5, 4, 3)).astype("f"), rng(1).normal(size=(3, 3, 3, 8)).astype("f")
    want = tf.nn.depth_to_space(tf.nn.conv2d(x, kernel, 1, "SAME"), 2)
    fused, layer = dl.fuse_pixel_shuffle(kernel, 2, 1, order="tensorflow")
    np.testing.assert_allclose(dl.conv_transpose(x, fused, 2, layer.crop), want, atol=1e-4)
