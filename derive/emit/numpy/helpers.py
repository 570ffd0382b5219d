"""The helper functions that a module takes along: in come its own functions, out come those that they call.

What is called is read off the syntax tree: a name in a docstring or a comment is no call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from derive.emit.templates import BrokenTemplate, templates_folder


def helpers(functions: Sequence[str], used: Iterable[str]) -> list[str]:
    """The texts of the helpers that these functions call, and of those that they call in turn, by name.

    Args:
        functions: the texts of all other functions of the module.
        used: helpers that are needed in any case.

    Raises:
        BrokenTemplate: a helper is missing, or is not Python.
    """
    folder = templates_folder() / "numpy" / "helpers"
    tree = read_as_python("\n".join(functions), "numpy/function.j2")
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found: dict[str, str] = {}
    queue = [*used, *_called(tree)]
    while queue:
        name = queue.pop()
        if name in own or name in found:
            continue
        place = f"numpy/helpers/{name}.j2"
        try:
            # Helpers have nothing to fill in.
            found[name] = (folder / f"{name}.j2").read_text("utf-8")
        except FileNotFoundError:
            raise BrokenTemplate(place, None, "it is missing") from None
        except UnicodeDecodeError as error:
            raise BrokenTemplate(place, None, f"byte {error.start} is not UTF-8") from None
        queue += _called(read_as_python(found[name], place))
    return [found[name] for name in sorted(found)]


def read_as_python(text: str, template: str) -> ast.Module:
    """The syntax tree of what a template made.

    Raises:
        BrokenTemplate: it is not Python.
    """
    try:
        return ast.parse(text)
    except SyntaxError as error:
        line = text.split("\n")[max(0, (error.lineno or 1) - 1)].strip()
        raise BrokenTemplate(template, None, f"what it makes is not Python ({error.msg}: {line})") from None


def _called(tree: ast.Module) -> list[str]:
    """The names with an underscore in front that are called."""
    names = (node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return [name for name in names if name.startswith("_")]
