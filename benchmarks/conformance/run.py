"""Asks every implementation its whole grid, in a process of its own, and sorts what came back."""

from __future__ import annotations

import ast
import collections
import functools
import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

import deconvlib
from benchmarks.conformance.compare import Outcome, arrays, compare, ours
from benchmarks.conformance.grid import calls, digest, facts
from benchmarks.conformance.implementations import IMPLEMENTATIONS

__all__ = ["KNOWN", "RESULTS", "disagreements", "known", "missing", "outcomes", "run", "surprises", "where", "work"]

HERE = Path(__file__).parent
# On a CPU only TensorFlow's oneDNN kernels know dilation.
ENVIRONMENT = {"TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
RESULTS, KNOWN = HERE / "results.json", HERE / "known.json"


def run(names: list[str]) -> dict:
    """The result as data: each implementation's versions, how often it agrees, and each way in which it doesn't."""
    result = {
        "format": 1,
        "grid": digest(),
        "on": {"deconvlib": deconvlib.__version__, "numpy": np.__version__, "machine": platform.machine()},
        "implementations": {},
    }
    for name in names:
        asked = calls(IMPLEMENTATIONS[name].grid)
        if missing(name):
            entry = {"installed": False, "reason": missing(name), "calls": len(asked)}
        else:
            answers = outcomes([(name, call) for call in asked])
            entry = summary(name, list(zip(asked, tqdm(answers, name, len(asked), unit=" calls"))))
        result["implementations"][name] = entry
    return result


def missing(name: str) -> str:
    """What an implementation lacks here, or nothing."""
    absent = [p for p in IMPLEMENTATIONS[name].packages if importlib.util.find_spec(p) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def version(package: str) -> str:
    names = importlib.metadata.packages_distributions()[package]
    return importlib.metadata.version(names[0])


def summary(name: str, answered: list[tuple[dict, Outcome]]) -> dict:
    kinds = [outcome.kind for _, outcome in answered]
    return {
        "installed": True,
        "versions": {package: version(package) for package in IMPLEMENTATIONS[name].packages},
        "calls": len(kinds),
        "same values": kinds.count("values"),
        "both refuse": kinds.count("refusal"),
        "disagreements": disagreements(name, answered),
    }


def known(name: str) -> list[dict]:
    """The known disagreements of an implementation, in the order in which they claim a call."""
    return [entry for entry in _all_known() if name in entry["implementations"]]


@functools.cache
def _all_known() -> list[dict]:
    return json.loads(KNOWN.read_text())


def where(entry: dict, call: dict) -> bool:
    """Whether a known disagreement speaks of this call: its condition holds on one axis at least."""
    return any(eval(entry["where"], {"__builtins__": {}}, axis) for axis in facts(call))


def disagreements(name: str, answered: list[tuple[dict, Outcome]]) -> list[dict]:
    """Each kind, with the number of its calls and the smallest.  What no known kind explains is called "new".

    "although" counts the calls on which a known kind's condition holds, and yet both agree in values.
    """
    found, although = {}, collections.Counter()
    for call, outcome in answered:
        names = [entry["name"] for entry in known(name) if where(entry, call) and entry["outcome"] == outcome.kind]
        if not outcome.agrees:
            found.setdefault((names[0] if names else "new", outcome.kind), []).append((call, outcome))
        elif outcome.kind == "values":
            although.update(entry["name"] for entry in known(name) if where(entry, call))
    return [
        {
            "name": kind,
            "outcome": outcome,
            "calls": len(group),
            "although": although[kind],
            "smallest": group[0][0] | {"deconvlib": group[0][1].ours, "framework": group[0][1].theirs},
        }
        for (kind, outcome), group in sorted(found.items())
    ]


def surprises(result: dict) -> list[str]:
    """What is not as known.json has it, for the implementations that were asked.

    "always": false is for what no condition tells apart: then the condition only has to hold where they disagree.
    """
    said = []
    for name, entry in result["implementations"].items():
        if entry["installed"]:
            found = {kind["name"]: kind for kind in entry["disagreements"]}
            said += [f"{name}: new: {kind['smallest']}" for kind in entry["disagreements"] if kind["name"] == "new"]
            said += [f"{name}: gone: {expected['name']}" for expected in known(name) if expected["name"] not in found]
            always = {expected["name"] for expected in known(name) if expected["always"]}
            said += [f"{name}: not always: {kind}" for kind in found if found[kind]["although"] and kind in always]
    return said


def outcomes(asked: list[tuple[str, dict]]) -> Iterator[Outcome]:
    """One outcome for each (implementation, call), from another process: a framework may end the one that it runs in.

    A call that ends the process is an outcome too, and the next process goes on after it.
    """
    options = {"text": True, "cwd": HERE.parents[1], "env": os.environ | ENVIRONMENT}
    while asked:
        command = [sys.executable, "-m", "benchmarks.conformance", "--work"]
        with tempfile.TemporaryFile("w+") as errors, tempfile.TemporaryFile("w+") as questions:
            questions.write(repr(asked))
            questions.seek(0)
            worker = subprocess.Popen(command, stdin=questions, stdout=subprocess.PIPE, stderr=errors, **options)
            if worker.stdout.readline() != "ready\n":
                errors.seek(0)
                names = dict.fromkeys(name for name, _ in asked)
                raise RuntimeError(f"{', '.join(names)} did not start:\n{errors.read()[-2000:]}")
            for line in worker.stdout:
                yield Outcome(*json.loads(line))
                asked = asked[1:]
        if worker.wait() and asked:
            name, call = asked[0]
            said = ours(IMPLEMENTATIONS[name].grid, call, *arrays(call))
            yield Outcome("crashes", said, "the process ends")
            asked = asked[1:]


def work() -> None:
    """The worker: one line an outcome, on the standard output that frameworks then can't write to."""
    asked = ast.literal_eval(sys.stdin.read())
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    loaded = {name: IMPLEMENTATIONS[name].load() for name in dict.fromkeys(name for name, _ in asked)}
    print("ready", file=lines)
    for name, call in asked:
        outcome = compare(IMPLEMENTATIONS[name].grid, loaded[name], call)
        print(json.dumps([outcome.kind, outcome.ours, outcome.theirs]), file=lines)
