"""`make mutants`: does a doc test notice when a page or the package is wrong?

Each mutant runs in a child that is forked from a process where NumPy and TensorFlow are loaded already, and the package
is not.  Nothing on the disk changes: the child reads the changed file from memory.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gc
import importlib
import importlib.machinery
import importlib.metadata
import io
import json
import os
import pathlib
import random
import signal
import sys
import time
from collections import Counter, defaultdict

import pytest
from tqdm import tqdm

from docs_tools.checked import record
from docs_tools.mutants import code, pages

ROOT = pathlib.Path(__file__).parents[2]
RESULT = ROOT / "docs" / "assets" / "mutants.json"
NAMES = ("dl", "deconvlib")
PAGES = ("docs/**/*.md", "docs/**/*.ipynb", "README.md")
LOADED = ("numpy", "scipy.sparse.linalg", "tensorflow", "keras", "hypothesis", "markdown", "docs_tools.checked")
SECONDS = 120  # a child that takes longer is in an endless loop, which is noticed too
FIRST = 10  # exit statuses from here on say which test was red


def main():
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--sample", type=int, default=0, help="so many of the package's, at random; 0 for all")
    parser.add_argument("--pages", type=int, default=0, help="so many of the pages'; 0 for all")
    parser.add_argument("--only", default="", help="files whose path contains this")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true", help=f"publish the result in {RESULT.relative_to(ROOT)}")
    options = parser.parse_args()
    os.chdir(ROOT)
    texts = [path for pattern in PAGES for path in sorted(ROOT.glob(pattern))]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for module in LOADED:
        importlib.import_module(module)
    record.installed()  # remembered from here on, so that no child looks for installed packages
    importlib.metadata.distributions = lambda **_: ()
    gc.freeze()  # nor collects what is loaded already
    assert "deconvlib" not in sys.modules

    costs = {}
    for test in tqdm([*map(str, texts), "tests/test_figures.py", "deconvlib"], "the pages as they are"):
        start = time.monotonic()
        if wait({fork([test]): test})[1]:
            sys.exit(f"{test} is red by itself")
        costs[test] = time.monotonic() - start
    everything = sorted(costs, key=costs.get)

    of_pages, of_code = [], []
    for path in [*texts, *sorted(ROOT.glob("docs/figures/*.svg"))]:
        test = "tests/test_figures.py" if path.suffix == ".svg" else str(path)
        found = pages.mutants(str(path.relative_to(ROOT)), path.read_text("utf8"), NAMES)
        of_pages += [(m, [f"{test}::{m.test}" if m.test else test]) for m in found if options.only in m.file]
    for path in sorted(ROOT.glob("deconvlib/**/*.py")):
        found = code.mutants(str(path.relative_to(ROOT)), path.read_text("utf8"))
        of_code += [(mutant, everything) for mutant in found if options.only in mutant.file]
    total = len(of_code)
    draw = random.Random(options.seed).sample
    of_pages = draw(of_pages, min(options.pages or len(of_pages), len(of_pages)))
    of_code = draw(of_code, min(options.sample or len(of_code), len(of_code)))
    report(run(of_pages, "pages", options.jobs), run(of_code, "package", options.jobs), total, options.write)


def run(work: list[tuple[code.Mutant, list[str]]], what: str, jobs: int) -> list[tuple[code.Mutant, bool]]:
    """(mutant, whether a doc test noticed it); interrupted, those that there are."""
    running, results, work = {}, [], list(reversed(work))
    best: dict[str, Counter] = defaultdict(Counter)  # which tests noticed other changes of the file: they go first
    with tqdm(total=len(work), desc=what) as bar, contextlib.suppress(KeyboardInterrupt):
        while work or running:
            while work and len(running) < jobs:
                mutant, tests = work.pop()
                tests = sorted(tests, key=lambda test: -best[mutant.file][test])
                running[fork(tests, mutant)] = mutant, tests
            (mutant, tests), status = wait(running)
            if status >= FIRST:
                best[mutant.file][tests[status - FIRST]] += 1
            results.append((mutant, status != 0))
            if not status:
                tqdm.write(told(mutant))
            bar.update()
            bar.set_postfix(survived=sum(not noticed for _, noticed in results))
    return results


def fork(tests: list[str], mutant: code.Mutant | None = None) -> int:
    """A child that runs the tests up to the first that is red, and leaves with 0 or with FIRST + its number."""
    child = os.fork()
    if child:
        return child
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        signal.alarm(SECONDS)
        record.save = lambda *_: None  # what a mutant does is on no record
        if mutant:
            pretend(ROOT / mutant.file, mutant.text)
        for number, test in enumerate(tests):
            status = pytest.main(["-x", "-p", "no:cacheprovider", "--tb=no", test])
            if status == pytest.ExitCode.USAGE_ERROR:
                os.abort()  # there is no such test
            if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                os._exit(FIRST + number)
        os._exit(0)
    finally:
        os._exit(1)


def wait(running: dict[int, object]) -> tuple[object, int]:
    child, status = os.wait()
    status = os.waitstatus_to_exitcode(status)
    if status == -signal.SIGABRT:
        sys.exit(f"no such test: {running[child][-1]}")
    return running.pop(child), status


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


def report(of_pages: list, of_code: list, total: int, write: bool):
    survivors = [mutant for mutant, noticed in [*of_pages, *of_code] if not noticed]
    result = {
        "date": datetime.date.today().isoformat(),
        "package_total": total,
        "pages": tally(of_pages, lambda mutant: mutant.kind),
        "package": tally(of_code, lambda mutant: mutant.kind),
        "files": tally(of_code, lambda mutant: mutant.file),
        "survivors": [
            {"file": m.file, "line": m.line, "code": (ROOT / m.file).read_text("utf8").split("\n")[m.line - 1].strip()}
            | {"was": m.was, "now": m.now}
            for m in sorted(survivors)
        ],
    }
    for part in ("pages", "package"):
        noticed, made = (sum(column) for column in zip(*result[part].values())) if result[part] else (0, 0)
        print(f"{part}: {noticed} of {made} noticed")
        for kind, (noticed, made) in result[part].items():
            print(f"  {kind:12} {noticed} of {made}")
    if write:
        RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf8")


def told(mutant: code.Mutant) -> str:
    return f"survived  {mutant.file}:{mutant.line}: {mutant.was}  ->  {mutant.now}"


def tally(results: list[tuple[code.Mutant, bool]], key) -> dict[str, tuple[int, int]]:
    made = Counter(key(mutant) for mutant, _ in results)
    noticed = Counter(key(mutant) for mutant, seen in results if seen)
    return {name: (noticed[name], made[name]) for name in sorted(made)}


if __name__ == "__main__":
    main()
