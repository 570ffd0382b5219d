"""Which words may be names."""

from __future__ import annotations

import ast

from derive.language import rules_names
from derive.language.source import Sink
from derive.language.symbols import FUNCTIONS, RESERVED
from derive.language.syntax import ROLES

LONGEST = 60


def check(name: str, where: ast.AST, sink: Sink) -> bool:
    """Whether a word may be the name of a variable, a size or a helper; if not, that is reported."""
    if not name.isascii():
        sink.report(where, rules_names.non_ascii_name(name))
    elif name.startswith("_"):
        sink.report(where, rules_names.underscore_name(name))
    elif len(name) > LONGEST:
        sink.report(where, rules_names.long_name(name, LONGEST))
    elif name in RESERVED:
        sink.report(where, rules_names.reserved_name(name))
    elif name in FUNCTIONS or name in ROLES or name in ("grad", "jac", "prod"):
        sink.report(where, rules_names.function_name_taken(name))
    else:
        return True
    return False
