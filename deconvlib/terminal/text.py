"""The answers as text for people."""

from __future__ import annotations

import os
import sys
from typing import Any

from deconvlib.terminal.answers import NAMES, Answer


def heading(text: str) -> str:
    """Bold on a terminal, plain in a file; NO_COLOR is respected."""
    plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return text if plain else f"\033[1m{text}\033[0m"


def size(answer: Answer) -> str:
    lines = _layers(answer)
    lines += [" -> ".join(map(_size, sizes)) for sizes in answer["sizes"]]
    if "crop" in answer:
        lines += ["", f"crop     {_crop(answer['crop'])}", f"overlap  {_overlap(answer)}"]
    if answer.get("work"):
        lines.append(f"work     {answer['work']['macs']:,} MACs, {answer['work']['parameters']:,} weights")
    if answer.get("skips"):
        lines += ["", _skips(answer["skips"])]
    return "\n".join(lines + _not_read(answer))


def translate(answer: Answer) -> str:
    """Python text: what is no code is a comment, so that it can go into a file."""
    (layer,) = answer["layers"]
    blocks = []
    for name, call in answer["calls"].items():
        lines = [heading(f"# {NAMES[name]}, for {layer['code']}")]
        lines += [f"# weights from {call['layouts'][0]} to {call['layouts'][1]}:", f"# {call['weights']}"]
        lines.append(call["code"].rstrip())
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def solutions(answer: Answer, most: int | None) -> str:
    if not answer["settings"]:
        return str(answer["reason"])
    shown = answer["settings"][:most]
    columns = {
        "kernel_size": [s["kernel_size"] for s in shown],
        "stride": [s["stride"] for s in shown],
        "dilation": [s["dilation"] for s in shown],
        "padding": [s["padding"] for s in shown],
        "output_padding": [s["output_padding"] for s in shown],
        "crop": [s["crop"] for s in shown],
        "overlap": ["even" if s["even_overlap"] else "uneven" for s in shown],
    }
    if {*columns["dilation"]} == {1}:
        del columns["dilation"]
    cuts = [s.get("cut", 0) for s in shown]
    if any(cuts):
        columns["cut"] = cuts  # from the end of the result
    rows = [list(columns), *map(list, zip(*columns.values()))]
    widths = [max(len(str(row[n])) for row in rows) for n in range(len(columns))]
    head, *body = ["  ".join(str(cell).ljust(w) for cell, w in zip(row, widths)).rstrip() for row in rows]
    left = len(answer["settings"]) - len(shown)
    return "\n".join([heading(head), *body, *([f"and {left} more: --all shows them"] if left else [])])


def reach(answer: Answer) -> str:
    lines = [*_layers(answer), " -> ".join(map(_size, answer["sizes"])), ""]
    fields = answer["axes"]
    if all(field == fields[0] for field in fields):
        lines.append(_field("each axis" if len(fields) > 1 else "the axis", fields[0]))
    else:
        lines += [_field(f"axis {n}", field) for n, field in enumerate(fields)]
    if "inputs_needed" in answer:
        lines.append(f"outputs {_range(answer['outputs'])} need inputs {_ranges(answer['inputs_needed'])}")
    if "outputs_touched" in answer:
        lines.append(f"inputs {_range(answer['inputs'])} touch outputs {_ranges(answer['outputs_touched'])}")
    return "\n".join(lines + _not_read(answer))


def _not_read(answer: Answer) -> list[str]:
    """A warning, where the stack is not all that changes the size."""
    names = ", ".join(answer["not_read"])
    return ["", f"not counted, though the size changes there as well: {names}"] if names else []


def _range(pair: Any) -> str:
    return f"{pair[0]}:{pair[1]}"


def _ranges(pairs: Any) -> str:
    each = [_range(pair) for pair in pairs]
    return each[0] if len({*each}) == 1 else ", ".join(f"{one} on axis {n}" for n, one in enumerate(each))


def _skips(answer: Answer) -> str:
    if answer["fits"]:
        return "skip connections fit"
    fitting = answer["fitting_size"]
    remedy = "no size near this one does" if fitting is None else f"pad the input to {_size(fitting)}"
    return f"skip connections do not fit: {remedy}"


def _field(where: str, field: Answer) -> str:
    if field["offset"] is None:
        return f"{where}: no input sample reaches the output"
    samples = f"{field['size']} input sample{'s' if field['size'] != 1 else ''}"
    jump = "p" if field["jump"] == 1 else f"{field['jump']} p"
    offset = str(field["offset"])
    shift = "" if offset == "0" else f" - {offset[1:]}" if offset.startswith("-") else f" + {offset}"
    return f"{where}: output sample p sees {samples}, around {jump}{shift}"


def _layers(answer: Answer) -> list[str]:
    return [*(heading(f"{NAMES[layer['framework']]}: {layer['code']}") for layer in answer["layers"]), ""]


def _size(size: Any) -> str:
    return "x".join(map(str, size))


def _crop(crop: Any) -> str:
    each = [f"{begin} at the beginning, {end} at the end" for begin, end in crop]
    return each[0] if len({*each}) == 1 else "; ".join(f"axis {n}: {one}" for n, one in enumerate(each))


def _overlap(answer: Answer) -> str:
    if answer["even_overlap"]:
        return "even: away from the borders each sample is reached equally often"
    even = answer["even_kernel_size"]
    if even is None:
        return "uneven: a checkerboard, whatever the kernel size, for stride and dilation share a factor"
    return f"uneven: a checkerboard; kernel_size {_size(even) if len({*even}) > 1 else even[0]} would be even"
