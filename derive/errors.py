"""Errors for people: a place in the text, a caret under it, what is wrong, and the mend.

Every mistake of a user's ends in one `DeriveError`. It holds `Fault`s (one per independent mistake), each printed with
its file, line, column, the line itself and a caret. `assert` is for our own bugs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# What turns the direction of a line, so that it shows in another order than it stands.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    r"""A text as a terminal may show it: what it would obey instead is replaced, one sign by one, so that carets stay.

    >>> printable("h\x1b[2J\u202e = 0\n")
    'h␛[2J\ufffd = 0\n'
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def _shown(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Cc" and sign not in "\n\t":
        return chr(0x2400 + ord(sign)) if sign < " " else "␡" if sign == "\x7f" else "\ufffd"
    return "\ufffd" if category in ("Zl", "Zp", "Cs") or sign in _TURNS else sign


@dataclass(frozen=True)
class Place:
    """Where in a user's text something stands.

    Attributes:
        file: name of the file, as the user gave it.
        line: line number, from 1.
        column: column, from 1, in characters.
        text: the line itself, without its end.
        width: how many characters the caret underlines.
    """

    file: str
    line: int
    column: int
    text: str
    width: int = 1


@dataclass(frozen=True)
class Fault:
    """One mistake: what is wrong in the terms of the mathematics, where, and the mend.

    Attributes:
        message: what is wrong, with the shapes where shapes are the matter.
        place: where, or None where no text is at fault.
        hint: the mend, or an empty string.
        rule: name of the validation rule that found it, or an empty string.
    """

    message: str
    place: Place | None = None
    hint: str = ""
    rule: str = ""

    def render(self) -> str:
        """The fault as it is printed: place, message, line, caret and hint.

        >>> print(Fault("h[t-1] is read at t = 0", Place("m.eq", 3, 8, "h[t] = h[t-1]", 6), "write h[0] = 0").render())
        m.eq:3:8: h[t-1] is read at t = 0
            h[t] = h[t-1]
                   ^^^^^^
            write h[0] = 0
        """
        if self.place is None:
            return printable("\n".join(filter(None, (self.message, self.hint and f"    {self.hint}"))))
        place = self.place
        margin = "".join("\t" if c == "\t" else " " for c in place.text[: place.column - 1])
        lines = [f"{place.file}:{place.line}:{place.column}: {self.message}"]
        if place.text.strip():  # a caret under nothing shows nothing
            lines += [f"    {place.text}", f"    {margin}{'^' * max(1, place.width)}"]
        if self.hint:
            lines.append(f"    {self.hint}")
        return printable("\n".join(lines))


class DeriveError(Exception):
    """A user's mistake, in one or more faults; `str()` is what the user reads.

    Attributes:
        faults: every independent fault, in the order of the text.
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        """An error with one fault or several."""
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        assert self.faults, "an error without a fault"
        super().__init__("\n".join(fault.render() for fault in self.faults))
