"""Asks the explorer's modules in Node: what they compute knows nothing of a page."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from browser import missing

FOLDER = Path(__file__).parents[1] / "docs" / "assets" / "explorer"


def ask(body: str, given: Any, *names: str) -> Any:
    """What `body`, a JavaScript expression of `given`, is.  `names`: "name from file", of what the modules export."""
    node = shutil.which("node")
    if node is None:
        missing("the explorer is checked with Node, and there is none")
    files: dict[str, list[str]] = {}
    for name, file in (each.split(" from ") for each in names):
        files.setdefault(file, []).append(name)
    lines = [
        f"const {{ {', '.join(exported)} }} = await import({json.dumps((FOLDER / file).as_uri())});"
        for file, exported in files.items()
    ]
    lines += ['import { readFileSync } from "node:fs";', "const given = JSON.parse(readFileSync(0));"]
    lines += [f"console.log(JSON.stringify({body}));"]
    command = [node, "--experimental-default-type=module", "--no-warnings", "--input-type=module", "--eval"]
    done = subprocess.run([*command, "\n".join(lines)], input=json.dumps(given), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
