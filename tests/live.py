"""The live frameworks, for the tests that ask them.  What is not installed is skipped, and says so."""

import numpy as np
import pytest
from cases import FRAMEWORKS

from deconvlib.frameworks import onnx

every_framework = pytest.mark.parametrize("name", FRAMEWORKS)


def packages(name):
    """What has to be installed for a framework."""
    return {"pytorch": ["torch"], "onnx": ["onnx", "onnxruntime"]}.get(name, [name])


def needs(module):
    return pytest.importorskip(module, reason=f"{module} is not installed; `make conformance` installs and runs it")


def run(name, call, x, kernel, groups=1):
    """What the code of a call makes of channels-last inputs and deconvlib's kernel, by the framework itself."""
    framework = FRAMEWORKS[name]
    for package in packages(name):
        needs(package)
    channels_first = name in ("pytorch", "onnx")
    x = np.ascontiguousarray(np.moveaxis(x, -1, 1)) if channels_first else x
    names = {"x": x, "kernel": framework.kernel(kernel, groups=groups)}
    exec(call.code, names)
    return np.moveaxis(np.asarray(names["y"]), 1, -1) if channels_first else np.asarray(names["y"])


def onnx_answer(attributes, x, w, by_reference=False):
    """ConvTranspose by onnxruntime or the reference evaluator, channels last."""
    helper, runtime = needs("onnx").helper, needs("onnxruntime")
    from onnx.reference import ReferenceEvaluator

    runtime.set_default_logger_severity(4)  # what it refuses is expected
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], **attributes)
    feed = {"x": np.moveaxis(x, -1, 1).copy(), "w": onnx.kernel(w)}
    shapes = [feed["x"].shape, feed["w"].shape, None]  # known shapes: only then are negative pads noticed
    infos = [helper.make_tensor_value_info(name, 1, shape) for name, shape in zip("xwy", shapes)]
    graph = helper.make_graph([node], "conv_transpose", infos[:2], infos[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
    if by_reference:
        return np.moveaxis(ReferenceEvaluator(model).run(None, feed)[0], 1, -1)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.moveaxis(session.run(None, feed)[0], 1, -1)
