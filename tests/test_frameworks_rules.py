"""Laws of `deconvlib.frameworks` that need no framework: translations, layouts, the smallest crop, messages."""

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from cases import FRAMEWORKS, GEOMETRIES, axes, geometries, rng
from hypothesis import given, reject
from hypothesis import strategies as st

from deconvlib import METHODS, Axis, Geometry, gradients, plan
from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow

UP_TO_3 = {name: geometry for name, geometry in GEOMETRIES.items() if len(geometry.axes) <= 3}
every_framework = pytest.mark.parametrize("framework", FRAMEWORKS.values(), ids=FRAMEWORKS.keys())


def understood(framework, call, geometry):
    """The geometry that a Call says, by the framework's own rule: zeros first, the call, the slices last."""
    zeros = call.zeros or ((0, 0),) * len(geometry.axes)
    size = tuple(i + begin + end for i, (begin, end) in zip(geometry.input_size, zeros))
    said = framework.geometry(size, geometry.kernel_size, **call.arguments)
    slices = call.crop or (slice(None),) * len(geometry.axes)
    crop = tuple(
        (
            axis.crop[0] + (taken.start or 0) - axis.stride * begin,
            axis.crop[1] - (taken.stop or 0) - axis.stride * end,
        )
        for axis, taken, (begin, end) in zip(said.axes, slices, zeros)
    )
    return Geometry.of(geometry.input_size, geometry.kernel_size, said.stride, said.dilation, crop)


@every_framework
@given(geometry=geometries())
def test_a_call_says_the_geometry_that_was_asked_for(framework, geometry):
    assert understood(framework, framework.call(geometry), geometry) == geometry


@every_framework
def test_a_call_says_each_of_the_shared_cases(framework):
    for geometry in UP_TO_3.values():
        assert understood(framework, framework.call(geometry), geometry) == geometry


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(FRAMEWORKS, 2)))
def test_translating_there_and_back_gives_the_same_geometry(one, other):
    here, there = FRAMEWORKS[one], FRAMEWORKS[other]
    for geometry in UP_TO_3.values():
        passed_on = understood(here, here.call(geometry), geometry)
        assert understood(there, there.call(passed_on), passed_on) == geometry


@given(axes(), st.integers(0, 4), st.integers(0, 3))
def test_a_pytorch_call_comes_back_as_it_was(axis, padding, output_padding):
    arguments = {"padding": (padding,), "output_padding": (output_padding,), "groups": 1}
    arguments |= {"stride": (axis.stride,), "dilation": (axis.dilation,)}
    try:
        geometry = pytorch.geometry((axis.input_size,), (axis.kernel_size,), **arguments)
    except ValueError:
        reject()
    call = pytorch.call(geometry)
    assert (call.arguments, call.crop, call.zeros) == (arguments, None, None)


def test_pytorch_leaves_the_smallest_crop():
    for i, k, s, d in itertools.product((1, 2, 4), (1, 2, 5), (1, 2, 3), (1, 2)):
        plain = Axis(i, k, s, d)
        for cb, ce in itertools.product(range(-1, 5), repeat=2):
            if plain.full_size - cb - ce >= 1:
                call = pytorch.call(Geometry((Axis(i, k, s, d, (cb, ce)),)))
                (taken,) = call.crop or (slice(None),)
                size = tuple(i + begin + end for begin, end in call.zeros or ((0, 0),))
                best = min(
                    said.output_size[0]
                    for p, a in itertools.product(range(12), range(max(s, d)))
                    if (said := said_by_pytorch(size, k, s, p, a, d)) is not None
                    and said.crop[0][0] <= cb + s * (call.zeros or ((0, 0),))[0][0]
                    and said.crop[0][1] <= ce + s * (call.zeros or ((0, 0),))[0][1]
                )
                own = pytorch.geometry(size, k, **call.arguments).output_size[0]
                assert own == best
                assert len(range(own)[taken]) == plain.full_size - cb - ce


def said_by_pytorch(size, k, s, p, a, d):
    try:
        return pytorch.geometry(size, k, s, p, a, dilation=d)
    except ValueError:
        return None


def test_a_crop_is_left_only_where_no_call_of_the_framework_is_exact():
    """Against every padding and output_padding there is, for Keras, and every output size, for TensorFlow."""
    for i, k, s in itertools.product((1, 2, 4), range(1, 6), range(1, 5)):
        for cb, ce in itertools.product(range(4), range(1 - s, 4)):
            if Axis(i, k, s).full_size - cb - ce < 1:
                continue
            wanted = Geometry((Axis(i, k, s, 1, (cb, ce)),))
            legal = [a for a in (None, *range(s)) if a is None or a + k % 2 > 0]  # what TensorFlow takes too
            by_keras = [keras.geometry((i,), k, s, p, a) for p in ("valid", "same") for a in legal if (p, a)]
            assert (keras.call(wanted).crop is None) == (wanted in by_keras)
            o = wanted.output_size
            by_tensorflow = []
            for padding in ("VALID", "SAME"):
                try:
                    by_tensorflow.append(tensorflow.geometry((i,), k, o, s, padding))
                except ValueError:
                    continue
            assert (tensorflow.call(wanted).crop is None) == (wanted in by_tensorflow)


@given(geometries(max_axes=3))
def test_onnx_never_needs_a_crop_nor_jax_zeros_and_jax_is_sliced_where_it_would_return_garbage(geometry):
    assert onnx.call(geometry).crop is jax.call(geometry).zeros is None
    beyond = any(axis.crop[0] > axis.span - 1 for axis in geometry.axes)
    assert (jax.call(geometry).crop is not None) == (set(geometry.stride) == {1} and beyond)


@every_framework
@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_from_kernel_undoes_kernel(framework, groups, axes):
    kernel = rng().normal(size=(*(2, 3, 4)[:axes], 5, 2 * groups))
    own = framework.kernel(kernel, groups=groups)
    assert np.array_equal(framework.from_kernel(own, groups=groups), kernel)
    assert np.array_equal(framework.kernel(framework.from_kernel(own, groups=groups), groups=groups), own)
    assert not np.shares_memory(own, kernel)


def test_where_each_layout_keeps_a_tap():
    """Input channel 4 is channel 1 of group 1, and its output channel 2 is channel 5 + 2 of all."""
    kernel = np.zeros((3, 4, 5, 6))  # two taps axes, out / groups = 5, in = 6, two groups
    kernel[0, 1, 2, 4] = 1
    for framework in (pytorch, onnx):
        assert np.argwhere(framework.kernel(kernel, groups=2)).tolist() == [[4, 2, 0, 1]]
    for framework in (keras, tensorflow):
        assert np.argwhere(framework.kernel(kernel, groups=2)).tolist() == [[0, 1, 2, 4]]
    assert np.argwhere(jax.kernel(kernel, groups=2)).tolist() == [[2, 2, 1, 7]]
    assert np.argwhere(jax.kernel(kernel)).tolist() == [[2, 2, 4, 2]]
    assert np.argwhere(jax.kernel(kernel, transpose_kernel=True)).tolist() == [[0, 1, 2, 4]]


def test_keras_same_in_pytorch_is_a_plain_call_where_the_span_minus_the_stride_is_even_or_negative():
    for k, s, d in itertools.product(range(1, 9), range(1, 7), (1, 2)):
        geometry = keras.geometry((5,), k, s, "same", dilation_rate=d)
        ke = geometry.span[0]
        assert (pytorch.call(geometry).crop is None) == (ke <= s or (ke - s) % 2 == 0)


@given(axes(max_size=9), st.sampled_from(["valid", "same"]))
def test_the_forward_geometry_counts_the_windows(axis, padding):
    """Against a loop over the padded signal: windows start every s samples and must fit."""
    n, k, s, d = axis.input_size, axis.kernel_size, axis.stride, axis.dilation
    if padding == "valid" and n < axis.span:
        with pytest.raises(ValueError, match="must fit into the padded input: its span is"):
            keras.forward_geometry(n, k, s, padding, d)
        return
    geometry = keras.forward_geometry((n,), k, s, padding, d)
    (begin, end) = geometry.crop[0]
    assert geometry.output_size == (n,)
    if padding == "same":
        assert geometry.input_size == (len(range(0, n, s)),)
        assert begin in (max(end, 0), max(end, 0) - 1)  # the odd sample of padding goes to the end
    starts = [at for at in range(-begin, n + max(end, 0), s) if at + axis.span <= n + max(end, 0)]
    assert geometry.input_size == (len(starts),)


def test_scalars_stand_for_every_axis():
    assert keras.geometry((4, 5), 3, 2, "same") == keras.geometry((4, 5), (3, 3), (2, 2), "same")
    assert pytorch.geometry(4, (3, 3), 2, 1, 1) == pytorch.geometry((4, 4), (3, 3), (2, 2), (1, 1), (1, 1))
    assert onnx.geometry((4, 5), 3, strides=2) == onnx.geometry((4, 5), (3, 3), strides=(2, 2))


def test_arguments_that_carry_batch_and_channels_too():
    plain = tensorflow.geometry((4, 5), 3, (8, 10), 2)
    assert plain == tensorflow.geometry((4, 5), 3, (7, 8, 10, 6), (1, 2, 2, 1), dilations=(1, 1, 1, 1))
    assert plain == tensorflow.geometry((4, 5), 3, (7, 6, 8, 10), (1, 1, 2, 2), data_format="NCHW")
    assert pytorch.geometry((4,), 3, 2, output_size=(10,)) == pytorch.geometry((4,), 3, 2, output_size=(7, 6, 10))


def test_a_tuple_of_length_one_stands_for_every_axis_where_the_framework_says_so():
    """PyTorch and TensorFlow; Keras and JAX refuse it."""
    assert pytorch.geometry((4, 4), 3, (2,), (1,), (1,), dilation=[1]) == pytorch.geometry((4, 4), 3, 2, 1, 1)
    assert tensorflow.geometry((4, 4), 3, 8, (2,), dilations=(1,)) == tensorflow.geometry((4, 4), 3, 8, 2)
    for refuses in (
        lambda: keras.geometry((4, 4), 3, (2,)),
        lambda: jax.geometry((4, 4), 3, (2,), "SAME"),
        lambda: onnx.geometry((4, 4), 3, strides=(2,)),
        lambda: pytorch.geometry((4, 4), (3,)),
    ):
        with pytest.raises(ValueError, match="must be one integer or one for each of the 2 spatial axes, got"):
            refuses()


def test_no_framework_is_imported():
    code = (
        "import sys, deconvlib.frameworks; print(sys.modules.keys() & {'keras', 'tensorflow', 'torch', 'jax', 'onnx'})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_groups_of_a_geometry_are_not_lost_on_the_way_to_a_plan_and_to_gradients():
    """A layer of four groups: one geometry, and nobody is told again."""
    geometry = pytorch.geometry((5, 4), 4, 2, 1, groups=4)
    x, w = rng().normal(size=(2, 5, 4, 8)), rng(1).normal(size=(4, 4, 3, 8))
    want = METHODS["scatter"](x, w, geometry)
    assert want.shape == (2, 10, 8, 12)
    np.testing.assert_allclose(plan(w, geometry)(x), want, atol=1e-9)
    of_inputs, of_kernel = gradients(x, w, want, geometry)
    told = gradients(x, w, want, replace(geometry, groups=1), groups=4)
    assert np.array_equal(of_inputs, told[0])
    assert np.array_equal(of_kernel, told[1])
    assert pytorch.call(geometry.layer).arguments["groups"] == 4
    assert pytorch.call(geometry, groups=2).arguments["groups"] == 2
