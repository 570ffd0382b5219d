"""A product of vectors and matrices over indices, written as matrix products where its graph is a tree."""

from __future__ import annotations

from collections.abc import Iterator

from derive.emit.notation import forms
from derive.emit.notation.forms import Form
from derive.emit.notation.order import Order
from derive.expressions import Index


class NoForm(Exception):
    """Array notation cannot say it; index notation can."""


class Contraction:
    """Scalars, vectors at indices and matrices between indices, multiplied and summed over what the result lacks.

    Args:
        order: the order of factors.
    """

    def __init__(self, order: Order) -> None:
        """A product of nothing."""
        self.order = order
        self.scalars: list[Form] = []
        self.vectors: dict[Index, list[Form]] = {}
        self.matrices: dict[tuple[Index, Index], list[Form]] = {}

    def edge(self, first: Index, second: Index, matrix: Form) -> None:
        """Add a matrix with its rows at one index and its columns at another."""
        if (second, first) in self.matrices:
            self.matrices[second, first].append(transposed(matrix))
        else:
            self.matrices.setdefault((first, second), []).append(matrix)

    def result(self, free: tuple[Index, ...]) -> Form:
        """The product over the free indices.

        Raises:
            NoForm: it has a cycle, a bare sum of rows, or more than two free indices.
        """
        parts = self._components()
        mine = [part for part in parts if any(index in part for index in free)]
        scalars = [*self.scalars, *(self._scalar(part) for part in parts if part not in mine)]
        if any(index not in self._nodes() for index in free) or len(free) > 2:
            raise NoForm
        if not free:
            return self.order.multiply(scalars)
        if len(free) == 1:
            return self.order.multiply(scalars, self._vector(free[0], None))
        if len(mine) == 2:
            outer = forms.Outer(self._whole(free[0]), self._whole(free[1]))
            return self.order.multiply(scalars, [outer])
        return self.order.multiply(scalars, [self._matrix(free)])

    def _nodes(self) -> list[Index]:
        nodes = dict.fromkeys(self.vectors)
        for pair in self.matrices:
            nodes.update(dict.fromkeys(pair))
        return list(nodes)

    def _neighbours(self, node: Index) -> Iterator[tuple[Index, Form]]:
        """What a node is joined to, with the matrix that has its rows at the node."""
        for (first, second), matrices in self.matrices.items():
            if node in (first, second):
                matrix = matrices[0] if len(matrices) == 1 else self.order.multiply((), matrices)
                yield (second, matrix) if first == node else (first, transposed(matrix))

    def _components(self) -> list[list[Index]]:
        parts: list[list[Index]] = []
        left = self._nodes()
        if not self.matrices:
            return [[node] for node in left]
        while left:
            part = [left[0]]
            for node in part:
                part.extend(other for other, _ in self._neighbours(node) if other not in part)
            edges = [pair for pair in self.matrices if pair[0] in part]
            if len(edges) != len(part) - 1:
                raise NoForm
            parts.append(part)
            left = [node for node in left if node not in part]
        return parts

    def _vector(self, node: Index, parent: Index | None) -> list[Form]:
        """The element-wise factors at a node: its vectors, and what its branches bring."""
        factors = list(self.vectors.get(node, ()))
        for other, matrix in self._neighbours(node):
            if other != parent:
                factors.append(chain([matrix, self._whole(other, node)]))
        if not factors:
            raise NoForm
        return factors

    def _whole(self, node: Index, parent: Index | None = None) -> Form:
        return self.order.multiply((), self._vector(node, parent))

    def _scalar(self, part: list[Index]) -> Form:
        """A component that is summed as a whole: an inner product, or the sum of what there is."""
        bare = [node for node in part if node not in self.vectors]
        if len(part) == 2 and len(bare) == 2:
            ((_, matrix),) = self._neighbours(part[0])
            return forms.Reduce("sum", matrix)
        leaves = [node for node in part if sum(1 for _ in self._neighbours(node)) <= 1]
        root = next((node for node in leaves if node in bare), leaves[0])
        factors = self._vector(root, None)
        if len(factors) == 2:
            left, right = sorted(factors, key=lambda form: isinstance(form, forms.Product))
            if not isinstance(right, forms.Product):
                product = self.order.multiply((), [left, right])
                if isinstance(product, forms.Multiply) and not product.scalars and not product.divisors:
                    left, right = product.arrays if len(product.arrays) == 2 else (left, right)
            return forms.Inner(left, right)
        return forms.Reduce("sum", self.order.multiply((), factors))

    def _matrix(self, free: tuple[Index, ...]) -> Form:
        """The chain of matrices between the free indices, with diagonals for the vectors on the way."""
        path = self._path(free[0], free[1], None)
        if path is None:
            raise NoForm
        factors: list[Form] = []
        for position, node in enumerate(path):
            before = path[position - 1] if position else None
            after = path[position + 1] if position + 1 < len(path) else None
            branches = list(self.vectors.get(node, ()))
            for other, matrix in self._neighbours(node):
                if other == after:
                    link = matrix
                elif other != before:
                    branches.append(chain([matrix, self._whole(other, node)]))
            if branches:
                factors.append(forms.Diag(self.order.multiply((), branches)))
            if after is not None:
                factors.append(link)
        return chain(factors)

    def _path(self, node: Index, goal: Index, parent: Index | None) -> list[Index] | None:
        if node == goal:
            return [node]
        for other, _ in self._neighbours(node):
            if other != parent:
                rest = self._path(other, goal, node)
                if rest is not None:
                    return [node, *rest]
        return None


def transposed(matrix: Form) -> Form:
    """The transpose; of one, the matrix."""
    if isinstance(matrix, forms.Eye | forms.Diag):
        return matrix
    return matrix.of if isinstance(matrix, forms.Transpose) else forms.Transpose(matrix)


def chain(factors: list[Form]) -> Form:
    """The matrix product of the factors, inner ones opened, the identity left out."""
    flat: list[Form] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, forms.Product) else (factor,))
    kept = [factor for factor in flat if not isinstance(factor, forms.Eye)] or flat[:1]
    return kept[0] if len(kept) == 1 else forms.Product(tuple(kept))
