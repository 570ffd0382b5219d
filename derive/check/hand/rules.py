"""What may be wrong with a line that is no question of numbers: each a small function that says it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from derive.language.problem import Problem, closest, rule


def mend_in_derivation(name: str, message: str, hint: str) -> str:
    """The mend of what a rule of models finds, where a derivation has another one or the rule has none.

    Args:
        name: the rule's name.
        message: what it says.
        hint: its mend.
    """
    if name == "unknown_function" and "def " in hint:  # a model's file has helpers, a derivation has not
        return "the functions are those of the equation language; a transpose is W.T"
    if name == "unknown_name" and not hint:
        return f"a name of your own is defined on a line of its own: {message.split()[0]}[t] = ..."
    if name == "keyword_argument" and not hint:
        return "the range of a sum: sum(expr, (t, 1, T))"
    if name == "expression_unknown" and not hint and re.match(r"(np|numpy|torch)\.", message):
        return "write the function without its module: outer(...), tanh(...)"
    return hint


@rule
def no_claim(equal: bool = False) -> Problem:
    """A line is `left = right`."""
    hint = "the sign is =, not ==" if equal else "write what it is of and what it is: grad(h[t]) = ..."
    return Problem("this line claims nothing", hint)


@rule
def more_than_one() -> Problem:
    """A statement stands on a line of its own."""
    return Problem("two statements on one line", "write each on a line of its own")


@rule
def helper_function() -> Problem:
    """A derivation is claims; what is short for something is a name with its steps."""
    hint = "give it a name of your own, at its step: d[t] = 1 - h[t]**2"
    return Problem("helper functions are not read in a derivation", hint)


@rule
def declares() -> Problem:
    """What a model is given is declared in the model's file."""
    return Problem("declarations stand in the model's file", "name it at the top: # model: NAME")


@rule
def to_fill_in() -> Problem:
    """A blank is filled in."""
    return Problem("still to be filled in")


@rule
def adds_a_part() -> Problem:
    """A line says what a gradient is, not what is added to it."""
    return Problem("a line says what something is, not what is added to it", "write the whole sum behind one =")


@rule
def index_is_variable(name: str, free: str) -> Problem:
    """An index has a letter of its own."""
    hint = f"take another letter for the index: {free}"
    return Problem(f"{name} is a variable of the model, so that it cannot be an index too", hint)


@rule
def line_too_large(depth: int, terms: int) -> Problem:
    """A line that a person writes has a bounded size."""
    hint = "give a part of it a name of its own: delta[t] = ..."
    return Problem(f"nested more than {depth} deep, or a chain of more than {terms}", hint)


@rule
def bracket_stray() -> Problem:
    """Every bracket that closes was opened."""
    return Problem("a bracket closes here that was never opened")


@rule
def bracket_open() -> Problem:
    """Every bracket is closed."""
    return Problem("a bracket is never closed")


@rule
def not_a_condition(text: str) -> Problem:
    """Behind a comma stands a comparison of steps."""
    return Problem(f"{text} is no condition", "write the steps at which the line holds: t < T, or 2 <= t < T")


@rule
def slip(detail: str, hint: str) -> Problem:
    """What is written as on paper has its own spelling here."""
    return Problem(f"this cannot be read ({detail})", hint)


@rule
def gradient_of(text: str) -> Problem:
    """`grad` is of a variable of the model."""
    hint = "grad(v) is of a variable, at a step where it has one: grad(h[t])"
    return Problem(f"grad({text}): {text} is no variable of the model", hint)


@rule
def gradient_of_unknown(name: str, known: Iterable[str]) -> Problem:
    """`grad` is of a variable of the model."""
    names = list(known)
    base, _, step = name.partition("_")
    if base in names and step in ("t", "T", "s", "k"):
        hint = f"write {base}[{step}]"
    elif name[:-1] in names and name.endswith("0"):
        hint = f"the start is {name[:-1]}[0]"
    else:
        hint = f"write grad({name[:-2]}).T" if name.endswith(".T") else closest(name, names)
    return Problem(f"the model has no variable {name}", hint)


@rule
def gradient_of_own(name: str) -> Problem:
    """A gradient is of a variable of the model, not of a name of one's own."""
    return Problem(f"{name} is a name of your own: the loss has no gradient with respect to it", f"write {name} itself")


@rule
def no_gradient(name: str, role: str) -> Problem:
    """Data that are whole numbers have no gradient."""
    return Problem(f"{name} holds whole numbers ({role}): there is no gradient with respect to it")


@rule
def step_lacking(name: str, steps: str) -> Problem:
    """A variable over a sequence is meant at a step."""
    return Problem(f"{name} has a value at every step", f"say at which: {name}[{steps}]")


@rule
def arguments_of(function: str, form: str) -> Problem:
    """`grad` takes one variable, `jac` two, `prod` an expression and a range."""
    return Problem(f"{function} is written {form}")


@rule
def at_which_sequence(text: str) -> Problem:
    """`at=` names a step of one sequence."""
    return Problem(f"at={text}: this is no step of a sequence of the model", "write grad(W, at=t)")


@rule
def at_of_steps(name: str, text: str) -> Problem:
    """`at=` is of what all steps share, not of what every step, a start too, has its own of."""
    hint = f"write {name}[{text}]"
    return Problem(f"at={text} is of what all steps share: {name} has a value of its own at each", hint)


@rule
def scalar_of(text: str) -> Problem:
    """`of=` is a scalar."""
    return Problem(
        f"of={text} is no scalar of the model", "what is differentiated is a scalar: of=l[t]; else use jac(u, v)"
    )


@rule
def own_sequence_open(name: str) -> Problem:
    """What a name of one's own runs over is read off its left sides."""
    return Problem(f"what does {name} run over?", f"write its general line with the index: {name}[t] = ...")


@rule
def own_shape_open(name: str) -> Problem:
    """The shape of a name of one's own follows from its definition."""
    return Problem(f"the shape of {name} does not follow from its definition")


@rule
def matrix_product(text: str) -> Problem:
    """A product over an index is of square matrices."""
    return Problem(f"prod({text}, ...): the product of many needs a square matrix")


@rule
def condition_of(text: str, names: str) -> Problem:
    """A condition is about the steps of the left side."""
    return Problem(f"{text}: a condition is about the steps of the left side ({names})")


@rule
def holds_nowhere() -> Problem:
    """A line says something at one step at least."""
    return Problem("the line holds at no step", "look at its condition")


@rule
def own_undefined(name: str, line: int) -> Problem:
    """A name of one's own has a definition that is understood."""
    return Problem(f"{name} is not defined as it should be, see line {line}")


@rule
def left_of_nothing(text: str) -> Problem:
    """A line is about a gradient, a variable or a name of one's own."""
    leibniz = re.fullmatch(r"d\w+ ?/ ?d(\w+(\[.*\])?)", text)
    hint = f"write grad({leibniz[1]})" if leibniz else "write what it is of and what it is: grad(h[t]) = ..."
    return Problem(f"a line cannot be about {text}", hint)


@rule
def own_cycle(name: str) -> Problem:
    """A recursion of one's own reads other steps than its own, in one direction."""
    return Problem(f"{name} is defined by itself at the same step")


@rule
def index_left_over(index: str) -> Problem:
    """An index of the right side is one of the left, or is summed."""
    return Problem(
        f"{index} is left over: the right side depends on {index}, the left side does not", f"sum it: sum(..., {index})"
    )


@rule
def sides_differ(left: str, one: str, right: str, other: str) -> Problem:
    """Both sides have one shape."""
    return Problem(f"the sides differ in shape: {left} {one}, the right side {other}")


@rule
def does_not_fit(whole: str, left: str, one: str, right: str, other: str) -> Problem:
    """What stands side by side is a product of matrices: as many columns on the left as rows on the right."""
    return Problem(f"{left} is {one} and {right} is {other}: {whole} does not fit")


@rule
def column_left_of_matrix(whole: str, column: str, size: str, matrix: str, shape: str, mend: str) -> Problem:
    """A column has no matrix to its right."""
    return Problem(f"{column} is a column ({size} x 1) and {matrix} is {shape}: {whole} does not fit", mend)
