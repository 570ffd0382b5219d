"""Derivations made by hand: read, judged line by line, and the mistakes named."""

from __future__ import annotations

import numpy as np

from derive.check.hand.broadcast import TooLarge
from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.judge import judge, unread
from derive.check.hand.lines import HandFile, HandLine, Unread
from derive.check.hand.numbers import PRECISION
from derive.check.hand.reader import read_hand
from derive.check.hand.result import HandReport, LineVerdict
from derive.check.hand.size import bounded
from derive.check.hand.vocabulary import Checkable
from derive.errors import Fault

__all__ = ["HandReport", "LineVerdict", "check_file", "check_hand"]


def check_hand(model: Checkable, text: str, filename: str = "<text>", hints: bool = False) -> HandReport:
    """Check a derivation in the equation language.

    Args:
        model: the model that it is about.
        text: the derivation.
        filename: the name of its file, for messages.
        hints: whether to say only where something is wrong.
    """
    return check_file(model, read_hand(text, filename), hints)


def check_file(model: Checkable, file: HandFile, hints: bool = False) -> HandReport:
    """Judge every line of a derivation that was read."""
    with np.errstate(all="ignore"):  # what has no value is said of its line
        return _checked(model, file, hints)


def _checked(model: Checkable, file: HandFile, hints: bool) -> HandReport:
    lines = [bounded(line) for line in file.lines]
    derivation = Derivation(model, [line for line in lines if isinstance(line, HandLine)])
    claims = iter(derivation.claims)
    verdicts = [unread(line) if isinstance(line, Unread) else _judged(derivation, next(claims)) for line in lines]
    note = f"at {len(derivation.points)} random points to {PRECISION:.0e}" if derivation.claims else ""
    return HandReport(model.name, tuple(verdicts), note, hints)


def _judged(derivation: Derivation, claim: Claim) -> LineVerdict:
    """The verdict on a line; one that spans too much to be compared is not understood."""
    try:
        return judge(derivation, claim)
    except TooLarge as error:
        fault = error.faults[0]
    except RecursionError:
        fault = Fault("nested too deeply")
    text = claim.line.text
    return LineVerdict(claim.line.number, claim.of, "not understood", fault=fault.message, text=text, hint=fault.hint)
