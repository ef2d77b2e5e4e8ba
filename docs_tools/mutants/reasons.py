"""Why a change that survived is no hole: reasons.toml, held against the code and against the published run."""

from __future__ import annotations

import tomllib
from pathlib import Path

__all__ = ["reason", "reasons"]


def reasons() -> list[dict[str, str]]:
    """Each with `files`, a pattern; `code`, a piece of the changed line; `why`; and perhaps `change`, "was -> now"."""
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text("utf8"))["reason"]


def reason(survivor: dict) -> str | None:
    """The reason that fits a survivor of the published run, or None."""
    change = f"{survivor['was']} -> {survivor['now']}"
    fitting = (
        r["why"]
        for r in reasons()
        if Path(survivor["file"]).match(r["files"])
        and r["code"] in survivor["code"]
        and r.get("change", change) == change
    )
    return next(fitting, None)
