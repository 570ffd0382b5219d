"""Jinja templates, filled in: one cached environment, in which a name too few or too many is an error."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING

from derive.emit.templates import BrokenTemplate, templates_folder

if TYPE_CHECKING:
    import jinja2


def render(template: str, **values: object) -> str:
    """The text of a template of `templates/`, filled in.

    Args:
        template: its path inside the folder (`numpy/module.j2`).
        values: exactly the names that the template uses.

    Raises:
        BrokenTemplate: the template is missing, or is not what derive came with.
    """
    with _named(template):
        needed = _needed(template)
        if values.keys() != needed.keys():
            raise _of_names(template, needed, values.keys())
        return _environment().get_template(template).render(values)


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.startswith(("html/", "svg/")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _needed(template: str) -> dict[str, int]:
    """The names that a template uses, each with the first line where it does."""
    import jinja2.meta
    import jinja2.nodes

    environment = _environment()
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, template)
    tree = environment.parse(source, filename=template)
    lines: dict[str, int] = {}
    for node in tree.find_all(jinja2.nodes.Name):
        lines.setdefault(node.name, node.lineno)
    return {name: lines[name] for name in sorted(jinja2.meta.find_undeclared_variables(tree))}


def _of_names(template: str, needed: Mapping[str, int], given: Set[str]) -> BrokenTemplate:
    for name in needed:
        if name not in given:
            return BrokenTemplate(template, needed[name], f"nothing is called {name} that could be filled in")
    return BrokenTemplate(template, None, f"it leaves out {', '.join(sorted(given - needed.keys()))}")


@contextmanager
def _named(template: str) -> Iterator[None]:
    """Turn whatever goes wrong while a template is filled in into one error with its file and line."""
    import jinja2

    try:
        yield
    except BrokenTemplate:
        raise
    except jinja2.TemplateNotFound as error:
        raise BrokenTemplate(str(error.name or template), None, "it is missing") from None
    except jinja2.TemplateSyntaxError as error:
        name = error.name if error.name and not error.name.startswith("<") else template
        raise BrokenTemplate(name, error.lineno, error.message or "") from None
    except UnicodeDecodeError as error:
        raise BrokenTemplate(template, None, f"byte {error.start} is not UTF-8") from None
    except Exception as error:
        place = _last_place(error.__traceback__)
        if place is None:
            raise
        raise BrokenTemplate(*place, str(error)) from None


def _last_place(traceback: TracebackType | None) -> tuple[str, int] | None:
    """The template and the line that were being filled in, which Jinja puts into the traceback.

    None where something else than a template or Jinja failed.
    """
    import jinja2

    folder, jinja = f"{templates_folder()}{os.sep}", os.path.dirname(jinja2.__file__)
    found, file = None, ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file.startswith(folder):
            found = file[len(folder) :].replace(os.sep, "/"), traceback.tb_lineno
        traceback = traceback.tb_next
    return found if file.startswith((folder, jinja)) else None
