"""One table of functions: derivative, NumPy spelling, LaTeX, kinks and where to test.

Each row makes one SymPy function class (`tanh`, `sigmoid`, `where`, ...). SymPy's own classes are not used: they
rewrite themselves (`exp(a)*exp(b)`, `sqrt(x**2)`), differently from version to version. Derivatives at kinks are
PyTorch's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy

Half = sympy.Rational(1, 2)


@dataclass(frozen=True)
class Row:
    """What is known of one function.

    Attributes:
        name: as the language spells it.
        arity: number of arguments.
        derivatives: the partial derivatives' expressions, from the arguments.
        numpy: format of a NumPy expression in `{0}`, `{1}`, ...; `_name(...)` calls a helper of `templates/numpy`.
        latex: format of its LaTeX in `{0}`, ...
        kinks: the values of the decisive argument (of `decides`) at which the derivative jumps.
        decides: from the arguments' values, what is compared with the kinks; None for the first argument.
        domain: an interval of the first argument in which it is defined and well conditioned.
        at_zero: the value at 0, where that is exact, so that constants fold.
        in_language: whether a file may write it.
    """

    name: str
    arity: int
    derivatives: Callable[..., tuple[Any, ...]]
    numpy: str
    latex: str
    kinks: tuple[float, ...] = ()
    decides: Callable[..., Any] | None = None
    domain: tuple[float, float] = (-2.0, 2.0)
    at_zero: Any = None
    in_language: bool = True


class Elementwise(sympy.Function):
    """Base of the functions of the table."""

    row: ClassVar[Row]
    is_commutative = True

    @classmethod
    def eval(cls, *args: sympy.Expr) -> sympy.Expr | None:
        """Fold a constant argument of 0, where the value there is exact."""
        if cls.row.at_zero is not None and args[0] == 0:
            return cls.row.at_zero
        return None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """The partial derivative with respect to argument `argindex` (from 1), from the table."""
        return sympy.sympify(self.row.derivatives(*self.args)[argindex - 1])

    def _eval_is_real(self) -> None:
        return None


class Comparison(Elementwise):
    """1 where it holds, else 0; its derivative is 0."""

    holds: ClassVar[Callable[[Any], Any]]

    @classmethod
    def eval(cls, *args: sympy.Expr) -> sympy.Expr | None:
        """Fold what is decided for every value."""
        difference = args[0] - args[1]
        if difference.is_Rational:
            return sympy.Integer(bool(cls.holds(difference)))
        return None


class _SameWindow(Elementwise):
    """1 where two steps, counted from 0, are in one window, else 0; its derivative is 0."""

    @classmethod
    def eval(cls, *args: sympy.Expr) -> sympy.Expr | None:
        """Fold equal steps."""
        return sympy.Integer(1) if args[0] == args[1] else None


class _Extreme(Elementwise):
    chooses: ClassVar[Callable[..., Any]]

    @classmethod
    def eval(cls, *args: sympy.Expr) -> sympy.Expr | None:
        """Fold numbers."""
        return cls.chooses(*args) if all(argument.is_Rational for argument in args) else None


class _Where(Elementwise):
    @classmethod
    def eval(cls, *args: sympy.Expr) -> sympy.Expr | None:
        """Fold equal branches and decided conditions."""
        condition, then, otherwise = args
        if then == otherwise:
            return then
        if condition.is_Integer:
            return then if condition != 0 else otherwise
        return None

    def _eval_derivative(self, s: sympy.Symbol) -> sympy.Expr:
        # The factor goes inside the branches: of one that is not taken, which may be infinite, 0 * inf is never formed.
        condition, then, otherwise = self.args
        return self.func(condition, then._eval_derivative(s), otherwise._eval_derivative(s))


def _tie(a: Any, b: Any) -> Any:
    """1, 1/2 or 0 as a is above, at or below b: the share that a maximum gives to a."""
    return where(less(b, a), 1, where(less(a, b), 0, Half))


def _between(x: Any, low: Any, high: Any) -> Any:
    return less(low, x) * less(x, high)


_TWO_PI = 2 * sympy.pi
_ROOT2 = sympy.sqrt(2)

_ROWS: tuple[Row, ...] = (
    Row("exp", 1, lambda x: (exp(x),), "np.exp({0})", r"\exp({0})", at_zero=1),
    Row("log", 1, lambda x: (1 / x,), "np.log({0})", r"\log {0}", domain=(0.2, 4.0)),
    Row("sqrt", 1, lambda x: (Half / sqrt(x),), "np.sqrt({0})", r"\sqrt{{{0}}}", domain=(0.2, 4.0), at_zero=0),
    Row("abs", 1, lambda x: (sign(x),), "np.abs({0})", r"\lvert {0} \rvert", kinks=(0.0,), at_zero=0),
    Row("sign", 1, lambda x: (0,), "np.sign({0})", r"\operatorname{{sign}}({0})", kinks=(0.0,), at_zero=0),
    Row("sin", 1, lambda x: (cos(x),), "np.sin({0})", r"\sin({0})", at_zero=0),
    Row("cos", 1, lambda x: (-sin(x),), "np.cos({0})", r"\cos({0})", at_zero=1),
    Row("tan", 1, lambda x: (1 + tan(x) ** 2,), "np.tan({0})", r"\tan({0})", domain=(-1.0, 1.0), at_zero=0),
    Row("tanh", 1, lambda x: (1 - tanh(x) ** 2,), "np.tanh({0})", r"\tanh({0})", at_zero=0),
    Row("sigmoid", 1, lambda x: (sigmoid(x) * (1 - sigmoid(x)),), "_sigmoid({0})", r"\sigma({0})", at_zero=Half),
    Row("softplus", 1, lambda x: (sigmoid(x),), "_softplus({0})", r"\zeta({0})"),
    Row("relu", 1, lambda x: (less(0, x),), "np.maximum({0}, 0)", r"\operatorname{{relu}}({0})", kinks=(0.0,),
        at_zero=0),
    Row("leaky_relu", 2, lambda x, a: (where(less(0, x), 1, a), where(less(0, x), 0, x)),
        "_leaky_relu({0}, {1})", r"\operatorname{{leaky\_relu}}({0}, {1})", kinks=(0.0,), at_zero=0),
    Row("elu", 1, lambda x: (exp(minimum(x, 0)),), "_elu({0})", r"\operatorname{{elu}}({0})", at_zero=0),
    Row("gelu", 1, lambda x: (Half * (1 + erf(x / _ROOT2)) + x * exp(-(x**2) / 2) / sympy.sqrt(_TWO_PI),),
        "_gelu({0})", r"\operatorname{{gelu}}({0})", at_zero=0),
    Row("silu", 1, lambda x: (sigmoid(x) * (1 + x * (1 - sigmoid(x))),), "_silu({0})",
        r"\operatorname{{silu}}({0})", at_zero=0),
    Row("erf", 1, lambda x: (2 / sympy.sqrt(sympy.pi) * exp(-(x**2)),), "_erf({0})", r"\operatorname{{erf}}({0})",
        at_zero=0),
    Row("hardtanh", 1, lambda x: (_between(x, -1, 1),), "np.clip({0}, -1, 1)",
        r"\operatorname{{hardtanh}}({0})", kinks=(-1.0, 1.0), at_zero=0),
    Row("hardsigmoid", 1, lambda x: (_between(x, -3, 3) / 6,), "np.clip({0} / 6 + 0.5, 0, 1)",
        r"\operatorname{{hardsigmoid}}({0})", kinks=(-3.0, 3.0), at_zero=Half),
    Row("maximum", 2, lambda a, b: (_tie(a, b), _tie(b, a)), "np.maximum({0}, {1})", r"\max({0}, {1})",
        kinks=(0.0,), decides=lambda a, b: a - b),
    Row("minimum", 2, lambda a, b: (_tie(b, a), _tie(a, b)), "np.minimum({0}, {1})", r"\min({0}, {1})",
        kinks=(0.0,), decides=lambda a, b: a - b),
    Row("where", 3, lambda c, a, b: (0, c, 1 - c), "np.where({0}, {1}, {2})",
        r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}"),
    Row("power", 2, lambda x, y: (y * power(x, y - 1), log(x) * power(x, y)), "{0} ** {1}", "{{{0}}}^{{{1}}}",
        domain=(0.2, 4.0), in_language=False),
    Row("less", 2, lambda a, b: (0, 0), "{0} < {1}", "{0} < {1}", kinks=(0.0,), decides=lambda a, b: a - b,
        in_language=False),
    Row("less_equal", 2, lambda a, b: (0, 0), "{0} <= {1}", r"{0} \le {1}",
        kinks=(0.0,), decides=lambda a, b: a - b, in_language=False),
    Row("equal", 2, lambda a, b: (0, 0), "{0} == {1}", "{0} = {1}", in_language=False),
    Row("same_window", 3, lambda a, b, k: (0, 0, 0), "{0} // {2} == {1} // {2}",
        r"\operatorname{{same\_window}}({0}, {1})", in_language=False),
)  # fmt: skip


def _make(row: Row) -> type[Elementwise]:
    base: type[Elementwise] = Elementwise
    members: dict[str, Any] = {"row": row, "nargs": row.arity, "__module__": __name__}
    if row.name == "where":
        base = _Where
    elif row.name in ("maximum", "minimum"):
        base = _Extreme
        members["chooses"] = staticmethod(max if row.name == "maximum" else min)
    elif row.name == "same_window":
        base = _SameWindow
    elif row.name in ("less", "less_equal", "equal"):
        base = Comparison
        members["holds"] = staticmethod(
            {"less": lambda d: d < 0, "less_equal": lambda d: d <= 0, "equal": lambda d: d == 0}[row.name]
        )
    return type(row.name, (base,), members)


TABLE: dict[str, type[Elementwise]] = {row.name: _make(row) for row in _ROWS}

exp: Any = TABLE["exp"]
log: Any = TABLE["log"]
sqrt: Any = TABLE["sqrt"]
sign: Any = TABLE["sign"]
sin: Any = TABLE["sin"]
cos: Any = TABLE["cos"]
tan: Any = TABLE["tan"]
tanh: Any = TABLE["tanh"]
sigmoid: Any = TABLE["sigmoid"]
softplus: Any = TABLE["softplus"]
erf: Any = TABLE["erf"]
where: Any = TABLE["where"]
power: Any = TABLE["power"]
less: Any = TABLE["less"]
less_equal: Any = TABLE["less_equal"]
equal: Any = TABLE["equal"]
maximum: Any = TABLE["maximum"]
minimum: Any = TABLE["minimum"]
same_window: Any = TABLE["same_window"]
