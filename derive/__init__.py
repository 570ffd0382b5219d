r"""derive: recurrent networks' equations in, verified gradient code and a printable derivation out.

>>> import derive
>>> from derive.system import Role
>>> model = derive.parse("w: Param[n]\nx: Input[n]\nloss = dot(w, x)")
>>> sorted(variable.name for variable in model.gradient().system.variables if variable.role is Role.GRAD)
['grad(loss)', 'grad(w)', 'grad(x)']
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.errors import DeriveError as DeriveError
    from derive.pipeline import Gradient as Gradient
    from derive.pipeline import Model as Model
    from derive.pipeline import compile as compile
    from derive.pipeline import load as load
    from derive.pipeline import parse as parse

__version__ = "0.1.0"
__all__ = ["DeriveError", "Gradient", "Model", "compile", "load", "parse"]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first used: `import derive` costs nothing."""
    if name == "DeriveError":
        from derive.errors import DeriveError

        return DeriveError
    if name in __all__:
        from derive import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'derive' has no attribute {name!r}")
