"""Children: each forked from a process where NumPy and TensorFlow are loaded already, and the package is not.

A child reads the changed file from memory; nothing on the disk changes.
"""

from __future__ import annotations

import importlib.machinery
import io
import os
import pathlib
import pickle
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable

import pytest

from docs_tools.checked import record
from docs_tools.mutants.code import Mutant

__all__ = ["FIRST", "fork", "is_red", "reached", "wait"]

SECONDS = 300  # of CPU, more than all pages need: an endless loop, which is noticed too
IDLE = 60  # ticks of a second without work: a child that waits for what never comes.  A stopped child does not tick
MEMORY = 8 << 30  # bytes
NO_TEST = 9  # exit status of a child whose test there is not.  One that crashes has noticed
FIRST = 10  # exit statuses from here on say which test was red


class Red:
    """The first test that is red."""

    nodeid = ""

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.nodeid = self.nodeid or report.nodeid

    pytest_collectreport = pytest_runtest_logreport


def fork(work: Callable[[], int]) -> int:
    """A child that leaves with the status that the work returns."""
    child = os.fork()
    if child:
        return child
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        leave_when_idle()
        record.save = lambda *_: None  # what a child finds is on no record
        os._exit(work())
    finally:
        os._exit(1)


def leave_when_idle():
    idle = used = 0

    def tick(*_):
        nonlocal idle, used
        now = time.process_time()
        idle, used = (idle + 1 if now - used < 0.01 else 0), now
        if idle > IDLE:
            os._exit(1)

    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)


def wait(running: dict[int, object]) -> tuple[object, int]:
    """What belongs to the next child that leaves, and its status."""
    child, status = os.wait()
    status = os.waitstatus_to_exitcode(status)
    if status == NO_TEST:
        sys.exit(f"no such test: {running[child]}")
    return running.pop(child), status


def is_red(tests: list[str], mutant: Mutant | None = None, root: pathlib.Path | None = None) -> int:
    """FIRST + the number of a test that is red, or 0.  The most promising test runs alone, the others together."""
    if mutant:
        pretend(root / mutant.file, mutant.text)
    for part in (tests[:1], tests[1:]):
        red = Red()
        status = pytest.main(["-x", "-p", "no:cacheprovider", "--tb=no", *part], [red]) if part else 0
        if status == pytest.ExitCode.USAGE_ERROR:
            return NO_TEST
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            files = [test.split("::")[0] for test in tests]
            return FIRST + next((n for n, file in enumerate(files) if red.nodeid.startswith(file)), 0)
    return 0


def reached(test: str, folder: pathlib.Path) -> tuple[int, float, set[tuple[str, int]]]:
    """Run a test in a child: (its status, seconds, the lines (file, line) of the folder that it reaches)."""
    lines, prefix = set(), str(folder)

    def trace(frame, event, argument):
        if frame.f_code.co_filename.startswith(prefix):
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            return trace

    with tempfile.TemporaryFile() as file:

        def work():
            threading.settrace(trace)
            sys.settrace(trace)
            status = is_red([test])
            sys.settrace(None)
            pickle.dump(lines, file)
            file.flush()
            return status

        start = time.monotonic()
        _, status = wait({fork(work): test})
        seconds = time.monotonic() - start
        file.seek(0)
        return status, seconds, pickle.load(file) if status == 0 else lines


def pretend(file: pathlib.Path, text: str):
    """From now on the file has this text, for whoever imports or reads it."""
    get_code, opened = importlib.machinery.SourceFileLoader.get_code, pathlib.Path.open

    def mutated_code(loader, name):
        if loader.path == str(file):
            return compile(text, loader.path, "exec", dont_inherit=True)
        return get_code(loader, name)

    def mutated_open(path, mode="r", *arguments, **keywords):
        if "w" not in mode and path.absolute() == file:
            return io.BytesIO(text.encode()) if "b" in mode else io.StringIO(text)
        return opened(path, mode, *arguments, **keywords)

    importlib.machinery.SourceFileLoader.get_code = mutated_code
    pathlib.Path.open = mutated_open
