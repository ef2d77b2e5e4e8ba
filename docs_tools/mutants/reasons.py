"""Why a change that survived is no hole: reasons.toml, held against the code and against the published run."""

from __future__ import annotations

import tomllib
from pathlib import Path

__all__ = ["fitting", "reason", "reasons"]


def reasons() -> list[dict[str, str]]:
    """Each with `files`, a pattern; `code`, a piece of the changed line; `why`; perhaps `change`, "was -> now";
    and perhaps `speed`, true where the change can only make it slower or faster."""
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text("utf8"))["reason"]


def reason(survivor: dict) -> str | None:
    """The reason that fits a survivor of the published run, or None."""
    return fitting(survivor).get("why")


def fitting(survivor: dict) -> dict:
    """The first entry that fits a survivor, given as its file, the code of its line, what was there and what is now."""
    change = f"{survivor['was']} -> {survivor['now']}"
    found = (
        r
        for r in reasons()
        if Path(survivor["file"]).match(r["files"])
        and r["code"] in survivor["code"]
        and r.get("change", change) == change
    )
    return next(found, {})
