"""The answers to the terminal's four questions, as plain data; `text.py` writes them for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deconvlib import frameworks
from deconvlib.checkerboard import even_kernel_size, even_overlap
from deconvlib.describe import describe
from deconvlib.geometry import Axis, Geometry
from deconvlib.reach import inputs_needed, outputs_touched, receptive_field
from deconvlib.solve import skip_sizes, solve
from deconvlib.terminal.layer import Layer

LAYOUTS = {  # of the weights, as each framework has them
    "keras": "(*k, out, in)",
    "tensorflow": "(*k, out, in)",
    "pytorch": "(in, out / groups, *k)",
    "jax": "(*k, in / groups, out)",
    "onnx": "(in, out / group, *k)",
}
NAMES = {"keras": "Keras", "tensorflow": "TensorFlow", "pytorch": "PyTorch", "jax": "JAX", "onnx": "ONNX"}
TYPICAL = (8, 16, 32, 64, 128)  # the input sizes that are shown when none is asked for

Answer = dict[str, Any]


def size(layers: Sequence[Layer], input_size: tuple[int, ...] | None) -> Answer:
    """The sizes before and after each layer; for one transposed convolution also its crop and its overlap."""
    asked = [input_size] if input_size is not None else [(n,) for n in TYPICAL]
    chains, refused = [], []
    for start in asked:
        try:
            chains.append(_through(layers, start))
        except ValueError as error:
            refused.append(error)
    if not chains:
        raise refused[0]
    answer: Answer = {"layers": [_said(layer) for layer in layers], "sizes": [sizes for sizes, _ in chains]}
    _, geometries = chains[0]
    if len(layers) == 1 and layers[0].transposed:
        (geometry,) = geometries
        answer["crop"] = geometry.crop
        answer["even_overlap"] = even_overlap(geometry)
        answer["even_kernel_size"] = _even_kernel_size(geometry)
        if input_size is not None:
            answer["work"] = _work(layers[0], geometry)
    if input_size is not None:
        answer["skips"] = _skips(layers, geometries)
    return answer


def translate(layer: Layer, to: str | None, input_size: tuple[int, ...] | None) -> Answer:
    """The layer in the words of one other framework, or of all of them, and how its weights go there."""
    if not layer.transposed:
        raise ValueError(f"translate takes a transposed convolution, got {layer.name}; paste the layer that upsamples")
    geometry = _geometry(layer, input_size)
    calls = {}
    for name in [to] if to is not None else [name for name in NAMES if name != layer.framework]:
        call = getattr(frameworks, name).call(geometry)
        calls[name] = {
            "arguments": call.arguments,
            "zeros_before": call.zeros,
            "crop_after": None if call.crop is None else [(cut.start, cut.stop) for cut in call.crop],
            "weights": _weights(layer, name, geometry.groups),
            "layouts": (LAYOUTS["keras"] if _turned(layer) else LAYOUTS[layer.framework], LAYOUTS[name]),
            "code": call.code,
        }
    return {"layers": [_said(layer)], "input": geometry.input_size, "output": geometry.output_size, "calls": calls}


def solutions(input_size: int, output_size: int, ranges: dict[str, Any]) -> Answer:
    """Every setting that makes the one size of the other, and where there is none, why."""
    found = solve(input_size, output_size, **ranges)
    return {
        "input": input_size,
        "output": output_size,
        "reason": found.reason,
        "settings": [_setting(axis, said) for axis, said in zip(found, found.arguments)],
    }


def reach(
    layers: Sequence[Layer],
    input_size: tuple[int, ...] | None,
    outputs: tuple[int, int] | None = None,
    inputs: tuple[int, int] | None = None,
) -> Answer:
    """Which input samples an output sample depends on, and exactly: those that a range of outputs needs.

    Without an input size the ranges are not cut at the borders.
    """
    sizes, geometries = _through(layers, input_size or (TYPICAL[-1],))
    kinds = ["conv_transpose" if layer.transposed else "conv" for layer in layers]
    stack: list[Any] = list(zip(kinds, geometries))
    answer: Answer = {
        "layers": [_said(layer) for layer in layers],
        "sizes": sizes,
        "axes": [
            {"size": field.size, "jump": _number(field.jump), "offset": _number(field.offset)}
            for field in receptive_field(stack)
        ],
    }
    if input_size is None:
        stack = [(kind, geometry.layer) for kind, geometry in stack]
    if outputs is not None:
        needed = inputs_needed(stack, outputs)
        answer["outputs"] = outputs
        answer["inputs_needed"] = [(found.start, found.stop) for found in needed]
    if inputs is not None:
        touched = outputs_touched(stack, inputs)
        answer["inputs"] = inputs
        answer["outputs_touched"] = [(found.start, found.stop) for found in touched]
    return answer


def _through(layers: Sequence[Layer], size: tuple[int, ...]) -> tuple[list[tuple[int, ...]], list[Geometry]]:
    """The sizes from layer to layer, and the geometries."""
    sizes: list[tuple[int, ...]] = []
    geometries = []
    for layer in layers:
        geometry = layer.geometry(size)
        before, size = geometry.input_size, geometry.output_size
        if not layer.transposed:
            before, size = size, before
        if not sizes:
            sizes.append(before)
        sizes.append(size)
        geometries.append(geometry)
    return sizes, geometries


def _geometry(layer: Layer, input_size: tuple[int, ...] | None) -> Geometry:
    """On the input that is asked for; on the first usual one that the layer takes, where none is."""
    if input_size is not None:
        return layer.geometry(input_size)
    refused = []
    for n in TYPICAL:
        try:
            return layer.geometry((n,))
        except ValueError as error:
            refused.append(error)
    raise refused[0]


def _said(layer: Layer) -> Answer:
    return {
        "framework": layer.framework,
        "code": layer.code,
        "kernel_size": layer.kernel_size,
        "arguments": layer.arguments,
    }


def _even_kernel_size(geometry: Geometry) -> list[int] | None:
    """The next kernel size of an even overlap, an entry an axis; None where there is none."""
    try:
        return [even_kernel_size(axis.kernel_size, axis.stride, axis.dilation) for axis in geometry.axes]
    except ValueError:
        return None


def _weights(layer: Layer, to: str, groups: int) -> str:
    """The line that takes the weights along."""
    shared = "" if groups == 1 else f", groups={groups}"
    turned = ", transpose_kernel=True" if _turned(layer) else ""
    read = f"{layer.framework}.from_kernel(weights{shared}{turned})"
    return f"kernel = {to}.kernel({read}{shared})"


def _turned(layer: Layer) -> bool:
    """Whether the kernel is stored as JAX does with transpose_kernel=True, that is as Keras has it."""
    return bool(layer.arguments.get("transpose_kernel", False))


def _setting(axis: Axis, said: dict[str, int]) -> Answer:
    """One answer of `solve`, in PyTorch's words, with its crop and whether it makes a checkerboard."""
    return {**said, "crop": axis.crop, "even_overlap": even_overlap(Geometry((axis,)))}


def _work(layer: Layer, geometry: Geometry) -> Answer | None:
    """How much there is to compute and to learn; None where the line does not say both channels as numbers."""
    inputs, outputs = layer.channels
    if not isinstance(inputs, int) or not isinstance(outputs, int):
        return None
    found = describe(geometry, inputs, outputs)
    return {"macs": found.macs, "kept_macs": found.kept_macs, "parameters": found.parameters}


def _skips(layers: Sequence[Layer], geometries: Sequence[Geometry]) -> Answer | None:
    """For an encoder and decoder: whether skip connections fit, and what to pad the input to; None for other stacks."""
    pairs = list(zip(layers, geometries))
    steps = [(layer, geometry) for layer, geometry in pairs if {*_entries(layer.stride)} != {1}]
    between = [geometry for layer, geometry in pairs if {*_entries(layer.stride)} == {1}]
    if any(geometry.input_size != geometry.output_size for geometry in between):
        return None  # as those of the first U-Net, which have no padding
    turn = len(steps) // 2
    kinds = [layer.transposed for layer, _ in steps]
    if not steps or kinds != [False] * turn + [True] * turn:
        return None
    down = [layer.convolution() for layer, _ in steps[:turn]]
    up = [None if geometry.one_size else geometry.layer for _, geometry in steps[turn:]]
    known = [rule for rule in down + up if rule is not None]
    if len(known) < len(steps):
        return None
    found = skip_sizes(known[:turn], known[turn:], steps[0][1].output_size)
    return {"fits": found.fits, "fitting_size": found.fitting_size}


def _entries(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)


def _number(value: Any) -> int | str | None:
    """A fraction as it is written; JSON has none of its own."""
    if value is None or value.denominator == 1:
        return None if value is None else int(value)
    return str(value)
