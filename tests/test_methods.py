"""Laws that every method in METHODS obeys; a method that is added there is tested here."""

import ml_dtypes
import numpy as np
import pytest
from cases import GEOMETRIES, arrays, definition, geometries, integers
from hypothesis import given

from deconvlib import METHODS, Axis, Geometry, conv_matrix
from deconvlib.methods import convolve

TOLERANCE = {"fast": 1e-9}  # relative to the largest output; every other method is exact on small integers


def applicable(geometry):
    """`padded` is the stride-1 lemma."""
    return [name for name in METHODS if name != "padded" or set(geometry.stride) == {1}]


def assert_same(name, got, want):
    assert got.shape == want.shape
    scale = np.abs(want).max(initial=1)
    np.testing.assert_allclose(got, want, rtol=0, atol=TOLERANCE.get(name, 0) * scale, err_msg=name)


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_every_method_computes_the_definition(geometry):
    inputs, kernel = arrays(geometry)
    want = definition(inputs, kernel, geometry)
    for name in applicable(geometry):
        assert_same(name, METHODS[name](inputs, kernel, geometry), want)


@given(geometries(max_size=3, max_kernel=4))
def test_every_method_computes_the_definition_on_any_geometry(geometry):
    inputs, kernel = arrays(geometry, batch=1, channels=(2, 2))
    want = definition(inputs, kernel, geometry)
    for name in applicable(geometry):
        assert_same(name, METHODS[name](inputs, kernel, geometry), want)


@given(geometries(max_axes=2))
def test_the_transposed_convolution_is_the_adjoint_of_the_convolution(geometry):
    """<C u, v> = <u, C^T v>."""
    v, kernel = arrays(geometry)
    u = integers((2, *geometry.output_size, 3), seed=5)
    forward = np.sum(convolve(u, kernel, geometry) * v)
    for name in applicable(geometry):
        back = np.sum(u * METHODS[name](v, kernel, geometry))
        assert back == pytest.approx(forward, abs=1e-6), name


@given(geometries(max_axes=2))
def test_the_matrix_applied_to_a_flat_input_is_the_convolution(geometry):
    _, kernel = arrays(geometry)
    u = integers((2, *geometry.output_size, 3), seed=5)
    flat = conv_matrix(kernel, geometry) @ u.reshape(2, -1).T
    assert np.array_equal(flat.T.reshape(2, *geometry.input_size, 2), convolve(u, kernel, geometry))


@given(geometries(max_axes=2))
def test_linear_in_inputs_and_in_kernel(geometry):
    a, kernel = arrays(geometry)
    b, other = arrays(geometry, seed=7)
    for name in applicable(geometry):
        f = METHODS[name]
        assert_same(name, f(2 * a - b, kernel, geometry), 2 * f(a, kernel, geometry) - f(b, kernel, geometry))
        assert_same(name, f(a, kernel + 3 * other, geometry), f(a, kernel, geometry) + 3 * f(a, other, geometry))


def test_shifting_the_input_by_one_shifts_the_output_by_the_stride():
    geometry = Geometry((Axis(6, 3, stride=2, dilation=2), Axis(5, 2, stride=3)))
    inputs, kernel = arrays(geometry)
    inputs[:, -1:], inputs[:, :, -1:] = 0, 0
    moved = np.roll(inputs, (1, 1), (1, 2))
    for name in applicable(geometry):
        still, shifted = (METHODS[name](x, kernel, geometry) for x in (inputs, moved))
        assert_same(name, shifted[:, 2:, 3:], still[:, :-2, :-3])


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "dtypes",
    [
        ("float32", "float32"),
        ("float64", "float32"),
        ("int8", "int8"),
        ("int32", "int64"),
        ("uint8", "int8"),
        ("complex64", "complex64"),
        ("complex128", "float32"),
        ("float16", "float16"),
        ("float16", "float32"),
        (ml_dtypes.bfloat16, ml_dtypes.bfloat16),
        ("bool", "int16"),
    ],
    ids=str,
)
def test_the_result_has_the_dtype_that_numpy_promotes_to(name, dtypes):
    geometry = GEOMETRIES["dilated"]
    inputs, kernel = (np.abs(a).astype(dtype) for a, dtype in zip(arrays(geometry), dtypes))
    got = METHODS[name](inputs, kernel, geometry)
    assert got.dtype == np.result_type(inputs, kernel)
    wide = [a.astype(complex).real for a in (inputs, kernel)]
    want = definition(*wide, geometry)
    if got.dtype.itemsize > 2:
        np.testing.assert_allclose(got.astype(complex).real, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_complex_numbers_are_not_conjugated(name):
    geometry = GEOMETRIES["dilated"]
    (a, v), (b, w) = arrays(geometry), arrays(geometry, seed=3)
    got = METHODS[name](a + 1j * b, v + 1j * w, geometry)
    f = lambda x, k: definition(x, k, geometry)  # noqa: E731
    np.testing.assert_allclose(got, f(a, v) - f(b, w) + 1j * (f(a, w) + f(b, v)), atol=1e-9)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("half", ["float16", ml_dtypes.bfloat16], ids=str)
@pytest.mark.parametrize("over", ["channels", "taps"])
def test_half_precision_is_rounded_once(name, half, over):
    """Products of 4,096 and 1 would be lost one by one in a half-precision sum."""
    if over == "channels":
        geometry, shape = Geometry.of(1, 1), (1, 1, 65)
        inputs, kernel = np.ones(shape, half), np.ones(shape, half)
    else:
        geometry = Geometry.of(65, 65, crop=(64, 64))  # one output sample, which every tap reaches once
        inputs, kernel = np.ones((1, 65, 1), half), np.ones((65, 1, 1), half)
    inputs.ravel()[0] = 4096
    want = np.float32(4096 + 64).astype(half)
    assert METHODS[name](inputs, kernel, geometry).ravel() == want
    assert want != np.asarray(4096, half)


@pytest.mark.parametrize("name", METHODS)
def test_an_empty_batch_gives_an_empty_result(name):
    geometry = GEOMETRIES["dilated"]
    inputs, kernel = arrays(geometry, batch=0)
    assert METHODS[name](inputs, kernel, geometry).shape == (0, *geometry.output_size, 3)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("channels", [(0, 3), (2, 0)])
def test_without_channels_every_sum_is_empty(name, channels):
    geometry = GEOMETRIES["dilated"]
    got = METHODS[name](*arrays(geometry, channels=channels), geometry)
    assert np.array_equal(got, np.zeros((2, *geometry.output_size, channels[1])))


@pytest.mark.parametrize("name", METHODS)
def test_inputs_may_be_read_only_views_and_are_never_written_to(name):
    geometry = GEOMETRIES["two unequal axes"] if name != "padded" else GEOMETRIES["dilated"]
    inputs, kernel = arrays(geometry)
    strided = np.repeat(inputs, 2, 1)[:, ::2], np.asfortranarray(kernel)
    for array in strided:
        array.flags.writeable = False
    copies = [a.copy() for a in strided]
    assert_same(name, METHODS[name](*strided, geometry), definition(inputs, kernel, geometry))
    assert all(np.array_equal(a, b) for a, b in zip(strided, copies))


@pytest.mark.parametrize("name", METHODS)
def test_nan_reaches_what_its_sample_reaches(name):
    geometry = Geometry((Axis(4, 2),))
    inputs, kernel = arrays(geometry, channels=(1, 1))
    inputs[:, 1] = np.nan
    got = METHODS[name](inputs, kernel, geometry)
    assert np.isnan(got[:, 1:3]).all()


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, w, g: (x[0], w, g), r"inputs must be \(batch, \*space, in\) with 1 spatial axes, got shape"),
        (lambda x, w, g: (x, w[0], g), r"kernel must be \(\*k, out, in\) with 1 spatial axes, got shape"),
        (lambda x, w, g: (x[:, 1:], w, g), r"inputs must have the geometry's input_size \(3,\), got \(2,\)"),
        (lambda x, w, g: (x, w[1:], g), r"kernel must have the geometry's kernel_size \(3,\), got \(2,\); arrange"),
        (
            lambda x, w, g: (x[..., 1:], w, g),
            r"same input channels, got 1 and 2; arrange the kernel as \(\*k, out, in\)",
        ),
    ],
)
def test_arrays_that_do_not_fit_the_geometry_are_refused(name, change, message):
    geometry = GEOMETRIES["dilated"]
    with pytest.raises(ValueError, match=message):
        METHODS[name](*change(*arrays(geometry), geometry))


def test_padded_refuses_a_stride_and_names_the_method_for_it():
    geometry = Geometry((Axis(2, 3, stride=2), Axis(2, 3)))
    message = r"padded needs stride 1 on every axis, got \(2, 1\); use method='fractional_stride'"
    with pytest.raises(ValueError, match=message):
        METHODS["padded"](*arrays(geometry), geometry)


def test_what_is_not_a_number_is_refused():
    geometry = GEOMETRIES["dilated"]
    inputs, kernel = arrays(geometry)
    with pytest.raises(TypeError, match="inputs must be numeric, got dtype <U"):
        METHODS["scatter"](inputs.astype(str), kernel, geometry)
    with pytest.raises(TypeError, match="geometry must be a deconvlib.Geometry, got tuple"):
        METHODS["scatter"](inputs, kernel, (3, 3))
