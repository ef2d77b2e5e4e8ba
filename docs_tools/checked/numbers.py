"""Numbers as sentences have them: 7, 1e-5, 0.75, seven, the third, half."""

from __future__ import annotations

import re

__all__ = ["CARDINALS", "NUMBER", "ORDINALS", "PARTS", "WORDS", "spoken", "value", "written"]

CARDINALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
CARDINALS += tuple(f"{unit}teen" for unit in ("thir", "four", "fif", "six", "seven", "eigh", "nine"))
TENS = (*(f"{ten}ty" for ten in ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine")), "hundred")
ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
WORDS = dict(zip(CARDINALS, range(20))) | dict(zip(TENS, range(20, 110, 10))) | dict(zip(ORDINALS, range(2, 11)))
PARTS = {"half": 2, "quarter": 4}  # and the number that code divides by
WORDS |= PARTS | {"twice": 2}
DIGITS = r"(?<![\w.#^-])-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?(?!\.?\w)"  # no part of a version such as 2.4.6
NUMBER = re.compile(rf"{DIGITS}|\b(?i:{'|'.join(set(WORDS) - {'zero', 'one'})})\b")  # one is a word like any other


def spoken(number: int) -> str:
    """A small number as a word."""
    return next((word for word, value in WORDS.items() if value == number), str(number))


def value(number: str) -> float:
    """What it is, in digits or in words."""
    said = number.lower()
    return WORDS[said] if said in WORDS else float(said.replace(",", ""))


def written(text: str) -> list[float]:
    """The numbers in code or output, and those in the words of its names."""
    found = re.findall(r"(?:(?<![\w)\]])-)?(?<![a-z_])\d+(?:\.\d+)?(?:e-?\d+)?|[a-z]+", text.lower())
    return [value(number) for number in found if number in WORDS or number[-1].isdigit()]
