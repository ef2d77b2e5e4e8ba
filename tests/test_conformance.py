"""The recorded conformance is that of this grid and of this package; test_frameworks_live.py asks what is installed."""

import json

import pytest
from cases import FRAMEWORKS

from benchmarks.conformance.compare import Outcome, arrays, ours
from benchmarks.conformance.grid import GRID, calls, digest
from benchmarks.conformance.implementations import IMPLEMENTATIONS
from benchmarks.conformance.run import KNOWN, RESULTS, disagreements, known, surprises, where

RESULT = json.loads(RESULTS.read_text())
ASKED = {name: entry for name, entry in RESULT["implementations"].items() if entry["installed"]}
HINT = "after a change of the grid or of the package:  make conformance"


def as_call(recorded):
    """JSON knows no tuples."""
    plain = {name: recorded[name] for name in ("input_size", "kernel_size", "groups", "arguments")}
    return json.loads(json.dumps(plain), object_hook=lambda d: {k: as_tuples(v) for k, v in d.items()})


def as_tuples(value):
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


def test_the_record_is_of_this_grid_and_of_every_implementation():
    assert RESULT["grid"] == digest(), HINT
    assert list(RESULT["implementations"]) == list(IMPLEMENTATIONS)
    for name, entry in RESULT["implementations"].items():
        assert entry["calls"] == len(calls(IMPLEMENTATIONS[name].grid))


def test_every_call_agrees_or_disagrees_in_a_way_that_is_known():
    """A new disagreement is red, and so is one that is gone, or that does not always show where it is said to."""
    assert surprises(RESULT) == []
    for entry in ASKED.values():
        differing = sum(kind["calls"] for kind in entry["disagreements"])
        assert entry["same values"] + entry["both refuse"] + differing == entry["calls"]


def test_a_disagreement_that_is_new_gone_or_not_everywhere_is_noticed():
    entry = next(e for e in known("onnxruntime") if e["name"] == "negative pads")
    inside = next(c for c in calls("onnx") if where(entry, c))
    outside = next(c for c in calls("onnx") if not any(where(e, c) for e in known("onnxruntime")))
    agrees, answers = Outcome("values", "(1,) [2]", "(1,) [2]"), Outcome("answers", "ValueError: no", "(1,) [2]")

    def noticed(*answered):
        entry = {"installed": True, "disagreements": disagreements("onnxruntime", list(answered))}
        return surprises({"implementations": {"onnxruntime": entry}})

    (gone,) = noticed((inside, answers))
    assert gone == "onnxruntime: gone: SAME with a kernel shorter than the stride"
    assert any("new" in said for said in noticed((inside, answers), (outside, answers)))
    assert any("not always: negative pads" in said for said in noticed((inside, answers), (inside, agrees)))
    assert any("gone: negative pads" in said for said in noticed((outside, agrees)))


def test_every_known_disagreement_says_why_and_what_the_documentation_supports():
    for entry in json.loads(KNOWN.read_text()):
        assert set(entry) == {"name", "implementations", "outcome", "where", "always", "supports", "does", "reason"}
        assert entry["supports"] in ("deconvlib", "framework", "neither")
        assert len(entry["reason"]) > 40
        assert set(entry["implementations"]) <= set(IMPLEMENTATIONS)


@pytest.mark.parametrize("name", ASKED)
def test_deconvlib_still_answers_the_smallest_disagreements_as_recorded(name):
    for kind in ASKED[name]["disagreements"]:
        call = as_call(kind["smallest"])
        now, then = ours(IMPLEMENTATIONS[name].grid, call, *arrays(call)), kind["smallest"]["deconvlib"]
        assert now.split(":")[0] == then.split(":")[0], HINT  # of an error only the class


def test_the_grid_asks_thousands_of_calls():
    assert set(GRID) == set(FRAMEWORKS)
    for entry in ASKED.values():
        assert entry["calls"] > 1_500
        assert entry["same values"] > 700
