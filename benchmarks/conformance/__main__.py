"""`python -m benchmarks.conformance [NAME ...]`: ask the implementations, write results.json, and say what is new.

With names, only these are asked, and the rest of results.json stays.  The exit status says whether a disagreement is
new or gone.
"""

from __future__ import annotations

import json
import sys

from benchmarks.conformance.implementations import IMPLEMENTATIONS
from benchmarks.conformance.run import RESULTS, run, surprises, work


def main(names: list[str]) -> int:
    result = run(names or list(IMPLEMENTATIONS))
    asked = result["implementations"]
    if names:
        asked = json.loads(RESULTS.read_text())["implementations"] | asked
    result["implementations"] = {name: asked[name] for name in IMPLEMENTATIONS if name in asked}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for name, entry in result["implementations"].items():
        if not entry["installed"]:
            print(f"{name:18} {entry['reason']}")
            continue
        counts = f"{entry['same values']:5} values and {entry['both refuse']:5} refusals agree"
        print(f"{name:18} {counts}, of {entry['calls']}")
        for kind in entry["disagreements"]:
            print(f"{'':18} {kind['calls']:5} {kind['outcome']}: {kind['name']}")
    unexpected = surprises(result)
    for surprise in unexpected:
        print(surprise)
    return bool(unexpected)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work()
    else:
        sys.exit(main(sys.argv[1:]))
