"""Laws of `conv` and `conv_transpose`: words, layouts, groups, and what they refuse."""

import itertools
import subprocess
import sys
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from cases import FRAMEWORKS, GEOMETRIES, arrays, definition, geometries, integers
from hypothesis import given
from hypothesis import strategies as st

import deconvlib as dl
from deconvlib import METHODS, Geometry


@pytest.mark.parametrize("method", ["auto", *METHODS])
def test_every_method_is_reached_by_its_name(method):
    inputs, kernel = integers((2, 4, 5, 3)), integers((3, 2, 4, 3), seed=1)
    got = dl.conv_transpose(inputs, kernel, padding=((1, 0), (0, 2)), dilation_rate=(1, 2), method=method)
    want = definition(inputs, kernel, Geometry.of((4, 5), (3, 2), 1, (1, 2), ((1, 0), (0, 2))))
    np.testing.assert_allclose(got, want, atol=1e-9)


@given(geometries(max_axes=2))
def test_a_pair_of_paddings_is_the_crop(geometry):
    inputs, kernel = arrays(geometry)
    got = dl.conv_transpose(inputs, kernel, geometry.stride, geometry.crop, None, dilation_rate=geometry.dilation)
    np.testing.assert_allclose(got, definition(inputs, kernel, geometry), atol=1e-9)


@given(geometries(max_axes=2))
def test_one_kernel_array_serves_both_directions(geometry):
    """<conv(u), v> = <u, conv_transpose(v)>, with the same kernel and arguments."""
    v, kernel = arrays(geometry)
    u = integers((2, *geometry.output_size, 3), seed=9)
    arguments = {"strides": geometry.stride, "padding": geometry.crop, "dilation_rate": geometry.dilation}
    there, back = dl.conv(u, kernel, **arguments), dl.conv_transpose(v, kernel, **arguments)
    assert (there.shape, back.shape) == (v.shape, u.shape)
    assert np.sum(there * v) == pytest.approx(np.sum(u * back), abs=1e-6)


@pytest.mark.parametrize("groups", [2, 3])
@given(data=st.data())
def test_a_group_sees_its_own_channels_only(groups, data):
    """With groups, C is block diagonal: each block is a transposed convolution by itself."""
    geometry = data.draw(geometries(max_axes=2, max_size=4))
    ins, outs = 2 * groups, 3  # 3 output channels a group
    inputs = integers((2, *geometry.input_size, ins))
    kernel = integers((*geometry.kernel_size, outs, ins), seed=1)
    arguments = {"strides": geometry.stride, "padding": geometry.crop, "dilation_rate": geometry.dilation}
    want = [definition(inputs[..., g : g + 2], kernel[..., g : g + 2], geometry) for g in range(0, ins, 2)]
    for method in ("auto", "scatter"):
        got = dl.conv_transpose(inputs, kernel, **arguments, groups=groups, method=method)
        np.testing.assert_allclose(got, np.concatenate(want, -1), atol=1e-9)
    u = integers((2, *geometry.output_size, outs * groups), seed=4)
    forward = dl.conv(u, kernel, **arguments, groups=groups)
    assert np.sum(forward * inputs) == pytest.approx(np.sum(u * np.concatenate(want, -1)), abs=1e-6)


def test_channels_first_moves_the_channels_of_inputs_and_result():
    inputs, kernel = integers((2, 4, 5, 3)), integers((3, 2, 4, 3), seed=1)
    last = dl.conv_transpose(inputs, kernel, 2, "same")
    first = dl.conv_transpose(np.moveaxis(inputs, -1, 1), kernel, 2, "same", data_format="channels_first")
    assert np.array_equal(np.moveaxis(first, 1, -1), last)
    u = integers((2, 6, 7, 4))
    last = dl.conv(u, kernel, 2, "same")
    first = dl.conv(np.moveaxis(u, -1, 1), kernel, 2, "same", data_format="channels_first")
    assert np.array_equal(np.moveaxis(first, 1, -1), last)


def test_output_padding_reveals_what_the_crop_had_cut():
    inputs, kernel = integers((1, 4, 2)), integers((5, 3, 2), seed=1)
    whole = dl.conv_transpose(inputs, kernel, 3)
    for pad, shown in itertools.product(range(3), range(3)):
        got = dl.conv_transpose(inputs, kernel, 3, pad, shown)
        end = whole.shape[1] - pad + shown
        assert np.array_equal(got[:, : len(whole[0, pad:end])], whole[:, pad:end])
        assert not got[:, len(whole[0, pad:end]) :].any()


def test_padding_is_an_integer_one_an_axis_or_one_pair_an_axis():
    inputs, kernel = integers((1, 4, 5, 2)), integers((3, 3, 1, 2), seed=1)
    results = [dl.conv_transpose(inputs, kernel, 2, p) for p in (1, (1, 1), [(1, 1), [1, 1]], np.ones((2, 2), int))]
    assert all(np.array_equal(results[0], r) for r in results[1:])
    assert dl.conv_transpose(inputs, kernel, 2, (0, 1)).shape == (1, 9, 9, 1)
    assert dl.conv_transpose(inputs, kernel, 2, [(0, 1), (0, 0)]).shape == (1, 8, 11, 1)


def test_exact_numbers_stay_exact():
    inputs = np.array([Fraction(1, 3), Fraction(1, 7)]).reshape(1, 2, 1)
    kernel = np.array([Fraction(1, 2), Fraction(5)]).reshape(2, 1, 1)
    got = dl.conv_transpose(inputs, kernel)
    assert got.ravel().tolist() == [Fraction(1, 6), Fraction(5, 3) + Fraction(1, 14), Fraction(5, 7)]
    assert dl.conv(got, kernel).dtype == object


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "complex64", ml_dtypes.bfloat16], ids=str)
def test_conv_keeps_the_dtype(dtype):
    inputs, kernel = integers((1, 4, 2)).astype(dtype), integers((2, 2, 3), seed=1).astype(dtype)
    assert dl.conv(inputs, kernel).dtype == dtype
    assert dl.conv_transpose(inputs, kernel.swapaxes(1, 2)).dtype == dtype


def test_half_precision_is_summed_in_float32_in_both_directions():
    inputs = np.ones((1, 1, 65), np.float16)
    inputs[..., 0] = 4096
    assert dl.conv(inputs, np.ones((1, 65, 1), np.float16)).item() == 4160
    assert dl.conv_transpose(inputs, np.ones((1, 1, 65), np.float16)).item() == 4160


@pytest.mark.parametrize("function", [dl.conv, dl.conv_transpose])
def test_lists_are_arrays_and_an_empty_batch_stays_empty(function):
    assert function([[[1.0], [2.0], [3.0]]], [[[1.0]], [[0.5]]]).ndim == 3
    assert function(np.ones((0, 4, 2)), np.ones((3, 2, 2))).shape[0] == 0


GOOD = {"inputs": np.ones((1, 4, 4, 6)), "kernel": np.ones((3, 3, 6, 6))}


@pytest.mark.parametrize("function", [dl.conv, dl.conv_transpose])
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"inputs": np.ones((4, 4))}, ValueError, r"inputs must have a batch axis, .* got shape \(4, 4\); add"),
        (
            {"kernel": np.ones((3, 6, 6))},
            ValueError,
            r"kernel must be \(\*k, .*\), with as many axes as inputs of .*; it needs one k",
        ),
        (
            {"kernel": np.ones((3, 3, 5, 5))},
            ValueError,
            r"same input channels, got 6 and 5; arrange the kernel as \(\*k",
        ),
        (
            {"groups": 4},
            ValueError,
            "groups must be a positive integer that divides the channels, got 4 for 6 input.*; take",
        ),
        ({"groups": 0}, ValueError, "groups must be a positive integer .* got 0"),
        ({"groups": 1.5}, TypeError, "groups must be an integer, got 1.5"),
        ({"strides": 0}, ValueError, "stride must be at least 1, got 0"),
        ({"strides": (1, 1, 1)}, ValueError, "strides must be one integer or one for each of the 2 spatial axes"),
        ({"strides": 1.5}, TypeError, "strides must be an integer, got 1.5"),
        ({"strides": 1.5, "padding": 1}, TypeError, "strides must be an integer, got 1.5"),
        ({"dilation_rate": 0, "padding": 1}, ValueError, "dilation must be at least 1, got 0"),
        ({"padding": "full"}, ValueError, "got 'full'"),
        (
            {"padding": [(1, 1), (1,)]},
            ValueError,
            r"one \(begin, end\) pair for each of the 2 spatial axes, .*; write \(\(b",
        ),
        ({"padding": (1, 1, 1)}, ValueError, "padding must be one integer or one for each of the 2 spatial axes"),
        ({"padding": None}, TypeError, "padding must be an integer, got None"),
        ({"data_format": "NHWC"}, ValueError, "data_format must be 'channels_last' or 'channels_first', got 'NHWC'"),
        (
            {"inputs": np.full((1, 4, 4, 6), "a")},
            TypeError,
            "inputs must be numeric, got dtype <U1; convert it with astype",
        ),
    ],
)
def test_a_wrong_argument_is_refused_with_rule_and_value(function, bad, error, message):
    with pytest.raises(error, match=message):
        function(**GOOD | bad)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"padding": 9}, "crop must leave at least one of the 6 samples of the full output, got"),
        (
            {"padding": 1, "output_padding": 1},
            "output_padding must be at least 0 and less than the stride or the dilation",
        ),
        ({"padding": 1, "output_padding": -1}, "output_padding must be at least 0"),
        ({"output_padding": 1}, "output_padding"),
        (
            {"method": "sub-pixel"},
            "method must be 'auto' or one of matrix, .* 'sub-pixel'; did you mean 'subpixel'",
        ),
        ({"method": ["scatter"]}, "method must be 'auto' or one of matrix"),
        ({"method": "padded", "strides": 2}, "use method='fractional_stride'"),
    ],
)
def test_a_wrong_argument_of_the_transposed_direction_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        dl.conv_transpose(**GOOD | bad)


def test_a_kernel_larger_than_the_padded_input_is_refused():
    for padding in ("valid", 0, -1):
        with pytest.raises(ValueError, match="span"):
            dl.conv(np.ones((1, 4, 1)), np.ones((5, 1, 1)), padding=padding)
    with pytest.raises(ValueError, match="got 6 input channels and 4 output channels|6 input channels and 4 output"):
        dl.conv(np.ones((1, 4, 6)), np.ones((2, 2, 4)), groups=3)


def test_the_kernel_may_not_be_transposed_by_accident():
    """(*k, in, out) where (*k, out, in) is due is an error whenever the channels differ."""
    with pytest.raises(ValueError, match=r"got 2 and 3; arrange the kernel as \(\*k, out / groups, in\)"):
        dl.conv_transpose(np.ones((1, 4, 2)), np.ones((3, 2, 3)))


def test_importing_the_package_loads_numpy_and_nothing_heavier():
    heavy = "scipy tensorflow keras torch jax onnx onnxruntime ml_dtypes pandas matplotlib"
    code = f"import sys, deconvlib; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_public_names_are_all_there():
    assert all(hasattr(dl, name) for name in dl.__all__)
    assert dir(dl) == sorted([*dl.__all__, "__version__", "frameworks"])
    for framework in FRAMEWORKS.values():
        assert {"call", "conv_transpose", "from_kernel", "geometry", "kernel"} <= set(dir(framework))
        assert "np" not in dir(framework)
    with pytest.raises(AttributeError, match="module 'deconvlib' has no attribute 'framework'"):
        dl.framework  # noqa: B018
    assert dl.METHODS.keys() >= {"matrix", "padded", "fractional_stride", "scatter", "subpixel", "fast"}


def test_what_padding_words_mean_lives_above_the_methods():
    """If "same" appears in a method, something is in the wrong room."""
    import inspect

    from deconvlib import arrays, geometry, matrix, methods

    assert not any('"same"' in inspect.getsource(m) for m in (arrays, geometry, matrix, methods))


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_auto_computes_the_definition_in_float32(geometry):
    inputs, kernel = (a.astype(np.float32) for a in arrays(geometry))
    got = dl.conv_transpose(inputs, kernel, geometry.stride, geometry.crop, dilation_rate=geometry.dilation)
    want = definition(inputs, kernel, geometry)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, atol=1e-5 * np.abs(want).max(initial=1))
