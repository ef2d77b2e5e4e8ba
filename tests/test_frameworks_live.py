"""Each framework's rule against the framework itself: legality, sizes and values, and the text that `call` writes.

TensorFlow and Keras are always there.  Where PyTorch, JAX or ONNX is not installed its tests say so and are skipped.
"""

import random
from dataclasses import replace

import numpy as np
import pytest
from cases import rng

from deconvlib import METHODS, Geometry
from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow

CALLS = 150


def needs(module):
    return pytest.importorskip(module, reason=f"{module} is not installed; `make conformance` installs and runs it")


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


def agreements(one_call, seed, calls=CALLS, **limits):
    """How often both answer alike, and how often both refuse; anything else fails.

    `one_call(draw)` gives our rule, the live call, and whether they are known to differ here (then ours answers or
    refuses against the live one, and that is asserted too).
    """
    answered = refused = 0
    dice = random.Random(seed)
    for _ in range(calls):
        draw = Draw(dice, **limits)
        rule, answer, differs = one_call(draw)
        try:
            want = METHODS["scatter"](draw.x, draw.w, rule())
        except ValueError:
            want = None
        try:
            got = np.asarray(answer())
            got = got if got.size else None  # JAX answers with an empty array where nothing is left
        except Exception:  # each framework has exceptions of its own
            got = None
        context = f"{one_call.__name__} {draw.sizes}, ours {'refuses' if want is None else 'answers'}"
        assert ((got is None) == (want is None)) != differs, context
        if got is None or want is None:
            refused += 1
            continue
        assert got.shape == want.shape, context
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-4, err_msg=context)
        answered += 1
    return answered, refused


def keras_layer(draw):
    import keras as live_keras

    padding = draw.dice.choice(["valid", "same", "SAME"])
    a = draw.dice.choice([None, draw.each(0, tuple(s - 1 for s in draw.s)), draw.dice.randint(0, 3)])
    d = (1,) * draw.axes if max(draw.s) > 1 else draw.d  # the layers have no stride together with dilation
    arguments = {"strides": draw.s, "padding": padding, "output_padding": a, "dilation_rate": d}

    def layer():
        made = getattr(live_keras.layers, f"Conv{draw.axes}DTranspose")(3, draw.k, **arguments, use_bias=False)
        made.build(draw.x.shape)
        made.kernel.assign(draw.w)
        return made(draw.x)

    # (i - 1) s samples, which TensorFlow alone of Keras's backends refuses
    a = (a,) * draw.axes if isinstance(a, int) else a
    spans = Geometry.of(draw.i, draw.k, draw.s, d).span
    legal = a is not None and all(0 <= one < s for one, s in zip(a, draw.s)) and padding != "valid"
    differs = legal and any(one == 0 and ke % 2 == 0 for one, ke in zip(a, spans))
    differs = differs and all(i > 1 or one + ke % 2 for one, ke, i in zip(a, spans, draw.i))  # else nothing is left
    return (lambda: keras.geometry(draw.i, draw.k, **arguments)), layer, differs


def test_keras_layers():
    answered, refused = agreements(keras_layer, 1, calls=60)
    assert answered > 25
    assert refused > 10


def keras_op(draw):
    """What the layers check, output_padding < strides, the op leaves to its backend: here it is legal."""
    import keras as live_keras

    padding, a = draw.dice.choice(["valid", "same"]), draw.dice.choice([None, tuple(s - 1 for s in draw.s)])
    d = draw.d if draw.axes < 3 else (1,) * draw.axes
    given = (draw.s, padding, a)
    spans = Geometry.of(draw.i, draw.k, draw.s, d).span
    differs = padding == "same" and a is not None and any(s == 1 and not ke % 2 for s, ke in zip(draw.s, spans))
    differs = differs and all(i > 1 or one + ke % 2 for one, ke, i in zip(a, spans, draw.i))
    return (
        lambda: keras.geometry(draw.i, draw.k, *given, d),
        lambda: live_keras.ops.conv_transpose(draw.x, draw.w, *given, dilation_rate=d),
        differs,
    )


def test_keras_op_with_stride_and_dilation():
    answered, _ = agreements(keras_op, 2)
    assert answered > 100


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


def tensorflow_op(draw):
    import tensorflow as tf

    padding, pads = draw.dice.choice(["SAME", "VALID", "explicit"]), ((0, 0),) * draw.axes
    d = (1,) * draw.axes if draw.axes == 3 or padding == "explicit" else draw.d  # the CPU has no kernel for the rest
    full = Geometry.of(draw.i, draw.k, draw.s, d).full_size
    if padding == "explicit":
        pads = tuple(zip(draw.each(0, 2), draw.each(0, 2)))
        padding = [[0, 0], *map(list, pads), [0, 0]]
    if padding == "SAME":
        o = tuple(i * s - less for i, s, less in zip(draw.i, draw.s, draw.each(0, draw.s)))
    else:
        o = tuple(f - sum(pad) + more for f, pad, more in zip(full, pads, draw.each(0, draw.s)))
    # with oneDNN alone, VALID takes one input sample and fewer output samples than the kernel is long
    geometry = Geometry.of(draw.i, draw.k, draw.s, d)
    loose = [(a.input_size == 1 and a.span - a.stride < size < a.span) for a, size in zip(geometry.axes, o)]
    strict = [a.full_size <= size < a.full_size + a.stride for a, size in zip(geometry.axes, o)]
    differs = padding == "VALID" and any(loose) and all(x or y for x, y in zip(loose, strict)) and min(o) > 0
    return (
        lambda: tensorflow.geometry(draw.i, draw.k, o, draw.s, padding, dilations=d),
        lambda: tf.nn.conv_transpose(draw.x, draw.w, (2, *o, 3), draw.s, padding, dilations=d),
        differs,
    )


def test_tensorflow_op():
    answered, refused = agreements(tensorflow_op, 4)
    assert answered > 30
    assert refused > 30


def pytorch_function(draw):
    torch = needs("torch")
    arguments = {"stride": draw.s, "padding": draw.each(0, 3), "output_padding": draw.each(0, 3), "dilation": draw.d}
    tensors = torch.tensor(np.moveaxis(draw.x, -1, 1).copy()), torch.tensor(pytorch.kernel(draw.w))
    function = getattr(torch.nn.functional, f"conv_transpose{draw.axes}d")
    return (
        lambda: pytorch.geometry(draw.i, draw.k, **arguments),
        lambda: function(*tensors, **arguments).movedim(1, -1),
        False,
    )


def pytorch_module(draw):
    torch = needs("torch")
    arguments = {"stride": draw.s, "padding": draw.each(0, 2), "dilation": draw.d}
    size = tuple(f - 2 * p + a for f, p, a in zip(draw.full, arguments["padding"], draw.each(0, draw.s)))

    def module():
        made = getattr(torch.nn, f"ConvTranspose{draw.axes}d")(2, 3, draw.k, **arguments, bias=False)
        made.weight.data = torch.tensor(pytorch.kernel(draw.w))
        return made(torch.tensor(draw.x).movedim(-1, 1), output_size=size).movedim(1, -1).detach()

    return (lambda: pytorch.geometry(draw.i, draw.k, **arguments, output_size=size)), module, False


@pytest.mark.parametrize("one_call", [pytorch_function, pytorch_module])
def test_pytorch(one_call):
    answered, refused = agreements(one_call, 5)
    assert answered > 30
    assert refused > 30


def jax_function(draw):
    live_jax = needs("jax")
    dice, strides = draw.dice, draw.s
    padding = dice.choice(["SAME", "VALID", "a string that stride 1 alone allows", "pairs", "pairs"])
    if padding == "pairs":
        padding = [(dice.randint(-2, 4), dice.randint(-2, 4)) for _ in draw.i]
    elif padding.startswith("a string"):
        padding, strides = dice.choice(["same", "Valid", "SAME_LOWER"]), dice.choice([strides, (1,) * draw.axes])
    arguments = {"rhs_dilation": draw.d, "transpose_kernel": dice.random() < 0.5}
    own = jax.kernel(draw.w, transpose_kernel=arguments["transpose_kernel"])
    arguments["use_consistent_padding"] = dice.random() < 0.5
    return (
        lambda: jax.geometry(draw.i, draw.k, strides, padding, **arguments),
        lambda: live_jax.lax.conv_transpose(draw.x, own, strides, padding, **arguments),
        False,
    )


def test_jax():
    answered, refused = agreements(jax_function, 6, max_axes=2)
    assert answered > 60
    assert refused > 20


def onnx_answer(attributes, x, w, by_reference=False):
    """ConvTranspose by onnxruntime or the reference evaluator, channels last."""
    helper, runtime = needs("onnx").helper, needs("onnxruntime")
    from onnx.reference import ReferenceEvaluator

    runtime.set_default_logger_severity(4)  # what it refuses is expected
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], **attributes)
    feed = {"x": np.moveaxis(x, -1, 1).copy(), "w": onnx.kernel(w)}
    shapes = [feed["x"].shape, feed["w"].shape, None]  # known shapes: only then are negative pads noticed
    infos = [helper.make_tensor_value_info(name, 1, shape) for name, shape in zip("xwy", shapes)]
    graph = helper.make_graph([node], "conv_transpose", infos[:2], infos[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8)
    if by_reference:
        return np.moveaxis(ReferenceEvaluator(model).run(None, feed)[0], 1, -1)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.moveaxis(session.run(None, feed)[0], 1, -1)


def onnx_operator(draw):
    """onnxruntime; where SAME_* has to add zeros it gives fewer samples than specified, and the reference judges."""
    dice = draw.dice
    needs("onnx")
    attributes = {"auto_pad": dice.choice(["NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"])}
    attributes |= {"strides": draw.s, "dilations": draw.d, "output_padding": (0,) * draw.axes}
    if dice.random() < 0.4:
        attributes["output_padding"] = draw.each(0, draw.s if dice.random() < 0.3 else tuple(s - 1 for s in draw.s))
    if attributes["auto_pad"] == "NOTSET":
        attributes["pads"] = draw.each(0, 2) + draw.each(0, 2)
    if dice.random() < 0.3:
        attributes["output_shape"] = tuple(max(f + dice.randint(-4, 3), 1) for f in draw.full)
    total = [f + a - i * s for f, a, i, s in zip(draw.full, attributes["output_padding"], draw.i, draw.s)]
    same = attributes["auto_pad"].startswith("SAME") and "output_shape" not in attributes
    same = same and min(attributes["output_padding"]) >= 0  # the reference takes even a negative one
    return (
        lambda: onnx.geometry(draw.i, draw.k, **attributes),
        lambda: onnx_answer(attributes, draw.x, draw.w, by_reference=same and min(total) < 0),
        False,
    )


def test_onnx():
    answered, refused = agreements(onnx_operator, 7, max_axes=2)
    assert answered > 60
    assert refused > 20


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


FRAMEWORKS = {
    "keras": (keras, ["keras"]),
    "tensorflow": (tensorflow, ["tensorflow"]),
    "pytorch": (pytorch, ["torch"]),
    "jax": (jax, ["jax"]),
    "onnx": (onnx, ["onnx", "onnxruntime"]),
}


every_framework = pytest.mark.parametrize("name", FRAMEWORKS)


def run(name, call, x, kernel, groups=1):
    """What the code of a call makes of channels-last inputs and deconvlib's kernel, by the framework itself."""
    framework, modules = FRAMEWORKS[name]
    for module in modules:
        needs(module)
    channels_first = name in ("pytorch", "onnx")
    x = np.ascontiguousarray(np.moveaxis(x, -1, 1)) if channels_first else x
    names = {"x": x, "kernel": framework.kernel(kernel, groups=groups)}
    exec(call.code, names)
    return np.moveaxis(np.asarray(names["y"]), 1, -1) if channels_first else np.asarray(names["y"])


@every_framework
def test_the_code_of_a_call_is_right_at_the_size_it_was_made_for_and_at_every_other(name):
    """Random geometries, crops negative and positive, groups; made at one size, or of a layer, and run at three."""
    framework, _ = FRAMEWORKS[name]
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
            call = FRAMEWORKS[name][0].call(layer(6))
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
    call = FRAMEWORKS[name][0].call(geometry)
    x, w = rng().normal(size=(1, 6, 2)).astype("f"), rng(1).normal(size=(3, 3, 2)).astype("f")
    np.testing.assert_allclose(run(name, call, x, w), METHODS["scatter"](x, w, geometry), rtol=0, atol=1e-4)
    with pytest.raises(ValueError, match="an output size was named, so this is right for inputs .* alone: 6"):
        run(name, call, np.repeat(x, 2, axis=1), w)
    kept = FRAMEWORKS[name][0].call(geometry.layer)
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


def test_groups_are_carried_from_one_framework_to_another():
    for module in ("torch", "jax", "onnxruntime"):
        needs(module)
    geometry = pytorch.geometry((5, 4), 4, 2, 1, groups=4)
    assert pytorch.call(geometry).arguments["groups"] == onnx.call(geometry).arguments["group"] == 4
    x, w = rng().normal(size=(2, 5, 4, 8)).astype("f"), rng(1).normal(size=(4, 4, 3, 8)).astype("f")
    want = METHODS["scatter"](x, w, geometry)
    assert want.shape == (2, 10, 8, 12)
    for name, (framework, _) in FRAMEWORKS.items():
        got = run(name, framework.call(geometry), x, w, groups=4)
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-4, err_msg=name)


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
