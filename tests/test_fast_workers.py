"""A call leaves nothing behind that does anything, and no limit; a thread ends soon; whoever interrupts or joins it."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from deconvlib import METHODS, Geometry, plan
from deconvlib.fast import blas, workers
from deconvlib.fast.workers import for_each

GEOMETRY = Geometry.of((24, 24), 4, 2, 1, (1, 1))


@pytest.fixture(scope="module")
def layer():
    """Inputs, kernel and result: enough work for two workers."""
    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((8, 24, 24, 64), np.float32), rng.standard_normal((4, 4, 48, 64), np.float32)
    return x, kernel, METHODS["scatter"](x, kernel, GEOMETRY)


def two_threads(prepared, x):
    """The plan's own call for this batch, whatever this machine would choose, on two threads."""
    way = plans_way(next(iter(prepared._weights))[0])
    work = way.work(prepared._layer(len(x), False), 2)
    weights = way.weights(prepared._kernel, work)

    def call(out):
        assert way.run(x, out, weights, work)
        return out

    return call


def plans_way(name):
    from deconvlib.fast.plans import WAYS

    return WAYS[name]


def blas_threads():
    """What threadpoolctl, which knows nothing of ours, says of NumPy's BLAS; SciPy brings another one along."""
    pools = (pool for pool in threadpool_info() if pool["user_api"] == "blas")
    return [pool["num_threads"] for pool in pools if "scipy" not in Path(pool["filepath"]).parent.name]


def running():
    """How many threads of Python there are."""
    return len(sys._current_frames())


@pytest.fixture(autouse=True)
def no_thread_stays():
    """Whatever threads the other tests of the session have, such as that of a server: none is added for good."""
    before = running()
    yield
    patience = time.monotonic() + 20
    while running() > before and time.monotonic() < patience:
        time.sleep(0.05)
    assert running() <= before


def within_a_call(frame):
    """Whether a signal came while our own code ran: not in a destructor or a callback, where an exception is lost."""
    return f"deconvlib{os.sep}fast{os.sep}" in frame.f_code.co_filename


class Interruption(Exception):
    """What a signal handler raises here."""


@pytest.fixture
def timer():
    """timer(seconds) lets a handler raise after that time; timer(seconds, action) lets it do something else."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("no timer signals on this system")
    actions = []

    def handler(_, frame):
        actions[-1](frame)

    def raise_it(frame):
        if within_a_call(frame):
            raise Interruption

    before = signal.signal(signal.SIGALRM, handler)

    def start(seconds, action=raise_it, again=0.0):
        actions.append(action)
        signal.setitimer(signal.ITIMER_REAL, seconds, again)

    yield start
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_nothing_writes_after_an_interruption(layer, timer):
    """When an exception of a signal handler leaves a call, its workers have ended: `out` is the caller's again."""
    x, kernel, _ = layer
    call, out = two_threads(plan(kernel, GEOMETRY, batch=len(x)), x), np.empty((8, 48, 48, 48), np.float32)
    call(out)
    begin = time.perf_counter()
    call(out)
    usual, interrupted = time.perf_counter() - begin, 0
    for delay in np.random.default_rng(0).uniform(1e-6, 1.2 * usual, 3000):
        if interrupted == 40:
            break
        try:
            timer(delay)
            call(out)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except Interruption:
            interrupted += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        out.fill(7)
        time.sleep(usual / 10)
        assert (out == 7).all()
    assert interrupted == 40


def test_an_interruption_by_many_signals_waits_for_the_workers(layer, timer):
    """A handler that raises every fifth of a millisecond cannot drive the caller out before the workers."""
    x, kernel, _ = layer
    call, out = two_threads(plan(kernel, GEOMETRY, batch=len(x)), x), np.empty((8, 48, 48, 48), np.float32)
    raised = []

    def action(frame):
        if within_a_call(frame):
            raised.append(1)
            raise Interruption

    def call_on():
        timer(3e-4, action, again=5e-5)
        while True:
            call(out)

    for _ in range(50):
        with pytest.raises(Interruption):
            call_on()
        out.fill(7)
        time.sleep(4e-4)
        assert (out == 7).all()
    assert len(raised) > 50


def test_a_call_within_a_call(layer, timer):
    """A handler that calls another layer, and the same one, gets its results; so does the call that it interrupts."""
    x, kernel, expected = layer
    prepared = plan(kernel, GEOMETRY, batch=len(x))
    small = Geometry.of((5, 6), 3, 2), np.ones((1, 5, 6, 1)), np.arange(9.0).reshape(3, 3, 1, 1)
    alone, inner, mine = METHODS["scatter"](small[1], small[2], small[0]), [], prepared(x)

    def action(frame):
        inner.append((METHODS["fast"](small[1], small[2], small[0]), prepared(x[::-1])))

    out, begin = np.empty_like(mine), time.perf_counter()
    prepared(x, out)
    usual = time.perf_counter() - begin
    for delay in np.random.default_rng(1).uniform(1e-6, usual, 3000):
        if len(inner) >= 10:
            break
        timer(delay, action)
        prepared(x, out)
        signal.setitimer(signal.ITIMER_REAL, 0)
        np.testing.assert_array_equal(out, mine)
    assert len(inner) >= 10
    for first, second in inner:
        np.testing.assert_allclose(first, alone)
        np.testing.assert_array_equal(second, mine[::-1])
    np.testing.assert_allclose(mine, expected, atol=1e-3)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_job_runs_once(threads):
    """Each job runs exactly once on however many threads."""
    seen = []
    assert for_each(lambda job, memory: seen.append(job) or True, list(range(200)), 64, threads)
    assert sorted(seen) == list(range(200))


def test_threads_are_used_again():
    """Call after call has the same one, as long as the machine does not stand still; it ends by itself."""
    both, others = threading.Barrier(2), set()

    def meet(job, memory):
        both.wait(20)
        others.add(threading.get_ident())
        return True

    for _ in range(20):
        assert for_each(meet, [1, 2], 64, 2)
    assert len(others) < 10


@pytest.mark.parametrize("threads", [1, 2])
def test_a_refusal_ends_the_call(threads):
    """When a job says that its numbers forbid it, the others are not begun."""
    seen = []
    assert not for_each(lambda job, memory: seen.append(job) or job != 3, list(range(10_000)), 64, threads)
    assert len(seen) < 10_000


def test_an_error_in_a_worker_reaches_the_caller():
    """After all have ended."""
    both, here = threading.Barrier(2), threading.get_ident()

    def fail(job, memory):
        both.wait(10)
        if threading.get_ident() != here:
            raise ZeroDivisionError
        return True

    with pytest.raises(ZeroDivisionError):
        for_each(fail, [1, 2], 64, 2)


def test_without_threads_the_caller_does_all(layer, monkeypatch):
    """In the browser no thread can be started; elsewhere too many may run."""

    def refuse(*_):
        raise RuntimeError("can't start new thread")

    x, kernel, _ = layer
    prepared = plan(kernel, GEOMETRY, batch=len(x))
    call, expected = two_threads(prepared, x), prepared(x)
    monkeypatch.setattr("deconvlib.fast.workers._thread.start_new_thread", refuse)
    np.testing.assert_array_equal(call(np.empty_like(expected)), expected)


def test_another_blas(layer, monkeypatch):
    """Where the library is not OpenBLAS, or cannot be loaded, one thread works, and the result is the same."""
    x, kernel, expected = layer
    monkeypatch.setattr(blas, "_function", lambda *_: None)
    blas.kind.cache_clear()
    try:
        assert (blas.threads(), blas.kind()) == (1, blas.PACKING)
        np.testing.assert_allclose(plan(kernel, GEOMETRY, batch=len(x))(x), expected, atol=1e-3)
    finally:
        blas.kind.cache_clear()


@pytest.mark.parametrize("mode", ["raise", "warn", "ignore"])
@pytest.mark.parametrize("threads", [1, 2])
def test_errstate_is_that_of_the_caller(mode, threads, monkeypatch, recwarn):
    """A layer that overflows raises, warns or is silent as the caller says, whoever computes it."""
    monkeypatch.setattr(blas, "threads", lambda: threads)
    x, kernel = np.full((4, 24, 24, 64), 1e30, np.float32), np.full((4, 4, 48, 64), 1e30, np.float32)
    prepared = plan(kernel, GEOMETRY, batch=4)
    with np.errstate(all=mode):
        if mode == "raise":
            with pytest.raises(FloatingPointError):
                prepared(x)
        else:
            assert np.isinf(prepared(x)).all()
    assert bool([w for w in recwarn if w.category is RuntimeWarning]) == (mode == "warn")


@pytest.mark.parametrize("size", [2, 24])
def test_a_layer_that_does_not_underflow_is_not_said_to(size):
    """Small numbers are looked at by their squares, which may be too small for their dtype."""
    geometry = Geometry.of((size, size), 4, 2, 1, (1, 1))
    rng = np.random.default_rng(0)
    x, kernel = (rng.uniform(1e-12, 2e-12, shape).astype(np.float32) for shape in ((1, size, size, 3), (4, 4, 2, 3)))
    with np.errstate(all="raise"):
        results = plan(kernel, geometry)(x), METHODS["fast"](x, kernel, geometry)
    for result in results:
        np.testing.assert_allclose(result, METHODS["scatter"](x, kernel, geometry), rtol=1e-5)


def test_nan_makes_no_noise(layer, recwarn):
    """A NaN that is added and multiplied is no invalid operation."""
    x, kernel, _ = layer
    x = x.copy()
    x[3, 2, 1, 0] = np.nan
    plan(kernel, GEOMETRY, batch=len(x))(x)
    METHODS["fast"](x[3:4, 1:4, :2, :1], kernel[:3, :2, :2, :1], Geometry.of((3, 2), (3, 2), 2))
    assert not list(recwarn)


def test_limits_of_blas_are_obeyed_and_left_alone(layer, monkeypatch):
    """Set before a plan is made, after it, and back: as many threads work as BLAS may use, and the number stays."""
    x, kernel, _ = layer
    used = []

    def counted(function, jobs, memory, threads):
        used.append(threads)
        return for_each(function, jobs, memory, threads)

    monkeypatch.setattr("deconvlib.fast.ways.for_each", counted)
    prepared, before = plan(kernel, GEOMETRY, batch=len(x)), blas_threads()
    for limit in (2, 1, 2):
        with threadpool_limits(limit, user_api="blas"):
            prepared(x)
            METHODS["fast"](x, kernel, GEOMETRY)
            assert set(blas_threads()) == {limit}
        assert used[-2:] == [limit, limit]
    assert blas_threads() == before


def test_limits_set_meanwhile_by_another_thread(layer):
    """threadpoolctl in another thread finds, and leaves, the number that was there before any call."""
    x, kernel, _ = layer
    call, out = two_threads(plan(kernel, GEOMETRY, batch=len(x)), x), np.empty((8, 48, 48, 48), np.float32)
    before, stop, seen = blas_threads(), threading.Event(), set()

    def limit():
        while not stop.is_set():
            seen.update(blas_threads())
            with threadpool_limits(2, user_api="blas"):
                time.sleep(1e-4)

    other = threading.Thread(target=limit)
    other.start()
    for _ in range(200):
        call(out)
    stop.set()
    other.join()
    assert blas_threads() == before
    assert seen <= {*before, 2}


def test_a_plan_may_be_shared(layer):
    """Eight threads that use a fresh plan at once, each with its own inputs, get what each gets alone; none stays."""
    x, kernel, _ = layer
    inputs = [x * (i + 1) for i in range(8)]
    alone = [plan(kernel, GEOMETRY, batch=len(x))(v) for v in inputs]
    prepared, together = plan(kernel, GEOMETRY), [[] for _ in range(8)]

    def call(i):
        for _ in range(3):
            together[i].append(prepared(inputs[i]))

    callers = [threading.Thread(target=call, args=(i,)) for i in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for expected, results in zip(alone, together):
        for result in results:
            np.testing.assert_allclose(result, expected, atol=1e-3 * np.abs(expected).max())


def test_results_are_deterministic(layer):
    """The same call gives the same bits, and so does a second plan."""
    x, kernel, _ = layer
    first, second = plan(kernel, GEOMETRY, batch=len(x)), plan(kernel, GEOMETRY, batch=len(x))
    expected = first(x)
    for _ in range(5):
        np.testing.assert_array_equal(first(x), expected)
        np.testing.assert_array_equal(second(x), expected)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="threads have no affinity on this system")
def test_affinity_is_the_callers(layer):
    """A caller on one core has its workers there, for this call; it is never moved, and nothing is remembered."""
    x, kernel, _ = layer
    before, both = os.sched_getaffinity(0), threading.Barrier(2)

    def where(job, memory):
        both.wait(20)
        used.append((threading.get_ident() == caller, frozenset(os.sched_getaffinity(0))))
        return True

    caller = threading.get_ident()
    for allowed in ({min(before)}, before, {max(before)}):
        os.sched_setaffinity(0, allowed)
        try:
            used = []
            for_each(where, [1, 2], 64, 2)
            assert (True, frozenset(allowed)) in used
            assert all(cores <= allowed for _, cores in used)
        finally:
            os.sched_setaffinity(0, before)
    plan(kernel, GEOMETRY, batch=len(x))(x)
    assert os.sched_getaffinity(0) == before


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="threads have no affinity on this system")
def test_a_worker_on_another_core():
    """Where there is one: on the caller's own it would wait until the caller has done all."""
    caller, used, both = threading.get_ident(), [], threading.Barrier(2)

    def where(job, memory):
        both.wait(20)
        if threading.get_ident() != caller:
            used.append(os.sched_getaffinity(0))
        return True

    for _ in range(5):
        for_each(where, [1, 2], 64, 2)
    count = len(os.sched_getaffinity(0))
    assert {len(cores) for cores in used} == {max(1, count - 1)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_computes(layer):
    """Forked while other threads prepare and call, the child prepares and calls as well."""
    x, kernel, expected = layer
    stop = threading.Event()

    def keep_busy():
        while not stop.is_set():
            plan(kernel, GEOMETRY, batch=len(x))(x)

    others = [threading.Thread(target=keep_busy) for _ in range(2)]
    prepared = plan(kernel, GEOMETRY, batch=len(x))
    for other in others:
        other.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(60)  # rather than wait for somebody who is not there
                fresh = plan(kernel, GEOMETRY, batch=len(x))
                right = all(np.allclose(p(x), expected, atol=1e-3) for p in (prepared, fresh))
                os._exit(0 if right else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        for other in others:
            other.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_has_helpers_of_its_own():
    """Those that wait in the parent for another call are not there."""

    def two_meet():
        both = threading.Barrier(2)
        return for_each(lambda job, memory: both.wait(20) >= 0, [1, 2], 64, 2)

    assert two_meet()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            os._exit(0 if two_meet() else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_in_the_middle_of_a_call(layer, timer):
    """A handler forks while workers run: the child, which has none of them, finishes the call as its parent does."""
    x, kernel, expected = layer
    call, out = two_threads(plan(kernel, GEOMETRY, batch=len(x)), x), np.empty((8, 48, 48, 48), np.float32)
    prepared = plan(kernel, GEOMETRY, batch=len(x))
    usual, children = [], []
    for _ in range(3):
        begin = time.perf_counter()
        call(out)
        usual.append(time.perf_counter() - begin)

    def fork(frame):
        children.append(os.fork())
        if children[-1] == 0:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(60)  # rather than wait for somebody who is not there

    for delay in np.random.default_rng(2).uniform(1e-6, min(usual), 3000):
        if len(children) >= 8:
            break
        timer(delay, fork)
        prepared(x, out)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if children and children[-1] == 0:
            os._exit(0 if np.allclose(out, expected, atol=1e-3) else 1)
    assert len(children) >= 8
    assert {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children} == {0}


def test_a_plan_is_called_at_the_end_of_the_interpreter():
    """From __del__ when modules are taken down, and from atexit: it ends, with the right result."""
    code = """
import atexit, numpy as np
from deconvlib import Geometry, plan
from deconvlib.fast import scratch
geometry = Geometry.of((24, 24), 4, 2, 1, (1, 1))
x, kernel = np.ones((8, 24, 24, 64), np.float32), np.ones((4, 4, 48, 64), np.float32)
prepared = plan(kernel, geometry, batch=8)
expected = prepared(x)
class Last:
    def __del__(self, prepared=prepared, x=x, expected=expected, equal=np.array_equal, print=print, free=scratch._free):
        free.clear()  # so that it needs memory of its own
        print("at the end", equal(prepared(x), expected))
last = Last()
atexit.register(lambda: print("at exit", np.array_equal(prepared(x), expected)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split("\n")[:2] == ["at exit True", "at the end True"]


def test_a_destructor_that_calls(layer):
    """Garbage that is collected in the middle of a call, and calls a plan itself."""
    x, kernel, _ = layer
    prepared, results = plan(kernel, GEOMETRY, batch=len(x)), []
    expected, half = prepared(x), prepared(x[:4])

    class Caller:
        def __del__(self):
            results.append(prepared(x[:4]))

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for _ in range(5):
            circle = Caller()
            circle.itself = circle
            del circle
            np.testing.assert_array_equal(prepared(x), expected)
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert len(results) == 5
    for result in results:
        np.testing.assert_array_equal(result, half)


def test_a_worker_holds_nothing_afterwards(layer):
    """Inputs and outputs are free when the call is over."""
    x, kernel, _ = layer
    mine = x.copy()
    alive = weakref.ref(mine)
    plan(kernel, GEOMETRY, batch=len(x))(mine)
    del mine
    gc.collect()
    assert alive() is None
    assert workers  # the module, whose threads are gone
