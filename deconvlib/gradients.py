"""The gradients of the transposed convolution: each is again a convolution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from deconvlib.arrays import pad_or_crop, taps
from deconvlib.checks import Array, as_array, check_arrays, check_groups
from deconvlib.geometry import Geometry
from deconvlib.methods import accumulate, convolve
from deconvlib.names import own_words


@own_words
def gradients(
    inputs: ArrayLike, kernel: ArrayLike, output_gradient: ArrayLike, geometry: Geometry, *, groups: int | None = None
) -> tuple[Array, Array]:
    """The gradients of a loss with respect to inputs and kernel, from the one with respect to the output.

        input_gradient[j]   =  sum over taps t of       kernel[t].T @ g[s j + d t - cb]
        kernel_gradient[t]  =  sum over samples j of    g[s j + d t - cb] @ x[j].T        (and over the batch)

    The first is the forward convolution of g: the adjoint of the transposed convolution is C.  The second is a
    convolution of g too, in which x is the kernel, and stride and dilation change places.

    Shapes: inputs [batch, *input_size, in]; kernel [*k, out / groups, in]; output_gradient [batch, *output_size, out].
    The gradients have the shapes of inputs and kernel.  `groups` is that of the geometry where it is None.

    Complex: the convention of TensorFlow and PyTorch, in which g is  dL/d(Re y) + i dL/d(Im y)  for a real loss L, so
    that a step against the gradient lowers L.  In the equations above, kernel and x are then conjugated; and the
    gradient of a real array is real.

    dtypes and errors are those of the methods; ValueError as well when output_gradient hasn't the output's shape.
    """
    inputs, kernel = check_arrays(inputs, kernel, geometry)
    groups = check_groups(geometry.groups if groups is None else groups, inputs.shape[-1])
    output_gradient = as_array("output_gradient", output_gradient)
    output_shape = (len(inputs), *geometry.output_size, kernel.shape[-2] * groups)
    if output_gradient.shape != output_shape:
        raise ValueError(
            f"output_gradient must have the output's shape {output_shape}, got {output_gradient.shape}; "
            "it has one entry for each entry of the transposed convolution's output"
        )
    parts = [
        (accumulate(convolve)(g, w.conj(), geometry), accumulate(_kernel_gradient)(g, x.conj(), geometry))
        for x, w, g in zip(*(np.split(array, groups, -1) for array in (inputs, kernel, output_gradient)))
    ]
    of_inputs, of_kernel = (np.concatenate(of_groups, -1) for of_groups in zip(*parts))
    return _as_real(of_inputs, inputs), _as_real(of_kernel, kernel)


def _kernel_gradient(output_gradient: Array, inputs: Array, geometry: Geometry) -> Array:
    """kernel_gradient[t] = sum over batch and samples j of  g[s j + d t - cb] @ x[j].T,  [*k, out, in]."""
    full = pad_or_crop(output_gradient, geometry.crop)
    dtype = np.result_type(full, inputs)
    gradient = np.zeros((*geometry.kernel_size, full.shape[-1], inputs.shape[-1]), dtype)
    summed = tuple(range(inputs.ndim - 1))
    for tap, samples in taps(geometry.input_size, geometry.kernel_size, geometry.stride, geometry.dilation):
        gradient[tap] = np.tensordot(full[samples], inputs, (summed, summed))
    return gradient


def _as_real(gradient: Array, array: Array) -> Array:
    return gradient if np.iscomplexobj(array) else gradient.real
