"""The explorer's five frameworks: geometries, refusals and code are those of deconvlib, word for word."""

import itertools

import numpy as np
import pytest
from explorer import ask

from deconvlib import frameworks
from deconvlib.geometry import Axis, Geometry

RANDOM = np.random.default_rng(5)

# What is tried for each argument: legal and illegal values, in the forms that a person may type.  () is left out.
TRIED = {
    "keras": {
        "strides": [1, 2, 3, (2, 1), (2,), 0, "2"],
        "padding": ["valid", "same", "SAME", "full", 1, None],
        "output_padding": [None, 0, 1, 2, (1, 0), (None, 1), -1],
        "dilation_rate": [1, 2, (1, 2), True],
    },
    "tensorflow": {
        "output_shape": [5, 7, 8, 9, 10, (7, 8), (1, 8, 8, 3), (1, 3, 8, 8), None, (8,), 0],
        "strides": [1, 2, 3, (2, 1), (1, 2, 2, 1), (2,), (2, 2, 2, 1), "2"],
        "padding": [
            "SAME",
            "VALID",
            "same",
            ((0, 0), (1, 1), (0, 1), (0, 0)),
            ((1, 0), (0, 0), (0, 0), (0, 0)),
            1,
            (1, 1),
        ],
        "data_format": [None, "NHWC", "NCHW", "NWC"],
        "dilations": [None, 1, 2, (1, 2, 1, 1), (2, 1)],
    },
    "pytorch": {
        "stride": [1, 2, 3, (2, 1), (2,), (1, 2, 3), 0],
        "padding": [0, 1, 2, (0, 1), (1,), -1, 9, "same", None],
        "output_padding": [0, 1, 2, (1, 0), -1],
        "dilation": [1, 2, (1, 2), True],
        "output_size": [None, (8, 9), (1, 3, 8, 8), (8,), 8, (9,)],
    },
    "jax": {
        "strides": [1, 2, 3, (2, 1), (1, 1), (2,), None],
        "padding": [
            "SAME",
            "VALID",
            "same",
            "valid",
            "SAME_LOWER",
            ((1, 1), (0, 2)),
            ((1, 2),),
            1,
            (1, 1),
            ((9, 9), (9, 9)),
            None,
        ],
        "rhs_dilation": [None, 1, 2, (1, 2)],
        "use_consistent_padding": [False, True],
    },
    "onnx": {
        "auto_pad": ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", "same"],
        "dilations": [None, 1, 2, (1, 2)],
        "kernel_shape": [None, (3, 3), (3,)],
        "output_padding": [None, 0, 1, (1, 0), -1],
        "output_shape": [None, 8, (7, 9), (1, 3, 8, 8), (8,), 0, 99],
        "pads": [None, (0, 0, 0, 0), (1, 0, 1, 1), (1, 1), (0, -1, 0, 0), 1],
        "strides": [None, 1, 2, (2, 3)],
    },
}


def rule(name, input_size, kernel_size, arguments):
    """The crops of deconvlib's geometry, or the words of its refusal."""
    try:
        geometry = getattr(frameworks, name).geometry(input_size, kernel_size, **arguments)
    except (ValueError, TypeError) as error:
        return str(error)
    return [[*axis.crop, axis.output_size] for axis in geometry.axes]


@pytest.mark.parametrize("name", TRIED)
def test_a_rule_is_that_of_the_package_and_so_is_its_refusal(name):
    """Arguments at random from a list of right and wrong ones, in one and two axes."""
    cases = []
    for _ in range(6000):
        axes = int(RANDOM.integers(1, 3))
        input_size, kernel_size = (tuple(RANDOM.integers(1, 6, axes).tolist()) for _ in range(2))
        # mostly few arguments, or one wrong one hides all the others
        kept = {key: values for key, values in TRIED[name].items() if RANDOM.random() < 0.55}
        arguments = {key: values[min(RANDOM.geometric(0.25) - 1, len(values) - 1)] for key, values in kept.items()}
        if name == "tensorflow":
            legal = {"output_shape": tuple(2 * n for n in input_size), "strides": 2}
            arguments = legal | {key: value for key, value in arguments.items() if RANDOM.random() < 0.5}
        if name == "jax":
            arguments = {"strides": 2, "padding": "SAME"} | arguments
        cases.append((name, input_size, kernel_size, arguments))
    body = """given.map(([name, i, k, told]) => {
      try {
        return RULES[name](i, k, told).map(({ begin, end, output }) => [begin, end, output]);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        return refusal.message;
      }
    })"""
    answers = ask(body, cases, "RULES from frameworks.js", "Refusal from geometry.js")
    refusals = set()
    for case, answer in zip(cases, answers):
        expected = rule(*case)
        assert answer == expected, case
        if isinstance(expected, str):
            refusals.add(expected.split(",")[0][:40])
    assert sum(isinstance(answer, list) for answer in answers) > 500
    assert len(refusals) >= 4


def geometries():
    """One axis over a grid of settings; two and three at random."""
    grid = itertools.product((1, 2, 5), (1, 2, 3, 4), (1, 2, 3), (1, 2), (-2, -1, 0, 1, 2, 3), (-4, -1, 0, 1, 2, 3))
    axes = []
    for i, k, s, d, begin, end in grid:
        if s * (i - 1) + d * (k - 1) + 1 > begin + end:
            axes.append(Axis(i, k, s, d, (begin, end)))
    yield from ((axis,) for axis in axes)
    for count in (2, 3):
        for chosen in RANDOM.choice(len(axes), (400, count)):
            yield tuple(axes[n] for n in chosen)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("name", TRIED)
def test_code_is_that_of_the_package(name, groups):
    cases = list(geometries())[:: 1 if groups == 1 else 3]
    given = [[[a.input_size, a.kernel_size, a.stride, a.dilation, *a.crop] for a in axes] for axes in cases]
    body = f"given.map((axes) => code('{name}', axes.map((each) => axis(...each)), {groups}))"
    answers = ask(body, given, "code from calls.js", "axis from geometry.js")
    for axes, answer in zip(cases, answers):
        assert answer == getattr(frameworks, name).call(Geometry(axes), groups=groups).code


@pytest.mark.parametrize("name", ["numpy", *TRIED])
def test_code_runs_with_the_numbers_of_the_cells_before_it(name):
    """As it is copied; the result is what the picture shows."""
    pytest.importorskip({"pytorch": "torch", "numpy": "deconvlib", "onnx": "onnxruntime"}.get(name, name))
    cases = [axes for axes in geometries() if len(axes) < 3][:: 7 if name == "numpy" else 101]
    given = [[[a.input_size, a.kernel_size, a.stride, a.dilation, *a.crop] for a in axes] for axes in cases]
    body = f"""given.map((each) => {{
      const axes = each.map((one) => axis(...one));
      const two = axes.length === 1 ? [ONE, axes[0]] : axes;
      const [x, w] = ["input", "kernel"].map((name, n) => filled("random", two.map((one) => one[name]), n + 3));
      return [arrays("{name}", axes, x, w) + code("{name}", axes), transposed(two, x, w)];
    }})"""
    names = ["arrays from calls.js", "code from calls.js", "filled from model.js"]
    answers = ask(body, given, *names, *(f"{name} from geometry.js" for name in ("axis", "ONE", "transposed")))
    for text, output in answers:
        there = {}
        exec(text, there)
        np.testing.assert_allclose(np.asarray(there["y"]).ravel(), output, rtol=1e-5, err_msg=text)
