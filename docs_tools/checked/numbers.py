"""Numbers as sentences have them: 7, 1e-5, 0.75, seven."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["CARDINALS", "NUMBER", "spoken", "values"]

CARDINALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
CARDINALS += tuple(f"{unit}teen" for unit in ("thir", "four", "fif", "six", "seven", "eigh", "nine"))
TENS = (*(f"{ten}ty" for ten in ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine")), "hundred")
VALUES = dict(zip(CARDINALS, range(20))) | dict(zip(TENS, range(20, 110, 10)))
DIGITS = r"(?<![\w.#^-])-?\d+(?:[.,]\d+)*(?:e-?\d+)?(?![\w])"
WORDS = "|".join(word for word in VALUES if word not in ("zero", "one"))  # which are words like any other
NUMBER = re.compile(rf"{DIGITS}|\b(?i:{WORDS})\b")


def spoken(number: int) -> str:
    """A small number as a word."""
    return next((word for word, value in VALUES.items() if value == number), str(number))


def values(text: str) -> Iterator[tuple[re.Match, float]]:
    """Each number of a sentence, and what it is."""
    for match in NUMBER.finditer(text):
        said = match[0].lower()
        yield match, VALUES[said] if said in VALUES else float(said.replace(",", ""))
