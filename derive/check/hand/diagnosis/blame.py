"""Lines that are wrong only through a definition of the person's own: which definition, and what is wrong with it.

A definition is at fault where putting right what it defines makes lines right that rest on it, and no line wrong. What
it was meant to be is looked for among the gradients over its axes, then among what undoing one mistake makes of it.
Definitions are tried in their order, each with those before it put right: of two that rest on each other the first is
at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from derive.check.hand.claims import Claim
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.culprits import Culprit, said, says_itself, there
from derive.check.hand.diagnosis.found import Diagnosis
from derive.check.hand.diagnosis.meanings import Known, Meaning, Meant, edits
from derive.check.hand.diagnosis.reshaped import reshaped, with_other_shape
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import same
from derive.check.hand.diagnosis.tried import Meanings, by_gradient, holds, likeliest, meant_together, read, righted
from derive.check.hand.diagnosis.values import learn_gradients
from derive.check.hand.spelling import plain, spelled, words

MOST = 60  # forms of a definition that stands for nothing of the model, as its lines are asked about each
SEVERAL = 4  # how many definitions are put right together at most, and how many meanings of each are tried
BEYOND = 10_000  # the number of a line that is none of the file's

Searched = Callable[[Setting], Diagnosis | None]


_KNOWN: WeakKeyDictionary[Derivation, Blame] = WeakKeyDictionary()


def blamed(derivation: Derivation, claim: Claim, searched: Searched) -> Diagnosis | None:
    """What is wrong with the definitions that a wrong line rests on; None where none of them is at fault.

    Args:
        derivation: the derivation.
        claim: the line.
        searched: the search for the mistake in one line.
    """
    return blame(derivation, searched).of(claim) if derivation.depends_on(claim) else None


def blame(derivation: Derivation, searched: Searched) -> Blame:
    """Which definitions of a derivation are at fault; found once."""
    if derivation not in _KNOWN:
        _KNOWN[derivation] = Blame(derivation, searched)
    return _KNOWN[derivation]


class Blame:
    """Which definitions of a derivation are at fault.

    Attributes:
        found: the names that are defined wrongly, in the order of their definitions.
        mended: the derivation with these put right.
    """

    def __init__(self, derivation: Derivation, searched: Searched) -> None:
        """Try the definitions one by one, then those together that no line tells apart."""
        # A reference to the derivation itself would keep it in the table for ever.
        self._base = self.mended = derivation.with_definitions(())
        self._searched = searched
        self.found: dict[str, Culprit] = {}
        self._claims = [c for c in derivation.claims if not c.defines and c.right is not None and c.fault is None]
        self._rests = {id(claim): derivation.depends_on(claim) for claim in self._claims}
        self._beyond: list[Claim] = []  # kept alive: what is known of a claim is filed under its id
        self._asked = False
        self._now: dict[int, bool] = {}
        self._reshaped = list(reshaped(derivation))
        self._works: list[Derivation] = []
        self._known: dict[tuple[int, int], Meant] = {}
        self._shared: dict[str, Known] = {}
        names = [name for name in derivation.vocabulary.own if self._defining(name)]
        if all(self._holds_now(claim) for claim in self._claims if self._rests[id(claim)]):
            return
        learn_gradients(self._base)
        self._at_once(names)
        doubtful: dict[str, Culprit] = {}
        for name in [name for name in names if name not in self.found]:
            culprit = self._alone(name)
            if culprit is not None and len(culprit.diagnosis.names) != 1 and self._suspects_in(name):
                doubtful[name] = culprit
            else:
                self._enter(name, culprit)
        self._together([name for name in names if name not in self.found])
        for name in names:
            if name not in self.found and self._resting(name)[0]:
                self._enter(name, doubtful.get(name) or self._edited(name))
                if name not in self.found and self._is_suspect(name) and not self._resting(name)[1]:
                    found = [with_other_shape(self._base, definition) for definition in self._defining(name)]
                    self._reshaped += [one for one in found if one is not None]

    def _enter(self, name: str, culprit: Culprit | None) -> None:
        if culprit is not None:
            self.found[name] = culprit
            self.mended = self.mended.with_definitions(culprit.sides)
            self._now = {}

    def _holds_now(self, claim: Claim) -> bool:
        """Whether a line is right with what has been put right so far."""
        if id(claim) not in self._now:
            self._now[id(claim)] = holds(self.mended, claim)
        return self._now[id(claim)]

    def _defining(self, name: str) -> list[Claim]:
        found = [c for c in self._base.claims if c.defines and c.head == name]
        below = {other for one in found for other in self._base.depends_on(one)}
        read = [c for c in self._base.claims if c.defines and (c.head in below or c.head == name)]
        return found if all(c.fault is None and c.right is not None for c in read) else []

    def _resting(self, *names: str) -> tuple[list[Claim], list[Claim]]:
        """The lines that rest on any of some names: those that are wrong now, and those that are right."""
        resting = [c for c in self._claims if not {*names}.isdisjoint(self._rests[id(c)])]
        wrong = [c for c in resting if not self._holds_now(c)]
        return wrong, [c for c in resting if not any(c is other for other in wrong)]

    def _meant(self, work: Derivation, definition: Claim) -> Meant:
        key = id(work), id(definition)
        if key not in self._known:
            self._works.append(work)  # kept alive: no other may have its id
            self._known[key] = Meant(work, definition, self._shared)
        return self._known[key]

    # -- what is said ------------------------------------------------------------------------------------------------

    def of_definition(self, definition: Claim) -> Diagnosis | None:
        """What is wrong with a definition; None where nothing speaks against it."""
        for one in self._reshaped:
            if one.definition is definition:
                return one.diagnosis
        culprit = self.found.get(definition.head)
        return culprit.diagnosis if culprit is not None and culprit.definition.line is definition.line else None

    def of(self, claim: Claim) -> Diagnosis | None:
        """What is wrong with the definitions that a wrong line rests on; a mistake of its own comes first."""
        for one in self._reshaped:
            if claim.line.number in one.righted:
                number, found = one.definition.line.number, one.diagnosis
                brief = f"right but for line {number}"
                return replace(found, text=f"{brief}: {found.text}", line=number, brief=brief)
        rests = self._rests.get(id(claim), [])
        culprits = [culprit for name, culprit in self.found.items() if name in rests]
        if not culprits:
            return None
        if not self._holds_now(claim):
            own = self._searched(Setting(self.mended, claim))
            if own is None or not own.names:
                return None
            lines = " and ".join(f"{c.definition.head} in line {c.definition.line.number}" for c in culprits)
            return replace(own, text=f"{own.text}; besides, the definition of {lines} is wrong")
        alone = [c for c in culprits if holds(self._base.with_definitions(c.sides), claim)]
        culprits = alone[:1] or culprits
        said = [f"for line {c.definition.line.number}: {c.diagnosis.text}" for c in culprits]
        text = f"right but {'; and '.join(said)}"
        numbers = [str(c.definition.line.number) for c in culprits]
        listed = " and ".join(filter(None, (", ".join(numbers[:-1]), numbers[-1])))
        brief = f"right but for line{'s' if numbers[1:] else ''} {listed}"
        names = tuple(dict.fromkeys(name for c in culprits for name in c.diagnosis.names))
        where = tuple(plain(c.definition.line.left) for c in culprits)
        first = culprits[0]
        return Diagnosis(names, text, where, first.diagnosis.correct, first.definition.line.number, brief=brief)

    # -- one definition ----------------------------------------------------------------------------------------------

    def _is_suspect(self, name: str) -> bool:
        """Whether a name stands for nothing of the model."""
        return name not in self.found and not all(self._meant(self.mended, d).is_natural for d in self._defining(name))

    def _suspects_in(self, name: str) -> bool:
        """Whether a name rests on others that stand for nothing of the model."""
        rests = {other for one in self._defining(name) for other in self._base.depends_on(one)} - {name}
        return any(self._is_suspect(other) for other in rests)

    def _alone(self, name: str) -> Culprit | None:
        """The name as a culprit, where another meaning of it makes wrong lines right by itself."""
        wrong, kept = self._resting(name)
        if not wrong:
            return None
        least = 1
        if not self._is_suspect(name):
            least = self._least(name, wrong)
            if kept or not least:
                return None
        definitions = self._defining(name)
        best = likeliest(self.mended, self._meanings(definitions, self._is_suspect(name)), wrong, kept, least)
        return self._culprit(self.mended, best) if best else None

    def _least(self, name: str, wrong: Sequence[Claim]) -> int:
        """How many lines must become right for a name to be at fault that stands for something of the model.

        Two; one where only one rests on no other suspect, and no mistake of its own can be named; 0 is none.
        """
        free = [c for c in wrong if not any(self._is_suspect(other) for other in self._rests[id(c)] if other != name)]
        if len(free) == 1:
            own = self._searched(Setting(self.mended, free[0]))
            if own is None or not own.names:
                return 1
        return 2 if len(wrong) > 1 else 0

    def _meanings(self, definitions: Sequence[Claim], suspect: bool) -> Iterator[Meanings]:
        """What the lines that define a name may be meant to be, together; gradients first."""
        work = self.mended
        yield from by_gradient(work, definitions)
        if len(definitions) == 1 and suspect:
            for meaning, _, _ in self._meant(work, definitions[0]).reached:
                one = None if meaning.is_gradient else read(work, definitions[0], meaning)
                if one is not None:
                    yield [one]

    def _edited(self, name: str) -> Culprit | None:
        """The definition of what the model has no word for, where undoing one mistake makes all its lines right."""
        wrong, kept = self._resting(name)
        definition, *more = self._defining(name)
        if more or not self._is_suspect(name):
            return None
        for row, mend in edits(self.mended, definition, MOST):
            one = read(self.mended, definition, Meaning(mend.tree))
            if one is not None:
                mended = self.mended.with_definitions([(definition, one[2])])
                if righted(mended, wrong, kept, len(wrong)):
                    return Culprit(definition, said(definition, row, mend, ""), ((definition, one[2]),))
        return None

    # -- several definitions -----------------------------------------------------------------------------------------

    def _at_once(self, names: Sequence[str]) -> None:
        """The names at fault among those that rest on each other, each judged with all others put right."""
        several = {name: self._defining(name) for name in names if self._is_suspect(name)}
        wrong, kept = self._resting(*several)
        if len(several) == 1 or not wrong:
            return
        found: dict[str, Culprit] = {}
        for guess in (False, True):
            meant = meant_together(self._base, several, wrong, self._claimed, self._reached, guess)
            sides = [(one, side) for meanings in meant.values() for one, _, side in meanings]
            work = self._base.with_definitions(sides)
            if not righted(work, wrong, kept, 1):
                return
            tried = {name: self._culprit(work, meanings) for name, meanings in meant.items()}
            now = {name: culprit for name, culprit in tried.items() if culprit is not None}
            if all(len(culprit.diagnosis.names) == 1 for culprit in now.values()):
                found = now
                break
            found = found or now
        else:
            if len(meant) < len(several):
                edited = ((name, self._edited(name)) for name in several if name not in meant)
                found = next(({name: culprit} for name, culprit in edited if culprit is not None), found)
        below = self._below(found)
        if below is not None:
            self._enter(*below)
        elif righted(self._base.with_definitions([s for one in found.values() for s in one.sides]), wrong, kept, 1):
            for name, culprit in found.items():
                self._enter(name, culprit)

    def _below(self, found: Mapping[str, Culprit]) -> tuple[str, Culprit] | None:
        """One name on which several at fault rest, that is at fault instead; it stands for something of the model."""
        rests = [self._base.depends_on(one.definition) for one in found.values()]
        for name in rests[0] if len(rests) > 1 else ():
            if all(name in others for others in rests) and self._defining(name) and not self._is_suspect(name):
                culprit = self._alone(name)
                if culprit is not None and len(culprit.diagnosis.names) == 1:
                    return name, culprit
        return None

    def _together(self, names: Sequence[str]) -> None:
        """The names that are wrong only together: each is one mistake away from something, and then lines are right."""
        suspects = [n for n in names if self._resting(n)[0] and len(self._defining(n)) == 1]
        wrong, kept = self._resting(*suspects)
        found = self._joint(self.mended, suspects, wrong, kept) if wrong else None
        for name, culprit in found or ():
            self._enter(name, culprit)

    def _joint(
        self, work: Derivation, names: Sequence[str], wrong: Sequence[Claim], kept: Sequence[Claim], depth: int = 0
    ) -> list[tuple[str, Culprit]] | None:
        """Culprits among some names, such that a wrong line becomes right and no right one wrong."""
        if not names or depth == SEVERAL:
            return [] if depth and (righted(work, wrong, kept, 1) or self._is_one_more(work, wrong[0])) else None
        name, *rest = names
        (definition,) = self._defining(name)
        meant = self._meant(work, definition)
        if meant.is_natural:
            return self._joint(work, rest, wrong, kept, depth)
        for meaning, _, _ in meant.reached[:SEVERAL]:
            one = read(work, definition, meaning)
            if one is not None:
                mended = work.with_definitions([(definition, one[2])])
                found = self._joint(mended, rest, wrong, kept, depth + 1)
                culprit = None if found is None else self._culprit(work, [one])
                if found is not None and culprit is not None:
                    return [(name, culprit), *found]
        return None

    def _is_one_more(self, work: Derivation, claim: Claim) -> bool:
        """Whether a line has one mistake of its own besides those of its definitions; asked once, it takes long."""
        if self._asked:
            return False
        self._asked = True
        own = self._searched(Setting(work, claim))
        return own is not None and len(own.names) == 1

    # -- what is wrong with it ---------------------------------------------------------------------------------------

    def _culprit(self, work: Derivation, meanings: Meanings) -> Culprit | None:
        """The first line of a name that is not what it is meant to be, and what is wrong with it."""
        sides = tuple((definition, side) for definition, _, side in meanings)
        mended = work.with_definitions(sides)
        for definition, meaning, _ in meanings:
            diagnosis = self._explained(work, mended, definition, meaning)
            if diagnosis is not None:
                return Culprit(definition, diagnosis, sides)
        return None

    def _reached(self, work: Derivation, definition: Claim, settled: Collection[str]) -> list[Meaning]:
        """What undoing one mistake makes of a definition, with others put right that stand for gradients now."""
        found = Meant(work, definition, self._shared, settled).reached
        return [meaning for meaning, _, _ in found][:SEVERAL]

    def _claimed(self, definition: Claim, meaning: Meaning) -> Claim:
        """A definition as a claim about the gradient that it is meant to be."""
        left = there(meaning.tree, definition.line.left)
        claim = self._base.understanding.further(replace(definition.line, left=left), BEYOND + len(self._beyond))
        claim.without = definition.without
        self._beyond.append(claim)
        return claim

    def _explained(self, work: Derivation, mended: Derivation, definition: Claim, meaning: Meaning) -> Diagnosis | None:
        """What is wrong with a definition that is meant to be something; None where it is just that."""
        line = definition.line
        say = words(line)
        meant = f"{say(line.left)} is meant to be {meaning.text(say)}"
        if not meaning.is_gradient:
            reached = self._meant(work, definition).reached
            found = [(row, mend) for other, row, mend in reached if same(other.tree, meaning.tree)]
            return said(definition, *found[0], meant) if found else None
        claim = self._claimed(definition, meaning)
        if claim.right is None or holds(mended, claim):
            return None
        own = self._searched(Setting(mended, claim))
        if own is None or own.correct is None or (own.right is not None and says_itself(definition, own.right)):
            return Diagnosis((), f"{meant}, which it is not", (plain(line.right),), spelled(line, meaning.tree))
        right = own.right if own.right is not None else meaning.tree
        return Diagnosis(own.names, f"{meant}; {own.text}", own.where, spelled(line, right))
