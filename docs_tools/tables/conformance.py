"""What `make conformance` found, as the page on conformance shows it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from docs_tools.tables import markdown

__all__ = ["differences", "reasons", "summary"]

FOLDER = Path(__file__).parents[2] / "benchmarks" / "conformance"
TITLES = {
    "keras-tensorflow": "Keras on TensorFlow",
    "keras-jax": "Keras on JAX",
    "keras-torch": "Keras on PyTorch",
    "keras-numpy": "Keras on NumPy",
    "keras-layers": "Keras's layers, on TensorFlow",
    "tensorflow": "TensorFlow",
    "pytorch": "PyTorch",
    "jax": "JAX",
    "onnx-reference": "ONNX reference",
    "onnxruntime": "onnxruntime",
}
ANSWERED = ("value", "size")  # outcomes where both answer


def results() -> dict[str, dict]:
    return json.loads((FOLDER / "results.json").read_text("utf8"))["implementations"]


def known() -> list[dict]:
    return json.loads((FOLDER / "known.json").read_text("utf8"))


def who(entry: dict) -> str:
    """The implementations of a known disagreement; where all of Keras's backends do it, they are one."""
    titles = [TITLES[name] for name in entry["implementations"]]
    backends = [title for title in TITLES.values() if title.startswith("Keras on")]
    if set(backends) <= set(titles):
        titles = ["Keras, every backend", *(title for title in titles if title not in backends)]
    return "; ".join(titles)


def summary() -> str:
    """One row an implementation: how many calls agree, and how the others differ."""
    rows = []
    for name, entry in results().items():
        differ = {True: 0, False: 0}
        for kind in entry["disagreements"]:
            differ[kind["outcome"] in ANSWERED] += kind["calls"]
        release = ", ".join(" ".join(package) for package in entry["versions"].items())
        counts = entry["same values"], differ[True], entry["both refuse"], differ[False]
        rows.append([TITLES[name], f"`{release}`", *(f"{count:,}" for count in counts)])
    head = ["implementation", "release", "same values", "other values", "both refuse", "only one answers"]
    return markdown(head, rows, right=head[2:])


def differences() -> str:
    """One row a known disagreement: who, on which calls, what it does, how often at most."""
    found = results()
    rows = []
    for entry in known():
        counts = [
            kind["calls"]
            for name in entry["implementations"]
            for kind in found[name]["disagreements"]
            if kind["name"] == entry["name"]
        ]
        rows.append([who(entry), entry["name"], entry["does"], f"{max(counts):,}", entry["supports"]])
    return markdown(["implementation", "on", "what it does", "calls", "documented"], rows, right=["calls"])


def reasons() -> str:
    """One item a known disagreement: its condition, why it is there, and the smallest call with both answers."""
    items = []
    for entry in known():
        items.append(
            f"- **{who(entry)}: {entry['name']}**, where `{entry['where']}`.\n  {entry['reason']}\n  {smallest(entry)}"
        )
    return "\n".join(items)


def smallest(entry: dict) -> str:
    """The smallest call that shows a disagreement, and both answers."""
    name = entry["implementations"][0]
    call = next(kind["smallest"] for kind in results()[name]["disagreements"] if kind["name"] == entry["name"])
    arguments = ", ".join(f"{argument}={value!r}" for argument, value in call["arguments"].items())
    asked = f"input `{call['input_size']}`, kernel `{call['kernel_size']}`, `{arguments}`"
    said = f"{TITLES[name]} says {brief(call['framework'])}, and deconvlib {brief(call['deconvlib'])}"
    return f"The smallest call: {asked}. {said}."


def brief(answer: str) -> str:
    """A result as code; of an error its beginning."""
    return f"`{textwrap.shorten(answer, 70, placeholder=' …')}`".replace("``", "`")
