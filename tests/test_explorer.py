"""The explorer computes in the reader's browser: what it says is what deconvlib says, for every setting."""

import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import deconvlib as dl
from deconvlib.frameworks import jax, keras, onnx, pytorch

SCRIPT = Path(__file__).parents[1] / "docs" / "assets" / "explorer.js"
ASK = """
import * as explorer from %s;
const { LIMITS, NAMES, X, W, sizes, values, matrix, refusal, calls, code, fromAddress } = explorer;
const grid = Object.entries(LIMITS).reduce((states, [name, [least, most]]) => states.flatMap((state) =>
  [...Array(most - least + 1).keys()].map((n) => ({ ...state, [name]: least + n }))), [{}]);
const answer = (state) => ({ state, ...sizes(state), refusal: refusal(state), calls: calls(state), code: code(state),
  values: values(state), matrix: matrix(state), again: fromAddress("?" + new URLSearchParams(state)) });
const drawn = (state, n) => ({ state, n, sum: explorer.sum(state, n), equation: explorer.equation(state, sizes(state)),
  ...Object.fromEntries(["stamps", "stretched", "table"].map((name) => [name, explorer[name](state, n)])) });
const some = grid.filter((state, n) => n %% 29 === 0 && sizes(state).output > 0);
const pictures = some.flatMap((state) => [drawn(state, 0), drawn(state, sizes(state).output - 1)]);
const odd = fromAddress("?i=99&k=-3&s=x&d=1.5&p=&q=1");
console.log(JSON.stringify({ LIMITS, NAMES, X, W, answers: grid.map(answer), pictures, odd }));
"""


@pytest.fixture(scope="module")
def explorer(tmp_path_factory) -> dict:
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the explorer is checked with Node, and there is none")
        pytest.skip("no Node here; it runs the explorer's script")
    copy = tmp_path_factory.mktemp("explorer") / "explorer.mjs"  # outside of a package Node takes .js for another kind
    shutil.copy(SCRIPT, copy)
    command = [node, "--input-type=module", "--eval", ASK % json.dumps(copy.as_uri())]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_every_setting_of_the_sliders_is_asked(explorer):
    """The grid is the product of the limits; and the address brings each setting back, or the nearest that there is."""
    settings = itertools.product(*(range(least, most + 1) for least, most in explorer["LIMITS"].values()))
    assert [tuple(answer["state"].values()) for answer in explorer["answers"]] == list(settings)
    assert all(answer["again"] == answer["state"] for answer in explorer["answers"])
    assert explorer["odd"] == {"i": 5, "k": 1, "s": 2, "d": 1, "p": 0, "a": 1}


def axis_of(state) -> dl.Axis:
    i, k, s, d, p, a = (state[name] for name in "iksdpa")
    return dl.Axis(i, k, s, d, (p, p - a))


def test_sizes_sums_and_matrix_are_those_of_the_package(explorer):
    for answer in explorer["answers"]:
        state = answer["state"]
        if answer["output"] < 1:
            with pytest.raises(ValueError, match="crop must leave at least one"):
                axis_of(state)
            continue
        axis = axis_of(state)
        assert (answer["span"], answer["full"], answer["output"]) == (axis.span, axis.full_size, axis.output_size)
        assert tuple(answer["crop"]) == axis.crop
        geometry, kernel = dl.Geometry((axis,)), np.array(explorer["W"][: axis.kernel_size])[:, None, None]
        x = np.array(explorer["X"][: axis.input_size])[None, :, None]
        assert answer["values"] == dl.METHODS["scatter"](x, kernel, geometry)[0, :, 0].tolist(), state
        assert answer["matrix"] == dl.conv_matrix(kernel, geometry).tolist(), state


def test_it_refuses_what_pytorch_refuses(explorer):
    for answer in explorer["answers"]:
        i, k, s, d, p, a = answer["state"].values()
        try:
            pytorch.geometry(i, k, stride=s, padding=p, output_padding=a, dilation=d)
        except ValueError:
            said = f"{a} is not less than {max(s, d)}." if a >= max(s, d) else f"the full output has {answer['full']}."
            assert said in answer["refusal"], answer["state"]
        else:
            assert not answer["refusal"], answer["state"]


def test_the_arguments_that_it_shows_mean_the_same_in_every_framework(explorer):
    """And where it shows none, the framework has none."""
    seen = set()
    for answer in explorer["answers"]:
        if answer["refusal"]:
            assert not any(answer["calls"].values())
            continue
        state, calls, axis = answer["state"], answer["calls"], axis_of(answer["state"])
        i, k = axis.input_size, axis.kernel_size
        assert pytorch.geometry(i, k, **calls["pytorch"]).axes == (axis,)
        assert calls["jax"]["transpose_kernel"]  # its kernel is not turned beforehand
        (pair,) = calls["jax"].pop("padding")
        assert jax.geometry((i,), (k,), padding=(tuple(pair),), **calls["jax"]).axes == (axis,), state
        if calls["onnx"]:
            assert onnx.geometry((i,), (k,), **calls["onnx"]).axes == (axis,), state
        else:
            with pytest.raises(ValueError, match="output_padding < strides"):
                onnx.geometry(i, k, strides=axis.stride, pads=(state["p"],) * 2, output_padding=state["a"])
        if calls["keras"]:
            begin, end = calls["keras"].pop("slice")
            (whole,) = keras.geometry(i, k, **calls["keras"]).axes
            assert whole.crop[0] == 0
            assert (begin, end) == (axis.crop[0], axis.crop[0] + axis.output_size)
            assert whole.output_size == max(axis.full_size, end), state  # no more than what is taken
        else:
            assert -axis.crop[1] >= axis.stride, state  # more zeros than Keras adds
        seen |= {name for name, call in calls.items() if call}
        seen |= {f"no {name}" for name, call in calls.items() if not call}
    assert seen == {"pytorch", "keras", "jax", "onnx", "no onnx", "no keras"}


def test_the_call_of_deconvlib_that_it_shows_runs(explorer):
    """The text itself, evaluated on a part of the grid."""
    for answer in explorer["answers"][::97]:
        if not answer["refusal"]:
            axis = axis_of(answer["state"])
            x = np.array(explorer["X"][: axis.input_size])[None, :, None]
            kernel = np.array(explorer["W"][: axis.kernel_size])[:, None, None]
            y = eval(answer["code"]["deconvlib"], {"dl": dl, "x": x, "kernel": kernel})
            assert y[0, :, 0].tolist() == answer["values"], answer["state"]


def test_the_calls_of_the_frameworks_that_it_shows_mean_the_same(explorer):
    """The texts, evaluated with each framework's rule in the place of its function; Keras's may end with a slice."""

    def in_jax(*arguments, transpose_kernel, **keywords):
        assert transpose_kernel
        return jax.geometry(*arguments, **keywords)

    functions = {
        "F": SimpleNamespace(conv_transpose1d=pytorch.geometry),
        "ops": SimpleNamespace(conv_transpose=keras.geometry),
        "lax": SimpleNamespace(conv_transpose=in_jax),
        "ConvTranspose": lambda x, kernel, **attributes: onnx.geometry(x, kernel, **attributes),
    }
    for answer in explorer["answers"]:
        if answer["refusal"]:
            continue
        axis, code = axis_of(answer["state"]), answer["code"]
        names = {**functions, "x": (axis.input_size,), "kernel": (axis.kernel_size,)}
        onnx_call = code["ONNX"].replace(" <", "(x, kernel, ").replace("> (x, kernel)", ")")
        keras_call, _, taken = code["Keras"].partition("[:, ")
        none = "# has no call for these numbers"
        for text in (code["PyTorch"], code["JAX"], onnx_call):
            assert text == none or eval(text, names).axes == (axis,), text
        if keras_call != none:
            size = eval(keras_call, names).output_size[0]
            begin, _, end = taken.strip("]").partition(":")
            assert (int(begin or 0), int(end or size)) == (axis.crop[0], axis.crop[0] + axis.output_size), code["Keras"]


def cells(picture: str) -> list[dict[int, tuple[str, str]]]:
    """The rows, from above, and in each by column the role of a cell and what it says."""
    found: dict[int, dict[int, tuple[str, str]]] = {}
    for x, y, role, text in re.findall(
        r'<g[^>]*><rect x="(\d+)" y="(\d+)"[^>]* class="(\w+)"/>(?:<path[^>]*>)?<text[^>]*>([^<]*)</text></g>', picture
    ):
        found.setdefault(int(y), {})[(int(x) - 75) // 30] = role, text
    return [found[y] for y in sorted(found)]


def framed(picture: str) -> list[tuple[int, int]]:
    """(first column, columns) of the frames."""
    frames = re.findall(r'<rect x="(-?\d+)"[^>]*? width="(\d+)"[^>]* class="frame', picture)
    return [((int(x) - 74) // 30, int(width) // 30) for x, width in frames]


def test_the_pictures_that_it_draws_add_up(explorer):
    for drawn in explorer["pictures"]:
        axis, n = axis_of(drawn["state"]), drawn["n"]
        x, w = explorer["X"][: axis.input_size], explorer["W"][: axis.kernel_size]
        begin, size = axis.crop[0], axis.output_size
        y = dl.METHODS["scatter"](np.array(x)[None, :, None], np.array(w)[:, None, None], dl.Geometry((axis,)))[0, :, 0]

        *stamps, total = cells(drawn["stamps"])
        assert [row.pop(-2) for row in stamps] == [("input", str(v)) for v in x]
        for j, row in enumerate(stamps):
            assert row == {axis.stride * j + axis.dilation * t: ("kernel", str(x[j] * v)) for t, v in enumerate(w)}
        assert sorted(total) == list(range(max(axis.full_size, begin + size)))
        for column, (role, text) in total.items():
            kept, real = begin <= column < begin + size, column < axis.full_size
            assert role == ("crop" if not kept else "output" if real else "zero"), drawn["state"]
            assert text == (str(sum(int(row[column][1]) for row in stamps if column in row)) if kept or real else "")
        assert framed(drawn["stamps"]) == [(begin + n, 1)]

        above, *below = cells(drawn["stretched"])
        margin = axis.span - 1
        where = {margin + axis.stride * j: ("input", str(v)) for j, v in enumerate(x)}
        assert above == {c: where.get(c, ("zero", "0")) for c in range(axis.full_size + margin)}
        products = [int(above[c][1]) * int(v) for row in below for c, (role, v) in row.items() if role == "kernel"]
        assert sum(products) == y[n]
        if begin + n < axis.full_size:
            assert len(products) == axis.kernel_size
            assert framed(drawn["stretched"]) == [(begin + n, axis.span)]

        C = dl.conv_matrix(np.array(w)[:, None, None], dl.Geometry((axis,)))
        rows = [{m: ("kernel" if v else "zero", str(v)) for m, v in enumerate(row)} for row in C.tolist()]
        assert cells(drawn["table"]) == rows
        assert framed(drawn["table"]) == [(n, 1)]
        assert "a row for each input sample" in drawn["table"]


def test_the_sums_and_the_equation_that_it_writes_are_true(explorer):
    letters = {"i": "input size", "k": "kernel size", "s": "stride", "d": "dilation"}
    assert explorer["NAMES"] == letters | {"p": "padding", "a": "output_padding"}
    for drawn in explorer["pictures"]:
        axis, n = axis_of(drawn["state"]), drawn["n"]
        C = dl.conv_matrix(np.array(explorer["W"][: axis.kernel_size])[:, None, None], dl.Geometry((axis,)))
        terms = [f"{x}·{w}" for x, w in zip(explorer["X"], C[:, n].tolist()) if w]
        value = int(np.array(explorer["X"][: axis.input_size]) @ C[:, n])
        assert drawn["sum"] == (f"{' + '.join(terms)} = {value}" if terms else "0: no tap reaches it")
        rule, numbers = re.sub(r"<(?!br)[^>]*>", "", drawn["equation"]).split("<br>= ")
        rule = re.sub(r"(?<=[\w)]) (?=[a-z(])", " * ", rule.removeprefix("o = ").replace("−", "-"))
        assert eval(rule, drawn["state"].copy()) == axis.output_size
        left, right = numbers.replace("−", "-").replace("·", "*").split(" = ")
        assert eval(left) == int(right) == axis.output_size
