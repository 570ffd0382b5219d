r"""Names as the letters of a textbook: `yhat` is `\hat{y}`, `W_hh` is `\mathbf{W}_{hh}`, `i.arg` is `a_{i}`.

Scalars are italic, vectors bold, matrices bold and upright, an entry of either italic again (Goodfellow, Bengio &
Courville). No two names of a model look the same: where two would, the second is spelled out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from derive.emit.latex.text import greek
from derive.expressions import AxisKind
from derive.language.directives import GREEK, overrides
from derive.system import System

_ACCENTS = ("hat", "tilde", "bar", "dot")


@dataclass(frozen=True)
class Name:
    """A name taken apart.

    Attributes:
        letter: what is printed, without a typeface.
        accent: `hat`, `tilde`, `bar`, `dot`, or nothing.
        below: its own subscript, or nothing.
        rank: how many feature axes it has.
        fixed: whether the model's file says how it is printed, typeface included.
    """

    letter: str
    accent: str = ""
    below: str = ""
    rank: int = 0
    fixed: bool = False

    def array(self) -> str:
        """The letter in the typeface of its rank, with its accent, without its subscript."""
        return self._accented(_typeface(self.letter, self.rank))

    def entry(self) -> str:
        """The letter of an entry, which is a scalar."""
        return self._accented(self.letter)

    def _accented(self, text: str) -> str:
        if self.fixed:
            return self.letter
        return rf"\{self.accent}{{{text}}}" if self.accent else text


class Names:
    """The names of one system.

    Args:
        system: whose variables, sizes and indices have names.
    """

    def __init__(self, system: System) -> None:
        """Every name with its letters, none like another."""
        self._names: dict[str, Name] = {}
        ranks = {v.name: sum(axis.kind is AxisKind.FEATURE for axis in v.axes) for v in system.variables}
        fixed = overrides(system.source)
        taken: dict[str, str] = {}
        others = _symbols(system) - ranks.keys()
        preactivation = _free_letter(ranks.keys() | others)
        # The names that a file can spell choose their letters first.
        for name in (*sorted(ranks, key=lambda name: not name.isidentifier()), *sorted(others)):
            rank = ranks.get(name, 0)
            choices: Iterable[Name] = (
                *_inside(name, rank, preactivation, ranks.keys() | others),
                *_special(name, ranks.keys() | others, rank),
                _taken_apart(name, rank),
            )
            if name in fixed:
                choices = (Name(f"{{{fixed[name]}}}", rank=rank, fixed=True),)
            for choice in (*choices, Name(_word(name), rank=rank)):
                look = choice.entry() + "_" + choice.below
                if look not in taken:
                    break
            taken[look] = name
            self._names[name] = choice

    def __getitem__(self, name: str) -> Name:
        """A name's letters; one that the system does not have prints by the same rules."""
        return self._names[name] if name in self._names else (*_special(name, self._names), _taken_apart(name, 0))[0]

    def has_letter(self, letter: str) -> bool:
        """Whether a variable has this letter, so that no function should."""
        return any(name.letter == letter for name in self._names.values())


def _symbols(system: System) -> set[str]:
    found = {s.name for v in system.variables for axis in v.axes for s in axis.size.free_symbols}
    for equation in system.equations:
        parts = (equation.right, *equation.subscripts, *(end for r in equation.domain for end in (r.first, r.last)))
        found |= {symbol.name for part in parts for symbol in part.atoms(sympy.Symbol)}
        found |= {range_.index.name for range_ in equation.domain}
    return found


def _special(name: str, names: Iterable[str], rank: int = 0) -> tuple[Name, ...]:
    """The textbook's letters for the loss, its parts and the number of steps."""
    stem, _, made = name.partition(".")
    if stem == "loss":
        letter = "L" if "L" not in names else r"\mathcal{L}"
        return (Name(letter, below=_made(made) if made else "", rank=rank),)
    if name == "T" and "tau" not in names:
        return (Name(r"\tau"),)
    return {"inf": (Name(r"\infty"),), "pi": (Name(r"\pi"),)}.get(name, ())


def _inside(name: str, rank: int, letter: str, names: Iterable[str]) -> tuple[Name, ...]:
    r"""What a function is taken of, `i.arg`, as `a_i`: a preactivation has a letter of its own in the textbooks."""
    match = re.fullmatch(r"(\w+)\.arg(\d*)", name)
    if match is None or not letter:
        return ()
    of = (*_special(match[1], names), _taken_apart(match[1], 0))[0]
    whole = of.entry() + (f"_{{{of.below}}}" if of.below else "")
    return (Name(letter, below=",".join(filter(None, (whole, match[2]))), rank=rank),)


def _free_letter(names: Iterable[str]) -> str:
    """A letter for preactivations that no name of the system begins with; nothing where all are taken."""
    taken = {_taken_apart(name, 0).letter for name in names if "." not in name}
    return next((letter for letter in ("a", "z", "u") if letter not in taken), "")


def _taken_apart(name: str, rank: int) -> Name:
    stem, _, made = name.partition(".")
    head, *tail = stem.split("_") if stem[:1] != "_" else [stem]
    head, accent = _accent(head)
    if not accent and tail and tail[0] in _ACCENTS and _letter(head):
        accent, tail = tail[0], tail[1:]
    match = re.fullmatch(r"(.*?[A-Za-z])(\d+)", head)
    if match and _letter(match[1]):
        head, tail = match[1], [match[2], *tail]
    elif rank > 1 and re.fullmatch(r"[A-Z][a-z]{1,2}", head) and not _letter(head):
        head, tail = head[0], [head[1:], *tail]
    below = [_below(piece) for piece in tail if piece]
    if made:
        below.append(_made(made))
    return Name(_letter(head) or _word(head), accent, ",".join(below), rank)


def _accent(head: str) -> tuple[str, str]:
    for accent in _ACCENTS:
        rest = head.removesuffix(accent)
        if rest != head and _letter(rest):
            return rest, accent
    return head, ""


def _letter(head: str) -> str:
    """A single letter, Latin or Greek; nothing for a word."""
    if len(head) == 1:
        return head if head.isalpha() else ""
    low = {"lam": "lambda", "lamda": "lambda", "eps": "epsilon"}.get(head.lower(), head.lower())
    if low in GREEK and head in (head.lower(), head.capitalize()):
        return greek(low, capital=head[0].isupper())
    return ""


def _word(name: str) -> str:
    escaped = name.replace("_", r"\_")
    return rf"\mathit{{{escaped}}}"


def _below(piece: str) -> str:
    return _letter(piece) or (piece if len(piece) <= 2 or piece.isdigit() else rf"\mathrm{{{piece}}}")


def _made(made: str) -> str:
    """What derive calls a part of an equation: `arg`, `lse`, `sigmoid2`."""
    match = re.fullmatch(r"([A-Za-z]+)(\d*)", made)
    if match is None:
        kept = re.sub(r"[^A-Za-z0-9+ -]", "", made).replace(" ", "~")
        return rf"\mathrm{{{kept}}}"
    return rf"\mathrm{{{match[1]}}}" + (rf"\,{match[2]}" if match[2] else "")


def _typeface(letter: str, rank: int) -> str:
    match = re.fullmatch(r"\\math(?:it|rm)\{(.*)\}", letter)
    plain = match[1] if match else letter
    if rank == 0:
        return letter
    if rank == 1:
        return rf"\boldsymbol{{{letter}}}"
    small = letter.startswith("\\") and not match and letter[1].islower()
    if rank == 2:
        return rf"\boldsymbol{{{letter}}}" if small else rf"\mathbf{{{plain}}}"
    return rf"\boldsymbol{{{letter}}}" if small else rf"\boldsymbol{{\mathsf{{{plain}}}}}"
