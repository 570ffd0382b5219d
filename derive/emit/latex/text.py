"""Words of people (titles, comments) as LaTeX text that no character of theirs can break."""

from __future__ import annotations

import unicodedata

from derive.language.directives import GREEK

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "\u2013": "--",
    "\u2014": "---",
    "\u2018": "`",
    "\u2019": "'",
    "\u201c": "``",
    "\u201d": "''",
    "\u00a0": "~",
    "∞": r"$\infty$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "∑": r"$\sum$",
    "∇": r"$\nabla$",
    "⊙": r"$\odot$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "→": r"$\to$",
    "…": r"\dots{}",
    "²": r"$^2$",
}
# What LaTeX's own fonts have: letters of western Europe, which its standard input encoding builds from accents.
_LETTERS = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŁłČčĆćŘřŮůĚěŃńŚśŻżŹźŐőŰűĞğİıŞş")


def escape(text: str) -> str:
    r"""Text for the body of a document; a character without a font prints as its number.

    >>> escape("n_h, 50% of W")
    'n\\_h, 50\\% of W'
    """
    return "".join(map(_character, unicodedata.normalize("NFC", text)))


def for_comment(text: str) -> str:
    r"""Text for a comment, which ends with its line; a character that does not show prints as its number.

    >>> for_comment("a\n\\input{b}")
    'a \\input{b}'
    """
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in " ".join(text.split()))


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character in _LETTERS or (character.isascii() and character.isprintable()) or character == "\n":
        return character
    name = unicodedata.name(character, "").lower().split()
    if name[:1] == ["greek"] and name[1:3] in (["small", "letter"], ["capital", "letter"]) and len(name) == 4:
        letter = "lambda" if name[3] == "lamda" else name[3]
        if letter in GREEK:
            return f"${greek(letter, capital=name[1] == 'capital')}$"
    return " " if character.isspace() else f"[U+{ord(character):04X}]"


_ALIKE = {"eta": "H", "rho": "P", "chi": "X"}
_OWN_CAPITAL = frozenset("gamma delta theta lambda xi pi sigma upsilon phi psi omega".split())


def greek(letter: str, capital: bool = False) -> str:
    """A Greek letter in mathematics; a capital that looks like a Latin one is that one, upright."""
    if not capital:
        return "o" if letter == "omicron" else rf"\{letter}"
    return (
        rf"\{letter.capitalize()}" if letter in _OWN_CAPITAL else rf"\mathrm{{{_ALIKE.get(letter, letter[0].upper())}}}"
    )
