"""A model's system to its gradient's: the passes by name, in order, each recorded."""

from __future__ import annotations

from derive.calculus.adjoint import adjoint
from derive.calculus.batch import part_loss
from derive.calculus.lengths import own_lengths
from derive.calculus.naming import name_arguments, name_nested
from derive.calculus.normalise import canonical_names, move_domains
from derive.calculus.reduced import name_reduced
from derive.calculus.simplify import (
    collect_terms,
    count_repeats,
    drop_empty,
    drop_zeros,
    inline_constants,
    reuse_values,
)
from derive.calculus.stable import sift, stabilise
from derive.calculus.trace import Traced
from derive.calculus.windows import borders
from derive.system import System


def prepare(system: System) -> Traced:
    """The forward system in the form that the rule of differentiation meets: stable logarithms, nested work named."""
    return (
        Traced(system)
        .then("part what depends on data", part_loss)
        .then("pick the entry that a one-hot picks", sift)
        .then("name what is reduced", name_reduced)
        .then("name the arguments of exponentials", name_arguments)
        .then("keep logarithms finite", stabilise)
        .then("name what is nested", name_nested)
    )


def lengthened(prepared: Traced) -> Traced:
    """The prepared system in which every example has its own lengths.

    Raises:
        DeriveError: what counts once in the loss depends on a length.
    """
    return prepared.then("give each example its lengths", own_lengths).then("name what is nested", name_nested)


def differentiate(prepared: Traced, loss: str = "loss", windows: bool = False) -> Traced:
    """The prepared system with the gradient of its loss, in the textbook's form.

    Args:
        prepared: the forward system.
        loss: the scalar that is differentiated.
        windows: whether no gradient passes from one window of steps to another.

    Raises:
        DeriveError: the loss depends on nothing that has a gradient.
    """
    return (
        prepared.then("chain rule", lambda system: adjoint(system, loss, borders(system) if windows else None))
        .then("move the domain", move_domains)
        .then("put in what is constant", inline_constants)
        .then("reuse forward values", reuse_values)
        .then("count what repeats", count_repeats)
        .then("drop empty ranges", drop_empty)
        .then("name the indices", canonical_names)
        .then("collect like terms", collect_terms)
        .then("drop what is zero", drop_zeros)
    )
