"""How wide and how high letters are, in sizes of the type: the metrics of Times, which many fonts share.

A picture is laid out before anybody chooses its font, so its labels are measured with these.
"""

from __future__ import annotations

import unicodedata

_ROMAN = {
    18: "'",
    20: "|",
    25: ",.",
    28: "/:;\\ijltıȷ",
    33: "!()-I[]`fr",
    39: '"Jsζςτ',
    44: "?acezγενξχϵ",
    46: "^δ",
    48: "{}θλ",
    50: "#$*0123456789_bdghknopquvxyβκοπρυ∂‖∗⋆",
    52: "αη",
    54: "~μσ≤≥≠",
    56: "+<=>FPS×−√",
    58: "φΓΣ",
    61: "ELTZ⊤",
    63: "ψΔΞ",
    66: "ω",
    67: "BCR",
    72: "ADGHKNOQUVXYwΘΛΠΥΦ∞∇⊙∑",
    74: "ΨΩ",
    78: "&m",
    83: "%",
    89: "M",
    92: "@",
    94: "W",
    100: "…→",
}
_ITALIC = {
    20: "'",
    25: ",.",
    28: "/\\fijlt|ιıȷ",
    33: "!()-:;I`",
    36: "τ",
    39: "[]rsz{}γεζςϵ",
    44: '"J^cekvxyλνξχ',
    46: "δυ",
    48: "κρ",
    50: "#$*0123456789?S_abdghnopquβηθμοπσ∂",
    52: "α",
    54: "~φ≤≥≠",
    56: "LTYZΓΥ",
    58: "ΔΣ",
    61: "ABEFPRVXψΛ",
    63: "Ξ",
    67: "+<=>CKNw×−",
    70: "Ψ",
    72: "DGHOQUmωΘΠΩ∞",
    76: "Φ",
    78: "&",
    83: "%MW",
    92: "@",
}
_BOLD = {
    20: "|",
    25: ",.",
    28: "'/\\ilı",
    31: "ι",
    33: "!()-:;[]`fjtȷ",
    39: "Is{}ζ",
    44: "cerzενξςϵ",
    46: "γτχ",
    50: "#$*0123456789?J_agovxyλο",
    52: "~βδθυ",
    54: "πρσ≤≥≠",
    56: '"+<=>Sbdhknpquαηκμ×−',
    58: "^",
    61: "FPφ",
    63: "ΓΔ",
    66: "Σ",
    67: "BELTZΞ",
    69: "ψ",
    72: "ACDNRUVXYwωΛΥ∞",
    78: "GHKOQΘΠΨΩ",
    83: "&mΦ",
    94: "M@",
    100: "%W",
}
_SLANTED = {
    20: "|",
    25: ",.",
    28: "'/\\ijltιıȷ",
    33: "()-:;[]`f{}",
    39: "!Irszεϵ",
    44: "cevyγζλνξςτ",
    46: "χ",
    50: "#$*0123456789?J_abdgkopqxβδου",
    52: "θκρ",
    54: "αηπσ≤≥≠",
    56: '"+<=>S^hnu~μ×',
    58: "φ",
    61: "LPTYZΓΣΥ−",
    63: "Δ",
    66: "Ξ",
    67: "ABCEFKRVXwψΛ",
    72: "DGNOQUω∞",
    74: "Ω",
    76: "Θ",
    78: "&HmΠΦΨ",
    83: "%@",
    89: "MW",
}
_TABLES = {
    (bold, italic): {letter: width for width, letters in table.items() for letter in letters}
    for (bold, italic), table in {
        (False, False): _ROMAN,
        (False, True): _ITALIC,
        (True, False): _BOLD,
        (True, True): _SLANTED,
    }.items()
}
_LOW = frozenset("acegmnopqrsuvwxyzıȷαγεηικμνοπρςστυχωϵ.,:;·-−+=<>∗")
_DEEP = frozenset("gjpqyȷβγζημξρςφχψ(),;Q/|[]{}∑‖√")


def advance(character: str, bold: bool = False, italic: bool = False) -> float:
    """How far a character moves the pen, in sizes of the type."""
    known = _TABLES[bold, italic].get(character) or _TABLES[bold, False].get(character)
    if known is None:
        known = _TABLES[False, False].get(character)
    if known is not None:
        return known / 100
    if unicodedata.combining(character):
        return 0.0
    if character.isspace():
        return 0.25
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.62


def height(text: str) -> float:
    """How far a text reaches above its line, in sizes of the type."""
    return 0.46 if all(character in _LOW for character in text) else 0.68


def depth(text: str) -> float:
    """How far a text reaches below its line, in sizes of the type."""
    return 0.22 if any(character in _DEEP for character in text) else 0.01
