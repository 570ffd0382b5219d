"""Rules about declarations of sizes, about sequences, starts and steps."""

from __future__ import annotations

from derive.language.problem import Problem, rule


@rule
def bad_size(text: str) -> Problem:
    """A size is a name, a whole number or whole-number arithmetic of those."""
    return Problem(f"{text} is not a size", "a size is a name, a whole number >= 1, or + - * of those")


@rule
def sequence_in_arithmetic(size: str) -> Problem:
    """The length of a sequence stands alone."""
    return Problem(f"{size} is the length of a sequence: there is no arithmetic with it in a size")


@rule
def sequence_not_first(name: str, size: str) -> Problem:
    """Sequences come before features."""
    return Problem(f"{name}: {size} is the length of a sequence, it stands before the feature sizes")


@rule
def param_over_sequence(name: str, size: str, offered: str) -> Problem:
    """A parameter has no sequence axis."""
    return Problem(
        f"{name} is a Param over {size}, the length of a sequence, which differs from example to example",
        f"sizes with a capital are lengths of sequences: write {offered} for a number of features",
    )


@rule
def classes_missing(name: str, role: str) -> Problem:
    """`Label` and `Index` say how many values there are."""
    return Problem(f"{name}: a {role} says in its last size how many values there are", f"write {name}: {role}[T, n]")


@rule
def index_over_nodes(name: str, role: str, size: str) -> Problem:
    """What points at the nodes of a sequence is an index over that sequence."""
    hint = f"write {name}: Index[{size}, {size}], or a small letter for a number of values: {name}: {role}[..., n]"
    return Problem(f"{name}: only an Index over {size} holds steps of {size}", hint)


@rule
def no_default(name: str, role: str) -> Problem:
    """Data has no default."""
    return Problem(f"{name} is declared as {role}, which has no default", "a Const or a Param may have one")


@rule
def bad_default(name: str) -> Problem:
    """A default is a number or a nested list of numbers."""
    return Problem(f"{name}: a default is a number, or a nested list of numbers as long as the sizes say")


@rule
def bad_left_subscript(text: str, name: str) -> Problem:
    """A subscript on the left is an index or a step."""
    hint = f"write {name}[t] = ..., {name}[t, i] = ..., or a start {name}[0] = ... or {name}[T+1] = ..."
    return Problem(f"{text} cannot stand on the left", hint)


@rule
def repeated_left_index(name: str, text: str, other: str) -> Problem:
    """A left side names each index once."""
    return Problem(f"{text}: the index {name} stands twice on the left", f"write where({name} == {other}, ..., 0)")


@rule
def left_needs_sequence(text: str) -> Problem:
    """A step on the left belongs to a sequence."""
    hint = "declare data over one: x: Input[T, n_x]"
    return Problem(f"{text}: this file has no sequence of which that could be a step", hint)


@rule
def defined_twice(name: str, line: int) -> Problem:
    """A variable has one equation, apart from its starts."""
    return Problem(f"{name} has an equation already, in line {line}", "one equation a variable, apart from its starts")


@rule
def start_twice(text: str, line: int) -> Problem:
    """A start is given once."""
    return Problem(f"{text} is given twice, first in line {line}")


@rule
def start_argument_taken(argument: str, start: str) -> Problem:
    """The argument that gives a start has a name of its own."""
    return Problem(f"{argument} is the argument by which a call gives {start}", f"rename {argument}")


@rule
def var_undefined(name: str) -> Problem:
    """What is declared as Var is defined by an equation."""
    return Problem(f"{name} is declared as Var, but no equation defines it", f"write {name}[t] = ... or {name} = ...")


@rule
def start_alone(name: str) -> Problem:
    """A start belongs to a general equation."""
    return Problem(f"{name} has a start but no equation for the steps after it", f"write {name}[t] = ...")


@rule
def bad_end(text: str, name: str, size: str) -> Problem:
    """The literal step of a start is a whole number, or the end of its sequence plus or minus one."""
    hint = f"write {size}, {size}+1, ... for a recurrence from right to left, or a number of steps from the front"
    return Problem(f"{text} is neither a whole number nor an end of {name}, which runs over {size}", hint)


@rule
def starts_at_both_ends(name: str, one: str, other: str) -> Problem:
    """A variable starts at one end of a sequence."""
    hint = "use two variables, one from left to right and one from right to left"
    return Problem(f"{name} starts at both ends, {one} and {other}: one equation cannot run both ways", hint)


@rule
def data_start_inside(text: str) -> Problem:
    """A start of data lies outside of its steps."""
    return Problem(f"{text}: that is a step of the data itself", "a start of data is at 0 or before: y[0] = 2")


@rule
def data_start_elsewhere(text: str) -> Problem:
    """A start of data lies before its steps, and the data has one sequence."""
    hint = "name it: a variable may have starts anywhere"
    return Problem(f"{text}: only before the first step of data over one sequence can a file say what it is", hint)


@rule
def data_start_value(text: str) -> Problem:
    """The start of integer data is a whole number."""
    return Problem(f"{text} is not a whole number that the data can hold")


@rule
def loss_missing() -> Problem:
    """A model has a loss."""
    return Problem("there is no equation for loss, which is what is differentiated", "write loss = sum(..., t)")


@rule
def loss_not_scalar(text: str) -> Problem:
    """The loss is a scalar."""
    return Problem(f"{text}: the loss is one scalar, it has no index", "write loss = sum(..., t)")


@rule
def missing_start(read: str, target: str, step: str, mend: str) -> Problem:
    """A variable is read only where something defines it."""
    return Problem(f"{read} is read at {step}, where nothing defines {target}", mend)


@rule
def read_outside(read: str, target: str, where: str, mend: str = "") -> Problem:
    """A step lies where the variable has one."""
    hint = mend or "write the range: sum(..., (t, 2, T))"
    return Problem(f"{read} may lie outside of the steps where {target} is defined ({where})", hint)


@rule
def node_of_none(text: str, index: str) -> Problem:
    """A node is looked up where there is one, and not at a node that is looked up itself."""
    hint = f"read it at its own step, v[{index}] = ..., with a start v[0], and look that up"
    return Problem(f"{text} may be read at a step that is none", hint)


@rule
def unbroken_cycle(cycle: str, mend: str) -> Problem:
    """Every cycle is broken by a shift."""
    return Problem(f"a cycle that no shift breaks: {cycle}", mend)


@rule
def cycle_both_ways(one: str, other: str) -> Problem:
    """What depends on each other runs in one direction."""
    hint = "use two variables, one from left to right and one from right to left"
    return Problem(f"no order of the steps does for both {one} and {other}", hint)


@rule
def lookup_none(read: str, where: str) -> Problem:
    """A look-up that can be none stands neither under a log nor in a denominator."""
    return Problem(f"{read} can look up nothing, which is 0, {where}", "write the range: sum(..., (t, 1, T-1))")


@rule
def none_as_number(read: str) -> Problem:
    """Integer data that can be none is no number."""
    return Problem(f"{read} can lie outside of the data, where it is no number", "write the range: sum(..., (t, 2, T))")


@rule
def shift_too_large(text: str, most: int) -> Problem:
    """A step is a bounded number of steps away."""
    return Problem(f"{text}: more than {most} steps away")


@rule
def end_too_far(text: str, most: int) -> Problem:
    """An end of a range is a bounded number, or that far from an index or a size."""
    return Problem(f"{text}: an end of a range with a number beyond {most}")


@rule
def too_many_steps(name: str, most: int) -> Problem:
    """A variable is read at a bounded number of steps: each is a piece of every loop."""
    hint = "what is further back can be carried on: m[0] = 0, then m[t] = 0.9 * m[t-1] + h[t]"
    return Problem(f"{name} is read at more than {most} different steps", hint)
