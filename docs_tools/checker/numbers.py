"""Numbers as a sentence says them."""

from __future__ import annotations

import re

__all__ = ["CARDINALS", "ORDINALS", "WORDS", "as_said", "spoken"]

CARDINALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
CARDINALS += tuple(f"{unit}teen" for unit in ("thir", "four", "fif", "six", "seven", "eigh", "nine"))
TENS = tuple(f"{ten}ty" for ten in ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine"))
ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
WORDS = {word: n for n, word in enumerate(CARDINALS)} | {word: n for n, word in enumerate(ORDINALS, 2)}
WORDS |= {word: 10 * n for n, word in enumerate(TENS, 2)} | {"half": 0.5, "quarter": 0.25, "hundred": 100}


def spoken(number: float) -> str:
    """A small number, or a half, as a word."""
    return next((word for word, value in WORDS.items() if value == number), str(number))


def as_said(stated: str, value: object) -> str:
    """The value, written as the page writes it: in backticks, as a word, np.int64(5) as 5."""
    if stated.lower() in WORDS and not isinstance(value, str):
        if WORDS[stated.lower()] == value:
            return stated
        word = spoken(value)
        return word.capitalize() if stated[0].isupper() else word
    plain = re.sub(r"\bnp\.\w+\(([^()]*)\)", r"\1", str(value))
    return f"`{plain}`" if stated.startswith("`") else plain
