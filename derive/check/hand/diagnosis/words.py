"""Mistakes in words."""

from __future__ import annotations

import ast

from derive.check.hand.claims import Claim
from derive.check.hand.diagnosis.setting import subscripts
from derive.check.hand.diagnosis.trees import Term, is_gradient, nodes
from derive.check.hand.spelling import plain


def sign_of(term: Term) -> str:
    """A term with the wrong sign; its place is left open."""
    return f"the sign of {{}} is wrong: it is {'plus' if term.minus else 'minus'}"


def missing(term: Term, claim: Claim) -> tuple[str, str]:
    """A term that is not there, the mistake's name first: what is carried from another step has a name of its own.

    The sentence has a place for the term.
    """
    text = "-{}" if term.minus else "{}"
    here = {plain(step) for step in subscripts(claim.line.left)}
    for atom in nodes(term.node):
        if isinstance(atom, ast.Call) and isinstance(atom.func, ast.Name) and atom.func.id == "onehot":
            return "one-hot", f"the one-hot vector is missing: {text}"
        if is_gradient(atom):
            steps = subscripts(atom)
            elsewhere = [plain(step) for step in steps if plain(step) not in here]
            if here and elsewhere and any(isinstance(n, ast.Name) for step in steps for n in ast.walk(step)):
                step = elsewhere[0].replace(" ", "")
                return "carried gradient", f"the gradient carried from step {step} is missing: {text}"
    return "missing term", f"a term is missing: {text}"
