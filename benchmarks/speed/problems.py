"""What is computed: a model of the zoo, its sizes, its parameters and its data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

import derive

Arrays = dict[str, np.ndarray]

# The longest sequence that the attention decoder reads: at every step it looks at all of it.
READ = 25


@dataclass(frozen=True)
class Sizes:
    """Steps, examples, inputs, hidden units and classes."""

    T: int
    B: int
    n_x: int
    n_h: int
    n_y: int

    def __str__(self) -> str:
        """The numbers alone."""
        return f"({self.T}, {self.B}, {self.n_x}, {self.n_h}, {self.n_y})"


SIZES = (
    Sizes(25, 1, 64, 100, 64),
    Sizes(100, 32, 64, 128, 64),
    Sizes(100, 64, 128, 256, 128),
    Sizes(200, 32, 256, 512, 256),
    Sizes(1000, 8, 32, 64, 32),
)
# Those that are measured in double precision too.
DOUBLE = (SIZES[1], SIZES[4])


@dataclass(frozen=True)
class Problem:
    """A model of the zoo at some sizes, in `float32` or `float64`."""

    model: str
    sizes: Sizes
    dtype: str

    @property
    def named(self) -> dict[str, int]:
        """The sizes that the model has, by their names in it: S is what is read, n_d a decoder's width."""
        s = self.sizes
        known = {"T": s.T, "B": s.B, "S": min(s.T, READ), "n_x": s.n_x, "n_h": s.n_h, "n_y": s.n_y, "n_d": s.n_h}
        counts = {axis.size for variable in derive.load(self.model).system.variables for axis in variable.axes}
        there = {"B"}.union(*({size.name for size in count.free_symbols} for count in counts))
        return {name: number for name, number in known.items() if name in there}

    @cached_property
    def params(self) -> Arrays:
        """Parameters by name, none of them zero, as large as networks have them."""
        module, rng = derive.compile(self.model), np.random.default_rng(0)
        widths = {name: number for name, number in self.named.items() if name.startswith("n_")}
        first = module.init_params(rng, **widths)
        return {
            name: (rng.standard_normal(array.shape) / np.sqrt(array.shape[-1])).astype(self.dtype)
            for name, array in first._asdict().items()
        }

    @cached_property
    def data(self) -> Arrays:
        """What is read, x, and the classes to predict, y."""
        rng, named = np.random.default_rng(1), self.named
        steps = named.get("S", self.sizes.T)
        x = rng.standard_normal((steps, self.sizes.B, self.sizes.n_x)).astype(self.dtype)
        return {"x": x, "y": rng.integers(0, self.sizes.n_y, (self.sizes.T, self.sizes.B))}
