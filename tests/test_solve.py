"""Laws of `solve` and `output_sizes`: what brute force finds, simplest first, and a reason where there is none."""

import itertools
import re

import numpy as np
import pytest
from cases import axes, rng
from hypothesis import assume, example, given
from hypothesis import strategies as st

import deconvlib as dl
from deconvlib import Axis, Geometry, Layer
from deconvlib.frameworks import keras, onnx, pytorch
from deconvlib.methods import convolve

SIZES, FEW = st.integers(1, 9), st.sets(st.integers(1, 5), min_size=1, max_size=3)


def brute_force(i, o, kernel_sizes, strides, dilations, uneven=False):
    """Every crop (p, p - a) with 0 <= a < s, and with `uneven` every (p, p + e), that leaves o samples."""
    found = set()
    for k, s, d in itertools.product(kernel_sizes, strides, dilations):
        full = s * (i - 1) + d * (k - 1) + 1
        for p in range(s * i + d * k + 1):
            ends = range(p - s + 1, s * i + d * k + p + 1 if uneven else p + 1)
            found |= {Axis(i, k, s, d, (p, end)) for end in ends if full - p - end == o}
    return found


@given(SIZES, st.integers(1, 20), FEW, FEW, st.sets(st.integers(1, 3), min_size=1), st.booleans())
def test_solve_finds_exactly_what_brute_force_finds(i, o, kernel_sizes, strides, dilations, uneven):
    found = dl.solve(i, o, kernel_sizes=kernel_sizes, strides=strides, dilations=dilations, uneven=uneven)
    assert set(found) == brute_force(i, o, kernel_sizes, strides, dilations, uneven)
    assert len(set(found)) == len(found)
    assert (found.reason is None) == bool(found)


FROM_0 = st.none() | st.sets(st.integers(0, 3), min_size=1)


@example(1, 2, {1}, {4}, None, {1}, False)
@given(SIZES, st.integers(1, 20), FEW, FEW, FROM_0, FROM_0, st.booleans())
def test_paddings_and_output_paddings_select(i, o, kernel_sizes, strides, paddings, output_paddings, uneven):
    """Crops that cut more at the end have an output_padding of 0."""
    ranges = {"kernel_sizes": kernel_sizes, "strides": strides, "uneven": uneven}
    selected = dl.solve(i, o, **ranges, paddings=paddings, output_paddings=output_paddings)
    every = [(axis, axis.crop[0], max(axis.crop[0] - axis.crop[1], 0)) for axis in dl.solve(i, o, **ranges)]
    every = [(axis, a) for axis, p, a in every if paddings is None or p in paddings]
    assert selected == [axis for axis, a in every if output_paddings is None or a in output_paddings]


@given(SIZES, st.integers(1, 20))
def test_the_simplest_comes_first(i, o):
    """No dilation, then an even crop, no output_padding, little padding, a short kernel, a small stride."""
    found = dl.solve(i, o, kernel_sizes=range(1, 6), strides=range(1, 4), dilations=(1, 2), uneven=True)
    order = [
        (a.dilation, max(a.crop[1] - a.crop[0], 0), max(a.crop[0] - a.crop[1], 0), a.crop[0], a.kernel_size, a.stride)
        for a in found
    ]
    assert order == sorted(order)


def test_doubling_a_size():
    first, second, *_ = dl.solve(14, 28, kernel_sizes=range(2, 6), strides=2)
    assert first == Axis(14, 2, 2)
    assert second == Axis(14, 4, 2, crop=(1, 1))
    assert dl.solve(14, 28, kernel_sizes=3, strides=2) == [Axis(14, 3, 2, crop=(1, 0))]
    assert keras.geometry(14, 3, 2, "same").axes[0] in dl.solve(14, 28, kernel_sizes=3, strides=2, uneven=True)


@given(SIZES, st.integers(1, 20))
def test_every_solution_is_one_call_in_pytorch_and_onnx(i, o):
    for axis in dl.solve(i, o, kernel_sizes=range(1, 5), strides=range(1, 4), dilations=(1, 2)):
        call = pytorch.call(Geometry((axis,)))
        assert call.crop is call.zeros is None
        assert onnx.call(Geometry((axis,))).zeros is None


REASONS = [
    (
        (14, 28),
        {"output_paddings": 0},
        "no setting makes 28 samples of 14 .* nearest sizes are 27 and 29: allow more out",
    ),
    (
        (14, 50),
        {},
        r"with kernel_sizes \[3\], strides \[2\], dilations \[1\]; the nearest size is 30: allow a larger str",
    ),
    ((5, 1000), {"kernel_sizes": range(1, 100)}, r"with kernel_sizes range\(1, 100\), strides \[2\], "),
    ((1, 2), {"kernel_sizes": 1, "strides": 1}, "the nearest size is 1: allow a larger stride or kernel"),
    ((14, 3), {"paddings": (0, 1)}, "the nearest size is 27: allow a smaller stride or kernel, or more padding"),
    ((1, 9), {"paddings": 9}, "no output is left .* allow a smaller padding"),
]


@pytest.mark.parametrize(("sizes", "ranges", "reason"), REASONS)
def test_no_solution_has_a_reason_that_names_the_nearest_sizes(sizes, ranges, reason):
    none = dl.solve(*sizes, **{"kernel_sizes": 3, "strides": 2, **ranges})
    assert none == []
    assert re.search(reason, none.reason)
    assert repr(none) == f"Solutions([], reason={none.reason!r})"


@example(6, 8, {5}, {2}, None, {0})
@example(3, 8, {4}, {2}, None, {1})
@given(SIZES, st.integers(1, 20), FEW, FEW, FROM_0, FROM_0)
def test_the_nearest_sizes_of_a_reason_are_reached_and_none_between_them_is(
    i, o, kernel_sizes, strides, paddings, output_paddings
):
    ranges = {"kernel_sizes": kernel_sizes, "strides": strides}
    ranges |= {"paddings": paddings, "output_paddings": output_paddings}
    none = dl.solve(i, o, **ranges)
    assume(none.reason and "nearest" in none.reason)
    words = none.reason.split("nearest ")[1].split(":")[0].replace(" and", "").split()
    nearest = [int(word) for word in words if word.isdigit()]
    assert all(dl.solve(i, size, **ranges) for size in nearest)
    between = range(min([*nearest, o]) + 1, max([*nearest, o]))
    assert not any(dl.solve(i, size, **ranges) for size in between if size not in nearest)


@given(axes(max_size=6), st.integers(0, 3))
def test_output_sizes_are_those_from_which_the_forward_convolution_comes_back(axis, padding):
    """The live forward convolution, tried on every size."""
    i, k, s, d = axis.input_size, axis.kernel_size, axis.stride, axis.dilation
    kernel = rng().normal(size=(k, 1, 1))
    back = []
    for n in range(1, axis.full_size + s + 1):
        if n + 2 * padding >= axis.span:
            back += [n] if dl.conv(np.ones((1, n, 1)), kernel, s, padding, dilation_rate=d).shape[1] == i else []
    if not back:
        with pytest.raises(ValueError, match="padding must leave some of the"):
            dl.output_sizes(i, k, s, padding, d)
        return
    sizes = dl.output_sizes(i, k, s, padding, d)
    assert list(sizes) == back
    for size, a in sizes.items():
        geometry = pytorch.geometry((i,), k, s, padding, a, dilation=d)
        assert geometry.output_size == (size,)
        assert convolve(np.ones((1, size, 1)), kernel, geometry).shape == (1, i, 1)


def test_output_sizes_of_the_famous_layer():
    assert dl.output_sizes(14, 3, stride=2, padding=1) == {27: 0, 28: 1}


def sizes_on_arrays(down, up, size):
    """The sizes of real arrays on the way down and up."""
    x, sizes = np.ones((1, *size, 1)), [size]
    for layer in down:
        kernel = np.ones((*layer.kernel_size, 1, 1))
        x = dl.conv(x, kernel, layer.stride, layer.crop, dilation_rate=layer.dilation)
        sizes.append(x.shape[1:-1])
    for layer in up:
        kernel = np.ones((*layer.kernel_size, 1, 1))
        x = dl.conv_transpose(x, kernel, layer.stride, layer.crop, dilation_rate=layer.dilation)
        sizes.append(x.shape[1:-1])
    return tuple(sizes)


@pytest.mark.parametrize(
    ("half", "double"),
    [
        (Layer((3, 3), 2, crop=(1, 1)), Layer((2, 2), 2)),
        (Layer((2, 2), 2), Layer((4, 4), 2, crop=(1, 1))),
        (Layer((4, 4), (2, 1), crop=(1, 1)), Layer((4, 4), (2, 1), crop=(1, 1))),
        (Layer((5, 3), 3, crop=((2, 1), (1, 1))), Layer((3, 3), 3)),
    ],
)
def test_the_sizes_that_survive_an_encoder_and_a_decoder(half, double):
    """Against arrays, every size in a range: those that fit, and the next one that does."""
    fitting = []
    for n in range(20, 60):
        said = dl.skip_sizes([half] * 2, [double] * 2, (n, n + 1))
        path = sizes_on_arrays([half] * 2, [double] * 2, (n, n + 1))
        assert said.encoder + said.decoder == path
        assert said.fits == (path == path[::-1])
        assert (said.fitting_size == (n, n + 1)) == said.fits
        if all(there[0] == back[0] for there, back in zip(path, path[::-1])):
            fitting.append(n)
    for n in range(20, 45):
        assert dl.skip_sizes([half] * 2, [double] * 2, (n, n + 1)).fitting_size[0] == min(m for m in fitting if m >= n)


def test_a_decoder_that_only_ends_at_the_right_size_does_not_fit():
    """36, 18, 6, and back in the wrong order: 12 where 18 is needed, and 36."""
    said = dl.skip_sizes([Layer(2, 2), Layer(3, 3)], [Layer(2, 2), Layer(3, 3)], 36)
    assert said.decoder == ((12,), (36,))
    assert not said.fits
    assert said.fitting_size is None


def test_where_no_size_survives_there_is_none_to_pad_to():
    said = dl.skip_sizes([Layer(3, 2)], [Layer(2, 2)], 64)
    assert (said.encoder, said.decoder, said.fits, said.fitting_size) == (((64,), (31,)), ((62,),), False, None)


MESSAGES = [
    (lambda: dl.skip_sizes([Layer(2, 2)] * 2, [Layer(2, 2)], 8), "equally many layers, .* got 2 and 1; leave out"),
    (lambda: dl.skip_sizes([Layer(2, 10**9)], [Layer(2, 2)], 8), "must be 1,000,000 at most"),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_bad_input_is_an_error_with_rule_value_and_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_size_is_solved_without_ranges_and_answered_as_arguments_of_a_layer():
    """Kernel sizes 1 to 8 and strides 1 to 4; every answer gives the size by PyTorch's rule."""
    found = dl.solve(8, 16)
    assert found == dl.solve(8, 16, kernel_sizes=range(1, 9), strides=range(1, 5))
    assert {"kernel_size": 4, "stride": 2, "padding": 1, "output_padding": 0, "dilation": 1} in found.arguments
    for axis, arguments in zip(found, found.arguments, strict=True):
        k = arguments.pop("kernel_size")
        assert pytorch.geometry((8,), (k,), **arguments) == Geometry((axis,))
    for padding, cut in ((0, 3), (1, 1)):
        (uneven,) = dl.solve(8, 16, kernel_sizes=5, strides=2, paddings=padding, uneven=True).arguments
        same = {"kernel_size": 5, "stride": 2, "output_padding": 0, "dilation": 1}
        assert uneven == {**same, "padding": padding, "cut": cut}


def test_what_is_tried_twice_is_answered_once():
    assert dl.solve(8, 16, kernel_sizes=[4, 4], strides=(2, 2), dilations=[1, 1]) == dl.solve(
        8, 16, kernel_sizes=4, strides=2
    )


def test_a_range_may_run_downwards():
    up = {"kernel_sizes": range(1, 7), "strides": 2, "paddings": range(4)}
    down = {"kernel_sizes": range(6, 0, -1), "strides": 2, "paddings": range(3, -1, -1)}
    assert dl.solve(8, 16, **down) == dl.solve(8, 16, **up)
    assert dl.solve(8, 60, **down).reason.partition("; ")[2] == dl.solve(8, 60, **up).reason.partition("; ")[2]
    with pytest.raises(ValueError, match=r"paddings must be .* at least 0, got \[-1, 0, 1, 2, 3\]"):
        dl.solve(8, 16, kernel_sizes=3, strides=2, paddings=range(3, -2, -1))


def test_ranges_that_nobody_can_read_are_refused_at_once_and_huge_strides_are_answered():
    for ranges in ({"kernel_sizes": range(1, 10**9)}, {"strides": range(10**9, 0, -1)}, {"strides": 10**9}):
        with pytest.raises(ValueError, match="settings to try or to list must be 1,000,000 at most, got [0-9,]+ to"):
            dl.solve(8, 16, **ranges)
    assert dl.solve(8, 16, kernel_sizes=4, strides=2, paddings=range(10**9)) == [Axis(8, 4, 2, crop=(1, 1))]
    none = dl.solve(2, 5, kernel_sizes=3, strides=10**9, paddings=0, output_paddings=0)
    assert "the nearest size is 1000000003" in none.reason
    sizes = dl.output_sizes(4, 3, stride=10**9)
    assert len(sizes) == 10**9
    assert sizes[3 * 10**9 + 5] == 2
    assert repr(sizes) == "{3000000003: 0, ..., 4000000002: 999999999}"
    with pytest.raises(KeyError):
        sizes[3]


def test_a_pair_of_paddings_has_output_sizes():
    """The right size is among them, and picks the output_padding, for each side."""
    assert dl.output_sizes(4, 3, 2, (1, 0)) == {8: 0, 9: 1}
    assert dl.output_sizes(4, 3, 2, (1, 1)) == dl.output_sizes(4, 3, 2, 1)
    for n in dl.output_sizes(4, 5, 3, (2, 0)):
        assert Axis.of_convolution(n, 5, 3, 1, (2, 0)).input_size == 4


def test_layers_are_a_list():
    for wrong in ([], Layer(2, 2), [2], "ab"):
        with pytest.raises(TypeError, match="up must be .* got"):
            dl.skip_sizes([Layer(2, 2)], wrong, 8)


def test_what_is_no_integer_is_a_type_error():
    with pytest.raises(TypeError, match="strides must be an integer, got 1.5"):
        dl.solve(4, 8, kernel_sizes=3, strides=1.5)


def test_a_list_of_many_answers_is_not_printed_whole():
    many = dl.solve(8, 16, kernel_sizes=3, strides=10**4)
    assert len(many) == 5_000
    assert repr(many).startswith("Solutions([Axis(input_size=8, kernel_size=3, stride=10000,")
    assert repr(many).endswith("), and 4,997 more])")
    assert len(repr(many)) < 400
    few = dl.solve(8, 16, kernel_sizes=4)
    assert repr(few) == f"Solutions({list(few)!r})"
