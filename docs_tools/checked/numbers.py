"""Numbers as sentences have them: 7, 1e-5, 0.75, seven, the third, half."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

__all__ = ["CARDINALS", "NUMBER", "ORDINALS", "WORDS", "proper_names", "spoken", "value", "written"]

CARDINALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
CARDINALS += tuple(f"{unit}teen" for unit in ("thir", "four", "fif", "six", "seven", "eigh", "nine"))
TENS = (*(f"{ten}ty" for ten in ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine")), "hundred")
ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
WORDS = dict(zip(CARDINALS, range(20))) | dict(zip(TENS, range(20, 110, 10))) | dict(zip(ORDINALS, range(2, 11)))
WORDS |= {"half": 0.5, "halves": 0.5, "quarter": 0.25, "quarters": 0.25, "twice": 2, "tenths": 10, "hundredths": 100}
WORDS |= {"twentieth": 20, "thirtieth": 30, "hundredth": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
WORDS |= {f"{verb}{end}": by for verb, by in (("doubl", 2), ("tripl", 3)) for end in ("e", "es", "ed", "ing")}
DIGITS = r"(?<![\w.#^-])-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?(?!\.?\w)"  # no part of a version such as 2.4.6
DIGITS += r"|(?<=[a-z]-)\d+\b|(?<![\w.#^-])\d+(?=[A-Za-z]+\b)"  # but of stride-2, and of 2nd
NUMBER = re.compile(rf"{DIGITS}|\b(?i:{'|'.join(set(WORDS) - {'zero', 'one'})})\b")  # one is a word like any other


def spoken(number: float) -> str:
    """A small number, or a half, as a word."""
    return next((word for word, value in WORDS.items() if value == number), str(number))


def proper_names(lines: Iterable[str]) -> dict[str, str]:
    """Each word that stands for a proper name, in small letters, and the name: of lines such as  NumPy = np."""
    pairs = (line.replace("=", " ").split() for line in lines)
    return {word.lower(): words[0] for words in pairs for word in words}


def value(said: str, proper: Mapping[str, str]) -> float | str:
    """What a number is, in digits or in words, or which proper name it is."""
    said = said.lower()
    return proper.get(said) or (WORDS[said] if said in WORDS else float(said.replace(",", "")))


def written(text: str, proper: Mapping[str, str]) -> list[float | str]:
    """The numbers in code or output, those in the words of its names, and what is a proper name there.

    What code divides by is also the part that it makes.
    """
    number = r"(?:(?<![\w)\]])-)?(?<![a-z_])\d+(?:\.\d+)?(?:e-?\d+)?"
    found = []
    for by, digits, word in re.findall(rf"(?:(/) ?)?({number})|([a-z]+(?:\d+\b)?)", text.lower()):
        if digits or word in WORDS or word in proper:
            said = value(digits or word, proper)
            found += [said, 1 / said] if by and said else [said]
    return found
