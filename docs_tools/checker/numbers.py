"""Numbers as a sentence says them: in digits, as a word, in backticks."""

from __future__ import annotations

import re

__all__ = ["as_said"]

SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SMALL += ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")
WORDS = {word: number for number, word in enumerate(SMALL)} | {"half": 0.5, "quarter": 0.25}


def as_said(stated: str, value: object) -> str:
    """The value, written as the page writes it; np.int64(5) is 5, and a word stays one if there is one."""
    word = stated.lower() in WORDS and next((word for word in WORDS if WORDS[word] == value), None)
    if word:
        return word.capitalize() if stated[0].isupper() else word
    plain = re.sub(r"\bnp\.\w+\(([^()]*)\)", r"\1", str(value))
    return f"`{plain}`" if stated.startswith("`") else plain
