"""ONNX's own texts of a ConvTranspose node, and the nodes of a model in a file.

y = ConvTranspose <kernel_shape = [3, 3], strides = [2, 2]> (x, w)        the language of onnx.parser
%y = ConvTranspose[kernel_shape = [3, 3], strides = [2, 2]](%x, %w)       a printed graph
op_type: "ConvTranspose" attribute { name: "strides" ints: 2 ints: 2 }    protobuf's text
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deconvlib.terminal.layer import Layer, layer_of
from deconvlib.terminal.signatures import ONNX

PRINTED = re.compile(r"\bConvTranspose\s*(?:<(?P<parser>[^>]*)>|\[(?P<graph>.*?)\]\s*\()", re.S)
CUT = re.compile(r"\bConvTranspose\s*[<\[]")
ATTRIBUTE = re.compile(r"(\w+)\s*(?::\s*\w+)?\s*=\s*(\[[^\]]*\]|\"[^\"]*\"|[-\w.]+)")
PROTOBUF = re.compile(r"op_type:\s*\"ConvTranspose\"")


def nodes(text: str) -> Iterator[tuple[int, Layer]]:
    """Every node in the text, with the place where it begins."""
    whole = list(PRINTED.finditer(text))
    for match in whole:
        written = match["graph"] if match["parser"] is None else match["parser"]
        attributes = {name: _literal(value) for name, value in ATTRIBUTE.findall(written)}
        if written.strip() and not attributes:  # ConvTranspose[axes](...): somebody's own table of layers
            continue
        yield match.start(), layer_of(" ".join(match[0].rstrip("( ").split()), "ConvTranspose", ONNX, attributes)
    for match in CUT.finditer(text):
        if all(match.start() != node.start() for node in whole):
            raise ValueError(f"the node must be whole, got {text[match.start() :].strip()!r}; paste it to its end")
    for match in PROTOBUF.finditer(text):
        own = text[match.end() :].partition("op_type")[0]  # up to the next node
        yield match.start(), layer_of("ConvTranspose", "ConvTranspose", ONNX, _protobuf(own))


def _literal(text: str) -> Any:
    """A list as a tuple, a number, or a word."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return tuple(value) if isinstance(value, list) else value


def _protobuf(text: str) -> dict[str, Any]:
    """The attributes of a node in protobuf's text."""
    attributes: dict[str, Any] = {}
    for block in re.findall(r"attribute\s*\{([^}]*)\}", text):
        name = re.search(r"name:\s*\"(\w+)\"", block)
        number = re.search(r"\bi:\s*(-?\d+)", block)
        word = re.search(r"\bs:\s*\"(\w+)\"", block)
        if name is None:
            continue
        if number is not None:
            attributes[name[1]] = int(number[1])
        elif word is not None:
            attributes[name[1]] = word[1]
        else:
            attributes[name[1]] = tuple(int(n) for n in re.findall(r"\bints:\s*(-?\d+)", block))
    return attributes


def model(path: Path) -> list[Layer]:
    """The ConvTranspose nodes of an ONNX file, in its order.

    Raises ValueError where the file has none, and ModuleNotFoundError where onnx is not installed.
    """
    if not path.is_file():
        raise ValueError(f"an ONNX file is needed, got {path}, which is not there; look at the path")
    try:
        import onnx  # type: ignore[import-not-found, unused-ignore]
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"to read a model needs onnx, which is not installed, got {path}; pip install 'deconvlib[onnx]'"
        ) from error
    graph = onnx.load(str(path), load_external_data=False).graph
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    layers = []
    for node in graph.node:
        if node.op_type != "ConvTranspose":
            continue
        attributes = {each.name: _plain(onnx.helper.get_attribute_value(each)) for each in node.attribute}
        shape = shapes.get(node.input[1])  # (in, out / group, *k)
        channels = None if shape is None else (shape[0], shape[1] * attributes.get("group", 1))
        if shape is not None:
            attributes.setdefault("kernel_shape", shape[2:])
        layers.append(layer_of(f"{node.name or 'ConvTranspose'} in {path.name}", "ConvTranspose", ONNX, attributes))
        if channels is not None:
            layers[-1] = layers[-1].with_channels(channels)
    if not layers:
        raise ValueError(f"an ONNX model with a ConvTranspose is needed, got {path.name}, which has none")
    return layers


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return tuple(value) if isinstance(value, list) else value
