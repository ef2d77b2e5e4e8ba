"""Every public argument, walked through a list of wrong values: an answer, or an error with rule, value and remedy."""

import inspect
import itertools
import random
import re

import numpy as np
import pytest
from cases import FRAMEWORKS

import deconvlib as dl

GEOMETRY = dl.Geometry.of((4, 5), 3, 2, crop=(1, 0))
LAYER = GEOMETRY.layer
GEOMETRY_OF_STRIDE_1 = dl.Geometry.of((4, 5), 3)
AXIS, PLAN = GEOMETRY.axes[0], dl.plan(np.ones((3, 3, 4, 6)), GEOMETRY)
X, KERNEL, Z = np.ones((2, 4, 5, 6)), np.ones((3, 3, 4, 6)), np.ones((2, 8, 10, 4))
SIZES = {"input_size": (4, 5), "kernel_size": (3, 3)}
LAYERS = [("conv_transpose", GEOMETRY)]
METHODS = sorted(dl.METHODS.keys() - {"padded"})  # padded takes stride 1 alone
RESULTS = {  # what functions return: nobody makes them
    dl.Description,
    dl.OutputSizes,
    dl.ReceptiveField,
    dl.SkipSizes,
    dl.Solutions,
}
RULES = {  # every argument of each framework's geometry, but for the sizes
    "keras": {"strides": 2, "padding": "same", "output_padding": None, "dilation_rate": 1},
    "tensorflow": {
        "output_shape": (8, 10),
        "strides": 2,
        "padding": "SAME",
        "data_format": None,
        "dilations": None,
    },
    "pytorch": {
        "stride": 2,
        "padding": 1,
        "output_padding": 1,
        "groups": 1,
        "dilation": 1,
        "output_size": (8, 10),
    },
    "jax": {
        "strides": 2,
        "padding": [(1, 2), (0, 1)],
        "rhs_dilation": None,
        "transpose_kernel": False,
        "use_consistent_padding": False,
    },
    "onnx": {
        "auto_pad": "NOTSET",
        "dilations": None,
        "group": 1,
        "kernel_shape": None,
        "output_padding": None,
        "output_shape": None,
        "pads": (1, 0, 1, 0),
        "strides": None,
    },
}
FIRST = {"pytorch": np.moveaxis(X, -1, 1), "onnx": np.moveaxis(X, -1, 1)}  # channels first
WEIGHTS = {name: FRAMEWORKS[name].kernel(KERNEL) for name in FRAMEWORKS}
ARRAYS = {  # every argument of each framework's conv_transpose that its geometry has not got
    "keras": {"inputs": X, "kernel": WEIGHTS["keras"], "data_format": None, "bias": None},
    "tensorflow": {"input": X, "filters": WEIGHTS["tensorflow"]},
    "pytorch": {"input": FIRST["pytorch"], "weight": WEIGHTS["pytorch"], "bias": np.ones(4)},
    "jax": {"lhs": X, "rhs": WEIGHTS["jax"]},
    "onnx": {"X": FIRST["onnx"], "W": WEIGHTS["onnx"], "B": np.ones(4)},
}
TURNED = {"jax": {"transpose_kernel": False}}
CALLS = [
    (dl.Axis, {"input_size": 4, "kernel_size": 3, "stride": 2, "dilation": 1, "crop": (0, 1)}),
    (dl.Axis.of_convolution, {"size": 8, "kernel_size": 3, "stride": 2, "dilation": 1, "padding": (0, 1)}),
    (AXIS.meets, {"tap": 1}),
    (dl.Geometry.of, {**SIZES, "stride": 2, "dilation": 1, "crop": (0, 1), "groups": 1}),
    (dl.Geometry, {"axes": GEOMETRY.axes, "groups": 1, "one_size": False}),
    (dl.Layer, {"kernel_size": (3, 3), "stride": 2, "dilation": 1, "crop": (0, 1), "groups": 2}),
    (LAYER.at, {"input_size": (4, 5)}),
    (LAYER.cropped, {"crop": (0, 1)}),
    (
        dl.conv_transpose,
        {
            "inputs": X,
            "kernel": KERNEL,
            "strides": 2,
            "padding": "same",
            "output_padding": None,
            "data_format": "channels_last",
            "dilation_rate": 1,
            "groups": 1,
            "method": "scatter",
        },
    ),
    (
        dl.conv,
        {
            "inputs": Z,
            "kernel": KERNEL,
            "strides": 2,
            "padding": 1,
            "data_format": "channels_last",
            "dilation_rate": 1,
            "groups": 1,
        },
    ),
    *(
        (method, {"inputs": X, "kernel": KERNEL, "geometry": GEOMETRY if name in METHODS else GEOMETRY_OF_STRIDE_1})
        for name, method in dl.METHODS.items()
    ),
    (dl.plan, {"kernel": KERNEL, "geometry": GEOMETRY, "groups": 1, "batch": 1, "exact": False}),
    (PLAN.__call__, {"inputs": X, "out": None}),
    (PLAN.explain, {"batch": 1}),
    (dl.gradients, {"inputs": X, "kernel": KERNEL, "output_gradient": Z, "geometry": GEOMETRY, "groups": 1}),
    (
        dl.conv_matrix,
        {"kernel": KERNEL, "geometry": GEOMETRY, "sparse": False, "groups": 1, "data_format": "channels_last"},
    ),
    (dl.as_linear_operator, {"kernel": KERNEL, "geometry": GEOMETRY, "groups": 1, "data_format": "channels_last"}),
    (dl.rank, {"kernel": KERNEL, "geometry": GEOMETRY}),
    (dl.null_space, {"kernel": KERNEL, "geometry": GEOMETRY, "transpose": False}),
    (dl.overlap, {"geometry": GEOMETRY}),
    (dl.even_overlap, {"geometry": GEOMETRY}),
    (dl.even_kernel_size, {"kernel_size": 3, "stride": 2, "dilation": 1}),
    (dl.describe, {"geometry": GEOMETRY, "input_channels": 6, "output_channels": 4, "groups": 1}),
    (dl.fuse_scale, {"kernel": KERNEL, "scale": np.ones(4), "groups": 1}),
    (dl.fuse_upsample, {"kernel": KERNEL, "stride": 2, "padding": 1}),
    (dl.fuse_pixel_shuffle, {"kernel": np.ones((3, 3, 4, 8)), "stride": 2, "padding": 1, "order": "pytorch"}),
    (dl.as_pixel_shuffle, {"kernel": KERNEL, "layer": LAYER, "order": "pytorch"}),
    (dl.receptive_field, {"layers": LAYERS}),
    (dl.inputs_needed, {"layers": LAYERS, "outputs": (0, 3)}),
    (dl.outputs_touched, {"layers": LAYERS, "inputs": (0, 3)}),
    (dl.output_sizes, {"input_size": 4, "kernel_size": 3, "stride": 2, "padding": 1, "dilation": 1}),
    (dl.skip_sizes, {"down": [dl.Layer(2, 2)], "up": [dl.Layer(2, 2)], "input_size": 8}),
    (
        dl.solve,
        {
            "input_size": 4,
            "output_size": 8,
            "kernel_sizes": 3,
            "strides": (1, 2),
            "dilations": 1,
            "paddings": None,
            "output_paddings": None,
            "uneven": False,
        },
    ),
    (dl.frameworks.keras.forward_geometry, {**SIZES, "strides": 2, "padding": "same", "dilation_rate": 1}),
    *((FRAMEWORKS[name].geometry, SIZES | RULES[name]) for name in FRAMEWORKS),
    *((FRAMEWORKS[name].call, {"geometry": GEOMETRY, "groups": 1}) for name in FRAMEWORKS),
    *((FRAMEWORKS[name].conv_transpose, RULES[name] | ARRAYS[name] | {"method": "scatter"}) for name in FRAMEWORKS),
    *(
        (getattr(FRAMEWORKS[name], function), {array: np.ones((2, 2, 2)), "groups": 1} | TURNED.get(name, {}))
        for name in FRAMEWORKS
        for function, array in (("kernel", "kernel"), ("from_kernel", "array"))
    ),
]
WRONG = {
    "nothing": None,
    "zero": 0,
    "negative": -1,
    "yes": True,
    "a fraction": 1.5,
    "complex": 2 + 0j,
    "not a number": float("nan"),
    "huge": 10**25,
    "a word": "half",
    "no word": "",
    "bytes": b"ab",
    "a set": {1, 2},
    "a dict": {1: 2},
    "an empty tuple": (),
    "one of two": (2,),
    "three of two": (2, 2, 2),
    "nothing in a tuple": (None, 2),
    "a fraction in a tuple": (2, 1.5),
    "a word in a tuple": ("2", "2"),
    "pairs": ((1, 2), (3,)),
    "deep": [[[1]]],
    "ragged": [[1], [1, 2]],
    "no array": np.zeros((0, 0)),
    "an array of words": np.array(["a", "b"]),
    "a masked array": np.ma.masked_array([1, 2], [True, False]),
    "an array of dates": np.array(["2020-01-01"], "datetime64[D]"),
    "a zero-dimensional array": np.array(2.5),
    "a function": print,
    "a range": range(3),
    "an Axis": dl.Axis(4, 3),
    "another geometry": dl.Geometry.of((2, 2, 2), 2),
    "without end": itertools.count(1),
    "of many digits": 10**5000,
    "a billion rows": np.broadcast_to(np.array([1, 2]), (10**9, 2)),
}
ARGUMENTS = [(function, good, name) for function, good in CALLS for name in good]


def called(function):
    return f"{function.__module__.split('.')[-1]}.{function.__qualname__}"


def public():
    """Every function, class and method that has a public name, and each of its arguments."""
    for module in (dl, *FRAMEWORKS.values()):
        for name in module.__all__:
            one = getattr(module, name)
            if callable(one) and one not in RESULTS:
                yield one
                if inspect.isclass(one):
                    yield from (method for name, method in inspect.getmembers(one, callable) if name[0] != "_")
    yield from dl.METHODS.values()
    yield from (type(PLAN).__call__, type(PLAN).explain)


def arguments(function):
    found = inspect.signature(function).parameters.values()
    return {one.name for one in found if one.name != "self" and one.kind != one.VAR_POSITIONAL}


def test_no_argument_of_a_public_function_is_left_out():
    wanted = {(called(one), name) for one in public() for name in arguments(one)}
    assert {(called(function), name) for function, _, name in ARGUMENTS} == wanted


def told_well(function, given, what):
    """Whether the call is refused; where it is, by an error with rule, value and remedy."""
    try:
        function(**given)
    except (ValueError, TypeError) as error:
        told = str(error)
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
    else:
        return False
    assert len(told) < 500, f"{what}: {told}"
    assert re.search(r"\b(must|needs?|takes?|has|have|no setting|leaves|kernel_shape)\b", told), f"{what}: {told}"
    assert re.search(r"got |\d|='", told), f"{what}, and no value is told: {told}"
    assert re.search("; |: |, not ", told.split("got ")[-1]), f"{what}, and no remedy is told: {told}"
    return True


@pytest.mark.parametrize(
    ("function", "good", "name"), ARGUMENTS, ids=[f"{called(function)}({name})" for function, _, name in ARGUMENTS]
)
def test_a_wrong_value_is_answered_or_refused_with_rule_value_and_remedy(function, good, name):
    function(**good)
    refused = [what for what, wrong in WRONG.items() if told_well(function, good | {name: wrong}, f"{name} is {what}")]
    assert len(refused) > len(WRONG) // 3


MORE = WRONG | {
    "a pair": (1, 2),
    "crops": ((1, 1), (1, 1)),
    "far apart": (2**63, -(2**63)),
    "many": [2] * 200,
    "inputs": X,
    "objects": np.full(X.shape, None),
    "half precision": KERNEL.astype(np.float16),
    "no channels": KERNEL[..., :0],
    "no outputs": KERNEL[:, :, :0],
    "records": np.zeros(KERNEL.shape, [("a", "f4")]),
    "a layer": LAYER,
    "layers": LAYERS,
    "a word of Keras": "same",
    "a word of TensorFlow": "SAME",
}


def test_two_or_three_wrong_values_at_once_are_answered_or_refused_as_well():
    dice = random.Random(0)
    refused = 0
    for _ in range(3000):
        function, good = dice.choice(CALLS)
        wrong = {name: dice.choice(list(MORE)) for name in dice.sample(list(good), min(dice.choice([2, 3]), len(good)))}
        given = good | {name: MORE[what] for name, what in wrong.items()}
        refused += told_well(function, given, f"{called(function)}, {wrong}")
    assert refused > 2500


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: dl.conv_transpose(X, KERNEL, stride=2), "conv_transpose .* got stride=; here it is called strides"),
        (lambda: dl.conv(X, KERNEL, dilation=2), "conv .* got dilation=; here it is called dilation_rate"),
        (lambda: dl.conv(X, KERNEL, kernel_size=3), "got kernel_size=; the size is that of the kernel array"),
        (lambda: dl.Axis(4, 3, strides=2), "Axis .* got strides=; here it is called stride"),
        (lambda: dl.Axis(4, 3, padding=1), "Axis .* got padding=; here it is called crop"),
        (
            lambda: dl.Geometry.of(4, 3, dilation_rate=2),
            "Geometry.of .* got dilation_rate=; here .* dilation",
        ),
        (lambda: dl.Geometry((8, 8), 3, 2), r"got \(\(8, 8\), 3, 2\); from sizes it is made by Geometry.of\("),
        (lambda: dl.solve(8, 16, kernel_size=3), "got kernel_size=; here it is called kernel_sizes"),
        (lambda: dl.frameworks.pytorch.geometry(4, 3, strides=2), "got strides=; here it is called stride"),
        (lambda: dl.frameworks.keras.geometry(4, 3, stride=2), "got stride=; here it is called strides"),
        (lambda: dl.frameworks.onnx.geometry(4, 3, padding=2), "got padding=; here it is called pads"),
        (lambda: dl.conv(X, KERNEL, methud=2), "got methud=; it takes inputs, kernel, strides"),
        (lambda: dl.conv_transpose(X, KERNEL, methud=2), r"got methud=; did you mean method\?"),
        (
            lambda: dl.frameworks.keras.geometry((None, 5), 3, strides=2),
            r"got \(None, 5\); for a layer that .* write keras.geometry\(\(8, 5\), 3, strides=2\).layer",
        ),
    ],
)
def test_ones_own_word_is_told_the_name_that_is_meant(call, told):
    with pytest.raises(TypeError, match=told):
        call()
