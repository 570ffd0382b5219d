r"""What LaTeX's commands for single signs print: `\alpha` is α."""

from __future__ import annotations

_SMALL = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau "
    "upsilon phi chi psi omega"
).split()
_CAPITAL = (
    "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho _ Sigma Tau Upsilon Phi "
    "Chi Psi Omega"
).split()

SIGNS = {"\\" + name: chr(0x3B1 + n) for n, name in enumerate(_SMALL)}
SIGNS |= {"\\" + name: chr(0x391 + n) for n, name in enumerate(_CAPITAL) if name != "_"}
SIGNS |= {"\\var" + name.lower(): SIGNS["\\" + name] for name in _CAPITAL if "\\" + name in SIGNS}
SIGNS |= {
    # TeX's plain epsilon is the lunate one, and its plain phi the straight one.
    r"\epsilon": "ϵ",
    r"\varepsilon": "ε",
    r"\phi": "ϕ",
    r"\varphi": "φ",
    r"\vartheta": "ϑ",
    r"\varkappa": "ϰ",
    r"\varpi": "ϖ",
    r"\varrho": "ϱ",
    r"\varsigma": "ς",
    r"\nabla": "∇",
    r"\partial": "∂",
    r"\top": "⊤",
    r"\infty": "∞",
    r"\odot": "⊙",
    r"\cdot": "·",
    r"\times": "×",
    r"\le": "≤",
    r"\ge": "≥",
    r"\ne": "≠",
    r"\sum": "∑",
    r"\ell": "ℓ",
    r"\hbar": "ℏ",
    r"\star": "⋆",
    r"\ast": "∗",
    r"\dagger": "†",
    r"\prime": "′",
    r"\sqrt": "√",
    r"\lVert": "‖",
    r"\rVert": "‖",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\ldots": "…",
    r"\dots": "…",
    r"\cdots": "⋯",
    r"\to": "→",
    r"\_": "_",
    r"\{": "{",
    r"\}": "}",
    r"\|": "‖",
    r"\&": "&",
    r"\%": "%",
    r"\#": "#",
    r"\$": "$",
    r"\\": ";",
    "&": " ",
    "~": " ",
    "-": "−",
    "*": "∗",
}
ACCENTS = {
    "hat": "ˆ",
    "widehat": "ˆ",
    "tilde": "˜",
    "widetilde": "˜",
    "dot": "˙",
    "ddot": "¨",
    "vec": "→",
    "check": "ˇ",
    "breve": "˘",
}
SPACES = {",": 0.17, ":": 0.22, ";": 0.28, "!": -0.17, " ": 0.25, "quad": 1.0}
DELIMITERS = frozenset("bigl bigr Bigl Bigr biggl biggr left right limits displaystyle mathrel mathbin mathop".split())
BINARY = frozenset("+−⊙·×∗⋆")
RELATIONS = frozenset("=<>≤≥≠→")
# Capitals of Greek stand upright, and so do signs that Unicode counts among the letters.
UPRIGHT = frozenset("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩℓℏ")
# What Times and fonts like it do not have.
RARE = frozenset("∇⊤⊙∗⋆‖√∑⋯ℏϵϑϕϱϖϰ⊤")
# Italic letters whose tops lean over their ends.
LEANING = frozenset("fCEFHJKMNPSTUVWXYZ")


def _alphabet(capital: int, small: int, holes: str) -> dict[str, str]:
    """Letters of mathematics by the plain ones; some have had places elsewhere for longer."""
    table = {chr(65 + n): chr(capital + n) for n in range(26)} | {chr(97 + n): chr(small + n) for n in range(26)}
    pairs = holes.split()
    return table | dict(zip(pairs[::2], pairs[1::2], strict=True))


ALPHABETS = {
    "mathcal": _alphabet(0x1D49C, 0x1D4B6, "B ℬ E ℰ F ℱ H ℋ I ℐ L ℒ M ℳ R ℛ e ℯ g ℊ o ℴ"),
    "mathbb": _alphabet(0x1D538, 0x1D552, "C ℂ H ℍ N ℕ P ℙ Q ℚ R ℝ Z ℤ"),
    "mathfrak": _alphabet(0x1D504, 0x1D51E, "C ℭ H ℌ I ℑ R ℜ Z ℨ"),
}
