"""`make mutants`: does a doc test notice when a page or the package is wrong?"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import functools
import gc
import importlib
import importlib.metadata
import json
import os
import pathlib
import random
import re
import sys
from collections import Counter, defaultdict

from tqdm import tqdm

from docs_tools.checked import numbers, record
from docs_tools.mutants import code, pages
from docs_tools.mutants.child import FIRST, fork, is_red, reached, wait
from docs_tools.mutants.speed import CHECKED, SETTINGS, changes_speed_alone

ROOT = pathlib.Path(__file__).parents[2]
RESULT = ROOT / "docs" / "assets" / "mutants.json"
PACKAGE, PAGES = SETTINGS["package"], SETTINGS["pages"]
FIGURES, DRAWN = SETTINGS["figures"], SETTINGS["drawn_by"]


def main():
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--sample", type=int, default=0, help="so many of the package's, at random; 0 for all")
    parser.add_argument("--pages", type=int, default=0, help="so many of the pages'; 0 for all")
    parser.add_argument("--only", default="", help="files whose path has this regular expression in it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true", help=f"publish the result in {RESULT.relative_to(ROOT)}")
    options = parser.parse_args()
    os.chdir(ROOT)
    texts = [path for pattern in PAGES for path in sorted(ROOT.glob(pattern))]
    prepare()
    lines, costs = as_they_are([*map(str, texts), DRAWN, PACKAGE])

    of_pages, of_code = [], []
    names = tuple(line.split()[0] for line in CHECKED["docs_names"])
    proper = numbers.proper_names(CHECKED["docs_proper"])
    for path in [*texts, *sorted(ROOT.glob(FIGURES))]:
        test = DRAWN if path.suffix == ".svg" else str(path)
        found = pages.mutants(str(path.relative_to(ROOT)), path.read_text("utf8"), names, proper)
        of_pages += [(m, [f"{test}::{m.test}" if m.test else test]) for m in found if re.search(options.only, m.file)]
    for path in sorted(ROOT.glob(f"{PACKAGE}/**/*.py")):
        for mutant in code.mutants(str(path.relative_to(ROOT)), path.read_text("utf8")):
            if re.search(options.only, mutant.file):
                there = {(str(path), line) for line in range(mutant.first, mutant.last + 1)}
                of_code.append((mutant, sorted((t for t in costs if there & lines[t]), key=costs.get)))
    total = len(of_code)
    draw = random.Random(options.seed).sample
    of_pages = draw(of_pages, min(options.pages or len(of_pages), len(of_pages)))
    of_code = draw(of_code, min(options.sample or len(of_code), len(of_code)))
    report(run(of_pages, "pages", options.jobs), run(of_code, "package", options.jobs), total, options.write)


def prepare():
    """Load what every child needs, but not the package."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for module in SETTINGS["loaded"]:
        importlib.import_module(module)
    record.installed()  # remembered from here on, so that no child looks for installed packages
    importlib.metadata.distributions = lambda **_: ()
    gc.freeze()  # nor collects what is loaded already
    assert PACKAGE not in sys.modules


def as_they_are(tests: list[str]) -> tuple[dict[str, set], dict[str, float]]:
    """The lines of the package that each test reaches, and its seconds.  No other test can notice a change there."""
    lines, costs = {}, {}
    for test in tqdm(tests, "the pages as they are"):
        status, costs[test], lines[test] = reached(test, ROOT / PACKAGE)
        if status:
            sys.exit(f"{test} is red by itself")
    return lines, costs


def run(work: list[tuple[code.Mutant, list[str]]], what: str, jobs: int) -> list[tuple[code.Mutant, bool]]:
    """(mutant, whether a doc test noticed it); interrupted, those that there are, which are a fair sample too."""
    running, results, work = {}, [], list(reversed(work))
    best: dict[str, Counter] = defaultdict(Counter)  # which tests noticed other changes of the file: they go first
    with tqdm(total=len(work), desc=what) as bar, contextlib.suppress(KeyboardInterrupt):
        while work or running:
            while work and len(running) < jobs:
                mutant, tests = work.pop()
                tests = sorted(tests, key=lambda test: -best[mutant.file][test])
                running[fork(functools.partial(is_red, tests, mutant, ROOT))] = mutant, tests
            (mutant, tests), status = wait(running)
            if status >= FIRST:
                best[mutant.file][tests[status - FIRST]] += 1
            results.append((mutant, status != 0))
            if not status:
                tqdm.write(told(mutant) + "   (no page reaches it)" * (not tests))
            bar.update()
            bar.set_postfix(survived=sum(not noticed for _, noticed in results))
    return results


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
            if not changes_speed_alone(m)
        ],
    }
    for part in ("pages", "package"):
        noticed, speed, made = (sum(column) for column in zip(*result[part].values())) if result[part] else (0, 0, 0)
        print(f"{part}: {noticed} of {made} noticed, {speed} change the speed alone")
        for kind, (noticed, speed, made) in result[part].items():
            print(f"  {kind:12} {noticed} of {made - speed}")
    if write:
        RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf8")


def told(mutant: code.Mutant) -> str:
    speed = "speed alone" if changes_speed_alone(mutant) else "survived"
    return f"{speed:11}  {mutant.file}:{mutant.line}: {mutant.was}  ->  {mutant.now}"


def tally(results: list[tuple[code.Mutant, bool]], key) -> dict[str, tuple[int, int, int]]:
    """For each key: noticed, not noticed since it changes the speed alone, and all."""
    made = Counter(key(mutant) for mutant, _ in results)
    noticed = Counter(key(mutant) for mutant, seen in results if seen)
    speed = Counter(key(mutant) for mutant, seen in results if not seen and changes_speed_alone(mutant))
    return {name: (noticed[name], speed[name], made[name]) for name in sorted(made)}


if __name__ == "__main__":
    main()
