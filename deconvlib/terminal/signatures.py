"""Which arguments each framework's layers and functions take, and in which order.

Nothing is imported: a signature is the words that a person types.  The tests compare them with the live frameworks.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

FOREIGN = {
    "eqx": "Equinox",
    "equinox": "Equinox",
    "hk": "Haiku",
    "haiku": "Haiku",
    "mindspore": "MindSpore",
    "mlx": "MLX",
    "oneflow": "OneFlow",
    "gluon": "MXNet",
    "paddle": "Paddle",
    "slim": "TF-Slim",
    "snt": "Sonnet",
    "sonnet": "Sonnet",
    "tlx": "TensorLayerX",
}


@dataclass(frozen=True)
class Signature:
    """One layer or function: its parameters in their order, and what they are called in `frameworks/`.

    framework: the module of `deconvlib.frameworks`, whose `geometry` knows the rule.
    parameters: every argument that the call may have.  Those that change no size are read and left alone.
    axes: the number of spatial axes that the name says, or None.
    transposed: or else a forward convolution.  pools: a maximum or a mean, whose sizes are those of a convolution.
    renamed: the argument of `geometry` for a parameter, where the two are called differently.
    """

    framework: str
    parameters: tuple[str, ...]
    axes: int | None = None
    transposed: bool = True
    pools: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)


TORCH_LAYER = "in_channels out_channels kernel_size stride padding output_padding groups bias dilation padding_mode"
TORCH_FORWARD = "in_channels out_channels kernel_size stride padding dilation groups bias padding_mode"
TORCH_FUNCTION = "input weight bias stride padding output_padding groups dilation"
TORCH_POOL = "kernel_size stride padding dilation return_indices ceil_mode"
TORCH_AVERAGE = "kernel_size stride padding ceil_mode count_include_pad divisor_override"
KERAS_POOL = "pool_size strides padding data_format name dtype trainable"
KERAS_REST = (
    "activation use_bias kernel_initializer bias_initializer kernel_regularizer bias_regularizer "
    "activity_regularizer kernel_constraint bias_constraint name trainable dtype input_shape batch_input_shape "
    "input_dim batch_size weights"
)
KERAS_LAYER = f"filters kernel_size strides padding output_padding data_format dilation_rate {KERAS_REST}"
KERAS_LAYER_3D = (
    f"filters kernel_size strides padding data_format output_padding dilation_rate {KERAS_REST}"  # so it is
)
KERAS_FORWARD = f"filters kernel_size strides padding data_format dilation_rate groups {KERAS_REST}"
KERAS_OP = "inputs kernel strides padding output_padding data_format dilation_rate"
TF_FUNCTION = "input filters output_shape strides padding data_format dilations name value filter"
TF_LAYERS = f"inputs filters kernel_size strides padding data_format {KERAS_REST} reuse"
LAX = (
    "lhs rhs strides padding rhs_dilation dimension_numbers transpose_kernel precision preferred_element_type "
    "use_consistent_padding"
)
FLAX_REST = (
    "kernel_dilation use_bias mask dtype param_dtype precision kernel_init bias_init transpose_kernel promote_dtype "
    "preferred_element_type"
)
LINEN = f"features kernel_size strides padding {FLAX_REST} name"
NNX = f"in_features out_features kernel_size strides padding {FLAX_REST} rngs kernel_metadata bias_metadata"
ONNX_ATTRIBUTES = "auto_pad dilations group kernel_shape output_padding output_shape pads strides"

FLAX_NAMES = {"kernel_dilation": "rhs_dilation"}
ONNX = Signature("onnx", tuple(f"X W B {ONNX_ATTRIBUTES} name".split()))
LINEN_LAYER = Signature("jax", tuple(LINEN.split()), renamed=FLAX_NAMES)
NNX_LAYER = Signature("jax", tuple(NNX.split()), renamed=FLAX_NAMES)
OPS = Signature("keras", tuple(KERAS_OP.split()))


def _torch_and_keras() -> dict[str, Signature]:
    """The names that belong to one framework alone, whatever stands before them."""
    names = {}
    for axes in (1, 2, 3):
        layer = f"{TORCH_LAYER} device dtype".split()
        forward = f"{TORCH_FORWARD} device dtype".split()
        names[f"ConvTranspose{axes}d"] = Signature("pytorch", tuple(layer), axes)
        names[f"LazyConvTranspose{axes}d"] = Signature("pytorch", tuple(layer[1:]), axes)
        names[f"conv_transpose{axes}d"] = Signature("pytorch", tuple(TORCH_FUNCTION.split()), axes)
        names[f"Conv{axes}d"] = Signature("pytorch", tuple(forward), axes, transposed=False)
        names[f"LazyConv{axes}d"] = Signature("pytorch", tuple(forward[1:]), axes, transposed=False)
        for name in (f"Conv{axes}DTranspose", f"Convolution{axes}DTranspose"):
            names[name] = Signature("keras", tuple((KERAS_LAYER_3D if axes == 3 else KERAS_LAYER).split()), axes)
        for name in (f"Conv{axes}D", f"Convolution{axes}D"):
            names[name] = Signature("keras", tuple(KERAS_FORWARD.split()), axes, transposed=False)
        for name, pool in ((f"MaxPool{axes}d", TORCH_POOL), (f"AvgPool{axes}d", TORCH_AVERAGE)):
            names[name] = Signature("pytorch", tuple(pool.split()), axes, transposed=False, pools=True)
        for name in (f"MaxPooling{axes}D", f"MaxPool{axes}D", f"AveragePooling{axes}D", f"AvgPool{axes}D"):
            names[name] = Signature("keras", tuple(KERAS_POOL.split()), axes, transposed=False, pools=True)
    return names


SIGNATURES = _torch_and_keras()
SHARED = {"ConvTranspose", "conv_transpose", "conv1d_transpose", "conv2d_transpose", "conv3d_transpose"}


def signature(name: str, before: tuple[str, ...], keywords: set[str]) -> Signature:
    """The signature that is meant by a name, the names before its dots, and the keywords of the call.

    Raises ValueError where two frameworks have the name and nothing says which, and for a library that is not here.
    """
    foreign = next((FOREIGN[root] for root in before if root in FOREIGN), None)
    if foreign is None and "nn" in before and name.endswith("DTranspose"):
        foreign = "Paddle's or MXNet"  # Keras has it among its layers
    if foreign is not None:
        raise ValueError(
            f"{'.'.join([*before, name])} is {foreign}'s, which deconvlib does not know; "
            "write the call in the words of PyTorch, Keras, TensorFlow, JAX, Flax or ONNX"
        )
    if name in SIGNATURES:
        return SIGNATURES[name]
    if name == "ConvTranspose":
        if "op" in before or keywords & {*ONNX_ATTRIBUTES.split()} - {"strides"}:
            return ONNX
        return NNX_LAYER if "nnx" in before or "in_features" in keywords else LINEN_LAYER
    axes = int(name[4]) if name[4].isdigit() else None
    if "nn" in before:
        return Signature("tensorflow", tuple(TF_FUNCTION.split()), axes)
    if "layers" in before:
        return Signature("keras", tuple(TF_LAYERS.split()), axes)
    if axes is None and "lax" in before:
        return Signature("jax", tuple(LAX.split()))
    if axes is None and "ops" in before:
        return OPS
    owners = "tf.nn or tf.layers" if axes else "tf.nn, keras.ops or jax.lax"
    raise ValueError(f"{name} must say whose it is, got '{'.'.join([*before, name])}'; put {owners} in front of it")


def nearest(name: str) -> str | None:
    """The name that was probably meant, or None."""
    names = [*SIGNATURES, *SHARED]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.85)
    return close[0] if close else None
