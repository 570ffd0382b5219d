"""Validation rules: each is one small function that says what is wrong and how to mend it, in a table by name."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import ParamSpec


@dataclass(frozen=True)
class Problem:
    """What is wrong, without its place.

    Attributes:
        message: in the terms of the mathematics, with the shapes where shapes are the matter.
        hint: the mend, or an empty string.
        rule: name of the rule.
    """

    message: str
    hint: str = ""
    rule: str = ""


Arguments = ParamSpec("Arguments")

RULES: dict[str, Callable[..., Problem]] = {}


def rule(function: Callable[Arguments, Problem]) -> Callable[Arguments, Problem]:
    """Enter a rule into the table, and its name into the problems that it makes."""
    name = function.__name__

    @functools.wraps(function)
    def named(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Problem:
        return replace(function(*args, **kwargs), rule=name)

    assert name not in RULES, f"two rules are called {name}"
    RULES[name] = named
    return named


def closest(name: str, known: Iterable[str]) -> str:
    """`did you mean 'yhat'?`, where a known name is near, else an empty string.

    >>> closest("yhta", ["yhat", "x"])
    "did you mean 'yhat'?"
    """
    near = difflib.get_close_matches(name, sorted(known), 1, 0.6)
    return f"did you mean '{near[0]}'?" if near else ""
