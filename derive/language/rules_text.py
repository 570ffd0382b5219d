"""Rules about the text itself: what cannot be read as declarations, equations and helpers."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Iterable

from derive.language.problem import Problem, closest, rule
from derive.language.source import Sink

_WORDS = {"lambda": "call it lam, it prints as a Greek letter"}
_ALLOWED = frozenset({"and", "or", "not", "if", "else", "def", "return", "True", "False", "None"})


@rule
def text_too_long(length: int, most: int) -> Problem:
    """A text has a bounded length."""
    return Problem(f"the text has {length} characters, more than the {most} that a model may have")


@rule
def not_text(what: str) -> Problem:
    """A text has neither null characters nor halves of characters."""
    return Problem(f"the text holds {what}: is it a text file?")


@rule
def nested_too_deeply(most: int) -> Problem:
    """Brackets and expressions nest to a bounded depth."""
    return Problem(f"nested more than {most} deep", "give an inner part a name and an equation of its own")


@rule
def expression_too_long() -> Problem:
    """A statement has a bounded length."""
    return Problem("an expression with too many parts", "give an inner part a name and an equation of its own")


@rule
def number_too_long(most: int) -> Problem:
    """A number has a bounded number of digits."""
    return Problem(f"a number of more than {most} characters")


@rule
def too_many_equations(count: int, most: int) -> Problem:
    """A file has a bounded number of equations."""
    return Problem(f"{count} declarations and equations, more than the {most} that a model may have")


@rule
def too_large(most: int) -> Problem:
    """Helpers expand to a bounded size."""
    return Problem(f"with its helpers expanded the model has more than {most} parts")


@rule
def python_word(word: str) -> Problem:
    """Words of Python's are no names."""
    return Problem(f"{word} is a word of Python's, it cannot be a name", _WORDS.get(word, f"call it {word}_1"))


@rule
def several_declared(names: str, role: str) -> Problem:
    """Several names are declared at once with an equals sign."""
    return Problem(f"{names}: a colon declares one name", f"write {names} = {role}[...]")


@rule
def unreadable(detail: str) -> Problem:
    """What Python's grammar does not know is neither a declaration nor an equation."""
    return Problem(f"this cannot be read as an equation or a declaration ({detail})")


@rule
def call_on_the_left(text: str) -> Problem:
    """A left side is a variable, with brackets around its indices."""
    return Problem(f"{text}: the left side of an equation is a variable", "indices stand in square brackets: a[t]")


@rule
def unknown_role(text: str, roles: Iterable[str]) -> Problem:
    """A declaration names a role."""
    hint = closest(text.split("[")[0], roles) or f"the roles are {', '.join(roles)}"
    return Problem(f"{text} is not a role", hint)


@rule
def declaration_needs_a_name(text: str) -> Problem:
    """What is declared is a plain name, or several with commas."""
    return Problem(f"{text}: a declaration needs a plain name", "write W: Param[n_h, n_h]")


@rule
def several_equals_signs() -> Problem:
    """An equation has one equals sign."""
    return Problem("an equation has one equals sign", "write an equation for each variable")


@rule
def comparison_as_statement(text: str) -> Problem:
    """An equation has a single equals sign."""
    return Problem(f"{text}: a comparison is not an equation", "an equation has a single equals sign")


@rule
def not_a_statement(text: str) -> Problem:
    """A file holds declarations, equations and helpers only."""
    hint = "a model is made of declarations (x: Input[T, n_x]), equations (a[t] = ...) and helpers (def f(v): ...)"
    return Problem(f"{text}: this is no declaration, equation or helper", hint)


@rule
def not_a_left_side(text: str) -> Problem:
    """A left side is a variable with its indices."""
    return Problem(f"{text}: the left side of an equation is a variable with its indices", "write a[t] = ...")


@rule
def helper_line(name: str) -> Problem:
    """A line of a helper names a part."""
    return Problem(f"helper {name}: each line before the last is name = expression")


@rule
def helper_form(name: str) -> Problem:
    """A helper is plain parameters and a final return."""
    hint = f"def {name}(W, v): return W @ v"
    return Problem(f"helper {name}: a helper has plain parameters and ends with return", hint)


@rule
def helper_twice(name: str) -> Problem:
    """A helper is defined once."""
    return Problem(f"helper {name} is defined twice")


@rule
def latex_form() -> Problem:
    """A comment that begins with `latex:` says how a name is printed."""
    return Problem("this comment does not say how a name is printed", r"write # latex: u = \vec{u}")


@rule
def latex_of_unknown(name: str, known: Iterable[str]) -> Problem:
    """A comment says how a name of the file is printed."""
    return Problem(f"latex: {name} is neither declared nor defined nor a size", closest(name, known))


@rule
def latex_twice(name: str) -> Problem:
    """A comment says once how a name is printed."""
    return Problem(f"latex: {name} has a comment like this already", "leave out one of the two")


@rule
def latex_long(name: str, most: int) -> Problem:
    """How a name is printed is short."""
    return Problem(f"latex: {name} is printed by more than {most} characters")


@rule
def latex_letters(name: str, wrong: str) -> Problem:
    """How a name is printed is letters of mathematics, and no other command of LaTeX's."""
    hint = r"letters, digits, sub- and superscripts, accents (\hat), alphabets (\mathcal) may; braces come in pairs"
    return Problem(f"latex: {name}: {wrong} cannot stand in a name", hint)


def report_syntax_error(error: SyntaxError, text: str, first: int, sink: Sink) -> None:
    """Report what Python's parser refuses, in the terms of the language."""
    source = sink.source
    for word, line, column in _python_words(text):
        sink.report(source.at(first + line - 1, column + 1, len(word)), python_word(word))
        return
    line = min(max(1, error.lineno or 1), len(source.lines))
    width = (error.end_offset or 0) - (error.offset or 1) if error.end_lineno == error.lineno else 1
    place = source.at(line, max(1, error.offset or 1), width)
    several = re.match(r"\s*(\w+\s*(?:,\s*\w+\s*)+):\s*(\w+)", text)
    call = re.match(r"\s*(\w+\s*\([^=]*\))\s*=[^=]", text)
    if call:
        left = call.group(1)
        sink.report(source.at(first, text.index(left) + 1, len(left)), call_on_the_left(left))
    elif several and "annotated" in error.msg:
        names = several.group(1).strip()
        sink.report(source.at(first, text.index(names) + 1, len(names)), several_declared(names, several.group(2)))
    else:
        sink.report(place, unreadable(error.msg.split(". Perhaps")[0]))


def _python_words(text: str) -> list[tuple[str, int, int]]:
    """The words of Python's in a statement, with line (from 1) and column (from 0)."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text.strip() + "\n").readline):
            if token.type == tokenize.NAME and keyword.iskeyword(token.string) and token.string not in _ALLOWED:
                found.append((token.string, token.start[0], token.start[1]))
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
