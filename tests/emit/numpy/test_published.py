"""Generated code is safe to publish: no text of a user's becomes code, and the code does nothing but arithmetic."""

from __future__ import annotations

import ast
import builtins
import inspect
import io
import keyword
import os
import shutil
import subprocess
import sys
import tokenize
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import derive
from derive import pipeline
from derive.emit.numpy import helpers as helpers_of_modules
from derive.emit.numpy.header import is_untouched
from derive.emit.numpy.text import for_comment, table
from derive.errors import DeriveError
from derive.language.names import LONGEST
from tests import bank

# All that the syntax of a module may be made of. What is missing here (While, Lambda, Global, Delete, Await, Yield,
# Import of anything else, ...) no module needs.
STATEMENTS = (
    "Module FunctionDef ClassDef Return Assign AugAssign AnnAssign For If With Raise Try Import ImportFrom Expr Break"
)
EXPRESSIONS = (
    "BoolOp BinOp UnaryOp IfExp Dict Set ListComp GeneratorExp DictComp Compare Call FormattedValue JoinedStr Constant "
    "Attribute Subscript Starred Name List Tuple Slice"
)
PARTS = (
    "Load Store And Or Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv Invert Not UAdd "
    "USub Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn comprehension ExceptHandler arguments arg keyword alias withitem"
)
KINDS = frozenset(f"{STATEMENTS} {EXPRESSIONS} {PARTS}".split())
BUILTINS = frozenset(
    "range len float int str bool tuple list dict frozenset set sorted zip enumerate map max min sum abs any all repr "
    "isinstance hasattr getattr type ValueError TypeError RuntimeError OverflowError IndexError KeyError".split()
)
# Of NumPy what computes; nothing that reads or writes a file, makes code or calls back.
NUMPY = frozenset(
    "abs absolute add all any arange argmax argwhere array asarray ascontiguousarray atleast_1d "
    "broadcast_arrays broadcast_to ceil clip "
    "concatenate copysign copyto cos cosh cumsum diag divide dot dtype einsum empty empty_like equal errstate exp "
    "expm1 eye finfo flatnonzero float32 float64 floor full greater greater_equal inf integer int64 intp isfinite "
    "isnan issubdtype less less_equal log log1p logical_and logical_not logical_or ma matmul maximum minimum moveaxis "
    "multiply nan ndarray negative not_equal number outer pi power put random reciprocal shape sign sin sinh sqrt "
    "square stack subtract sum swapaxes take tan tanh tensordot true_divide uintp unravel_index vdot where zeros "
    "zeros_like may_share_memory shares_memory".split()
)
WITHIN_NUMPY = {"random": {"Generator"}, "ma": {"MaskedArray", "is_masked"}}
METHODS = frozenset(
    "all any append argmax arrays astype at copy difference dot fill get index intersection isupper items join max min "
    "newbyteorder pop random ravel reduce reshape setdefault standard_normal sum swapaxes take tolist transpose "
    "view".split()
)
UNDERSCORED = {"_fields", "_made", "_replace", "_asdict", "__name__", "__init__", "__len__"}
IMPORTS = ["from __future__ import annotations", "from typing import NamedTuple", "import numpy as np"]


def faults(text: str) -> list[str]:
    """What a module has that it may not have."""
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    known = BUILTINS | own | {"maker"}  # what Workspace.arrays is given
    found = [ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    wrong = [] if found == IMPORTS else [f"imports {found}"]
    for node in nodes:
        if type(node).__name__ not in KINDS:
            wrong.append(f"{type(node).__name__} in line {getattr(node, 'lineno', 0)}")
        elif isinstance(node, ast.Call):
            wrong += _call(node, known)
        elif isinstance(node, ast.Attribute):
            wrong += _attribute(node)
        elif isinstance(node, ast.Name) and node.id.startswith("__"):
            wrong.append(f"the name {node.id}")
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
            wrong.append(f"{node.name} is decorated")
        elif isinstance(node, ast.ClassDef) and [ast.unparse(base) for base in node.bases] not in ([], ["NamedTuple"]):
            wrong.append(f"the class {node.name}")
    for node in tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_table = isinstance(node, ast.Assign) and _is_literal(node.value)  # numbers of a function that NumPy lacks
        is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
        if not (is_docstring or is_table or is_definition):
            wrong.append(f"{type(node).__name__} runs when the module is imported")
    return wrong


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _call(node: ast.Call, known: frozenset[str]) -> list[str]:
    called = node.func
    if isinstance(called, ast.Name):
        if called.id == "getattr":
            name = node.args[1]
            is_field = isinstance(name, ast.Constant) and name.value in UNDERSCORED
            is_of_state = ast.unparse(node) == "getattr(state, field)"  # `field` runs over names that are written there
            return [] if is_field or is_of_state else [f"{ast.unparse(node)}"]
        return [] if called.id in known else [f"a call of {called.id}"]
    if isinstance(called, ast.Attribute):
        base = called.value
        is_numpy = isinstance(base, ast.Name) and base.id == "np"  # its names are looked at as attributes
        is_within = isinstance(base, ast.Attribute) and ast.unparse(base.value) == "np" and base.attr in WITHIN_NUMPY
        return [] if is_numpy or is_within or called.attr in METHODS else [f"a call of .{called.attr}"]
    return [f"a call of {ast.unparse(called)}"]


def _attribute(node: ast.Attribute) -> list[str]:
    base = node.value
    if isinstance(base, ast.Name) and base.id == "np":
        return [] if node.attr in NUMPY else [f"np.{node.attr}"]
    if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name) and base.value.id == "np":
        allowed = WITHIN_NUMPY.get(base.attr)
        return [] if allowed is None or node.attr in allowed else [ast.unparse(node)]
    return [f".{node.attr}"] if node.attr.startswith("_") and node.attr not in UNDERSCORED else []


@pytest.mark.parametrize("name", pipeline.zoo())
def test_a_module_of_the_zoo_does_nothing_but_arithmetic(name: str) -> None:
    assert faults(bank.text(name, "fast")) == []


@bank.few_of_the_bank
def test_a_module_does_nothing_but_arithmetic(name: str, style: str) -> None:
    assert faults(bank.text(name, style)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import numpy as np\n", "import numpy as np\nimport os\n"),
        ("import numpy as np\n", "import numpy as np\nprint(1)\n"),
        ("np.tanh(", "np.load("),
        ("np.tanh(", "eval("),
        ("np.tanh(", "np.random.seed("),
        ("np.tanh(", "np.tanh.__call__("),
        ("np.tanh(", "(lambda *a: a)("),
        ("np.tanh(", 'getattr(np, "load")('),
        ("np.tanh(", "np.tanh.tofile("),
        ("(NamedTuple)", "(NamedTuple, metaclass)"),
    ],
)
def test_what_a_module_may_not_do_is_found(old: str, new: str) -> None:
    text = bank.text("vanilla", "plain")
    assert old in text and faults(text.replace(old, new, 1))


def test_modules_are_imported_without_a_warning(checkout: Path) -> None:
    names = sorted(path.stem for path in (checkout / "generated").glob("*.py"))
    program = f"import sys; sys.path.insert(0, 'generated'); sys.dont_write_bytecode = True; import {', '.join(names)}"
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


RUFF = shutil.which("ruff", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))


@pytest.mark.skipif(RUFF is None, reason="ruff is not installed")
def test_ruff_has_nothing_to_say(checkout: Path, tmp_path: Path) -> None:
    """But of single expressions that are long, of names that are the model's own, and of parts that nobody reads."""
    for name in ("vanilla", "lstm", "attention", "tree_lstm"):
        (tmp_path / f"{name}.py").write_text(bank.text(name, "fast"))
    rules = ["--isolated", "--no-cache", "--select", "E,W,F,B", "--line-length", "120", "--ignore", "E501,E741,F841"]
    ours = ["--no-cache", "--config", str(checkout / "pyproject.toml"), "--ignore", "D,B905,E501,E741,F841,RUF059"]
    for more in (rules, ours):
        done = subprocess.run([str(RUFF), "check", *more, str(tmp_path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    for path in tmp_path.glob("*.py"):
        lines = path.read_text().split("\n")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
                assert max(map(len, lines[node.body[0].lineno - 1 : node.body[0].end_lineno])) <= 120


# What people's text can be made of: what ends strings and comments, in Python, in Jinja, on terminals.
PIECES = [
    *(
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\\\\",
        '\\"',
        "\\\n",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\f",
        "\v",
        "\0",
        "\x1a",
        "\x1b[2J",
    ),
    *("\x85", "\u2028", "\u2029", "\x1c", "\x1d", "\x1e", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041", "\xa0"),
    *(r"\N{BELL}", r"\x00", r"\u0022", r"\U00000022", r"\042", "{{ x }}", "{% raw %}", "{# c #}", "%s", "%(x)s", "{x}"),
    *("#", "# noqa", "# type: ignore", "# fmt: off", "-*- coding: utf-7 -*-", "coding=latin-1", "#!/bin/sh", ";"),
    *(
        "import os",
        "_erf(x)",
        "_sigmoid(",
        "def _size():",
        "exec('1')",
        "$(ls)",
        "`ls`",
        "a" * 150,
        "é",
        "字",
        " ",
        "x",
    ),
]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join)
MODEL = """w: Param[n]{0}
x: Input[n]{0}
k: Const = 2{0}
h = tanh(k * w * x){0}
loss = sum(h){0}
"""
RECURRENT = """w: Param[n]{0}
x: Input[T, n]{0}
h: Var[T]{0}
h[0] = 0
h[t] = tanh(h[t-1] + dot(w, x[t])){0}
loss = sum(h[t], t){0}
"""


def code(text: str) -> str:
    """The syntax of a module without its docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def module(text: str, name: str = "m", file: str = "m.eq") -> str:
    """The module of a text, as of a file of that name."""
    model = derive.parse(text, name)
    return derive.Model(model.system, file).generate("plain")


PLAIN = code(module(MODEL.format("")))


def check_written(made: str, plain: str = PLAIN) -> None:
    """A module is the plain one but for docstrings and comments, and shows nothing else than it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert code(made) == plain
        read = made.encode()
        assert ast.dump(ast.parse(read)) == ast.dump(ast.parse(made))  # no comment says that it is in another encoding
    assert all(letter == "\n" or letter.isprintable() for letter in made)
    assert is_untouched(made)
    tokens = list(tokenize.generate_tokens(io.StringIO(made).readline))
    assert all(token.start[0] == token.end[0] for token in tokens if token.type == tokenize.COMMENT)
    assert not any(token.string.startswith("#!") for token in tokens if token.type == tokenize.COMMENT)


@settings(max_examples=12)
@given(TEXT)
@example('"""; import os; os.abort()\n"""')
@example("ends with a backslash \\")
@example('ends with a quote "')
def test_a_docstring_stays_a_docstring(text: str) -> None:
    in_a_docstring(text)


@pytest.mark.slow
@settings(max_examples=250)
@given(TEXT, st.booleans())
def test_no_docstring_becomes_code_in_many_tries(text: str, verbatim: bool) -> None:
    in_a_docstring(text, verbatim)


def in_a_docstring(text: str, verbatim: bool = True) -> None:
    """A model with this docstring, or with what Python makes of its escapes."""
    quoted = _quoted(text) if verbatim else f'"""{text.replace(chr(34), chr(39))} """'
    try:
        made = module(f"{quoted}\n{MODEL.format('')}")
    except DeriveError as error:
        strange = set("\0" if verbatim else "\0\\").intersection(text)
        assert strange or any("\ud800" <= letter <= "\udfff" for letter in text), error
        return
    check_written(made)
    doc = ast.get_docstring(ast.parse(made), clean=False)
    assert doc is not None and "The equations::" in doc


def _quoted(text: str) -> str:
    """A docstring that a person writes with this in it; between its quotes they escape what Python minds."""
    return f'"""{text.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"""'


@settings(max_examples=12)
@given(TEXT.map(lambda text: "".join(c for c in text if c not in "\n\r\0\f" and not "\ud800" <= c <= "\udfff")))
def test_a_comment_stays_a_comment(text: str) -> None:
    check_written(module(MODEL.format(f"  # {text}")))


@settings(max_examples=12)
@given(TEXT.map(lambda text: text.replace("/", "").replace("\0", "")))
@example("coding=utf-7 +ACIAIgAi-")
@example('"""+__import__("os").abort()+"""')
@example("coding: latin-1")
@example("ends with a backslash \\")
def test_a_name_of_a_file_stays_a_name(text: str) -> None:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return  # no file is called so
    check_written(module(MODEL.format(""), text or "m", f"{text or 'm'}.eq"))


def test_a_comment_within_an_equation_stays_a_comment() -> None:
    inside = '  # \u202e \' """ \\ _erf(h) {{ x }} \u2028 import os'
    text = RECURRENT.format(inside).replace("h[t-1] +", f"h[t-1]{inside}\n   +")
    check_written(module(text), code(module(RECURRENT.format(""))))


@given(TEXT)
@settings(max_examples=60)
def test_a_comment_is_one_line_and_a_row_of_a_table_says_all(text: str) -> None:
    line = for_comment(text)
    assert line.isprintable() and line == " ".join(line.split())
    rows = table([("a", "b", line), ("ccc", "dd", "e")], 4)
    assert " ".join(" ".join(rows).split()) == " ".join(f"a b {line} ccc dd e".split())


def test_numbers_are_written_as_numbers() -> None:
    text = "k: Const[n] = [1e300, -0.0, 1e-320, 12345678901234567890]\nw: Param[n] = 1e22\nloss = dot(w, k)"
    made = module(text)
    assert faults(made) == []
    numbers = [n.value for n in ast.walk(ast.parse(made)) if isinstance(n, ast.Constant) and isinstance(n.value, float)]
    assert {1e300, 1e-320, 12345678901234567890.0, 1e22} <= set(numbers)


def test_what_a_comment_calls_is_not_taken_along(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    usual = helpers_of_modules.read_as_python

    def read(text: str, template: str) -> ast.Module:
        seen.append(template)
        return usual(text, template)

    monkeypatch.setattr(helpers_of_modules, "read_as_python", read)
    assert "def _erf(" not in module(MODEL.format("  # see _erf(x)")) and "def _size(" in module(MODEL.format(""))
    assert "numpy/helpers/_size.j2" in seen and "numpy/helpers/_erf.j2" not in seen


ROLES = """{0}: Param[{5}]
{1}: Param[{5}, {5}]
{2}: Input[T, {5}]
{3}: Const = 0.5
{4}[0] = 0
{4}[t] = tanh({1} @ {4}[t-1] + {3} * {2}[t] + {0})
{6}[t] = dot({4}[t], {0})
loss = sum({6}[t]**2, t)
"""
USUAL = ("b", "W", "x", "k", "h", "n", "e")


def mentioned() -> list[str]:
    """All that a module gives a name to, and Python and NumPy do: a person may well take it for something else."""
    names: set[str] = set()
    for style in ("fast", "plain"):
        tree = ast.parse(derive.parse(ROLES.format(*USUAL)).generate(style))
        for node in ast.walk(tree):
            names |= {node.id} if isinstance(node, ast.Name) else {node.arg} if isinstance(node, ast.arg) else set()
            names |= {node.attr} if isinstance(node, ast.Attribute) else set()
            names |= {node.name} if isinstance(node, ast.FunctionDef | ast.ClassDef) else set()
    names |= {*dir(builtins), *keyword.softkwlist, *dir(types.SimpleNamespace()), *dir(tuple), *NUMPY, *METHODS}
    names |= {"np", "T", "B", "T1", "b0", "h0", "h_end", "dh", "dW", "tmp1", "a" * LONGEST, "NamedTuple", "annotations"}
    return sorted(names)


def taken(name: str, place: int) -> bool:
    """Whether the language takes a name for this role."""
    names = [f"q{n}" for n in range(len(USUAL))]
    names[place] = name
    try:
        derive.parse(ROLES.format(*names))
    except DeriveError:
        return False
    return True


def results(names: tuple[str, ...], style: str) -> Any:
    """The loss and the gradients of the model under these names."""
    made = derive.compile(derive.parse(ROLES.format(*names)), style)
    rng = np.random.default_rng(0)
    params = made.Params(rng.standard_normal(3), rng.standard_normal((3, 3)))
    x = rng.standard_normal((5, 2, 3))
    asked = inspect.signature(made.init_params).parameters.values()
    (size,) = (a.name for a in asked if a.kind is a.KEYWORD_ONLY and a.default is a.empty)
    made.init_params(rng, **{size: 3})
    made.forward(params, **{names[2]: x})
    lengths = made.loss(params, **{names[2]: x}, lengths=np.array([5, 2]))
    loss, gradient, more = made.loss_and_grad(params, **{names[2]: x}, wrt=(names[2], f"{names[4]}0"))
    return [lengths, loss, *gradient, *(more[name] for name in (names[2], f"{names[4]}0"))]


def test_names_mean_nothing_else_in_the_code() -> None:
    names = ("np", "len", "range", "float", "int", "tuple", "isinstance")
    assert all(taken(name, place) for place, name in enumerate(names))
    pairs = zip(results(names, "fast"), results(USUAL, "fast"), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["fast", "plain"])
@pytest.mark.parametrize("place", range(len(USUAL)))
def test_no_name_at_all_means_something_else_in_the_code(style: str, place: int) -> None:
    expected = results(USUAL, style)
    free = [name for name in mentioned() if taken(name, place)]
    assert len(free) > 100
    # Each name in one of the roles.
    for name in free[place :: len(USUAL) * (4 if style == "plain" else 1)]:
        names = [f"q{n}" for n in range(len(USUAL))]
        names[place] = name
        found = results(tuple(names), style)
        assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True)), name
