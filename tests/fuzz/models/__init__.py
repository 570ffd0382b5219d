"""Random models: the text of an `.eq` file, valid by construction, that shrinks to a small one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.models import extras
from tests.fuzz.models.blocks import BLOCKS
from tests.fuzz.models.constructs import constructs
from tests.fuzz.models.losses import loss
from tests.fuzz.models.scope import SEQUENCES, Builder

__all__ = ["constructs", "models"]


@st.composite
def _models(draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    b = Builder(draw)
    b.sequences = SEQUENCES[: b.pick((1, 1, 2, 0, 2, 3))]
    b.shared = not b.chance(5)
    b.budget = b.pick((10, 20, 40))
    for _ in range(b.pick((1, 1, 2, 3, 0))):
        b.pick(BLOCKS)(b)
    b.equations.append(extras.differentiable(b, loss(b)))
    extras.feed_back(b)
    extras.start_data(b)
    extras.declare_sizes(b)
    return extras.written(b)


def models() -> st.SearchStrategy[str]:
    """Texts of valid `.eq` files."""
    return _models()
