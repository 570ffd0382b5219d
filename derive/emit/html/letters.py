"""Letters in the typefaces of mathematics, as characters: browsers know no other way to make them bold."""

from __future__ import annotations

import re
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

# What a page may not hold, and what makes its text run the other way or end a line: none of it shows itself.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(page: str) -> str:
    """A page with the numbers of letters that do not show themselves.

    >>> visible("<p>x\u202ey</p>")
    '<p>x[U+202E]y</p>'
    """
    return _HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", page)


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
