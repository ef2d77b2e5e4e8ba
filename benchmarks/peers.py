"""The same layer in each framework: {name: call} with the arrays already in that framework's layout.

Every call returns the framework's own array, complete; `as_numpy` brings it to ours for the check of values.
"""

from __future__ import annotations

import importlib.util
import os

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
PACKAGES = {"TensorFlow": "tensorflow", "PyTorch": "torch", "JAX": "jax", "ONNX Runtime": "onnxruntime"}


def installed() -> dict[str, str]:
    """The peers that can be imported, and their packages."""
    return {name: package for name, package in PACKAGES.items() if importlib.util.find_spec(package)}


def peers(layer) -> dict[str, object]:
    """Every variant of every installed framework that runs this layer, as "Framework variant"."""
    makers = {"TensorFlow": tensorflow, "PyTorch": torch, "JAX": jax, "ONNX Runtime": onnxruntime}
    return {
        f"{name} {variant}".strip(): call
        for name in installed()
        for variant, call in makers[name](layer, *layer.arrays()).items()
    }


def as_numpy(name: str, result) -> np.ndarray:
    """A result with its channels last."""
    result = np.asarray(result)
    return np.moveaxis(result, 1, -1) if name.startswith(("PyTorch", "ONNX Runtime")) else result


def tensorflow(layer, x, kernel):
    import tensorflow as tf

    axes, shape = len(layer.size), (layer.batch, *layer.geometry.output_size, layer.outputs)
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    padding = "SAME" if layer.same else "VALID"
    x = tf.constant(x)
    if layer.groups > 1:
        kernel = tf.constant(kernel.swapaxes(-1, -2))
        strides = [1, *layer.geometry.stride, 1]

        def call():
            return tf.nn.depthwise_conv2d_backprop_input(shape, kernel, x, strides, padding)
    else:
        kernel = tf.constant(kernel)
        operation = (tf.nn.conv1d_transpose, tf.nn.conv2d_transpose, tf.nn.conv3d_transpose)[axes - 1]

        def call():
            if layer.dilation > 1:
                return tf.nn.atrous_conv2d_transpose(x, kernel, shape, layer.dilation, padding)
            return operation(x, kernel, shape, layer.stride, padding)

    compiled = tf.function(call)
    return {"eager": lambda: call().numpy(), "function": lambda: compiled().numpy()}


def torch(layer, x, kernel):
    import torch

    torch.set_num_threads(THREADS)
    geometry, axes = layer.geometry, len(layer.size)
    operation = getattr(torch.nn.functional, f"conv_transpose{axes}d")
    padding = tuple(min(crop) for crop in geometry.crop)  # what is more on one side is a view of the result
    view = (..., *(slice(c - p, c - p + o) for (c, _), p, o in zip(geometry.crop, padding, geometry.output_size)))
    arguments = None, layer.stride, padding, 0, layer.groups, layer.dilation
    x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
    kernel = torch.from_numpy(np.ascontiguousarray(np.moveaxis(kernel, (-1, -2), (0, 1))))

    def call(x, kernel):
        with torch.inference_mode():
            return operation(x, kernel, *arguments)[view]

    calls = {"": lambda: call(x, kernel)}
    if axes > 1:
        last = torch.channels_last if axes == 2 else torch.channels_last_3d
        arrays = x.to(memory_format=last), kernel.to(memory_format=last)
        calls["channels_last"] = lambda: call(*arrays)
    return calls


def jax(layer, x, kernel):
    import jax

    geometry, axes = layer.geometry, len(layer.size)
    letters = "DHW"[-axes:]
    padding = [(span - 1 - a, span - 1 - b) for span, (a, b) in zip(geometry.span, geometry.crop)]
    kernel = np.flip(kernel, tuple(range(axes)))
    if layer.groups == 1:
        kernel = kernel.swapaxes(-1, -2)

    @jax.jit
    def call(x, kernel):
        return jax.lax.conv_general_dilated(
            x,
            kernel,
            (1,) * axes,
            padding,
            geometry.stride,
            geometry.dilation,
            (f"N{letters}C", f"{letters}IO", f"N{letters}C"),
            layer.groups,
        )

    x, kernel = jax.numpy.asarray(x), jax.numpy.asarray(kernel)
    return {"": lambda: np.asarray(call(x, kernel))}


def onnxruntime(layer, x, kernel):
    import onnx
    import onnxruntime

    geometry = layer.geometry
    x = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    kernel = np.ascontiguousarray(np.moveaxis(kernel, (-1, -2), (0, 1)))
    node = onnx.helper.make_node(
        "ConvTranspose",
        ["x", "kernel"],
        ["y"],
        strides=geometry.stride,
        dilations=geometry.dilation,
        group=layer.groups,
        pads=[crop[side] for side in (0, 1) for crop in geometry.crop],
    )
    graph = onnx.helper.make_graph(
        [node],
        layer.name,
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, x.shape)],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(kernel, "kernel")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = THREADS, 1, 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return {"": lambda: session.run(None, {"x": x})[0]}
