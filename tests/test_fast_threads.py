"""Workers and BLAS threads: nobody else in the process notices, and nothing depends on who computes."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from deconvlib import Geometry, plan
from deconvlib.fast import threads
from deconvlib.fast.threads import available, for_each, one_blas_thread

GEOMETRY = Geometry.of((24, 24), 4, 2, 1, (1, 1))


@pytest.fixture(scope="module")
def layer():
    """Inputs, kernel: enough work for two workers."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((4, 24, 24, 64), np.float32), rng.standard_normal((4, 4, 48, 64), np.float32)


def blas_threads():
    """What threadpoolctl, which knows nothing of ours, says of NumPy's BLAS; SciPy brings another one along."""
    pools = (pool for pool in threadpool_info() if pool["user_api"] == "blas")
    return [pool["num_threads"] for pool in pools if "scipy" not in Path(pool["filepath"]).parent.name]


def test_blas_gets_its_threads_back(layer):
    """While workers run BLAS has one thread; after them, also after an error, and without them, as many as before."""
    before, inside = blas_threads(), []
    for_each(lambda: inside.append(blas_threads()), [()], 2)
    assert all(set(numbers) == {1} for numbers in inside)
    for_each(lambda: inside.append(blas_threads()), [()], 1)
    assert inside[-1] == before
    with pytest.raises(ZeroDivisionError):
        for_each(lambda: 1 / 0, [(), ()], 2)
    x, kernel = layer
    plan(kernel, GEOMETRY, batch=len(x))(x)
    assert blas_threads() == before


def test_calls_that_overlap_put_blas_back_once():
    """The last of several callers puts BLAS back, in whatever order they leave."""
    before = blas_threads()
    with one_blas_thread, one_blas_thread:
        assert set(blas_threads()) == {1}
        one_blas_thread.__enter__()
        one_blas_thread.__exit__()
        assert set(blas_threads()) == {1}
    assert blas_threads() == before


def test_a_limit_for_blas_is_a_limit_for_the_workers():
    """A user who allows BLAS one thread gets no workers."""
    with threadpool_limits(1, user_api="blas"):
        assert available() == 1


def test_another_blas_is_left_alone(layer, monkeypatch):
    """Without OpenBLAS everything runs on the calling thread, and nothing is set."""
    monkeypatch.setattr(threads, "_openblas", lambda: None)
    before, (x, kernel) = blas_threads(), layer
    assert available() == 1
    for_each(lambda: before == blas_threads() or pytest.fail("BLAS was changed"), [()], 1)
    assert np.isfinite(plan(kernel, GEOMETRY, batch=len(x))(x)).all()


def test_every_job_runs_once():
    """Each job runs exactly once on however many workers."""
    for number in (1, 2, 3):
        seen, lock = [], threading.Lock()

        def work(job, seen=seen, lock=lock):
            with lock:
                seen.append(job)

        for_each(work, [(i,) for i in range(50)], number)
        assert sorted(seen) == list(range(50))


def test_a_plan_may_be_shared(layer):
    """Eight threads that call one plan at once, each with its own inputs, get what each gets alone."""
    x, kernel = layer
    prepared = plan(kernel, GEOMETRY, batch=len(x))
    inputs = [x * (i + 1) for i in range(8)]
    alone = [prepared(v) for v in inputs]
    together = [None] * 8

    def call(i):
        for _ in range(3):
            together[i] = prepared(inputs[i])

    callers = [threading.Thread(target=call, args=(i,)) for i in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for a, b in zip(alone, together):
        np.testing.assert_array_equal(a, b)


def test_results_are_deterministic(layer):
    """The same call gives the same bits, and so does a second plan."""
    x, kernel = layer
    first, second = plan(kernel, GEOMETRY, batch=len(x)), plan(kernel, GEOMETRY, batch=len(x))
    expected = first(x)
    for _ in range(5):
        np.testing.assert_array_equal(first(x), expected)
        np.testing.assert_array_equal(second(x), expected)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="threads have no affinity on this system")
def test_the_callers_thread_stays_free(layer):
    """Workers stay on their cores; the calling thread may run where it could before."""
    x, kernel = layer
    before = os.sched_getaffinity(0)
    for_each(lambda: None, [(), ()], 2)
    plan(kernel, GEOMETRY, batch=len(x))(x)
    assert os.sched_getaffinity(0) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_computes(layer):
    """After a fork, where the workers are gone, the child starts its own and gets the same result."""
    x, kernel = layer
    prepared = plan(kernel, GEOMETRY, batch=len(x))
    expected = prepared(x)
    for_each(lambda: None, [(), ()], 2)
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # rather than wait for workers that are not there
        for_each(lambda: None, [(), ()], 2)
        os._exit(0 if np.array_equal(prepared(x), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
