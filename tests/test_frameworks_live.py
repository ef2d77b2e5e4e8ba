"""Each framework's rule against the framework itself: legality, sizes and values, and the text that `call` writes.

TensorFlow and Keras are always there.  Where PyTorch, JAX or ONNX is not installed its tests say so and are skipped.
"""

import functools
import platform
import random
from dataclasses import replace

import numpy as np
import pytest
from cases import FRAMEWORKS, rng
from live import every_framework, needs, onnx_answer, run
from test_conformance import ASKED, RESULT, as_call

from benchmarks.conformance.grid import calls
from benchmarks.conformance.implementations import IMPLEMENTATIONS
from benchmarks.conformance.run import known, missing, outcomes, where
from deconvlib import METHODS, Geometry
from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow

CALLS = 150


class Draw:
    """Random sizes, and arrays that fit."""

    def __init__(self, dice, max_axes=3, dilations=3):
        n = dice.choice([1, 1, 2, 2, 3][: 2 * max_axes - 1])
        self.dice, self.axes = dice, n
        self.i, self.k, self.s, self.d = self.sizes = tuple(
            tuple(dice.randint(1, most) for _ in range(n)) for most in (4, 4, 4, dilations)
        )
        arrays = rng(dice.randrange(10**6))
        self.x = arrays.normal(size=(2, *self.i, 2)).astype("f")
        self.w = arrays.normal(size=(*self.k, 3, 2)).astype("f")

    def each(self, low, *high):
        """One integer an axis, between low and the axis's own high; now and then one that is too low."""
        high = high[0] if isinstance(high[0], tuple) else high * self.axes
        return tuple(self.dice.randint(low - (self.dice.random() < 0.05), most) for most in high)

    @property
    def full(self):
        return Geometry.of(*self.sizes).full_size


def keras_arguments(draw):
    """No output_padding below 0: the grid of the conformance asks how TensorFlow ends the process on it."""
    shown = draw.dice.choice([None, tuple(s - 1 for s in draw.s), tuple(draw.dice.randint(0, s) for s in draw.s)])
    padding = draw.dice.choice(["valid", "same"])
    return {"strides": draw.s, "padding": padding, "output_padding": shown, "dilation_rate": draw.d}


def tensorflow_arguments(draw):
    padding = draw.dice.choice(["SAME", "VALID", "explicit" if draw.axes == 2 else "VALID"])
    pads = tuple(zip(draw.each(0, 2), draw.each(0, 2))) if padding == "explicit" else ((0, 0),) * draw.axes
    if padding == "SAME":
        size = tuple(i * s - less for i, s, less in zip(draw.i, draw.s, draw.each(0, draw.s)))
    else:
        size = tuple(f - sum(pad) + more for f, pad, more in zip(draw.full, pads, draw.each(0, draw.s)))
    padding = ((0, 0), *pads, (0, 0)) if padding == "explicit" else padding
    return {"output_shape": size, "strides": draw.s, "padding": padding, "dilations": draw.d}


def pytorch_arguments(draw):
    return {"stride": draw.s, "padding": draw.each(0, 3), "output_padding": draw.each(0, 3), "dilation": draw.d}


def jax_arguments(draw):
    dice = draw.dice
    words = ["SAME", "VALID", "same", "valid", "SAME_LOWER"]  # the last three are for stride 1 alone
    pairs = tuple((dice.randint(-2, 4), dice.randint(-2, 4)) for _ in draw.i)
    arguments = {"strides": dice.choice([draw.s, (1,) * draw.axes]), "padding": dice.choice([*words, pairs, pairs])}
    arguments |= {"rhs_dilation": draw.d, "transpose_kernel": dice.random() < 0.5}
    return arguments | {"use_consistent_padding": dice.random() < 0.5}


def onnx_arguments(draw):
    dice = draw.dice
    arguments = {"auto_pad": dice.choice(["NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"])}
    arguments |= {"strides": draw.s, "dilations": draw.d, "output_padding": (0,) * draw.axes}
    if dice.random() < 0.4:
        arguments["output_padding"] = tuple(dice.randint(0, s) for s in draw.s)
    if arguments["auto_pad"] == "NOTSET":
        arguments["pads"] = draw.each(0, 2) + draw.each(0, 2)
    if dice.random() < 0.3:
        arguments["output_shape"] = tuple(max(f + dice.randint(-4, 3), 1) for f in draw.full)
    return arguments


def onnx_reference_arguments(draw):
    """On output_shape it has ways of its own: the grid of the conformance asks it those."""
    return {name: value for name, value in onnx_arguments(draw).items() if name != "output_shape"}


ARGUMENTS = {
    "keras-layers": keras_arguments,
    "keras-tensorflow": keras_arguments,
    "tensorflow": tensorflow_arguments,
    "pytorch": pytorch_arguments,
    "jax": jax_arguments,
    "onnx-reference": onnx_reference_arguments,
    "onnxruntime": onnx_arguments,
}


def random_calls(name):
    """Some at random; none where the grid asks all that there is to ask."""
    dice, most = random.Random(name), 2 if IMPLEMENTATIONS[name].grid in ("jax", "onnx") else 3
    draws = [Draw(dice, max_axes=most) for _ in range(CALLS if name in ARGUMENTS else 0)]
    return [
        {"input_size": draw.i, "kernel_size": draw.k, "groups": 1, "arguments": ARGUMENTS[name](draw)} for draw in draws
    ]


def recorded(name):
    """The outcomes in the record: of the smallest call of each disagreement, but for those that end a process."""
    disagreements = [kind for kind in ASKED[name]["disagreements"] if kind["outcome"] != "crashes"]
    return [(as_call(kind["smallest"]), kind["outcome"]) for kind in disagreements]


@functools.cache
def questions(name):
    """Random calls, the smallest call of each difference with its outcome, and all calls with a sample of the grid."""
    drawn, smallest, sample = random_calls(name), [], []
    if "tensorflow" not in IMPLEMENTATIONS[name].packages or platform.machine() == RESULT["on"]["machine"]:
        smallest = recorded(name)  # TensorFlow has other kernels on other machines: oneDNN's know dilation
        grid = calls(IMPLEMENTATIONS[name].grid)
        sample = grid[7 :: len(grid) // 60]
    return drawn, smallest, [*drawn, *(call for call, _ in smallest), *sample]


ON_TENSORFLOW = ("keras-tensorflow", "keras-layers", "tensorflow")


@functools.cache
def answers(names):
    """From one process."""
    asked = [(name, call) for name in names for call in questions(name)[-1]]
    found = {name: [] for name in names}
    for (name, _), outcome in zip(asked, outcomes(asked), strict=True):
        found[name].append(outcome)
    return found


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_what_is_installed_here_answers_as_known_and_as_recorded(name):
    """Legality, sizes and values.  Which calls differ, and why, is told by benchmarks/conformance/known.json alone."""
    if missing(name):
        pytest.skip(f"{missing(name)}; `make conformance` asks it")
    drawn, smallest, asked = questions(name)
    together = ON_TENSORFLOW if name in ON_TENSORFLOW else (name,)  # it takes seconds to begin
    kinds = []
    for call, outcome in zip(asked, answers(together)[name], strict=True):
        spoken_of = [entry for entry in known(name) if where(entry, call)]
        assert outcome.agrees or outcome.kind in {entry["outcome"] for entry in spoken_of}, (call, outcome)
        assert outcome.kind != "values" or not any(entry["always"] for entry in spoken_of), (call, outcome)
        kinds.append(outcome.kind)
    if drawn:
        assert kinds[: len(drawn)].count("values") > 20
        assert kinds[: len(drawn)].count("refusal") > 5
    assert kinds[len(drawn) :][: len(smallest)] == [kind for _, kind in smallest]


def test_keras_forward():
    """<C u, v> = <u, C^T v>, with the live C."""
    import keras as live_keras

    dice = random.Random(3)
    for _ in range(CALLS):
        draw, padding = Draw(dice), dice.choice(["valid", "same"])
        size = tuple(k + dice.randint(0, 6) for k in draw.k)
        geometry = keras.forward_geometry(size, draw.k, draw.s, padding)
        u = rng(3).normal(size=(1, *size, 3)).astype("f")
        conv = np.asarray(live_keras.ops.conv(u, draw.w, draw.s, padding))
        assert conv.shape[1:-1] == geometry.input_size
        v = rng(4).normal(size=conv.shape).astype("f")
        back = METHODS["scatter"](v, draw.w, geometry)
        assert np.vdot(conv, v) == pytest.approx(np.vdot(u, back), rel=1e-3, abs=1e-2)


def test_a_size_that_is_named_to_a_module_of_pytorch():
    torch = needs("torch")
    dice, answered = random.Random(5), 0
    for _ in range(CALLS):
        draw = Draw(dice)
        arguments = {"stride": draw.s, "padding": draw.each(0, 2), "dilation": draw.d}
        size = tuple(f - 2 * p + a for f, p, a in zip(draw.full, arguments["padding"], draw.each(0, draw.s)))
        try:
            geometry = pytorch.geometry(draw.i, draw.k, **arguments, output_size=size)
        except ValueError:
            geometry = None
        try:
            module = getattr(torch.nn, f"ConvTranspose{draw.axes}d")(2, 3, draw.k, **arguments, bias=False)
            module.weight.data = torch.tensor(pytorch.kernel(draw.w))
            got = module(torch.tensor(draw.x).movedim(-1, 1), output_size=size).movedim(1, -1).detach()
        except (ValueError, RuntimeError):
            assert geometry is None, (draw.sizes, arguments, size)
            continue
        if not got.numel():  # PyTorch returns an array without samples
            assert geometry is None, (draw.sizes, arguments, size)
            continue
        assert geometry is not None, (draw.sizes, arguments, size)
        np.testing.assert_allclose(got, METHODS["scatter"](draw.x, draw.w, geometry), rtol=0, atol=1e-4)
        answered += 1
    assert 30 < answered < CALLS - 30


def test_the_node_cases_of_onnx_itself(monkeypatch):
    needs("onnx")
    from onnx import helper
    from onnx.backend.test.case.node import convtranspose

    cases = []
    monkeypatch.setattr(convtranspose, "expect", lambda node, **case: cases.append((node, case)))
    for name, export in vars(convtranspose.ConvTranspose).items():
        if name.startswith("export"):
            export.__func__()
    for node, case in cases:
        attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        groups = attributes.get("group", 1)
        (x, kernel, *_), (want,) = case["inputs"], case["outputs"]
        geometry = onnx.geometry(x.shape[2:], kernel.shape[2:], **attributes)
        got = METHODS["scatter"](np.moveaxis(x, 1, -1), onnx.from_kernel(kernel, groups=groups), geometry)
        np.testing.assert_allclose(np.moveaxis(got, -1, 1), want, rtol=1e-5, err_msg=case["name"])
    assert len(cases) >= 11


@every_framework
def test_the_code_of_a_call_is_right_at_the_size_it_was_made_for_and_at_every_other(name):
    """Random geometries, crops negative and positive, groups; made at one size, or of a layer, and run at three."""
    framework = FRAMEWORKS[name]
    dice, others = random.Random(8), 0
    for number in range(CALLS):
        draw = Draw(dice, max_axes=2 if name == "jax" else 3, dilations=dice.choice([1, 3]))
        lowest, groups = dice.choice([-4, 0]), dice.choice([1, 1, 2, 3])
        crop = [(dice.randint(lowest, 3), dice.randint(lowest, 3)) for _ in draw.i]
        crop = [pair if full - sum(pair) >= 1 else (full - 1, 0) for pair, full in zip(crop, draw.full)]
        geometry = Geometry.of(*draw.sizes, crop)
        call = framework.call(geometry if number % 2 else geometry.layer, groups=groups)
        for size in (draw.i, tuple(i + 1 for i in draw.i), tuple(dice.randint(1, 9) for _ in draw.i)):
            try:
                there = replace(geometry.layer.at(size), groups=groups)
            except ValueError:  # nothing is left of so small an input
                continue
            x = rng(number).normal(size=(2, *size, 2 * groups)).astype("f")
            w = rng(number + 1).normal(size=(*draw.k, 3, 2 * groups)).astype("f")
            want, got = METHODS["scatter"](x, w, there), run(name, call, x, w, groups)
            context = f"made for {geometry}, run at {size}, groups={groups}"
            assert got.shape == want.shape, context
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-4, err_msg=context)
            others += size != draw.i
    assert others > CALLS


def a_layer_of(dice, source):
    """A random legal layer of a framework: a function from its input size to its geometry."""
    k, s, d = dice.randint(1, 5), dice.randint(1, 3), dice.randint(1, 2)
    if source == "keras":
        given = (s, dice.choice(["valid", "same"]), dice.choice([None, s - 1]), d)
        return lambda i: keras.geometry((i,), k, *given)
    if source == "tensorflow":
        padding, more = dice.choice(["SAME", "VALID"]), dice.randint(0, s - 1)
        full = d * (k - 1) + 1 - s + more if padding == "VALID" else -more
        return lambda i: tensorflow.geometry((i,), k, (s * i + full,), s, padding, dilations=d)
    if source == "pytorch":
        given = {"stride": s, "padding": dice.randint(0, 2), "output_padding": dice.randint(0, s - 1), "dilation": d}
        return lambda i: pytorch.geometry((i,), k, **given)
    if source == "jax":
        padding = dice.choice(["SAME", "VALID", [(dice.randint(-1, 4), dice.randint(-1, 4))]])
        return lambda i: jax.geometry((i,), k, s, padding, d)
    mode = dice.choice(["NOTSET", "SAME_UPPER", "SAME_LOWER"])
    given = {"pads": (dice.randint(0, 2), dice.randint(0, 2))} if mode == "NOTSET" else {"auto_pad": mode}
    return lambda i: onnx.geometry((i,), k, strides=s, dilations=d, **given)


@every_framework
@pytest.mark.parametrize("source", FRAMEWORKS)
def test_a_ported_layer_is_the_source_layer_at_every_size(source, name):
    """Made at 6 samples, run at others, against the source's own rule there."""
    dice, seen = random.Random(f"{source} to {name}"), 0
    for number in range(12):
        layer = a_layer_of(dice, source)
        try:
            call = FRAMEWORKS[name].call(layer(6))
        except ValueError:  # a padding that leaves nothing
            continue
        for size in (6, 7, 11):
            geometry = layer(size)
            x = rng(number).normal(size=(2, size, 2)).astype("f")
            w = rng(number + 1).normal(size=(*geometry.kernel_size, 3, 2)).astype("f")
            got, want = run(name, call, x, w), METHODS["scatter"](x, w, geometry)
            assert got.shape == want.shape, (geometry, call.code)
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-4, err_msg=call.code)
            seen += 1
    assert seen > 20


NAMED = {
    "onnx's output_shape": lambda: onnx.geometry((6,), 3, strides=2, output_shape=(12,)),
    "pytorch's output_size": lambda: pytorch.geometry((6,), 3, 2, output_size=(14,)),
}


@every_framework
@pytest.mark.parametrize("geometry", NAMED.values(), ids=NAMED)
def test_where_the_crop_depends_on_the_size_the_code_refuses_another_one(geometry, name):
    geometry = geometry()
    call = FRAMEWORKS[name].call(geometry)
    x, w = rng().normal(size=(1, 6, 2)).astype("f"), rng(1).normal(size=(3, 3, 2)).astype("f")
    np.testing.assert_allclose(run(name, call, x, w), METHODS["scatter"](x, w, geometry), rtol=0, atol=1e-4)
    with pytest.raises(ValueError, match="an output size was named, so this is right for inputs .* alone: 6"):
        run(name, call, np.repeat(x, 2, axis=1), w)
    kept = FRAMEWORKS[name].call(geometry.layer)
    assert run(name, kept, np.repeat(x, 2, axis=1), w).shape == (1, geometry.layer.at(12).output_size[0], 3)


def test_tensorflow_takes_the_size_from_an_input_of_unknown_size():
    """In a graph, where height and width are None."""
    import tensorflow as tf

    call = tensorflow.call(keras.geometry((4, 4), 3, 2, "same").layer)
    kernel = rng(1).normal(size=(3, 3, 2, 5)).astype("f")

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 5))])
    def ported(x):
        names = {"x": x, "kernel": tf.constant(kernel)}
        exec(call.code, names)
        return names["y"]

    for size in ((4, 4), (7, 3)):
        x = rng().normal(size=(2, *size, 5)).astype("f")
        want = METHODS["scatter"](x, kernel, keras.geometry(size, 3, 2, "same"))
        np.testing.assert_allclose(ported(x), want, rtol=0, atol=1e-4)


@every_framework
def test_groups_are_carried_from_one_framework_to_another(name):
    geometry = pytorch.geometry((5, 4), 4, 2, 1, groups=4)
    assert pytorch.call(geometry).arguments["groups"] == onnx.call(geometry).arguments["group"] == 4
    x, w = rng().normal(size=(2, 5, 4, 8)).astype("f"), rng(1).normal(size=(4, 4, 3, 8)).astype("f")
    want = METHODS["scatter"](x, w, geometry)
    assert want.shape == (2, 10, 8, 12)
    got = run(name, FRAMEWORKS[name].call(geometry), x, w, groups=4)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-4)


def test_jax_still_returns_garbage_for_a_negative_pad_at_the_begin_with_stride_1():
    """So its call pads nothing there, and slices the result.  When this is red, JAX is mended."""
    live = needs("jax")
    x, w = rng().normal(size=(4, 6, 8)).astype("f"), rng(1).normal(size=(4, 8, 8)).astype("f")
    geometry = Geometry.of((6,), 4, crop=[(5, 1)])
    want = METHODS["scatter"](x, w, geometry)
    wrong = live.lax.conv_transpose(x, jax.kernel(w), (1,), [(-2, 2)])
    assert not np.allclose(wrong, want, atol=1e-3)
    np.testing.assert_allclose(run("jax", jax.call(geometry), x, w), want, rtol=0, atol=1e-4)


def test_the_keras_layer_of_every_tutorial_in_pytorch():
    """Conv2DTranspose(kernel_size=3, strides=2, padding="same"): padding 0, and a slice at the end."""
    torch = needs("torch")
    import keras as live_keras

    layer = live_keras.layers.Conv2DTranspose(5, kernel_size=3, strides=2, padding="same", bias_initializer="normal")
    images = rng().normal(size=(2, 7, 6, 3)).astype("f")
    want = np.asarray(layer(images))
    ported = torch.nn.ConvTranspose2d(3, 5, kernel_size=3, stride=2)
    weights, bias = layer.get_weights()
    ported.weight.data = torch.tensor(pytorch.kernel(keras.from_kernel(weights)))
    ported.bias.data = torch.tensor(bias)
    call = pytorch.call(keras.geometry((7, 6), 3, strides=2, padding="same"))
    got = ported(torch.tensor(images).movedim(-1, 1))[(..., *call.crop)].movedim(1, -1).detach().numpy()
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5)
    assert call.crop == (slice(None, -1), slice(None, -1))


def test_onnxruntime_still_gives_same_fewer_samples_than_specified():
    """auto_pad SAME_UPPER, k = 1, s = 2: i s = 6 samples are specified, F = 5 come."""
    x, w = np.ones((1, 3, 1), "f"), np.ones((1, 1, 1), "f")
    assert onnx.geometry(3, 1, "SAME_UPPER", strides=2).output_size == (6,)
    assert onnx_answer({"auto_pad": "SAME_UPPER", "strides": [2]}, x, w).shape == (1, 5, 1)
    assert onnx_answer({"auto_pad": "SAME_UPPER", "strides": [2]}, x, w, by_reference=True).shape == (1, 6, 1)
