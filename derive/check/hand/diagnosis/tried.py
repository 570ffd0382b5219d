"""A name of the person's own with another meaning: that meaning read, and what it makes of the lines."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from derive.check.hand.broadcast import TooLarge
from derive.check.hand.claims import Claim, Side
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.meanings import Meaning, gradients
from derive.check.hand.diagnosis.values import side_of
from derive.check.hand.numbers import NoValue
from derive.language.source import Sink

COMBINED = 64  # how many choices of meanings of several names are tried

Reached = Callable[[Derivation, Claim, Collection[str]], Sequence[Meaning]]
Meanings = Sequence[tuple[Claim, Meaning, Side]]  # each line that defines a name, what it is meant to be, and that read


def read(derivation: Derivation, definition: Claim, meaning: Meaning) -> tuple[Claim, Meaning, Side] | None:
    """A meaning in the place of a definition's right side; None where it does not fit."""
    side = side_of(derivation, definition, ast.unparse(meaning.tree))
    return (definition, meaning, side) if isinstance(side, Side) else None


def learn(derivation: Derivation, meanings: Sequence[Meaning]) -> None:
    """Find all the gradients of some meanings at once."""
    sink = Sink(derivation.claims[0].line.source, quiet=True)
    for meaning in meanings:
        derivation.understanding.rewritten(meaning.tree, sink)
    derivation.learn(derivation.understanding.specials.values())


def by_gradient(derivation: Derivation, definitions: Sequence[Claim]) -> Iterator[Meanings]:
    """The gradients that the lines that define a name may be meant to be, together."""
    several = [gradients(derivation, definition) for definition in definitions]
    learn(derivation, [meaning for meanings in several for meaning in meanings])
    for meanings in zip(*several, strict=True):
        found = [read(derivation, one, meaning) for one, meaning in zip(definitions, meanings, strict=True)]
        if all(found):
            yield [one for one in found if one is not None]


def likeliest(
    derivation: Derivation, several: Iterable[Meanings], wrong: Sequence[Claim], kept: Sequence[Claim], least: int
) -> Meanings:
    """The meanings with which most wrong lines become right, at least so many, and no right one wrong; none is ()."""
    best: Meanings = ()
    most = 0
    for meanings in several:
        mended = derivation.with_definitions([(one, side) for one, _, side in meanings])
        count = righted(mended, wrong, kept, least)
        if count > most:
            best, most = meanings, count
        if count == len(wrong):
            break
    return best


def meant_together(
    derivation: Derivation,
    several: Mapping[str, Sequence[Claim]],
    wrong: Sequence[Claim],
    claimed: Callable[[Claim, Meaning], Claim],
    reached: Reached,
    guess: bool,
) -> dict[str, Meanings]:
    """The gradients that names are meant to be, each told by the wrong lines in which it stands itself.

    What no such line tells, the definitions in which it stands do, once it is known what they are meant to be; where
    several names of one definition are unknown, each is what undoing one mistake makes of it.

    Args:
        derivation: the derivation.
        several: the names, with the lines that define them.
        wrong: the wrong lines that rest on them.
        claimed: a definition as a claim about what it is meant to be.
        reached: what undoing one mistake makes of a definition.
        guess: whether that is taken for what is meant where no line becomes right with it.
    """
    found: dict[str, Meanings] = {}
    claims, asked = list(wrong), list[Claim]()
    mended = derivation
    while claims:
        near = {name: [claim for claim in claims if _stands_in(name, claim)] for name in several if name not in found}
        near = {name: lines for name, lines in near.items() if lines}
        tried = {n: likeliest(mended, by_gradient(derivation, several[n]), lines, (), 1) for n, lines in near.items()}
        if not any(tried.values()):
            options = {n: _made(mended, several[n][0], [*found], reached) for n in near if len(several[n]) == 1}
            tried = _fitting(mended, {name: made for name, made in options.items() if made}, claims, guess)
        new = {name: meanings for name, meanings in tried.items() if meanings}
        found |= new
        mended = derivation.with_definitions([(one, side) for meanings in found.values() for one, _, side in meanings])
        known = [one for meanings in new.values() for one in meanings]
        asked += [claimed(one, meaning) for one, meaning, _ in known if meaning.is_gradient]
        claims = [claim for claim in asked if claim.right is not None and not holds(mended, claim)] if new else []
    return found


def _made(derivation: Derivation, definition: Claim, settled: Collection[str], reached: Reached) -> list[Meanings]:
    read_ones = [read(derivation, definition, meaning) for meaning in reached(derivation, definition, settled)]
    return [(one,) for one in read_ones if one is not None]


def _fitting(
    derivation: Derivation, options: Mapping[str, Sequence[Meanings]], claims: Sequence[Claim], guess: bool
) -> dict[str, Meanings]:
    """A meaning of each name, with which most of some lines are right together."""
    together = list(islice(product(*options.values()), COMBINED)) if options else []
    best = likeliest(derivation, [[one for (one,) in choice] for choice in together], claims, (), 1)
    if guess and together and not best:
        best = [one for (one,) in together[0]]
    return {name: (one,) for name, one in zip(options, best, strict=False)}


def _stands_in(name: str, claim: Claim) -> bool:
    trees = [claim.right_tree, claim.left_tree]
    return any(isinstance(n, ast.Name) and n.id == name for tree in trees if tree is not None for n in ast.walk(tree))


def righted(mended: Derivation, wrong: Sequence[Claim], kept: Sequence[Claim], least: int) -> int:
    """How many wrong lines become right; 0 where that is too few, or where a line that was right becomes wrong."""
    first = mended.with_definitions((), 1)
    near = [claim for claim in wrong if holds(first, claim)]
    if len(near) < least:
        return 0
    count = sum(holds(mended, claim) for claim in near)
    return count if count >= least and all(holds(mended, claim) for claim in kept) else 0


def holds(derivation: Derivation, claim: Claim) -> bool:
    """Whether a line is right, with what is defined."""
    assert claim.right is not None
    try:
        return derivation.is_right(claim, claim.right)
    except (NoValue, TooLarge):
        return False
