"""Reads a layer from a line as it stands in somebody's code: `read("nn.ConvTranspose2d(64, 32, 3, stride=2)")`.

Nothing of the line is run.  Python's own parser takes it apart; numbers, tuples, sums and products are understood, and
so is a name such as `k` whose value is given.
"""

from __future__ import annotations

import ast
import copy
import difflib
import inspect
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from deconvlib import frameworks
from deconvlib.terminal.layer import Layer, Unknown, layer_of
from deconvlib.terminal.nodes import nodes
from deconvlib.terminal.signatures import ONNX, SHARED, SIGNATURES, Signature, nearest, signature

EXAMPLE = "nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1)"
CALL = re.compile(r"(?<!\w)(?P<before>(?:[A-Za-z_]\w*\s*\.\s*)*)(?P<name>[A-Za-z_]\w*)\s*\(")
OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
# Layers and functions behind which the size is another one, and that are no convolutions with zeros around.
RESIZING = re.compile(
    "Up[Ss]ampling|Upsample|Pixel(Un)?[Ss]huffle|Cropping|Adaptive|Global|interpolate|depth_to_space|space_to_depth"
    "|(Zero|Reflection|Replication|Constant|Circular)Pad|(MaxUn|LP|FractionalMax)[Pp]ool|(Separable|Depthwise)Conv"
)
LONGEST = 20_000  # characters: more than this is a program
BRACKETS = {"(": ")", "[": "]", "{": "}"}
PIECE = re.compile(r"""\#[^\n]* | ('{3}|"{3}|['"]) (?:\\.|(?!\1).)* \1 | [][(){}]""", re.DOTALL | re.VERBOSE)


def read(text: str, let: Mapping[str, Any] | None = None) -> Layer:
    """The one layer of a line.  let: the values of names in it, such as {"k": 16, "u": 8}.

    Raises ValueError where the line has no such layer or several, and where an argument is missing or unknown.
    """
    layers = read_all(text, let)
    if len(layers) > 1:
        raise ValueError(f"one layer at a time, got {', '.join(layer.name for layer in layers)}; paste one of them")
    return layers[0]


def read_all(text: str, let: Mapping[str, Any] | None = None) -> list[Layer]:
    """Every convolution of the text, in its order: a line, or the lines of a whole stack."""
    if len(text) > LONGEST:
        raise ValueError(
            f"a layer, or the layers of a stack, have at most {LONGEST} characters, got {len(text)}; "
            "paste the layers alone"
        )
    _check_readable(text)
    found = list(nodes(text))
    code_alone = _without_comments(text)
    read_to = 0
    for match in CALL.finditer(code_alone):
        name = match["name"]
        if match.start() < read_to or not (name in SIGNATURES or name in SHARED or name == "make_node"):
            continue
        call, read_to = _call(code_alone, match.start(), match.end() - 1)
        code = " ".join(code_alone[match.start() : read_to].split())
        before = tuple(part.strip() for part in match["before"].split(".") if part.strip())
        if name != "make_node":
            found.append((match.start(), _python(code, name, before, call, let or {})))
        elif call.args and _value(call.args[0], {}) == "ConvTranspose":
            found.append((match.start(), _make_node(code, call, let or {})))
    if not found:
        raise ValueError(_nothing(text))
    found.sort(key=lambda pair: pair[0])
    return [layer for _, layer in found]


def not_read(text: str) -> list[str]:
    """The names of layers in the text that change the size as well, and that `read_all` leaves out."""
    names = [match["name"] for match in CALL.finditer(_without_comments(text))]
    return list(dict.fromkeys(name for name in names if RESIZING.match(name) and name not in SIGNATURES))


def of_words(words: Iterable[str], let: Mapping[str, Any] | None = None) -> Layer:
    """The layer of a framework's name and its arguments: ["pytorch", "kernel_size=3", "stride=2"]."""
    framework, *given = words
    rule = getattr(frameworks, framework).geometry
    allowed = tuple(inspect.signature(rule).parameters)[1:]
    arguments = {}
    for word in given:
        name, sign, value = word.partition("=")
        if not sign:
            raise ValueError(f"an argument is written name=value, got {word!r}; for example kernel_size=3")
        if name not in allowed:
            raise ValueError(f"{framework} has no argument {name!r}{_instead(name, allowed)}")
        meant = _value(_parsed(value), let or {})
        arguments[name] = value if isinstance(meant, Unknown) else meant  # a shell has taken the quotes away
    return layer_of(" ".join([framework, *given]), framework, Signature(framework, allowed), arguments)


def _without_comments(text: str) -> str:
    """Blanks in place of each comment, for a layer in one is not part of the network."""
    return PIECE.sub(lambda piece: " " * len(piece[0]) if piece[0].startswith("#") else piece[0], text)


def _check_readable(text: str) -> None:
    """Refuse what Python's parser would stumble over before it comes to the call."""
    odd = re.search("[\0\ud800-\udfff]", text)
    if odd:
        raise ValueError(f"a line has characters alone, got {odd[0]!r} at {odd.start()}; copy it again as text")
    long = re.search(r"(?<!\w)\d\w{100,}", text)
    if long:
        raise ValueError(f"a number has at most 100 digits, got one of {len(long[0])}; write a smaller one")


def _parsed(text: str) -> ast.expr:
    """An expression; text that is none, such as a bare word, is that word."""
    _check_readable(text)
    try:
        return _expression(text.strip())
    except SyntaxError:
        return ast.Constant(text)


def _expression(text: str) -> ast.expr:
    """The expression, one that can be written again; otherwise a SyntaxError."""
    try:
        expression = ast.parse(text, mode="eval").body
        ast.unparse(expression)
    except (MemoryError, RecursionError) as error:
        raise SyntaxError("it is nested too deeply") from error
    return expression


def _call(text: str, start: int, bracket: int) -> tuple[ast.Call, int]:
    """The call that begins here, with its first bracket there; and where it ends."""
    end = _end(text, bracket)
    code = " ".join(text[start:end].split())
    if end is None:
        raise ValueError(f"the call must be whole, got {code!r}; paste it up to its closing bracket")
    try:
        # in brackets of its own a call may go over several lines
        expression = _expression(f"({text[start:end]})")
    except SyntaxError as error:
        raise ValueError(f"the call must be Python, got {code!r}; mend it: {error.msg}") from error
    assert isinstance(expression, ast.Call)
    return expression, end


def _end(text: str, bracket: int) -> int | None:
    """Where what begins with this bracket ends, comments and words in quotes skipped; None where nothing closes it."""
    closing = []
    for piece in PIECE.finditer(text, bracket):
        mark = piece[0]
        if mark in BRACKETS:
            closing.append(BRACKETS[mark])
        elif mark in BRACKETS.values():
            if closing.pop() != mark:
                return None
            if not closing:
                return piece.end()
    return None


def _python(code: str, name: str, before: tuple[str, ...], call: ast.Call, let: Mapping[str, Any]) -> Layer:
    """The layer of a call of a framework's class or function."""
    keywords = _keywords(name, call)
    meant = signature(name, before, set(keywords))
    if len(call.args) > len(meant.parameters):
        raise ValueError(
            f"{name} takes at most {len(meant.parameters)} arguments, got {len(call.args)}; leave some out"
        )
    arguments = dict(zip(meant.parameters, call.args))
    for key, value in keywords.items():
        if key not in meant.parameters:
            raise ValueError(f"{name} has no argument {key!r}{_instead(key, meant.parameters)}")
        if key in arguments:
            raise ValueError(f"{name} has each argument once, got {key} twice; leave one out")
        arguments[key] = value
    if "kernel_size" in meant.parameters and "kernel_size" not in arguments:
        raise ValueError(f"{name} needs a kernel_size, got {code}; add it")
    values = {key: _value(value, let) for key, value in arguments.items()}
    if not meant.transposed and values.get("padding") in (Unknown("same"), Unknown("valid")):
        values["padding"] = str(values["padding"])  # PyTorch prints the layer so, without quotes
    return layer_of(code, name, meant, values)


def _make_node(code: str, call: ast.Call, let: Mapping[str, Any]) -> Layer:
    """The layer of `onnx.helper.make_node("ConvTranspose", inputs, outputs, strides=[2, 2])`."""
    keywords = _keywords("make_node", call)
    attributes = {key: _value(keywords[key], let) for key in ONNX.parameters if key in keywords}
    return layer_of(code, "ConvTranspose", ONNX, attributes)


def _keywords(name: str, call: ast.Call) -> dict[str, ast.expr]:
    hidden = any(isinstance(argument, ast.Starred) for argument in call.args)
    if hidden or any(keyword.arg is None for keyword in call.keywords):
        raise ValueError(f"{name} must have its arguments written out, got some behind * or **; write them out")
    keywords: dict[str, ast.expr] = {}
    for keyword in call.keywords:
        if keyword.arg in keywords:
            raise ValueError(f"{name} has each argument once, got {keyword.arg} twice; leave one out")
        keywords[str(keyword.arg)] = keyword.value
    return keywords


def _instead(key: str, parameters: tuple[str, ...]) -> str:
    """What to write in place of an argument that is another framework's, or misspelled."""
    twins = [("stride", "strides"), ("dilation", "dilation_rate", "dilations", "kernel_dilation", "rhs_dilation")]
    twins += [("groups", "group", "feature_group_count"), ("padding", "pads"), ("filters", "out_channels", "features")]
    own = [name for names in twins if key in names for name in names if name in parameters]
    own = own or difflib.get_close_matches(key, parameters, n=1) or [name for name in parameters if key in name]
    return f"; write {own[0]}" if own else f"; it has {', '.join(parameters)}"


def _value(node: ast.expr, let: Mapping[str, Any]) -> Any:
    """The value of an expression, or `Unknown` with its text."""
    text = ast.unparse(node)
    if text in let:
        return let[text]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | str | None):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(entry, let) for entry in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _value(node.operand, let)
        return -value if type(value) is int else Unknown(text)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left, right = _value(node.left, let), _value(node.right, let)
        numbers = type(left) is int and type(right) is int  # True is none
        if numbers and (right or isinstance(node.op, ast.Add | ast.Sub | ast.Mult)):
            value = OPERATIONS[type(node.op)](left, right)
            return value if abs(value) < 10**100 else Unknown(text)
    return Unknown(ast.unparse(_Filled(let).visit(copy.deepcopy(node))))


class _Filled(ast.NodeTransformer):
    """An expression with the values of its names, so that what is still not known stands there alone."""

    def __init__(self, let: Mapping[str, Any]) -> None:
        self.let = let

    def visit(self, node: ast.AST) -> Any:
        text = ast.unparse(node)
        return ast.Constant(self.let[text]) if text in self.let else self.generic_visit(node)


def _nothing(text: str) -> str:
    """Why a text has no layer: a name that is nearly right, or nothing like it."""
    for match in CALL.finditer(text):
        close = nearest(match["name"])
        if close is not None:
            return f"no layer is called {match['name']}, got {text.strip()!r}; write {close}"
    return f"there is no convolution in {text.strip()!r}; paste a call, for example {EXAMPLE}"
