"""Texts that are made to harm: to be run, to grow without end, to nest too deeply for a machine."""

# ruff: noqa: E501 (texts stand on one line)
from __future__ import annotations

from random import Random

HEAD = "x: Input[T, n]\nA: Param[n, n]\nb: Param[n]\nw: Param\n"
# Whatever of these were run would leave a trace in the audit.
CODE = (
    "__import__('os').system('touch /tmp/pwned')", "eval('1')", "exec('import os')", "open('/tmp/pwned', 'w')",
    "(lambda: 1)()", "[x for x in ().__class__.__base__.__subclasses__()]", "(y := 1)", "f'{__import__(\"os\")}'",
    "b.__class__.__mro__", "().__class__", "b.func_globals", "*b", "**b", "await b", "(yield)", "b if w else 1", "not b",
    "b and w", "{1: 2}", "{1}", "'Symbol(\"x\")'", "b\"a\"", "...", "None", "b[...]", "b[None]", "b[::2]", "b[::-1]", "b[1:2:3]",
    "print(b)", "globals()", "sum(b for b in b)", "w.T.T.T", "b.real", "b.evalf()", "b.subs(1, 2)", "sum.__globals__",
    "tanh.__init__(b)", "compile('1', '', 'eval')", "b @ (lambda x: x)", "w < b < w", "w != b", "w is b", "w in b", "~b", "b // w",
    "b % w", "b << 2", "b | w", "sum(*b)", "sum(b, axis=0)", "tanh(x=b)", "leaky_relu(b, slope=w)", "softmax(b)[0](1)",
    "sum(b)(b)", "input()", "breakpoint()", "type('a', (), {})", "getattr(b, 'T')", "vars()", "b\\\n", "(b\n)", "b;import os",
    "sum(b, (i, 0, 10**9))", "x[t][t][t]", "x[x[t]]", "A[A]", "b[b]", "b['a']", "b[1.5]", "b[-1]", "b[True]", "x[t, ...]", "b[n]", "b[T]",
)  # fmt: skip
PLACES = (
    "{}\nloss = 1", "loss = {}", "{} = 1\nloss = 1", HEAD + "loss = b[{}]", HEAD + "a[{}] = 1\nloss = 1", "c: Param[{}]\nloss = 1",
    "c: {}\nloss = 1", "c: Const = {}\nloss = c", HEAD + "loss = sum(x[t, 0], (t, 1, {}))", HEAD + "loss = sum(b, {})",
    HEAD + "loss = where({} < 1, 1, 2)", "def f(v={}): return v\nloss = f(1)", "def f(v: {}): return v\nloss = f(1)",
    "def f(v) -> {}: return v\nloss = f(1)", "def f(v):\n    {}\n    return v\nloss = f(1)", "@{}\ndef f(v): return v\nloss = f(1)",
    "def f(v): return {}\nloss = f(1)", "loss = f'{{{}}}'", "{}: Param\nloss = 1", HEAD + "loss = sum({}, (i, 0, 3))",
    HEAD + "h[0] = {}\nh[t] = w * h[t-1] + sum(x[t])\nloss = h[T]", "# latex: x = {}\nx: Param\nloss = x**2",
    '"""{}"""\nw: Param\nloss = w**2', "w: Param  # {}\nloss = w**2", '"""a\\""" + {} + r"""b"""\nw: Param\nloss = w**2',
    "class A:\n    x = {}\nloss = 1", "for i in {}: pass\nloss = 1", "import os; {}\nloss = 1", "if {}: loss = 1",
    HEAD + "y: Index[T, n]\nloss = sum(b[y[{}]], t)", HEAD + "loss = sum(concat(b, {}))", HEAD + "loss = sum(onehot({}))",
)  # fmt: skip


def code(rng: Random) -> str:
    """Python code, where mathematics is expected."""
    return rng.choice(PLACES).format(rng.choice(CODE))


def nested(rng: Random) -> str:
    """Something inside itself, many times."""
    depth = rng.choice([5, 20, 45, 60, 99, 101, 200, 1_000, 5_000, 60_000])
    begin, middle, end = rng.choice(
        [("(", "b", ")"), ("-", "b", ""), ("tanh(", "b", ")"), ("A @ (", "b", ")"), ("softmax(", "b", ")"), ("[", "1", "]"),
         ("b[", "0", "]"), ("{", "b", "}"), ("where(w < 1, ", "b", ", b)"), ("2 ** ", "w", ""), ("", "b", ".T"), ("", "b", "[0]"),
         ("", "b", "(1)"), ("sum(", "w", ", i)"), ("1 / (1 + ", "b", ")"), ("concat(b, ", "b", ")[:n]"), ("exp(b * ", "b", ")"),
         ("max(", "b", ", b)"), ("maximum(b, ", "b", ")"), ("not ", "b", ""), ("lambda: ", "b", ""), ("x[", "t", "]"), ("f(", "b", ")"),
         ("logsumexp(", "b", ")"), ("norm2(b * ", "b", ")"), ("(b, ", "b", ")"), ("b if ", "b", " else b"), ("sqrt(1 + ", "b * b", ")")]
    )  # fmt: skip
    inner = begin * depth + middle + end * depth
    tail = rng.choice(
        [
            "loss = sum({})",
            "loss = {}",
            "h[t] = {}\nloss = sum(h[T])",
            "c: Const = {}\nloss = w*c",
            "c: Param[{}]\nloss = w",
        ]
    )
    return HEAD + "def f(v): return v * v\n" + tail.format(inner)


def growing(rng: Random) -> str:
    """Short texts that say much: helpers of helpers, powers of sums, chains of definitions and of look-ups."""
    many = rng.choice([3, 5, 8, 12, 20, 40, 90])
    return HEAD + rng.choice(_GROWING)(rng, many)


def _laughs(rng: Random, many: int) -> str:
    body = rng.choice(
        [
            "v + v",
            "v * v",
            "tanh(v) * v",
            "A @ v + v",
            "softmax(v) * v",
            "where(w < 1, v, v * v)",
            "concat(v, v)[:n] * v",
        ]
    )
    lines = "".join(f"def f{n + 1}(v): return f{n}({body})\n" for n in range(many))
    return f"def f0(v): return {body}\n{lines}loss = sum(f{many}(b))\n"


def _laughing_locals(rng: Random, many: int) -> str:
    lines = "".join(f"    v{n + 1} = v{n} {rng.choice('+*')} v{n}\n" for n in range(many))
    return f"def f(v0):\n{lines}    return v{many}\nloss = sum(f(b))\n"


def _inside_out(rng: Random, many: int) -> str:
    return "def f(v): return v * tanh(v)\nloss = sum(" + "f(" * many + "b" + ")" * many + ")\n"


def _recursive(rng: Random, many: int) -> str:
    return rng.choice(
        ["def f(v): return f(v)\nloss = sum(f(b))\n", "def f(v): return g(v)\ndef g(v): return f(v)\nloss = sum(f(b))\n",
         "def f(v):\n    v = v\n    return v\nloss = sum(f(b))\n", "def f(f): return f(f)\nloss = sum(f(b))\n",
         "def f(v):\n    u = u + v\n    return u\nloss = sum(f(b))\n", "h[t] = h[t]\nloss = sum(h[T])\n", "loss = loss\n",
         "h[t] = g[t]\ng[t] = h[t]\nloss = sum(h[T])\n", "h[t] = h[t-1] + h[t+1]\nloss = sum(h[T])\n"]
    )  # fmt: skip


def _products(rng: Random, many: int) -> str:
    return (
        "loss = "
        + rng.choice([" * ", " + "]).join(
            f"(1 + {rng.choice(['w', 'b[0]', f'b[{n}]', 'sum(b)'])})" for n in range(many)
        )
        + "\n"
    )


def _powers(rng: Random, many: int) -> str:
    return f"loss = {'(' * many}w{f' + 1)**{rng.choice([2, 3, 9])}' * many}\n"


def _chain(rng: Random, many: int) -> str:
    inner = rng.choice(["v{0} * v{0}", "tanh(v{0}) + v{0}", "A @ v{0}", "v{0} * w", "softmax(v{0})"])
    lines = "".join(f"v{n + 1} = {inner.format(n)}\n" for n in range(many * 3))
    return f"v0 = b\n{lines}loss = sum(v{many * 3})\n"


def _lags(rng: Random, many: int) -> str:
    starts = "".join(f"h[{-n}] = {n}\n" for n in range(many))
    return (
        starts
        + "h[t] = "
        + " + ".join(f"w * h[t-{n + 1}]" for n in range(many))
        + " + sum(x[t])\nloss = sum(h[t], t)\n"
    )


def _far(rng: Random, many: int) -> str:
    lag = rng.choice([many, many * 5, 499, 500, 501, 100_000])
    return rng.choice(["loss = sum(exp(x[t-{0}, 0] * w), t)\n", "h[0] = 0\nh[t] = w * h[t-{0}]\nloss = h[T]\n", "h[-{0}] = 0\nh[t] = sum(x[t])\nloss = h[T]\n",
                       "loss = sum(x[t-{0}, 0] * x[t+{0}, 0] * w, t)\n", "loss = w * x[{0}, 0]\n", "loss = w * x[T-{0}, 0]\n"]).format(lag)  # fmt: skip


def _indices(rng: Random, many: int) -> str:
    many = min(many, 20)
    names = [f"i{n}" for n in range(many)]
    return rng.choice(
        [f"C: Param[{', '.join(['n'] * many)}]\nloss = sum(C[{', '.join(names)}], {', '.join(names)})\n",
         f"loss = sum({' * '.join(f'b[{n}]' for n in names)}, {', '.join(names)})\n",
         f"loss = {'sum(' * many}{' * '.join(f'b[{n}]' for n in names)}{''.join(f', {n})' for n in names)}\n",
         f"e[{', '.join(f't{n + 1}' for n in range(many))}] = w\nloss = w\n"]
    )  # fmt: skip


def _lookups(rng: Random, many: int) -> str:
    return "k: Index[n]\np: Index[T, T]\nq: Index[T, n]\n" + rng.choice(
        ["loss = sum(" + "x[p[" * min(many, 30) + "t" + "]]" * min(many, 30) + ", t)\n", "h[0] = 0\nh[t] = w * h[p[t]] + 1\nloss = h[T]\n",
         "loss = sum(" + " * ".join(["b[q[t]]"] * many) + ", t)\n", "h[t] = w * h[p[p[t]]]\nloss = h[T]\n", "loss = sum(b[q[t-1]] / b[q[t+1]], t)\n",
         "loss = sum(log(A[q[t], q[t-1]]), t)\n", "h[0] = b\nh[t] = tanh(A[:, q[t]] * h[p[t]])\nloss = sum(h[T])\n"]
    )  # fmt: skip


def _widths(rng: Random, many: int) -> str:
    size = rng.choice(
        [
            "999999999",
            "10**9",
            "n*n*n*n",
            "n-n",
            "n-1000000",
            "2*n-3*n",
            "0",
            "-1",
            "1.5",
            "T",
            "T*n",
            "1",
            "n_h+n_x*n_y-3",
            "9" * 39,
            "n**2",
            "n//2",
            "_",
            "(n)",
        ]
    )
    return f"C: Param[{size}]\nD: Param[{size}, n]\n" + rng.choice(
        ["loss = sum(C)\n", "loss = sum(C, i)\n", "loss = sum(D @ b)\n", "loss = C[0]\n", "loss = C[999999998]\n", "loss = sum(D[:, 0] * C)\n",
         "loss = sum(concat(C, b))\n", "loss = sum(eye(n) @ b)\n", "loss = sum(D[5:n])\n"]
    )  # fmt: skip


_GROWING = (
    _laughs, _laughing_locals, _inside_out, _recursive, _products, _powers, _chain, _lags, _far, _indices, _lookups, _widths,
)  # fmt: skip


def long(rng: Random) -> str:
    """Long lines, long names, many equations, many faults, many comments, one sign a thousand times."""
    many = rng.choice([30, 100, 300, 1_000, 3_000, 30_000])
    sign = rng.choice(
        [
            *"()[]{}#\"'\\;,.=+-*@:\n\t ",
            "\r",
            "'''",
            '"""',
            "\\\n",
            "a\n",
            "a = ",
            "def f():\n",
            "a[",
            "1",
            "a.",
            "é",
            "🙂",
            "if ",
            "0x",
            "\f",
        ]
    )
    return rng.choice(
        [sign * many, f"w: Param\nloss = {'w' * many}", f"{'w' * many}: Param\nloss = {'w' * many}**2", HEAD + f"loss = w{' + w' * min(many, 300)}",
         HEAD + f"loss = {'w + ' * many}w", HEAD + f"loss = {'w * ' * min(many, 3000)}w", HEAD + f"loss = sum(b{' + b' * many})",
         HEAD + "".join(f"v{n} = u{n} + 1\n" for n in range(min(many, 1_000))) + "loss = w", "\n" * many + "loss = wrong", f"w: Param{' ' * many}# {'c' * many}\nloss = w",
         f'"""{"d" * many}"""\nw: Param\nloss = w', "".join(f"w{n}: Param[n{n}]\n" for n in range(min(many, 300))) + "loss = w0[0]",
         ", ".join(f"w{n}" for n in range(min(many, 300))) + " = Param\nloss = w0", HEAD + f"loss = w{' < w' * many}", f"w: Param = [{'1, ' * many}]\nloss = w[0]",
         "# latex: w = " + "{" * many + "}" * many + "\nw: Param\nloss = w", HEAD + f"loss = A{' @ A' * min(many, 100)} @ b @ b"]
    )  # fmt: skip
