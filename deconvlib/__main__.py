"""deconvlib at a terminal: `deconvlib size`, `translate`, `solve` and `reach`, also as `python -m deconvlib`."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import deconvlib
from deconvlib.terminal import answers, lines, nodes, text
from deconvlib.terminal.layer import Layer

UP = '"nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)"'
DOWN = '"nn.Conv2d(3, 16, 3, stride=2, padding=1)"'
LAYER = (
    "a line as it stands in your code (PyTorch, Keras, TensorFlow, JAX, Flax, ONNX), several of them for a stack, "
    "a .py or .onnx file, - for the lines of standard input, or a framework's name and its arguments: "
    "pytorch kernel_size=3 stride=2"
)


class Parser(argparse.ArgumentParser):
    """Errors in two lines: what is wrong, and where help is."""

    def error(self, message: str) -> NoReturn:
        if len(message) > 500:  # what was given stands in it
            message = f"{message[:300]} ... {message[-100:]}"
        self.exit(2, f"{self.prog}: error: {message}\n{self.prog} --help shows an example\n")


def parser() -> Parser:
    whole = Parser(
        prog="deconvlib",
        description="Sizes, translations, settings and reach of transposed convolutions.",
        epilog=f"example:\n  deconvlib size {UP} --input 8x8",
        formatter_class=argparse.RawDescriptionHelpFormatter,  # an example stays on its line, to be copied
    )
    whole.add_argument("--version", action="version", version=f"deconvlib {deconvlib.__version__}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="size | translate | solve | reach")

    one = _command(commands, "size", "the output size, the crop and the checkerboard", f"{UP} --input 8x8")
    _takes_layers(one)

    one = _command(commands, "translate", "the same layer in another framework, as code", f"{UP} --to keras")
    _takes_layers(one)
    one.add_argument("--to", choices=[*answers.NAMES], help="one framework; without it, all others")

    one = _command(commands, "solve", "which arguments make this output size", "8 16 --kernel-sizes 3-5 --strides 2")
    one.add_argument("input_size", type=_samples_of, metavar="INPUT", help="samples of the input, on one axis")
    one.add_argument("output_size", type=_samples_of, metavar="OUTPUT", help="samples that the output must have")
    one.add_argument("--kernel-sizes", type=_range, default=range(1, 9), metavar="RANGE", help="such as 4, 3,5 or 1-8")
    one.add_argument("--strides", type=_range, default=range(1, 5), metavar="RANGE", help="without it 1-4")
    one.add_argument("--dilations", type=_range, default=(1,), metavar="RANGE", help="without it 1")
    one.add_argument("--paddings", type=_range, metavar="RANGE", help="without it all")
    one.add_argument("--output-paddings", type=_range, metavar="RANGE", help="without it all")
    one.add_argument("--uneven", action="store_true", help="also those that cut more from the end, as Keras's same")
    one.add_argument("--all", action="store_true", help="every setting, not the simplest ten")

    one = _command(commands, "reach", "which input samples an output sample depends on", f"{DOWN} {UP}")
    _takes_layers(one)
    one.add_argument("--outputs", type=_samples, metavar="A:B", help="which inputs these outputs need, exactly")
    one.add_argument("--inputs", type=_samples, metavar="A:B", help="which outputs these inputs touch, exactly")
    return whole


def _command(commands: Any, name: str, does: str, example: str) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = commands.add_parser(
        name,
        help=does,
        description=f"{name}: {does}.",
        epilog=f"example:\n  deconvlib {name} {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    one.add_argument("--json", action="store_true", help="the answer as JSON")
    return one


def _takes_layers(one: argparse.ArgumentParser) -> None:
    one.add_argument("layer", nargs="+", help=LAYER)
    one.add_argument("--input", type=_size, metavar="SIZE", help="the input size without batch and channels: 8x8")
    one.add_argument("--kernel-size", type=_size, metavar="SIZE", help="for calls whose kernel is an array: 3x3")
    one.add_argument("--let", type=_let, action="append", default=[], metavar="NAME=VALUE", help="a variable: k=16")


def _size(said: str) -> tuple[int, ...]:
    """8, 8x8, 8,8 or (8, 8)."""
    if not re.fullmatch(r"\(?\s*\d{1,99}(\s*[x,]\s*\d{1,99})*\s*,?\s*\)?", said):
        raise argparse.ArgumentTypeError(f"a size is written 8x8, got {said!r}; leave batch and channels out")
    return tuple(int(n) for n in re.findall(r"\d+", said))


def _samples_of(said: str) -> int:
    if not re.fullmatch(r"-?\d{1,99}", said):
        raise argparse.ArgumentTypeError(f"a number of samples is written 16, got {said!r}")
    return int(said)


def _range(said: str) -> tuple[int, ...]:
    """4, or 3,5, or 1-8."""
    if not re.fullmatch(r"\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*", said):
        raise argparse.ArgumentTypeError(f"a range is written 4, 3,5 or 1-8, got {said!r}")
    numbers: list[int] = []
    for part in said.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return tuple(numbers)


def _samples(said: str) -> tuple[int, int]:
    """100:200, as in a slice."""
    found = re.fullmatch(r"(-?\d{1,99}):(-?\d{1,99})", said)
    if found is None or int(found[1]) >= int(found[2]):
        raise argparse.ArgumentTypeError(f"a range of samples is written 100:200, got {said!r}")
    return int(found[1]), int(found[2])


def _let(said: str) -> tuple[str, Any]:
    name, sign, value = said.partition("=")
    if not sign or not re.fullmatch(r"\(?\d{1,99}(, ?\d{1,99})*\)?", value):
        raise argparse.ArgumentTypeError(f"a variable is written k=16, got {said!r}")
    numbers = tuple(int(n) for n in re.findall(r"\d+", value))
    return name.strip(), numbers if len(numbers) > 1 else numbers[0]


def _layers(given: argparse.Namespace) -> tuple[list[Layer], list[str]]:
    """The layers, and the names of others beside them that change the size and are not read."""
    let = dict(given.let)
    others: list[str] = []
    if given.layer[0] in answers.NAMES:
        layers = [lines.of_words(given.layer, let)]
    else:
        layers = []
        for said in given.layer:
            if said.endswith(".onnx"):
                layers += nodes.model(Path(said))
            else:
                written = _text(said)
                layers += lines.read_all(written, let)
                others += lines.not_read(written)
    if given.kernel_size is not None:
        kernel_size = given.kernel_size if len(given.kernel_size) > 1 else given.kernel_size[0]
        layers = [layer.with_kernel_size(kernel_size) for layer in layers]
    return layers, list(dict.fromkeys(others))


def _text(said: str) -> str:
    """The lines themselves, those of a file, or those of standard input."""
    if said == "-":
        return sys.stdin.read()
    if not said.endswith(".py"):
        return said
    path = Path(said)
    if not path.is_file():
        raise ValueError(f"a Python file is needed, got {path}, which is not there; look at the path")
    return path.read_text("utf8")


def _answer(given: argparse.Namespace) -> tuple[answers.Answer, str]:
    """The answer to a question, as data and as text."""
    if given.command == "solve":
        names = ("kernel_sizes", "strides", "dilations", "paddings", "output_paddings", "uneven")
        ranges = {name: getattr(given, name) for name in names}
        answer = answers.solutions(given.input_size, given.output_size, ranges)
        return answer, text.solutions(answer, None if given.all else 10)
    layers, others = _layers(given)
    if given.command == "size":
        answer = {**answers.size(layers, given.input), "not_read": others}
        return answer, text.size(answer)
    if given.command == "reach":
        answer = {**answers.reach(layers, given.input, given.outputs, given.inputs), "not_read": others}
        return answer, text.reach(answer)
    found = [answers.translate(layer, given.to, given.input) for layer in layers]
    return {"translations": found}, "\n\n".join(map(text.translate, found))


def _say(said: str) -> None:
    try:
        print(said, flush=True)
    except BrokenPipeError:  # the program that reads it, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer, and return the exit code: 0, 1 where there is no setting, 2 where the question is wrong."""
    whole = parser()
    asked = sys.argv[1:] if arguments is None else [*arguments]
    if asked and "(" in asked[0]:
        whole.error(f"a line comes after a question, got {asked[0]!r} alone; write {whole.prog} size {asked[0]!r}")
    given = whole.parse_args(asked)
    try:
        answer, written = _answer(given)
    except (ValueError, TypeError, ModuleNotFoundError, OSError) as error:
        whole.error(str(error))
    _say(json.dumps(answer, default=str) if given.json else written)
    return 1 if answer.get("settings") == [] else 0


if __name__ == "__main__":
    sys.exit(main())
