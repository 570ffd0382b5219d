"""Rules about names: what may be declared, what must be known, what a subscript may be."""

from __future__ import annotations

from collections.abc import Iterable

from derive.language.problem import Problem, closest, rule


@rule
def unknown_name(name: str, known: Iterable[str]) -> Problem:
    """A name is declared or defined."""
    return Problem(f"{name} is neither declared nor defined", closest(name, known))


@rule
def unknown_function(name: str, known: Iterable[str]) -> Problem:
    """A function is one of the language's or a helper of the file."""
    hint = closest(name, known) or "a pattern of your own is a helper: def name(v): return ..."
    return Problem(f"there is no function {name}", hint)


@rule
def variable_called(name: str) -> Problem:
    """A variable is subscripted, not called."""
    return Problem(f"{name} is a variable, not a function", f"its indices stand in square brackets: {name}[t]")


@rule
def function_not_called(name: str) -> Problem:
    """A function has arguments."""
    return Problem(f"{name} is a function and has no argument here", f"write {name}(...)")


@rule
def argument_count(name: str, given: int, expected: str) -> Problem:
    """A function has its number of arguments."""
    return Problem(f"{name} takes {expected}, not {given}")


@rule
def keyword_argument(function: str, name: str) -> Problem:
    """Arguments have no names, but for the slope of leaky_relu."""
    return Problem(f"{function} has no argument called {name}")


@rule
def helper_recursion(chain: tuple[str, ...]) -> Problem:
    """A helper does not call itself."""
    return Problem(f"the helper calls itself: {' -> '.join(chain)}", "a recurrence is an equation: h[t] = ... h[t-1]")


@rule
def declared_twice(name: str, line: int) -> Problem:
    """A name is declared once."""
    return Problem(f"{name} is declared twice, first in line {line}")


@rule
def declared_and_defined(name: str, role: str) -> Problem:
    """What is given is not defined by an equation."""
    return Problem(f"{name} is declared as {role}, it cannot be defined by an equation too", "rename one of the two")


@rule
def size_and_variable(name: str) -> Problem:
    """A name is a size or a variable, not both."""
    return Problem(f"{name} is used both as a size and as a variable", "rename one of the two")


@rule
def index_and_variable(name: str, size: str) -> Problem:
    """The index of a sequence is neither a variable nor a size."""
    return Problem(f"{name} is the index that runs over {size}, it cannot be anything else", "use another name")


@rule
def index_is_a_variable(name: str) -> Problem:
    """A feature index is neither declared nor defined."""
    return Problem(f"{name} is a variable of this model, it cannot be an index too", "use another letter for the index")


@rule
def reserved_name(name: str) -> Problem:
    """Names of the generated functions' arguments are reserved."""
    return Problem(f"{name} is reserved: the generated functions have an argument of this name", f"call it {name}_1")


@rule
def function_name_taken(name: str) -> Problem:
    """A variable, size or helper is not called like a function of the language."""
    return Problem(f"{name} is a function of the language, it cannot be a name too", f"call it {name}_1")


@rule
def underscore_name(name: str) -> Problem:
    """A name begins with a letter."""
    return Problem(f"{name}: a name begins with a letter", f"call it {name.lstrip('_') or 'u'}")


@rule
def non_ascii_name(name: str) -> Problem:
    """A name is written in ASCII."""
    hint = "beta, lam, ... print as Greek letters"
    return Problem(f"{name}: names are written in plain letters (a-z), digits and _", hint)


@rule
def long_name(name: str, most: int) -> Problem:
    """A name has a bounded length."""
    return Problem(f"{name[:20]}...: a name of more than {most} characters")


@rule
def helper_is_variable(name: str) -> Problem:
    """A helper has a name of its own."""
    return Problem(f"{name} is a helper and a variable", "rename one of the two")


@rule
def index_not_bound(name: str, left: str) -> Problem:
    """An index on the right is on the left or summed."""
    return Problem(
        f"the index {name} is neither on the left ({left}) nor summed", f"write sum(..., {name}), or {name} on the left"
    )


@rule
def index_is_bound(name: str, other: str = "another letter") -> Problem:
    """A sum's index is not in use already."""
    return Problem(f"the index {name} is in use already where this sum runs over it", f"use {other} for the sum")


@rule
def index_range_open(name: str, mend: str) -> Problem:
    """The range of an index is read off what it subscripts."""
    return Problem(f"the range of the index {name} is open: it subscripts nothing of a known size", mend)


@rule
def index_ranges_differ(name: str, one: str, first: str, other: str, second: str) -> Problem:
    """An index has one range."""
    return Problem(f"the index {name} runs over {first} in {one} and over {second} in {other}")


@rule
def step_missing(name: str, step: str) -> Problem:
    """A sequence variable has its step."""
    return Problem(f"{name} has a value at every step: its step is missing", f"write {name}[{step}]")


@rule
def step_expected(text: str, name: str, sequence: str, mend: str = "") -> Problem:
    """The first subscript of a sequence variable is a step."""
    return Problem(f"{text} is not a step of {name}, which runs over {sequence}", mend)


@rule
def wrong_sequence(name: str, text: str, expected: str, steps: str) -> Problem:
    """A step runs over the variable's own sequence."""
    return Problem(f"{text} does not run over {expected}, the sequence of {name}", f"write {name}[{steps}]")


@rule
def too_many_subscripts(text: str, most: int, given: int) -> Problem:
    """A variable has at most a subscript for each axis."""
    if not most:
        return Problem(f"{text}: a scalar has no subscript")
    return Problem(f"{text}: {given} subscripts, but {most} {'axis' if most == 1 else 'axes'}")


@rule
def bad_subscript(text: str) -> Problem:
    """A subscript is an index plus a whole number, an end, a look-up or a stretch."""
    hint = "a subscript is an index plus or minus a whole number, a look-up (y[t]) or a : b"
    return Problem(f"{text} cannot be a subscript", hint)


@rule
def step_on_features(index: str, sequence: str, size: str) -> Problem:
    """What counts features is not subscripted by a step."""
    hint = f"use another letter for the index of the {size} entries"
    return Problem(f"{index} runs over the steps 1..{sequence}, here it stands for one of {size} entries", hint)


@rule
def slice_step(text: str) -> Problem:
    """A stretch has no step, and both ends count from the front."""
    return Problem(f"{text} is no stretch of entries", "a stretch is first:end, counted from 0, without a step")


@rule
def slice_outside(text: str, last: str, size: str) -> Problem:
    """A stretch lies inside its axis."""
    hint = (
        f"the end is counted from the front too: {size} - {last[1:]}" if last[1:].isdigit() and last[0] == "-" else ""
    )
    return Problem(f"{text} ends at {last}, which cannot be shown to lie within the {size} entries", hint)


@rule
def entry_outside(text: str, size: str) -> Problem:
    """An entry lies inside its axis."""
    hint = f"the last one is {size} - 1" if text == "-1" else ""
    return Problem(f"{text} lies outside of the {size} entries, which count from 0", hint)


@rule
def lookup_range(text: str, classes: str, size: str) -> Problem:
    """What looks up has as many values as there are entries."""
    return Problem(f"{text}: the look-up has {classes} values, the axis has {size} entries")


@rule
def step_looked_up(text: str, size: str) -> Problem:
    """A step is looked up by an index over the nodes of its sequence."""
    hint = f"left: Index[{size}, {size}] holds nodes; h[left[{size.lower()}]] reads at one"
    return Problem(f"{text} looks up, but it holds no steps of {size}", hint)
