"""Laws of the matrix C: dense, sparse, as a linear operator; its rank and null space."""

import subprocess
import sys
from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from cases import GEOMETRIES, arrays, definition, geometries, integers
from hypothesis import given

import deconvlib as dl
from deconvlib import METHODS, Geometry, as_linear_operator, conv_matrix, null_space, rank
from deconvlib.methods import convolve


def complex_kernel(geometry, channels=(2, 3)):
    return arrays(geometry, channels=channels)[1] + 1j * arrays(geometry, channels=channels, seed=5)[1]


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_the_transpose_of_the_matrix_is_the_definition(geometry):
    inputs, kernel = arrays(geometry)
    flat = inputs.reshape(2, -1) @ conv_matrix(kernel, geometry)
    assert np.array_equal(flat.reshape(2, *geometry.output_size, 3), definition(inputs, kernel, geometry))


@given(geometries())
def test_the_sparse_matrix_is_the_dense_one(geometry):
    kernel = complex_kernel(geometry)
    sparse = conv_matrix(kernel, geometry, sparse=True)
    assert isinstance(sparse, scipy.sparse.csr_array)
    assert sparse.dtype == kernel.dtype
    assert sparse.has_canonical_format
    assert np.array_equal(sparse.toarray(), conv_matrix(kernel, geometry))


def test_the_sparse_matrix_is_built_where_the_dense_one_would_not_fit():
    geometry = Geometry.of((300, 200), 3, 2, crop=(1, 0))
    kernel = arrays(Geometry.of((1, 1), 3), channels=(1, 1))[1]
    matrix = conv_matrix(kernel, geometry, sparse=True)
    assert matrix.shape == (60_000, 240_000)  # 115 GB as a dense float64
    assert matrix.nnz == 9 * 60_000 - 3 * (300 + 200) + 1  # the crop cuts a row and a column of taps


@given(geometries())
def test_the_linear_operator_is_the_matrix_and_its_conjugate_transpose(geometry):
    kernel = complex_kernel(geometry)
    operator, matrix = as_linear_operator(kernel, geometry), conv_matrix(kernel, geometry)
    assert operator.shape == matrix.shape
    assert operator.dtype == matrix.dtype
    u, v = (integers((n, 2), seed) + 1j * integers((n, 2), seed + 1) for seed, n in enumerate(matrix.shape[::-1]))
    assert np.array_equal(operator @ u, matrix @ u)
    assert np.array_equal(operator @ u[:, 0], matrix @ u[:, 0])
    assert np.array_equal(operator.H @ v, matrix.conj().T @ v)
    assert np.array_equal(operator.rmatvec(v[:, 0]), matrix.conj().T @ v[:, 0])


@given(geometries(max_axes=2))
def test_the_linear_operator_is_adjoint_to_itself(geometry):
    """<C u, v> = <u, C^H v>, and for a real kernel C^H = C^T."""
    kernel = arrays(geometry)[1]
    operator = as_linear_operator(kernel, geometry)
    v, u = (integers(n, seed) for seed, n in enumerate(operator.shape))
    assert np.vdot(v, operator @ u) == np.vdot(operator.rmatvec(v), u)


def test_least_squares_finds_the_signal_that_the_transposed_convolution_came_from():
    geometry = GEOMETRIES["cropped unevenly"]
    inputs, kernel = arrays(geometry, batch=1)
    seen = definition(inputs, kernel, geometry).ravel()
    found = scipy.sparse.linalg.lsqr(as_linear_operator(kernel, geometry).T, seen, atol=1e-13, btol=1e-13)[0]
    np.testing.assert_allclose(found, inputs.ravel(), atol=1e-8)


@pytest.mark.parametrize("function", [conv_matrix, as_linear_operator])
def test_a_kernel_that_does_not_fit_is_refused(function):
    with pytest.raises(ValueError, match=r"kernel must have the geometry's kernel_size \(3,\), got \(2,\)"):
        function(integers((2, 1, 1)), Geometry.of(4, 3))
    with pytest.raises(ValueError, match=r"kernel must be \(\*k, out, in\) with 1 spatial axes, got shape \(3,\)"):
        function(integers(3), Geometry.of(4, 3))
    with pytest.raises(TypeError, match=r"geometry must be a deconvlib.Geometry, got int"):
        function(integers((3, 1, 1)), 4)
    with pytest.raises(TypeError, match="kernel must be numeric, got dtype <U1"):
        function(np.full((3, 1, 1), "a"), Geometry.of(4, 3))


@pytest.mark.parametrize("half", ["float16", ml_dtypes.bfloat16], ids=str)
def test_scipy_stores_no_half_precision(half):
    kernel = arrays(Geometry.of(4, 3))[1].astype(half)
    with pytest.raises(
        TypeError, match=r"sparse=True needs a dtype that SciPy stores, got b?float16; use kernel.astype"
    ):
        conv_matrix(kernel, Geometry.of(4, 3), sparse=True)
    assert conv_matrix(kernel, Geometry.of(4, 3)).dtype == half


@pytest.mark.parametrize("call", ["conv_matrix(kernel, geometry, sparse=True)", "as_linear_operator(kernel, geometry)"])
def test_without_scipy_the_error_names_the_extra(call):
    code = f"""
import sys
from dataclasses import replace
sys.modules["scipy"] = None
import numpy, deconvlib
geometry, kernel = deconvlib.Geometry.of(4, 3), numpy.ones((3, 1, 1))
assert deconvlib.conv_matrix(kernel, geometry).shape == (4, 6)
try:
    deconvlib.{call}
except ImportError as error:
    print(error)
"""
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "needs SciPy, an optional extra; pip install 'deconvlib[sparse]'" in output


@given(geometries(max_axes=2, max_size=4, max_kernel=3))
def test_the_null_space_is_what_the_convolution_maps_to_zero_and_rank_is_the_rest(geometry):
    kernel = arrays(geometry)[1] + 1j * arrays(geometry, seed=4)[1]
    conjugate = kernel.conj()
    rows, columns = conv_matrix(kernel, geometry).shape
    unseen, lost = null_space(kernel, geometry), null_space(kernel, geometry, transpose=True)
    assert unseen.shape == (columns - rank(kernel, geometry), *geometry.output_size, 3)
    assert lost.shape == (rows - rank(kernel, geometry), *geometry.input_size, 2)
    np.testing.assert_allclose(convolve(unseen, kernel, geometry), 0, atol=1e-9)
    np.testing.assert_allclose(METHODS["scatter"](lost, kernel, geometry), 0, atol=1e-9)
    for basis in (unseen, lost):
        every = tuple(range(1, basis.ndim))
        np.testing.assert_allclose(np.tensordot(basis, basis.conj(), (every, every)), np.eye(len(basis)), atol=1e-9)
    produced = METHODS["scatter"](arrays(geometry)[0], conjugate, geometry)
    np.testing.assert_allclose(np.tensordot(unseen.conj(), produced[0], produced[0].ndim), 0, atol=1e-6)


def test_the_transposed_convolution_is_no_inverse():
    """A stride-2 convolution of 8 samples keeps 4 numbers of them, so that 4 dimensions are lost."""
    geometry = Geometry.of(4, 2, 2)
    kernel = arrays(geometry, channels=(1, 1))[1]
    assert rank(kernel, geometry) == 4
    assert null_space(kernel, geometry).shape == (4, 8, 1)
    assert null_space(kernel, geometry, transpose=True).shape == (0, 4, 1)


@pytest.mark.parametrize(("data_format", "groups"), [("channels_last", 4), ("channels_first", 2)])
@given(geometry=geometries(max_axes=2, max_size=4))
def test_matrix_and_operator_with_groups_in_either_order_of_channels(data_format, groups, geometry):
    """Against conv and conv_transpose on raveled signals, with two groups of a complex kernel, or a group a channel."""
    kernel = arrays(geometry, channels=(4, 3))[1] + 1j * arrays(geometry, channels=(4, 3), seed=5)[1]
    u, v = integers((*geometry.output_size, 3 * groups)), integers((*geometry.input_size, 4), seed=1)
    arguments = {"strides": geometry.stride, "padding": geometry.crop, "dilation_rate": geometry.dilation}
    arguments["groups"] = groups
    there, back = dl.conv(u[None], kernel, **arguments)[0], dl.conv_transpose(v[None], kernel, **arguments)[0]
    if data_format == "channels_first":
        u, v, there, back = (np.moveaxis(array, -1, 0) for array in (u, v, there, back))
    matrix = conv_matrix(kernel, geometry, groups=groups, data_format=data_format)
    assert np.array_equal(matrix, conv_matrix(kernel, replace(geometry, groups=groups), data_format=data_format))
    sparse = conv_matrix(kernel, geometry, sparse=True, groups=groups, data_format=data_format)
    assert np.array_equal(sparse.toarray(), matrix)
    np.testing.assert_allclose(matrix @ u.ravel(), there.ravel(), atol=1e-8)
    np.testing.assert_allclose(matrix.T @ v.ravel(), back.ravel(), atol=1e-8)
    operator = as_linear_operator(kernel, geometry, groups=groups, data_format=data_format)
    assert (operator.dims, operator.dimsd) == (u.shape, v.shape)
    np.testing.assert_allclose(operator @ u.ravel(), there.ravel(), atol=1e-8)
    np.testing.assert_allclose(operator.H @ v.ravel(), matrix.conj().T @ v.ravel(), atol=1e-8)


def test_the_rank_is_found_in_double_precision():
    """Two channels that differ in the sixth digit are two: in half precision there are no singular values at all."""
    geometry = Geometry.of(3, 2)
    half = arrays(geometry)[1].astype(np.float16)
    assert rank(half, geometry) == rank(half.astype("d"), geometry)
    alike = np.array([[[1, 1], [1, 1 + 2**-20]]], np.float32)
    assert rank(alike, Geometry.of(1, 1)) == 2
