"""Laws of the gradients, judged by finite differences, by TensorFlow, and by the adjoint."""

import ml_dtypes
import numpy as np
import pytest
from cases import GEOMETRIES, arrays, definition, geometries, integers
from hypothesis import given

from deconvlib import METHODS, Axis, Geometry, gradients
from deconvlib.arrays import correlate, pad_or_crop


def problem(geometry, batch=2, channels=(2, 3), seed=0):
    inputs, kernel = arrays(geometry, batch, channels, seed)
    return inputs, kernel, integers((batch, *geometry.output_size, channels[1]), seed + 2)


def differences(loss, array, step=1.0):
    """(L(x + e) - L(x - e)) / 2e for each entry: exact here, for the loss is linear in each array."""
    slope = np.zeros(array.shape, np.result_type(array, np.float64))
    for at in np.ndindex(*array.shape):
        for direction in (1, 1j) if np.iscomplexobj(array) else (1,):
            moved = np.zeros_like(array)
            moved[at] = step * direction
            slope[at] += direction * (loss(array + moved) - loss(array - moved)) / (2 * step)
    return slope


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_gradients_are_finite_differences_of_the_definition(geometry):
    inputs, kernel, g = problem(geometry, batch=1, channels=(1, 2) if len(geometry.axes) > 2 else (2, 3))
    of_inputs, of_kernel = gradients(inputs, kernel, g, geometry)
    assert np.array_equal(of_kernel, differences(lambda w: np.sum(g * METHODS["scatter"](inputs, w, geometry)), kernel))
    assert np.array_equal(of_inputs, differences(lambda x: np.sum(g * METHODS["scatter"](x, kernel, geometry)), inputs))


@given(geometries(max_axes=2))
def test_both_gradients_pair_with_their_array_to_the_loss(geometry):
    """The loss <g, y> is linear in x and in the kernel, so  <x, dL/dx> = <kernel, dL/dkernel> = L."""
    inputs, kernel, g = problem(geometry)
    of_inputs, of_kernel = gradients(inputs, kernel, g, geometry)
    loss = np.sum(g * definition(inputs, kernel, geometry))
    assert np.sum(of_inputs * inputs) == np.sum(of_kernel * kernel) == loss


@given(geometries(max_axes=2))
def test_the_kernel_gradient_is_a_convolution_in_which_stride_and_dilation_change_places(geometry):
    inputs, kernel, g = problem(geometry)
    full = np.moveaxis(pad_or_crop(g, geometry.crop), (-1, 0), (0, -1))  # channels are the batch, the batch is summed
    swapped = correlate(full, np.moveaxis(inputs, 0, -2), geometry.dilation, geometry.stride)
    assert np.array_equal(gradients(inputs, kernel, g, geometry)[1], np.moveaxis(swapped, 0, -2))


# TensorFlow on a CPU has no dilation here; the finite differences above have.
TENSORFLOW = {
    "same": ("SAME", Geometry((Axis(4, 3, 2, crop=(0, 1)), Axis(5, 4, 2, crop=(1, 1))))),
    "valid": ("VALID", Geometry((Axis(4, 3, 2, crop=(0, -1)), Axis(5, 4, 3)))),
}


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize(("padding", "geometry"), TENSORFLOW.values(), ids=TENSORFLOW.keys())
def test_gradients_are_those_of_tensorflow(padding, geometry, groups):
    import tensorflow as tf

    inputs, kernel, g = problem(geometry, channels=(6, 4))
    g = integers((*g.shape[:-1], 4 * groups), seed=2)
    with tf.GradientTape() as tape:
        x, w = tf.Variable(inputs), tf.Variable(kernel)
        shares = zip(tf.split(x, groups, -1), tf.split(w, groups, -1))
        parts = [
            tf.nn.conv2d_transpose(a, b, (2, *geometry.output_size, 4), geometry.stride, padding) for a, b in shares
        ]
        loss = tf.reduce_sum(tf.concat(parts, -1) * g)
    for ours, theirs in zip(gradients(inputs, kernel, g, geometry, groups=groups), tape.gradient(loss, (x, w))):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-9)


def test_groups_are_separate_transposed_convolutions():
    geometry = GEOMETRIES["two unequal axes"]
    inputs, kernel = arrays(geometry, channels=(6, 2))
    g = integers((2, *geometry.output_size, 6), seed=2)
    of_inputs, of_kernel = gradients(inputs, kernel, g, geometry, groups=3)
    for n in range(3):
        ins, outs = slice(2 * n, 2 * n + 2), slice(2 * n, 2 * n + 2)
        alone = gradients(inputs[..., ins], kernel[..., ins], g[..., outs], geometry)
        assert np.array_equal(of_inputs[..., ins], alone[0])
        assert np.array_equal(of_kernel[..., ins], alone[1])


def test_complex_gradients_point_where_a_real_loss_grows():
    """L = Re <conj(g), y>: a step along dL/dRe + i dL/dIm."""
    geometry = GEOMETRIES["cropped unevenly"]
    (x, w, g), (x2, w2, g2) = problem(geometry), problem(geometry, seed=9)
    x, w, g = x + 1j * x2, w + 1j * w2, g + 1j * g2
    loss = lambda a, b: np.sum(g.conj() * METHODS["scatter"](a, b, geometry)).real  # noqa: E731
    of_inputs, of_kernel = gradients(x, w, g, geometry)
    assert np.array_equal(of_inputs, differences(lambda a: loss(a, w), x))
    assert np.array_equal(of_kernel, differences(lambda b: loss(x, b), w))
    of_real, _ = gradients(x2, w, g, geometry)
    assert not np.iscomplexobj(of_real)
    assert np.array_equal(of_real, differences(lambda a: loss(a, w), x2))


@pytest.mark.parametrize("half", ["float16", ml_dtypes.bfloat16], ids=str)
def test_half_precision_is_accumulated_in_float32_and_rounded_once(half):
    """Sums of small integers are exact in float32, and have more bits than half precision keeps."""
    geometry = GEOMETRIES["many taps in a phase"]
    arrays = [a.astype(half) for a in problem(geometry, batch=20, channels=(20, 30))]
    exact = gradients(*(a.astype(np.float64) for a in arrays), geometry)
    for ours, want in zip(gradients(*arrays, geometry), exact):
        assert ours.dtype == half
        assert np.array_equal(ours, want.astype(half))


def test_an_empty_batch_gives_an_empty_input_gradient_and_a_kernel_gradient_of_zeros():
    geometry = GEOMETRIES["two unequal axes"]
    inputs, kernel, g = problem(geometry, batch=0)
    of_inputs, of_kernel = gradients(inputs, kernel, g, geometry)
    assert of_inputs.shape == inputs.shape
    assert of_kernel.shape == kernel.shape
    assert not of_kernel.any()


@pytest.mark.parametrize(
    ("change", "groups", "message"),
    [
        ({"g": (2, 7, 3)}, 1, r"must have the output's shape \(2, 6, 3\), got \(2, 7, 3\); it has one entry for each"),
        ({"x": (2, 5, 2)}, 1, r"inputs must have the geometry's input_size \(3,\), got \(5,\); make a geometry"),
        ({"w": (3, 3, 4)}, 1, "inputs and kernel must have the same input channels, got 2 and 4"),
        ({}, 3, "groups must be a positive integer that divides the channels, got 3 for 2 input"),
        ({}, 2, r"output_gradient must have the output's shape \(2, 6, 6\), got \(2, 6, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_rule(change, groups, message):
    geometry = Geometry.of(3, 3, 2, crop=(0, 1))
    shapes = {"x": (2, 3, 2), "w": (3, 3, 2), "g": (2, 6, 3)} | change
    with pytest.raises(ValueError, match=message):
        gradients(*(integers(shape) for shape in shapes.values()), geometry, groups=groups)


@pytest.mark.parametrize("wide", ["inputs", "kernel", "output_gradient"])
def test_a_gradient_is_as_exact_as_the_wider_of_the_arrays_that_it_comes_from(wide):
    """Each is a product of the output's gradient with the other array, with the dtype of NumPy's product."""
    geometry = Geometry.of((4, 5), 3, 2)
    given = dict(zip(("inputs", "kernel", "output_gradient"), problem(geometry)))
    given = {name: (array / 3).astype("d" if name == wide else "f") for name, array in given.items()}
    exact = gradients(**{name: array.astype("d") for name, array in given.items()}, geometry=geometry)
    for ours, expected, other in zip(gradients(**given, geometry=geometry), exact, ("kernel", "inputs")):
        assert ours.dtype == np.result_type(given["output_gradient"], given[other])
        np.testing.assert_allclose(ours, expected, rtol=1e-12 if ours.dtype == "d" else 1e-4)
