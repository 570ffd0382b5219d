"""English text that every Python carries: its own manual, as numbers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]

MOST_CHARACTERS = 60
HELD_OUT = 0.05


@dataclass(frozen=True)
class Corpus:
    """A text over an alphabet, in two parts.

    Attributes:
        alphabet: the characters, the most frequent first.
        train: the codes to learn from.
        held_out: the codes to be measured on, which nothing learns from.
    """

    alphabet: str
    train: Codes
    held_out: Codes

    def write(self, codes: Codes) -> str:
        """The text that these codes stand for."""
        return "".join(self.alphabet[code] for code in codes)


def read_manual(characters: int | None = None) -> Corpus:
    """Python's manual with an alphabet of that many characters; others are left out.

    >>> corpus = read_manual(30)
    >>> len(corpus.alphabet), len(corpus.train) > 10 * len(corpus.held_out) > 0
    (30, True)
    """
    from pydoc_data.topics import topics

    # Rulers and indentation are cheap to predict and tedious to read.
    text = re.sub(r"[-=*~^]{3,}", "", "\n".join(topics[name] for name in sorted(topics)))
    text = re.sub(r"[ \t]+", " ", re.sub(r"\n{2,}", "\n", text))
    frequent = Counter(text).most_common(characters or MOST_CHARACTERS)
    alphabet = "".join(character for character, _ in frequent)
    if characters is not None and len(alphabet) < characters:
        # The model is made for more characters than the manual has: the rest never occur.
        unused = (chr(code) for code in range(0x4E00, 0x110000))
        alphabet += "".join(next(unused) for _ in range(characters - len(alphabet)))
    code_of = {character: code for code, character in enumerate(alphabet)}
    codes = np.array([code_of[character] for character in text if character in code_of], dtype=np.int64)
    end = int(len(codes) * (1 - HELD_OUT))
    return Corpus(alphabet, codes[:end], codes[end:])
