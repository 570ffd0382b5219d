"""A Program as NumPy statements. Everything was decided before: here is only spelling."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Container, Iterable

import sympy

from derive.affine import at_least, plain
from derive.calculus.indices import ends, is_fixed
from derive.emit.numpy.arrays import Arrays
from derive.emit.numpy.inplace import InPlace, is_by_step
from derive.emit.numpy.names import Names
from derive.emit.numpy.shapes import group
from derive.emit.numpy.spelling import ATOM, axes_of
from derive.emit.numpy.text import printable
from derive.emit.numpy.values import Values
from derive.program import Allocate, Assign, Buffer, Given, Loop, Only, Part, Program, Stack, Statement, Wanted
from derive.schedule.stacking import SEPARATOR
from derive.schedule.temporaries import is_temporary
from derive.system import Equation

Comment = Callable[[str, Equation], str]
_WIDTH = 100


def body(
    program: Program,
    names: Names,
    comment: Comment,
    have: Container[str] = (),
    plain: bool = False,
    arrays: Arrays | None = None,
) -> tuple[list[str], tuple[str, ...]]:
    """The lines of a program, from indentation 0, and the helper functions that they call.

    Args:
        program: what to spell.
        names: identifiers.
        comment: the text of the equation of a variable that a statement carries out.
        have: stacks of parameters that are there already.
        plain: whether to write for reading, with a new array for each result, rather than in place.
        arrays: for a program of single operations, what its function makes.
    """
    printer = _Printer(program, names, comment, plain, arrays)
    lines = printer.block(s for s in program.body if not (isinstance(s, Stack) and s.name in have))
    lines += [printer.part(part) for part in program.parts if part.name in program.results]
    return lines, tuple(sorted(printer.values.helpers))


class _Printer:
    """Spells one program."""

    def __init__(
        self, program: Program, names: Names, comment: Comment, plain: bool, arrays: Arrays | None = None
    ) -> None:
        self.names, self.comment = names, comment
        self.added = {equation.target: equation for equation in program.added}
        self.parts: dict[str, list[Part]] = {}
        for part in program.parts:
            self.parts.setdefault(part.whole, []).append(part)
        for stack in program.stacks:
            names.stack(stack.name, stack.name.split(SEPARATOR))
        for buffer in program.buffers:
            names.made(buffer.variable.name)
        self.values = Values(names, flat=not plain)
        self.plain = plain
        self.arrays = arrays
        self.inplace = InPlace(self.values, names, arrays) if arrays is not None else None
        if arrays is not None:
            arrays.parts |= {part.name: part for part in program.parts}
            arrays.by_step |= {b.variable.name for b in program.buffers if arrays.kept and is_by_step(b.variable)}
        self.stacks = {stack.name: stack for stack in program.stacks}
        self.depth = 0
        self.zero = {buffer.variable.name for buffer in program.buffers if buffer.zeros}
        self.said = ""

    def block(self, statements: Iterable[Statement]) -> list[str]:
        found = []
        for statement in statements:
            lines = self.statement(statement)
            found += self.arrays.flushed(lines) if self.arrays is not None and self.depth == 0 else lines
        return found

    def statement(self, statement: Statement) -> list[str]:
        if isinstance(statement, Assign):
            return [*self._said(statement.equation), *self.assign(statement)]
        if isinstance(statement, Allocate):
            return self.allocate(statement)
        if isinstance(statement, Stack):
            return self.stack(statement)
        self.said = ""
        if isinstance(statement, Loop):
            head = self.head(statement)
        elif isinstance(statement, Only):
            # Of a loop's index nothing is known here: it may begin below 0.
            if is_fixed(statement.low) and is_fixed(statement.high) and at_least(statement.high, statement.low):
                return self.block(statement.body)
            head = f"if {self.size(statement.low)} <= {self.size(statement.high)}:"
        elif isinstance(statement, Wanted):
            # Several starts share a keyword.
            asked = dict.fromkeys(f'"{self.names.keyword[_asked(name)]}" in wrt' for name in statement.names)
            head = f"if {' or '.join(asked)}:"
        else:
            given = (f"{self.names.variable[name]} is not None" for name in statement.names)
            head = f"if {' and '.join(given)}:"
        lines = [head, *("    " + line for line in self.inner(statement))]
        if isinstance(statement, Given):
            made = dict.fromkeys(self.names.variable[n] for n in _written(statement.body))
            lines += ["else:", f"    {' = '.join(made)} = None"]
        self.said = ""
        return lines

    def inner(self, statement: Loop | Only | Wanted | Given) -> list[str]:
        """The lines of a body."""
        if self.arrays is None or self.inplace is None:
            return self.block(statement.body)
        if isinstance(statement, Wanted | Given):
            self.arrays.enter()
            lines = self.block(statement.body)
            self.arrays.leave()
            return lines
        loops = [statement] if isinstance(statement, Loop) else []
        self.depth += 1
        self.inplace.loops += loops
        lines = self.block(statement.body)
        self.depth -= 1
        del self.inplace.loops[len(self.inplace.loops) - len(loops) :]
        return lines

    def stack(self, statement: Stack) -> list[str]:
        """Arrays put together."""
        name = self.names.variable[statement.name]
        made = f"np.stack({group([self.names.variable[part] for part in statement.parts])}"
        if self.arrays is None or not self.arrays.lasting:
            return [f"{name} = {made})"]
        shape = group([self.size(axis.size) for axis in self.stacks[statement.name].axes])
        self.arrays.provide(name, f"np.empty({shape}, {self.names.local['dtype']})")
        return [f"{made}, out={name})"]

    def head(self, loop: Loop) -> str:
        name = self.names.index(loop.index.name)
        first, last = (
            self.size(loop.first),
            self.size(plain(loop.last + 1) if not loop.last.has(sympy.Max) else loop.last + 1),
        )
        if loop.forward:
            return f"for {name} in range({first}, {last}):"
        return f"for {name} in range({self.size(loop.last)}, {self.size(loop.first - 1)}, -1):"

    def size(self, expression: sympy.Expr) -> str:
        return self.values.size(expression)

    def _said(self, equation: Equation) -> list[str]:
        """The equation that a statement carries out, where the last statement did not carry out the same."""
        found = [self.comment(name, self.added.get(name, equation)) for name in self._members(equation)]
        text = "\n".join(dict.fromkeys(filter(None, found)))
        if text == self.said or not text:
            return []
        self.said = text
        wrapped = (
            textwrap.wrap(printable(line), _WIDTH, subsequent_indent="    ", break_long_words=False)
            for line in text.splitlines()
        )
        return [f"# {line}" for lines in wrapped for line in lines]

    def _members(self, equation: Equation) -> list[str]:
        """The variables that a statement writes: those of a stack whose entries lie in what it writes."""
        inside = []
        for part in self.parts.get(equation.target, ()):
            found = ends(equation.subscripts[0], equation.domain)
            if found is None or found[0] <= part.entry <= found[1]:
                inside.append(part.name)
        return inside or [equation.target]

    def allocate(self, statement: Allocate) -> list[str]:
        buffer = statement.buffer
        name = self.names.variable[buffer.variable.name]
        if not buffer.extent:
            return [f"{name} = np.zeros((), {self.names.local['dtype']})"]
        if self.arrays is None:
            return [f"{name} = {self.empty(buffer, buffer.zeros)}"]
        zeros = buffer.zeros and not self.arrays.lasting
        if self.arrays.lasting:
            self.provide(buffer)
        self.arrays.provide(name, self.empty(buffer, zeros))
        self.arrays.stable.add(buffer.variable.name)
        return [f"{name}.fill(0)"] if buffer.zeros and not zeros else []

    def provide(self, buffer: Buffer) -> None:
        """An array for later calls too, in the memory of another one where it needs none of its own."""
        assert self.arrays is not None
        memory = self.arrays.memory.get(buffer.variable.name)
        if memory is None:
            self.arrays.provide(self.names.made(buffer.variable.name), self.empty(buffer))
            return
        self.provide(memory.host)
        host, region = self.names.made(memory.host.variable.name), memory.region
        inside = "" if region is None else f"[{region.start}{'' if region.stop is None else f':{region.stop}'}]"
        self.arrays.provide(self.names.made(buffer.variable.name), f"{host}{inside}")

    def empty(self, buffer: Buffer, zeros: bool = False) -> str:
        """A new array."""
        # A short sequence may leave nothing to hold.
        extents = (e if at_least(e, sympy.Integer(0)) else sympy.Max(0, e) for e in buffer.extent)
        shape = group([self.size(extent) for extent in extents])
        dtype = self.names.local["dtype"] if buffer.variable.classes is None else "np.intp"
        if self.arrays is not None and self.arrays.lasting and is_by_step(buffer.variable):
            self.values.helpers.add("_by_step")
            return f"_by_step({shape}, {dtype})"
        return f"np.{'zeros' if zeros else 'empty'}({shape}, {dtype})"

    def assign(self, statement: Assign) -> list[str]:
        found = self.inplace.operation(statement) if self.inplace is not None else None
        if found is not None:
            return found
        values = self.values
        values.lengths.clear()
        name = self.names.variable[statement.target.name]
        value = values.spell(statement.value, statement.target.dims)
        if statement.scatters:
            places, dims = values.places(statement.target)
            aligned = axes_of(values.spell(statement.value, dims), dims)
            if self.plain:
                # NumPy 2.4's np.add.at does not repeat an array of fewer axes than there are places.
                lacks = ["None"] * (len(dims) - len(aligned.dims) if aligned.dims else 0)
                text = f"{aligned.within(ATOM)}[{', '.join(lacks)}]" if lacks else aligned.text
                return [f"np.add.at({name}, {places[0] if len(places) == 1 else group(places)}, {text})"]
            values.helpers.add("_scatter_add")
            return [f"_scatter_add({name}, {group(places)}, {aligned.text})"]
        target, dims = values.target(statement.target)
        text = axes_of(value, dims).text
        if not statement.target.subscripts:
            # Of its own, since what is added to it later must not be added to what it was made of.
            made = f"np.array({text}, {self.names.local['dtype']})" if value.weak else values.owned(statement.value, ())
            return [f"{name} += {text}" if statement.adds else f"{name} = {made}"]
        if statement.makes:
            return [f"{name} = {values.owned(statement.value, statement.target.dims)}"]
        if statement.adds:
            return [f"{target} -= {text[1:]}" if value.negated and text.startswith("-") else f"{target} += {text}"]
        if not self.plain and dims and value.callable_into and value.dims == dims:
            return [f"{text[:-1]}, out={target})"]
        return [f"{target if '[' in target else target + '[...]'} = {text}"]

    def part(self, part: Part) -> str:
        return f"{self.names.variable[part.name]} = {self.names.variable[part.whole]}[{part.entry}]"


def _written(statements: Iterable[Statement]) -> list[str]:
    found: list[str] = []
    for statement in statements:
        if isinstance(statement, Assign):
            found.append(statement.target.name)
        elif isinstance(statement, Allocate):
            found.append(statement.buffer.variable.name)
        elif isinstance(statement, Loop | Only | Wanted | Given):
            found.extend(_written(statement.body))
    return [name for name in dict.fromkeys(found) if not is_temporary(name)]


def _asked(name: str) -> str:
    return name[5:-1] if name.startswith("grad(") else name
