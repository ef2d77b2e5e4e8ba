"""Plans: what they accept, what they say, what they keep in memory."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

from deconvlib import METHODS, Geometry, conv_transpose, plan
from deconvlib.fast import blas
from deconvlib.fast.cost import SizedLayer
from deconvlib.fast.plans import WAYS

GEOMETRY = Geometry.of((6, 5), 4, 2, 1, (1, 1))
RNG = np.random.default_rng(0)
X, KERNEL = RNG.standard_normal((2, 6, 5, 3)), RNG.standard_normal((4, 4, 2, 3))


def test_inputs_of_another_shape_or_dtype_are_refused():
    """A plan says what it was made for, and does not convert in silence."""
    prepared = plan(KERNEL, GEOMETRY)
    with pytest.raises(ValueError, match=r"shape \(batch, 6, 5, 3\), got \(2, 5, 6, 3\); make a plan"):
        prepared(X.swapaxes(1, 2))
    with pytest.raises(TypeError, match="dtype of the plan's kernel, float64, got float32; convert one of them first"):
        prepared(X.astype(np.float32))


@pytest.mark.parametrize("dtype", ["f4", "i4", "c16"])
@pytest.mark.parametrize("size", [2, 6])
def test_the_order_of_the_bytes_in_a_number_does_not_matter(size, dtype):
    """A file may hold them in the order of another machine, which BLAS cannot read."""
    x, kernel = (10 * X[:, :size, :size]).astype(dtype), (10 * KERNEL).astype(dtype)
    geometry = GEOMETRY.layer.at(x.shape[1:-1])
    expected = METHODS["scatter"](x, kernel, geometry)
    result = plan(kernel.astype(kernel.dtype.newbyteorder()), geometry)(x.astype(x.dtype.newbyteorder()))
    assert result.dtype == expected.dtype
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-3)


def test_a_batch_beyond_all_memory_takes_no_time():
    """Nothing is prepared in proportion to a batch that was only named, or that finds no memory."""
    prepared = plan(KERNEL, GEOMETRY, batch=10**12)
    assert prepared.explain(10**12) == prepared.explain(np.array(4096))
    with pytest.raises(MemoryError):
        prepared(np.broadcast_to(X[0], (10**12, *X[0].shape)))


def test_the_groups_may_be_a_small_integer_of_numpy():
    """In 8 bits 100 channels times 2 groups would be -56."""
    x, kernel, geometry = np.ones((1, 2, 200)), np.ones((3, 100, 200)), Geometry.of(2, 3)
    assert plan(kernel, geometry, groups=np.int8(2))(x).shape == (1, 4, 200)
    assert conv_transpose(x, kernel, groups=np.int8(2)).shape == (1, 4, 200)


def test_a_mask_is_not_dropped():
    """The samples behind a mask are none."""
    with pytest.raises(TypeError, match="without a mask"):
        plan(KERNEL, GEOMETRY)(np.ma.masked_greater(X, 1))


def test_a_kernel_or_groups_that_do_not_fit_are_refused():
    """The errors of the methods, before any work."""
    with pytest.raises(ValueError, match=r"kernel_size \(4, 4\), got \(3, 4\)"):
        plan(KERNEL[:3], GEOMETRY)
    with pytest.raises(ValueError, match="groups must be a positive integer that divides the channels, got 2 for 3"):
        plan(KERNEL, GEOMETRY, groups=2)


@pytest.mark.parametrize("out", [np.empty((2, 12, 10, 3)), np.empty((2, 12, 10, 2), np.float32), [1.0]])
def test_an_out_that_does_not_fit_is_refused(out):
    """Shape and dtype of `out` are named."""
    with pytest.raises(ValueError, match=r"C-contiguous array of shape \(2, 12, 10, 2\) and dtype float64, got"):
        plan(KERNEL, GEOMETRY)(X, out)


def test_an_out_that_cannot_be_written_to_is_refused():
    """What is wrong with it is said: not its shape and dtype, which are right."""
    out = np.empty((2, 12, 10, 2))
    with pytest.raises(ValueError, match="out must be C-contiguous, got strides"):
        plan(KERNEL, GEOMETRY)(X, np.asfortranarray(out))
    out.flags.writeable = False
    with pytest.raises(ValueError, match="out must be writeable, got a read-only array"):
        plan(KERNEL, GEOMETRY)(X, out)


def test_out_may_share_memory_with_the_inputs():
    """Inputs that lie where the output goes are read before they are overwritten."""
    rng = np.random.default_rng(3)
    geometry, kernel = Geometry.of((16, 16), 3, crop=(1, 1)), rng.standard_normal((3, 3, 64, 64))
    prepared, x = plan(kernel, geometry), rng.standard_normal((64, 16, 16, 64))
    assert prepared.explain(64).startswith("tiles")
    memory = np.zeros(x.size + 1000)
    inputs, out = memory[: x.size].reshape(x.shape), memory[1000:].reshape(x.shape)
    inputs[...] = x
    np.testing.assert_array_equal(prepared(inputs, out), prepared(x))


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "complex64", "complex128", "int16", "int64", "uint8"]
)
def test_every_dtype_gives_the_dtype_of_scatter(dtype):
    """Half precision is rounded once, from float32; integers and complex numbers take a way that is exact for them."""
    scale = 1 if np.dtype(dtype).kind in "fc" else 5
    x, kernel = (np.abs(scale * a).astype(dtype) for a in (X, KERNEL))
    expected = METHODS["scatter"](x, kernel, GEOMETRY)
    for result in (plan(kernel, GEOMETRY)(x), METHODS["fast"](x, kernel, GEOMETRY)):
        assert result.dtype == expected.dtype == np.dtype(dtype)
        tolerance = 0 if expected.dtype.kind in "iu" else 4 * np.finfo(dtype).eps
        np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())


def test_mixed_dtypes_are_promoted_as_by_numpy():
    """float32 inputs with a float64 kernel give float64."""
    assert METHODS["fast"](X.astype(np.float32), KERNEL, GEOMETRY).dtype == np.float64


def test_views_are_read_and_never_written():
    """Reversed, transposed and read-only arrays work and stay as they are."""
    x, kernel = X[:, ::-1, :, ::-1], KERNEL.transpose(1, 0, 2, 3)
    before = x.copy(), kernel.copy()
    for array in (x, kernel):
        array.flags.writeable = False
    expected = METHODS["scatter"](*before, GEOMETRY)
    layer = SizedLayer(GEOMETRY, len(x), 3, 2, 1, x.dtype)
    for name in ("tiles of 1", "tiles of 4", "planes", "matrix", "taps"):
        out, way = np.full_like(expected, np.nan), WAYS[name]
        work = way.work(layer, 2)
        assert way.run(x, out, way.weights(kernel, work), work)
        np.testing.assert_allclose(out, expected, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(kernel, before[1])


def test_exact_means_no_winograd():
    """With exact=True a NaN reaches only the outputs whose windows hold it."""
    rng = np.random.default_rng(1)
    geometry = Geometry.of((40, 40), 3, 1, 1, (1, 1))
    x, kernel = rng.standard_normal((8, 40, 40, 64), np.float32), rng.standard_normal((3, 3, 64, 64), np.float32)
    x[0, 20, 20, 0] = np.nan
    assert "tiles of 1" in plan(kernel, geometry, batch=8, exact=True).explain(8)
    assert "tiles of 4" not in plan(kernel, geometry, batch=8, exact=True).explain(8)
    touched = np.isnan(plan(kernel, geometry, batch=8, exact=True)(x)).any(axis=-1)
    assert np.argwhere(touched).min(0).tolist() == [0, 19, 19]
    assert np.argwhere(touched).max(0).tolist() == [0, 21, 21]


def test_explain_names_the_way_and_its_rivals():
    """The first line is what runs; then every candidate with what it would cost, the cheapest first."""
    text = plan(KERNEL, GEOMETRY).explain(2)
    first, _, _, cheapest, *_ = text.split("\n")
    assert first == f"{cheapest.split('  ')[0]} on 1 thread, for a batch of 2"
    assert {"planes", "tiles of 1", "tiles of 4"} <= {line.split("  ")[0] for line in text.split("\n")}


def test_memory_beyond_the_output_is_bounded():
    """A call holds a few MB a thread, however large the batch; nbytes is what the kernel takes at its points."""
    rng = np.random.default_rng(2)
    kernel = rng.standard_normal((4, 4, 64, 128), np.float32)
    geometry = Geometry.of((32, 32), 4, 2, 1, (1, 1))
    x = rng.standard_normal((48, 32, 32, 128), np.float32)
    prepared = plan(kernel, geometry, batch=48)
    assert prepared.explain(48).startswith("tiles of 4")
    assert prepared.nbytes == kernel.nbytes * 25 / 4
    out = prepared(x)
    tracemalloc.start()
    prepared(x, out)
    fresh = plan(kernel, geometry, batch=48)
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    fresh(x, out)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 2 * (8 << 20)


def test_nbytes_are_those_of_all_ways_that_were_prepared():
    geometry, kernel = Geometry.of((4, 4), 4, 2, 1, (1, 1)), np.ones((4, 4, 512, 512), np.float32)
    one, many = (plan(kernel, geometry, batch=batch) for batch in (1, 64))
    assert one.explain(1).split(" on ")[0] != one.explain(64).split(" on ")[0]
    assert one.nbytes != many.nbytes
    total = one.nbytes + many.nbytes
    one(np.ones((64, 4, 4, 512), np.float32))
    assert one.nbytes == total


def test_the_plan_serves_conv_transpose():
    """conv_transpose by "auto" and by "fast" is the same computation."""
    auto, fast = (conv_transpose(X, KERNEL, 2, [(1, 1), (1, 1)], method=m) for m in ("auto", "fast"))
    np.testing.assert_array_equal(auto, fast)
    np.testing.assert_allclose(auto, plan(KERNEL, GEOMETRY)(X), atol=1e-12)


@pytest.mark.parametrize("batch", [0, -1])
def test_a_batch_below_one_is_refused(batch):
    """A layer is prepared for at least one sample; a call may have none."""
    with pytest.raises(
        ValueError, match=rf"batch must be at least 1, got {batch}; leave it at 1, any batch size can be"
    ):
        plan(KERNEL, GEOMETRY, batch=batch)
    with pytest.raises(ValueError, match=f"batch must be at least 1, got {batch}"):
        plan(KERNEL, GEOMETRY).explain(batch)
    assert plan(KERNEL, GEOMETRY)(X[:0]).shape == (0, 12, 10, 2)


@pytest.mark.parametrize("batch", [1.5, True, "2", None])
def test_a_batch_that_is_no_integer_is_refused(batch):
    """Nothing is rounded in silence."""
    with pytest.raises(TypeError, match=f"batch must be an integer, got {batch!r}"):
        plan(KERNEL, GEOMETRY, batch=batch)


def test_a_plan_tells_what_it_is():
    """Sizes, kernel, stride, channels, and how it runs."""
    assert repr(plan(np.ones((4, 4, 5, 3)), Geometry.of((8, 8), 4, 2, 1, (1, 1)))).startswith(
        "Plan(8x8 -> 16x16, k4 s2, 3 -> 5, "
    )
    dilated = plan(np.ones((3, 1, 1, 4)), Geometry.of((8, 9), (3, 1), (2, 1), (2, 1)), groups=4)
    assert repr(dilated).startswith("Plan(8x9 -> 19x9, k3x1 s2x1 d2x1, 4 -> 4, 4 groups, ")


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_a_plan_can_be_sent_and_copied(twin):
    """What arrives gives the same."""
    for dtype, exact in ((np.float64, False), (np.float16, True)):
        prepared = plan(KERNEL.astype(dtype), GEOMETRY, batch=2, exact=exact)
        np.testing.assert_array_equal(twin(prepared)(X.astype(dtype)), prepared(X.astype(dtype)))
        assert repr(twin(prepared)) == repr(prepared)


def test_the_kernel_may_not_be_overwritten_by_a_result():
    """Where `out` is the kernel's own memory, the result is right, and written last."""
    kernel = np.random.default_rng(0).standard_normal((3, 3, 8, 8))
    geometry = Geometry.of((3, 3), 3, 1, 1, (1, 1))
    x, out = np.random.default_rng(1).standard_normal((8, 3, 3, 8)), kernel.reshape(-1)[:576].reshape(8, 3, 3, 8)
    expected = METHODS["scatter"](x, kernel, geometry)
    np.testing.assert_allclose(plan(kernel, geometry, batch=8)(x, out), expected, atol=1e-12)


def test_a_plan_does_not_look_at_each_phase_of_a_stride_that_few_taps_reach():
    """3 taps reach 3 of 10^9 phases; the output itself would have 3 * 10^9 samples."""
    assert repr(plan(np.ones((3, 1, 1)), Geometry.of(4, 3, 10**9))).startswith("Plan(4 -> 3000000003, k3 s1000000000")


def test_out_need_not_be_aligned():
    """An array in a buffer that begins at an odd byte is written as any other, whatever the way."""
    for size in (2, 24):
        geometry = Geometry.of((size,), 3)
        x, kernel = (
            np.random.default_rng(0).standard_normal((1, size, 2)),
            np.random.default_rng(1).standard_normal((3, 4, 2)),
        )
        out = np.frombuffer(bytearray(8 * (size + 2) * 4 + 1), np.float64, offset=1).reshape(1, size + 2, 4)
        assert plan(kernel, geometry)(x, out) is out
        np.testing.assert_allclose(out, METHODS["scatter"](x, kernel, geometry))


def test_a_kernel_is_prepared_again_only_where_it_is_read_in_another_way():
    """By helpers or by the threads of BLAS, where these pack what they multiply; without products it is all one."""
    geometry = Geometry.of((24, 24), 3, 2, 1, (1, 1))
    for name, kind, ways in (
        ("tiles of 4", blas.PACKING, 2),
        ("tiles of 4", blas.SMALL, 1),
        ("planes", blas.PACKING, 1),
    ):
        layer, way = SizedLayer(geometry, 1, 64, 64, kind=kind), WAYS[name]
        assert len({way.layout(way.work(layer, threads)) for threads in (1, 2)}) == ways
    depthwise = plan(np.ones((3, 3, 1, 64), np.float32), geometry, groups=64)
    before = depthwise.nbytes
    assert [depthwise._way(batch, 2, False).work.threads for batch in (1, 64)] == [1, 2]
    assert depthwise.nbytes == before > 0
