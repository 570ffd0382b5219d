"""The circuit: every variable once; what is carried from one step to the next passes through a square, a delay."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import sympy

from derive.calculus.trace import Traced
from derive.emit.graph import words
from derive.emit.graph.bands import Band, bands
from derive.emit.graph.curves import Place
from derive.emit.graph.layers import ROW
from derive.emit.graph.network import Read
from derive.emit.graph.picture import Picture, Point, Text
from derive.emit.graph.scene import SIZE, Scene, Spot, Wire
from derive.emit.graph.units import Network, lag, network
from derive.emit.notation import forms
from derive.emit.notation.forms import Form
from derive.expressions import Index, refs
from derive.system import System

_OUT = 1.5  # from the outline of a node to its delay
_NEXT = 1.9  # from a delay to the next
_APART = 2.6  # between delays of one node that are no row
_ROOM = 2.0  # beside a node that has a delay
_ROW_OF_DELAYS = 3


def folded(system: System, traced: Traced | None = None) -> Picture:
    """The circuit diagram of a model.

    Args:
        system: the model, as its file says it.
        traced: the system with its gradient; the circuit does not need it.
    """
    del traced
    circuit = _Circuit(network(system, again=False))
    circuit.fill()
    return circuit.scene.picture(
        f"{system.name}, circuit",
        f"The circuit of {system.name}: every variable once. A square is a delay of one step, or as it says.",
    )


@dataclass(frozen=True)
class Delay:
    """A delay.

    Attributes:
        of: what it delays.
        side: on which side of that it stands: 1 for the right, -1 for the left.
        turn: how the way back to that turns: 1 for below, -1 for above, 0 for any.
        row: whether it stands in a row of delays of one step.
    """

    of: str
    side: int
    turn: int
    row: bool = False


class _Circuit:
    """Puts units, delays and arrows into a scene."""

    def __init__(self, found: Network) -> None:
        self.network, self.scene = found, Scene(found.system)
        self.labels = {name: _label(found, name) for name in found.units}
        self.bands = bands(found, self.scene, self.labels, _ROOM)
        self.places: dict[str, Place] = {}
        self.band_of: dict[str, Band] = {}
        self.base: dict[int, float] = {}
        self.delays: dict[str, Delay] = {}
        height = 0.0
        for band in self.bands:
            self.base[id(band)] = height
            for unit in band.units:
                self.places[unit.name] = (band.template.x[unit.name], height + band.template.y[unit.name])
                self.band_of[unit.name] = band
            height += band.template.height + ROW

    def fill(self) -> None:
        """Puts everything into the scene."""
        for name, (x, y) in self.places.items():
            unit = self.network.units[name]
            title = words.title(self.network.system, unit)
            self.scene.spots.append(Spot(name, name, x, y, self.labels[name], unit.kind, title=title))
        direct: dict[tuple[str, str, str], list[str]] = {}
        notes: dict[tuple[str, str, str], tuple[Form | str, ...]] = {}
        for read in self.network.reads:
            source, note = read.source, self._note(read)
            delay = self._delay(read)
            key = (delay or source, read.target, str(note))
            direct.setdefault(key, []).extend(read.labels)
            notes[key] = note
        for key, labels in direct.items():
            self.scene.wires.append(self._wire(key[0], key[1], tuple(dict.fromkeys(labels)), notes[key]))

    def _wire(self, source: str, target: str, labels: tuple[str, ...], note: tuple[Form | str, ...]) -> Wire:
        if source in self.places:
            via: tuple[Place, ...] = ()
            band = self.band_of[source]
            if band is self.band_of[target]:
                lanes = band.template.lanes.get((source, target), ())
                via = tuple((x, y + self.base[id(band)]) for x, y in lanes)
            return Wire(source, target, labels, via=via, note=note)
        delay = self.delays[source]
        if delay.of != target or delay.turn == 0:
            return Wire(source, target, labels, "lag")
        enter = delay.turn * pi / 5
        return Wire(
            source, target, labels, "lag", angles=(delay.turn * pi / 2, enter if delay.side > 0 else pi - enter)
        )

    def _delay(self, read: Read) -> str:
        """The delay that a value passes, made where it is met first; an empty name where there is none."""
        if not self._is_delayed(read):
            return ""
        looked = tuple(ref.name for step in read.at for ref in refs(step))
        lags = tuple(lag(read, place) for place in range(len(read.to)))
        if len(lags) == 1 and not looked and lags[0] is not None and abs(lags[0]) <= _ROW_OF_DELAYS:
            return self._in_a_row(read.source, lags[0])
        others = {_kind(r) for r in self.network.reads if r.source == read.source and self._is_delayed(r)}
        kinds = sorted(others, key=str)
        name = f"{read.source} {'/'.join(looked) or ','.join(map(str, lags))}"
        if name not in self.delays:
            rank = kinds.index(_kind(read)) - (len(kinds) - 1) / 2
            at, y = self._beside(read.source, 1, _APART * (len(kinds) - 1) / 2)
            delay = Delay(read.source, 1, (rank > 0) - (rank < 0))
            self._add(name, delay, (at, y - rank * _APART), _mark(lags, looked))
            self.scene.wires.append(Wire(read.source, name, (), "lag"))
        return name

    def _is_delayed(self, read: Read) -> bool:
        """Whether a value comes from another step."""
        source, target = self.network.units[read.source], self.network.units[read.target]
        if source.group != target.group or not source.group:
            return False
        lags = [lag(read, place) for place in range(len(read.to))]
        looked = any(refs(step) for step in read.at)
        return looked or (any(lags) if None not in lags else read.source == read.target)

    def _in_a_row(self, source: str, shift: int) -> str:
        """So many delays of one step behind each other; to the left for what comes from later steps."""
        side, sign = self._side(source, shift), 1 if shift > 0 else -1
        before = source
        at, y = self._beside(source, side)
        for number in range(1, abs(shift) + 1):
            name = f"{source} {sign * number:+d}"
            if name not in self.delays:
                # The way back from the first turns below, from the next above.
                delay = Delay(source, side, 1 if number % 2 else -1, True)
                mark = words.number(-1) if sign < 0 else None
                self._add(name, delay, (at + side * (number - 1) * _NEXT, y), mark)
                self.scene.wires.append(Wire(before, name, (), "lag"))
            before = name
        return before

    def _side(self, source: str, shift: int) -> int:
        """On which side delays stand: nearer to those that read them; to the left for what comes from later steps."""
        read = [r for r in self.network.reads if r.source == source and lag(r)]
        x = self.places[source][0]
        away = [self.places[r.target][0] - x for r in read if r.target != source]
        # What is read from both sides has its delays on both.
        if len({(lag(r) or 0) > 0 for r in read}) > 1 or not away or abs(sum(away)) < len(away):
            return 1 if shift > 0 else -1
        return 1 if sum(away) > 0 else -1

    def _add(self, name: str, delay: Delay, at: Place, mark: Form | str | None) -> None:
        x, y = at
        self.delays[name] = delay
        self.scene.spots.append(Spot(name, "delay", x, y, None, "delay", "delay", f"{delay.of}, delayed"))
        if mark is None:
            return
        if delay.row:
            self.scene.texts.append(Text(mark, Point(x, -y - 0.95), "middle", "lag"))
        else:
            self.scene.texts.append(Text(mark, Point(x + delay.side * 0.65, -y), "start", "lag"))

    def _beside(self, source: str, side: int, reach: float = 0.0) -> Place:
        """The place of the first delay of a node, or of several so far above and below: behind all beside it."""
        x, y = self.places[source]
        row = [
            side * place[0] + self.scene.size(self.labels[name])[0] / 2
            for name, place in self.places.items()
            if abs(place[1] - y) < SIZE * 0.75 + reach and (place[0] - x) * side > 0.1
        ]
        own = side * x + self.scene.size(self.labels[source])[0] / 2
        return side * (max([own, *row]) + _OUT), y

    def _note(self, read: Read) -> tuple[Form | str, ...]:
        """At which steps something is read, where these are neither its reader's nor all."""
        source, target = self.network.units[read.source], self.network.units[read.target]
        if source.group == target.group or not source.group:
            return ()
        found = []
        for step, sequence in zip(read.at, source.group, strict=True):
            if not any(isinstance(symbol, Index) for symbol in step.free_symbols) and not any(refs(step)):
                found.append(forms.Compare("==", forms.Symbol(sequence.lower()), _end(step)))
        return tuple(found)


def _label(found: Network, name: str) -> Form:
    unit = found.units[name]
    return words.label(unit, tuple(forms.Symbol(sequence.lower()) for sequence in unit.group))


def _kind(read: Read) -> tuple[str, tuple[str, ...], tuple[int | None, ...]]:
    """What is read, and from how far away."""
    looked = tuple(ref.name for step in read.at for ref in refs(step))
    return read.source, looked, () if looked else tuple(lag(read, place) for place in range(len(read.to)))


def _mark(lags: tuple[int | None, ...], looked: tuple[str, ...]) -> Form | str | None:
    """What is written at a delay: which steps it comes from."""
    if looked:
        return forms.Variable(looked[0])
    if len(lags) == 1:
        return words.number(lags[0]) if lags[0] is not None else None
    return f"({', '.join('·' if number is None else str(number).replace('-', '−') for number in lags)})"


def _end(step: sympy.Expr) -> Form:
    if step.is_Integer:
        return words.number(int(step))
    size = next(iter(sorted(step.free_symbols, key=str)))
    return words.step(str(size), int(step - size))
