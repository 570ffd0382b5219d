"""Jinja templates, filled in: one cached environment, in which a name too few or too many is an error."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from derive.emit.templates import templates_folder

if TYPE_CHECKING:
    import jinja2


def render(template: str, **values: object) -> str:
    """The text of a template of `templates/`, filled in.

    Args:
        template: its path inside the folder (`numpy/module.j2`).
        values: exactly the names that the template uses.
    """
    needed = _needed(template)
    assert values.keys() == needed, f"{template}: {sorted(values.keys() ^ needed)} supplied or used, not both"
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
def _needed(template: str) -> frozenset[str]:
    import jinja2.meta

    environment = _environment()
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, template)
    return frozenset(jinja2.meta.find_undeclared_variables(environment.parse(source)))
