"""Letters in the typefaces of mathematics, as characters: browsers know no other way to make them bold."""

from __future__ import annotations

import unicodedata

# What LaTeX calls a typeface, and Unicode.
_STYLES = {
    "bold": "BOLD",
    "bold-italic": "BOLD ITALIC",
    "bold-sans": "SANS-SERIF BOLD",
    "script": "SCRIPT",
    "fraktur": "FRAKTUR",
    "double-struck": "DOUBLE-STRUCK",
    "sans-serif": "SANS-SERIF",
}


def styled(letter: str, style: str) -> str:
    """A letter in a typeface; as it is where Unicode has no such letter.

    >>> styled("W", "bold"), styled("h", "bold-italic"), styled("_", "bold")
    ('𝐖', '𝒉', '_')
    """
    face = _STYLES.get(style)
    if face is None or len(letter) != 1:
        return letter
    words = unicodedata.name(letter, "").split()
    match words:
        case ["DIGIT", _]:
            name = words
        case ["LATIN", size, "LETTER", which] if len(which) == 1:
            name = [size, which]
        case ["GREEK", size, "LETTER", which]:
            name = [size, which]
        case ["GREEK", *rest]:
            name = [word for word in rest if word != "LUNATE"]
        case _:
            name = words
    try:
        return unicodedata.lookup(f"MATHEMATICAL {face} {' '.join(name)}")
    except KeyError:
        return letter
