"""Each implementation: how it is imported, which grid it is asked, and how it makes one call.

A call takes channels-last inputs [batch, *space, in] and deconvlib's kernel [*k, out / groups, in], and returns the
output channels last.  What it raises counts as its refusal.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from deconvlib import frameworks

__all__ = ["IMPLEMENTATIONS", "Implementation"]


@dataclass(frozen=True)
class Implementation:
    """`load` imports the framework and returns the function that makes one call."""

    grid: str  # the framework whose arguments it takes
    packages: tuple[str, ...]  # what has to be installed, and whose versions are recorded
    load: Callable[[], Callable[[dict, np.ndarray, np.ndarray], np.ndarray]]


def keras(backend: str):
    def load():
        os.environ["KERAS_BACKEND"] = backend
        import keras

        if keras.backend.backend() != backend:
            raise ImportError(f"keras runs on {keras.backend.backend()} in this process already")

        def one(call, x, kernel):
            return keras.ops.convert_to_numpy(keras.ops.conv_transpose(x, kernel, **call["arguments"]))

        return one

    return load


def keras_layers():
    import keras

    layers = (keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose)

    def one(call, x, kernel):
        *size, filters, _ = kernel.shape
        layer = layers[len(size) - 1](filters, tuple(size), use_bias=False, **call["arguments"])
        layer.build(x.shape)
        layer.kernel.assign(kernel)
        result = keras.ops.convert_to_numpy(layer(x))
        promised = tuple(layer.compute_output_shape(x.shape))
        if promised != result.shape:
            raise AssertionError(f"the layer promises {promised} and gives {result.shape}")
        return result

    return one


def tensorflow():
    import tensorflow as tf

    def one(call, x, kernel):
        arguments = dict(call["arguments"])
        shape = (len(x), *arguments.pop("output_shape"), kernel.shape[-2])
        if not isinstance(arguments["padding"], str):
            arguments["padding"] = [list(pair) for pair in arguments["padding"]]
            return tf.nn.conv2d_transpose(x, kernel, shape, **arguments).numpy()
        return tf.nn.conv_transpose(x, kernel, shape, **arguments).numpy()

    return one


def pytorch():
    import torch

    def one(call, x, kernel):
        function = getattr(torch.nn.functional, f"conv_transpose{len(call['input_size'])}d")
        x, kernel = np.moveaxis(x, -1, 1), frameworks.pytorch.kernel(kernel)
        tensors = (torch.from_numpy(np.ascontiguousarray(array)) for array in (x, kernel))
        return np.moveaxis(function(*tensors, groups=call["groups"], **call["arguments"]).numpy(), 1, -1)

    return one


def jax():
    import jax

    def one(call, x, kernel):
        turned = call["arguments"]["transpose_kernel"]
        return np.asarray(
            jax.lax.conv_transpose(x, kernel if turned else frameworks.jax.kernel(kernel), **call["arguments"])
        )

    return one


def onnx_model(call) -> bytes:
    import onnx

    node = onnx.helper.make_node("ConvTranspose", ["x", "w"], ["y"], group=call["groups"], **call["arguments"])
    values = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in "xwy"]
    graph = onnx.helper.make_graph([node], "one call", values[:2], values[2:])
    opset = [onnx.helper.make_opsetid("", 22)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=10)


def onnx_arrays(x, kernel) -> dict:
    kernel = frameworks.onnx.kernel(kernel)
    return {"x": np.ascontiguousarray(np.moveaxis(x, -1, 1)), "w": np.ascontiguousarray(kernel)}


def onnx_reference():
    from onnx.reference import ReferenceEvaluator

    def one(call, x, kernel):
        return np.moveaxis(ReferenceEvaluator(onnx_model(call)).run(None, onnx_arrays(x, kernel))[0], 1, -1)

    return one


def onnxruntime():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1

    def one(call, x, kernel):
        model = onnx_model(call).SerializeToString()
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return np.moveaxis(session.run(None, onnx_arrays(x, kernel))[0], 1, -1)

    return one


IMPLEMENTATIONS = {
    "keras-tensorflow": Implementation("keras", ("keras", "tensorflow"), keras("tensorflow")),
    "keras-jax": Implementation("keras", ("keras", "jax"), keras("jax")),
    "keras-torch": Implementation("keras", ("keras", "torch"), keras("torch")),
    "keras-numpy": Implementation("keras", ("keras", "jax"), keras("numpy")),  # its NumPy backend calls JAX
    "keras-layers": Implementation("keras", ("keras", "tensorflow"), keras_layers),
    "tensorflow": Implementation("tensorflow", ("tensorflow",), tensorflow),
    "pytorch": Implementation("pytorch", ("torch",), pytorch),
    "jax": Implementation("jax", ("jax",), jax),
    "onnx-reference": Implementation("onnx", ("onnx",), onnx_reference),
    "onnxruntime": Implementation("onnx", ("onnxruntime", "onnx"), onnxruntime),
}
