"""Who refuses: the form of each argument, against the live frameworks."""

import numpy as np
import pytest
from live import FRAMEWORKS, every_framework, needs, onnx_answer

from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow


def forms(value, axes):
    """One argument, in every form that somebody may write."""
    return {
        "scalar": value,
        "length one": (value,),
        "list of length one": [value],
        "one an axis": (value,) * axes,
        "list": [value] * axes,
        "array": np.array([value] * axes),
        "NumPy scalar": np.int64(value),
        "one too many": (value,) * (axes + 1),
        "with batch and channels": (1, *(value,) * axes, 1),
        "all of it everywhere": (value,) * (axes + 2),
        "None": None,
        "True": True,
        "float": float(value),
        "word": str(value),
        "None on the first axis": (None, *(value,) * (axes - 1)),
        "empty": (),
    }


def shape_of(function, form):
    """The spatial size of an answer, or "refused"."""
    try:
        return tuple(int(n) for n in function(form))
    except Exception:  # each framework has exceptions of its own
        return "refused"


def live_shapes(name, axes):
    """For each argument: (a legal value, our function of its form, the live one)."""
    size, taps = (4,) * axes, (3,) * axes
    x, w = np.ones((1, *size, 1), "f"), np.ones((*taps, 1, 1), "f")
    if name == "pytorch":
        torch = needs("torch")
        x, w = torch.ones(1, 1, *size), torch.ones(1, 1, *taps)
        function = getattr(torch.nn.functional, f"conv_transpose{axes}d")
        module = getattr(torch.nn, f"ConvTranspose{axes}d")

        def both(argument, **others):
            return (
                lambda form: pytorch.geometry(size, taps, **others | {argument: form}).output_size,
                lambda form: function(x, w, **others | {argument: form}).shape[2:],
            )

        return {
            "stride": (2, *both("stride")),
            "padding": (1, *both("padding")),
            "output_padding": (1, *both("output_padding", stride=2)),
            "dilation": (2, *both("dilation")),
            "output_size": (
                10,
                lambda form: pytorch.geometry(size, taps, 2, output_size=form).output_size,
                lambda form: module(1, 1, 3, 2)(x, output_size=form).shape[2:],
            ),
        }
    if name == "jax":
        live = needs("jax").lax.conv_transpose
        return {
            "strides": (
                2,
                lambda form: jax.geometry(size, taps, form, "SAME").output_size,
                lambda form: live(x, w, form, "SAME").shape[1:-1],
            ),
            "rhs_dilation": (
                2,
                lambda form: jax.geometry(size, taps, 1, "VALID", form).output_size,
                lambda form: live(x, w, (1,) * axes, "VALID", rhs_dilation=form).shape[1:-1],
            ),
            "padding": (
                (1, 2),
                lambda form: jax.geometry(size, taps, 2, form).output_size,
                lambda form: live(x, w, (2,) * axes, form).shape[1:-1],
            ),
        }
    if name == "tensorflow":
        import tensorflow as tf

        channels_last = {1: "NWC", 2: "NHWC", 3: "NDHWC"}
        return {
            "strides": (
                2,
                lambda form: tensorflow.geometry(size, taps, 8, form).output_size,
                lambda form: tf.nn.conv_transpose(x, w, (1, *(8,) * axes, 1), form).shape[1:-1],
            ),
            "dilations": (
                2,
                lambda form: tensorflow.geometry(size, taps, 8, 1, "VALID", dilations=form).output_size,
                lambda form: tf.nn.conv_transpose(x, w, (1, *(8,) * axes, 1), 1, "VALID", dilations=form).shape[1:-1],
            ),
            "data_format": (
                channels_last[axes],
                lambda form: tensorflow.geometry(size, taps, 8, 2, data_format=form).output_size,
                lambda form: tf.nn.conv_transpose(x, w, (1, *(8,) * axes, 1), 2, data_format=form).shape[1:-1],
            ),
        }
    if name == "keras":
        import keras as live_keras

        def both(argument, **others):
            layer = getattr(live_keras.layers, f"Conv{axes}DTranspose")
            return (
                lambda form: keras.geometry(size, taps, **others | {argument: form}).output_size,
                lambda form: layer(1, 3, **others | {argument: form})(x).shape[1:-1],
            )

        return {
            "strides": (2, *both("strides")),
            "output_padding": (1, *both("output_padding", strides=2)),
            "dilation_rate": (2, *both("dilation_rate")),
            "padding": ("same", *both("padding", strides=2)),
        }

    def operator(argument, **others):
        return (
            lambda form: onnx.geometry(size, taps, **others | {argument: form}).output_size,
            lambda form: onnx_answer(others | {argument: form}, x, w).shape[1:-1],
        )

    twos = (2,) * axes
    return {
        "strides": (2, *operator("strides")),
        "dilations": (2, *operator("dilations")),
        "output_padding": (1, *operator("output_padding", strides=twos)),
        "output_shape": (9, *operator("output_shape", strides=twos)),
        "kernel_shape": (3, *operator("kernel_shape")),
        "auto_pad": ("SAME_UPPER", *operator("auto_pad", strides=twos)),
    }


# Where deconvlib differs on purpose: a scalar stands for every axis everywhere; True is no integer, nor is 2.0;
# arrays of integers are sequences.
ON_PURPOSE = {"scalar", "NumPy scalar", "True", "float", "array"}
# Keras's op takes None for one axis alone, its layers don't.  onnxruntime takes batch and channels in output_shape,
# but the shape inference before it refuses them where the sizes are known.
WIDER = {
    ("keras", "output_padding", "None on the first axis"),
    ("onnx", "output_shape", "with batch and channels"),
    ("onnx", "output_shape", "all of it everywhere"),
}
NARROWER = {("onnx", "auto_pad", "''")}  # onnxruntime takes an empty word for NOTSET; the specification has four words


@every_framework
@pytest.mark.parametrize("axes", [1, 2])
def test_each_argument_takes_the_forms_that_the_framework_takes(name, axes):
    for module in FRAMEWORKS[name][1]:
        needs(module)
    accepted = refused = 0
    for argument, (value, ours, live) in live_shapes(name, axes).items():
        for form, written in spelled(value, axes).items():
            mine, theirs = shape_of(ours, written), shape_of(live, written)
            if mine != theirs and form not in ON_PURPOSE:
                known = WIDER if theirs == "refused" else NARROWER
                assert (name, argument, form) in known, f"{argument}={written!r}: ours {mine}, live {theirs}"
            accepted += mine == theirs != "refused"
            refused += mine == theirs == "refused"
    assert accepted > 6
    assert refused > 15


def spelled(value, axes):
    """The forms of a number, of a word, or of a pair an axis."""
    if isinstance(value, str):
        written = [value, value.upper(), value.lower(), value.title(), value[:-1], "foo", "", "NHWC", 3, ("a",)]
    elif isinstance(value, tuple):
        written = [(value,) * axes, [list(value)] * axes, [np.array(value)] * axes, np.array([value] * axes)]
        written += [value, list(value), (value,) * (axes + 1), value[0], None, ()]
        written += [((1, 2, 3),) * axes, ((None, 1),) * axes, ((1.0, 2),) * axes]
    else:
        return forms(value, axes)
    return {repr(one): one for one in written}
