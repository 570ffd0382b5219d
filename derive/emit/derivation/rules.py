"""Each rule of a derivation in words: why the line below it follows from the line above it."""

from __future__ import annotations

from dataclasses import dataclass

GIVEN, WRITTEN_OUT, SHORT, ARRAYS = "as given", "write it out", "write it short", "write as arrays"
BEGIN, CHAIN, COLLECT = "begin at the loss", "chain rule", "collect like terms"
MOVE, ONE_HOT = "move the domain", "turn a look-up round"


@dataclass(frozen=True)
class Rule:
    """A rule that a derivation names.

    Attributes:
        name: as the trace of a derivation says it.
        why: one sentence or two that justify it.
        source: where it stands in a book; nothing for what needs none.
    """

    name: str
    why: str
    source: str = ""


_BOOK = "Goodfellow, Bengio & Courville (2016), Deep Learning"
RULES = {
    rule.name: rule
    for rule in (
        Rule(GIVEN, "The equation as the model says it, entry by entry."),
        Rule(
            WRITTEN_OUT,
            "What the notation hides gets a name: a softmax is the exponential of its argument less the logarithm of "
            "the sum of all exponentials, and that logarithm is a value of its own.",
            f"{_BOOK}, eq. 6.29",
        ),
        Rule(
            "part what depends on data",
            "The terms of the loss that depend on data stand apart from those that do not: only the former are summed "
            "over the examples of a batch.",
        ),
        Rule("pick the entry that a one-hot picks", "A sum of products with a one-hot vector is the entry it picks."),
        Rule("name what is reduced", "What stands below a maximum or a logarithm of a sum gets a name of its own."),
        Rule(
            "name the arguments of exponentials",
            "What stands below an exponential or a sigmoid gets a name, for a logarithm to be taken of it.",
        ),
        Rule(
            "keep logarithms finite",
            "A logarithm of an exponential is the exponent: of a softmax it is the argument less the logarithm of the "
            "sum of exponentials, of a sigmoid of z it is minus the softplus of minus z. No logarithm is then taken of "
            "a number that rounding may have made zero.",
            f"{_BOOK}, eq. 6.30",
        ),
        Rule(
            "name what is nested",
            "A function within a function gets a name, so that each equation is differentiated in one step.",
        ),
        Rule(
            "give each example its lengths",
            "Sums end at the example's own length, and what lies behind it counts for nothing.",
        ),
        Rule(BEGIN, "The derivative of the loss by itself is 1.", f"{_BOOK}, eq. 10.17"),
        Rule(
            CHAIN,
            "Every equation that reads a value adds one term to its gradient: the gradient of what the equation "
            "defines, times the derivative of its right side by the value, summed over each index that the value "
            "lacks.",
            f"{_BOOK}, eqs. 6.45-6.47",
        ),
        Rule(
            ONE_HOT,
            "What adds to one entry or step, chosen by data, adds to every one of them, times 1 where it is the chosen "
            "one and times 0 elsewhere.",
        ),
        Rule(
            MOVE,
            "A term that adds to step t-1 is written at step t, and the steps over which it holds move along. The last "
            "step, which no later one reads, then stands alone.",
            f"{_BOOK}, eqs. 10.19-10.21",
        ),
        Rule(
            "put in what is constant",
            "A gradient that is a number, or a multiple of another gradient, is put in where it is read.",
        ),
        Rule(
            "reuse forward values",
            "What an equation of the model has computed already is read by its name.",
        ),
        Rule(
            "count what repeats",
            "A term that does not depend on an index it is summed over is multiplied by how often it is summed.",
        ),
        Rule("drop empty ranges", "A sum over no step at all is zero."),
        Rule("name the indices", "Indices are named anew, those of the left side first; nothing else changes."),
        Rule(COLLECT, "Terms that add to the same entries at the same steps are put into one equation."),
        Rule(
            "drop what is zero",
            "The gradient by a value that the loss does not depend on, as at a step after the last, is zero.",
        ),
        Rule(SHORT, "Functions of whole arrays, as a softmax, stand by their names again."),
        Rule(
            ARRAYS,
            "A sum over one index of two entries is a product of matrices and vectors; an index that the left side has "
            "in the place of a column, a transpose; a product of two vectors' entries under different indices, an "
            "outer product.",
        ),
    )
}
