"""Laws of kernels that are two layers in one: each against the two layers, one after the other."""

import numpy as np
import pytest
from cases import integers
from hypothesis import given
from hypothesis import strategies as st

import deconvlib as dl


def shuffled(x, s, order):
    """[batch, *space, out * prod(s)] becomes [batch, *(s space), out], one output sample at a time."""
    space, outputs = x.shape[1:-1], x.shape[-1] // int(np.prod(s))
    out = np.zeros((len(x), *(n * step for n, step in zip(space, s)), outputs))
    for at in np.ndindex(*out.shape[1:-1]):
        phase = np.ravel_multi_index([p % step for p, step in zip(at, s)], s)
        for o in range(outputs):
            channel = o * int(np.prod(s)) + phase if order == "pytorch" else phase * outputs + o
            out[(slice(None), *at, o)] = x[(slice(None), *(p // step for p, step in zip(at, s)), channel)]
    return out


def transposed(x, fused, layer):
    return dl.conv_transpose(x, fused, layer.stride, layer.crop, method="scatter")


@given(st.data())
def test_a_convolution_and_a_pixel_shuffle_are_one_transposed_convolution(data):
    axes, order = data.draw(st.integers(1, 2)), data.draw(st.sampled_from(["pytorch", "tensorflow"]))
    n, s = ([data.draw(st.integers(1, most)) for _ in range(axes)] for most in (4, 3))
    pads = [(data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2))) for _ in range(axes)]
    x = integers((2, *(length + 2 for length in n), 3))
    kernel = integers((*n, 3, 2 * int(np.prod(s))), seed=1)
    want = shuffled(dl.conv(x, kernel, 1, pads), s, order)
    assert np.array_equal(transposed(x, *dl.fuse_pixel_shuffle(kernel, s, pads, order=order)), want)


@given(st.data())
def test_every_transposed_convolution_is_a_convolution_and_a_pixel_shuffle(data):
    """Kernel size 1 to 7, stride 1 to 4, any crop: back as it was, up to the samples that are cut."""
    axes, order = data.draw(st.integers(1, 2)), data.draw(st.sampled_from(["pytorch", "tensorflow"]))
    k, s = ([data.draw(st.integers(1, most)) for _ in range(axes)] for most in (7, 4))
    crop = [(data.draw(st.integers(-2, 3)), data.draw(st.integers(-2, 3))) for _ in range(axes)]
    layer = dl.Layer(k, s, 1, crop)
    x, kernel = integers((2, *(5,) * axes, 3)), integers((*k, 2, 3), seed=1)
    try:
        want = dl.METHODS["scatter"](x, kernel, layer.at(x.shape[1:-1]))
    except ValueError:  # nothing is left
        return
    split, padding, cut = dl.as_pixel_shuffle(kernel, layer, order=order)
    got = shuffled(dl.conv(x, split, 1, padding), s, order)
    assert np.array_equal(got[(slice(None), *(slice(0, n - less) for n, less in zip(got.shape[1:-1], cut)))], want)


@pytest.mark.parametrize(("s", "n"), [(2, 3), (3, 5), (4, 3), (2, 4), (1, 3)])
@pytest.mark.parametrize("axes", [1, 2])
def test_nearest_upsampling_and_a_convolution_are_one_transposed_convolution(s, n, axes):
    x, kernel = integers((2, *(4, 3)[:axes], 3)), integers((*(n,) * axes, 3, 2), seed=1)
    upsampled = x
    for axis in range(axes):
        upsampled = upsampled.repeat(s, axis + 1)
    for padding in (n // 2, [(1, 0)] * axes):
        fused, layer = dl.fuse_upsample(kernel, s, padding)
        assert layer.kernel_size == (n + s - 1,) * axes
        assert np.array_equal(transposed(x, fused, layer), dl.conv(upsampled, kernel, 1, padding))


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_a_scale_of_the_outputs_goes_into_the_kernel_of_its_group(groups):
    x, kernel = integers((2, 4, 6)), integers((3, 2, 6), seed=1)
    scale = np.arange(1.0, 2 * groups + 1)
    want = scale * dl.conv_transpose(x, kernel, 2, groups=groups)
    np.testing.assert_allclose(
        dl.conv_transpose(x, dl.fuse_scale(kernel, scale, groups=groups), 2, groups=groups), want
    )
    with pytest.raises(ValueError, match=f"one entry for each of the {2 * groups} output channels, got shape"):
        dl.fuse_scale(kernel, scale[1:], groups=groups)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dl.fuse_pixel_shuffle(np.ones((3, 2, 5)), 2), "2 output channels for each channel .* got 5; a Pixel"),
        (lambda: dl.fuse_pixel_shuffle(np.ones((3, 2, 4)), 2, order="keras"), "order must be .* got 'keras'; the lat"),
        (lambda: dl.fuse_upsample(np.ones((3, 2)), 2), r"two for channels, got shape \(3, 2\); keep"),
        (lambda: dl.fuse_upsample(np.ones((3, 2, 2)), 0), "stride must be at least 1, got 0"),
        (lambda: dl.as_pixel_shuffle(np.ones((3, 2, 2)), dl.Layer(4)), r"the kernel's size \(3,\), dilation 1 and one"),
        (lambda: dl.as_pixel_shuffle(np.ones((3, 2, 2)), dl.Layer(3, 1, 2)), "dilation 1 and one group, got Layer"),
    ],
)
def test_what_cannot_be_fused_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
