"""Every rule has a one-line example that breaks it, and the message that a person then sees."""

from __future__ import annotations

import pytest

from derive.errors import DeriveError
from derive.language import read
from derive.language.problem import RULES

DECLARED = """\
x: Input[T, n_x]
y: Label[T, n_y]
W: Param[n_h, n_x]
V: Param[n_y, n_h]
b: Param[n_h]
"""

LOSS = "\nloss = sum(b)"

# For each rule: declarations, the line at fault, what stands after it, and what is printed.
EXAMPLES: dict[str, tuple[str, str, str, str]] = {
    "python_word": (
        "",
        "lambda: Param\nloss = 1",
        "",
        """
m.eq:1:1: lambda is a word of Python's, it cannot be a name
    lambda: Param
    ^^^^^^
    call it lam, it prints as a Greek letter
""",
    ),
    "latex_form": (
        DECLARED,
        "# latex: see the paper",
        LOSS,
        r"""
m.eq:6:1: this comment does not say how a name is printed
    # latex: see the paper
    ^^^^^^^^^^^^^^^^^^^^^^
    write # latex: u = \vec{u}
""",
    ),
    "latex_of_unknown": (
        DECLARED,
        r"# latex: n_hh = \nu",
        LOSS,
        r"""
m.eq:6:10: latex: n_hh is neither declared nor defined nor a size
    # latex: n_hh = \nu
             ^^^^
    did you mean 'n_h'?
""",
    ),
    "latex_twice": (
        DECLARED,
        "# latex: b = \\beta\n  # latex: b = \\vec{b}",
        LOSS,
        r"""
m.eq:7:12: latex: b has a comment like this already
      # latex: b = \vec{b}
               ^
    leave out one of the two
""",
    ),
    "latex_letters": (
        DECLARED,
        r"# latex: b = b\input{x}",
        LOSS,
        r"""
m.eq:6:15: latex: b: \input cannot stand in a name
    # latex: b = b\input{x}
                  ^^^^^^
    letters, digits, sub- and superscripts, accents (\hat), alphabets (\mathcal) may; braces come in pairs
""",
    ),
    "latex_long": (
        DECLARED,
        "# latex: b = " + "{" * 60 + "b" + "}" * 60,
        LOSS,
        f"""
m.eq:6:10: latex: b is printed by more than 100 characters
    # latex: b = {"{" * 60}b{"}" * 60}
             ^
""",
    ),
    "several_declared": (
        "",
        "W, V: Param[n]\nloss = 1",
        "",
        """
m.eq:1:1: W, V: a colon declares one name
    W, V: Param[n]
    ^^^^
    write W, V = Param[...]
""",
    ),
    "unreadable": (
        DECLARED,
        "a[t] = W @@ x[t]",
        LOSS,
        """
m.eq:6:11: this cannot be read as an equation or a declaration (invalid syntax)
    a[t] = W @@ x[t]
              ^
""",
    ),
    "call_on_the_left": (
        DECLARED,
        "a(t) = W @ x[t]",
        LOSS,
        """
m.eq:6:1: a(t): the left side of an equation is a variable
    a(t) = W @ x[t]
    ^^^^
    indices stand in square brackets: a[t]
""",
    ),
    "unknown_role": (
        "",
        "x: Inptu[T, n_x]\nloss = 1",
        "",
        """
m.eq:1:4: Inptu[T, n_x] is not a role
    x: Inptu[T, n_x]
       ^^^^^^^^^^^^^
    did you mean 'Input'?
""",
    ),
    "declaration_needs_a_name": (
        "",
        "x[t]: Input[T, n_x]\nloss = 1",
        "",
        """
m.eq:1:1: x[t]: a declaration needs a plain name
    x[t]: Input[T, n_x]
    ^^^^
    write W: Param[n_h, n_h]
""",
    ),
    "several_equals_signs": (
        DECLARED,
        "a = c = b",
        LOSS,
        """
m.eq:6:1: an equation has one equals sign
    a = c = b
    ^^^^^^^^^
    write an equation for each variable
""",
    ),
    "comparison_as_statement": (
        DECLARED,
        "a == b",
        LOSS,
        """
m.eq:6:1: a == b: a comparison is not an equation
    a == b
    ^^^^^^
    an equation has a single equals sign
""",
    ),
    "not_a_statement": (
        DECLARED,
        "import os",
        LOSS,
        """
m.eq:6:1: import os: this is no declaration, equation or helper
    import os
    ^^^^^^^^^
    a model is made of declarations (x: Input[T, n_x]), equations (a[t] = ...) and helpers (def f(v): ...)
""",
    ),
    "not_a_left_side": (
        DECLARED,
        "b.c[t] = 1",
        LOSS,
        """
m.eq:6:1: b.c[t]: the left side of an equation is a variable with its indices
    b.c[t] = 1
    ^^^^^^
    write a[t] = ...
""",
    ),
    "helper_line": (
        DECLARED,
        "def f(v):\n    print(v)\n    return v",
        LOSS,
        """
m.eq:7:5: helper f: each line before the last is name = expression
        print(v)
        ^^^^^^^^
""",
    ),
    "helper_form": (
        DECLARED,
        "def f(*v): return v",
        LOSS,
        """
m.eq:6:1: helper f: a helper has plain parameters and ends with return
    def f(*v): return v
    ^^^^^^^^^^^^^^^^^^^
    def f(W, v): return W @ v
""",
    ),
    "helper_twice": (
        DECLARED,
        "def f(v): return v\ndef f(v): return v",
        LOSS,
        """
m.eq:7:1: helper f is defined twice
    def f(v): return v
    ^^^^^^^^^^^^^^^^^^
""",
    ),
    "unknown_name": (
        DECLARED,
        "yhat = b\nloss = sum(yhta)",
        "",
        """
m.eq:7:12: yhta is neither declared nor defined
    loss = sum(yhta)
               ^^^^
    did you mean 'yhat'?
""",
    ),
    "unknown_function": (
        DECLARED,
        "a = sigmod(b)",
        LOSS,
        """
m.eq:6:5: there is no function sigmod
    a = sigmod(b)
        ^^^^^^
    did you mean 'sigmoid'?
""",
    ),
    "variable_called": (
        DECLARED,
        "a[t] = x(t)",
        LOSS,
        """
m.eq:6:8: x is a variable, not a function
    a[t] = x(t)
           ^
    its indices stand in square brackets: x[t]
""",
    ),
    "function_not_called": (
        DECLARED,
        "a = tanh",
        LOSS,
        """
m.eq:6:5: tanh is a function and has no argument here
    a = tanh
        ^^^^
    write tanh(...)
""",
    ),
    "argument_count": (
        DECLARED,
        "a = tanh(b, b)",
        LOSS,
        """
m.eq:6:5: tanh takes 1 argument, not 2
    a = tanh(b, b)
        ^^^^^^^^^^
""",
    ),
    "keyword_argument": (
        DECLARED,
        "a = tanh(x=b)",
        LOSS,
        """
m.eq:6:12: tanh has no argument called x
    a = tanh(x=b)
               ^
""",
    ),
    "helper_recursion": (
        DECLARED,
        "def f(v): return f(v)\na = f(b)",
        LOSS,
        """
m.eq:6:18: the helper calls itself: f -> f
    def f(v): return f(v)
                     ^^^^
    a recurrence is an equation: h[t] = ... h[t-1]
""",
    ),
    "declared_twice": (
        DECLARED,
        "b: Param[n_y]",
        LOSS,
        """
m.eq:6:1: b is declared twice, first in line 5
    b: Param[n_y]
    ^
""",
    ),
    "declared_and_defined": (
        DECLARED,
        "b = 1",
        LOSS,
        """
m.eq:6:1: b is declared as Param, it cannot be defined by an equation too
    b = 1
    ^
    rename one of the two
""",
    ),
    "size_and_variable": (
        DECLARED,
        "n_h = 1",
        LOSS,
        """
m.eq:6:1: n_h is used both as a size and as a variable
    n_h = 1
    ^^^
    rename one of the two
""",
    ),
    "index_and_variable": (
        DECLARED,
        "t = 1",
        LOSS,
        """
m.eq:6:1: t is the index that runs over T, it cannot be anything else
    t = 1
    ^
    use another name
""",
    ),
    "index_is_a_variable": (
        DECLARED,
        "i = 1\na[t, i] = x[t, i]",
        LOSS,
        """
m.eq:7:6: i is a variable of this model, it cannot be an index too
    a[t, i] = x[t, i]
         ^
    use another letter for the index
""",
    ),
    "reserved_name": (
        DECLARED,
        "state[t] = x[t]",
        LOSS,
        """
m.eq:6:1: state is reserved: the generated functions have an argument of this name
    state[t] = x[t]
    ^^^^^^^^
    call it state_1
""",
    ),
    "function_name_taken": (
        DECLARED,
        "max[t] = x[t]",
        LOSS,
        """
m.eq:6:1: max is a function of the language, it cannot be a name too
    max[t] = x[t]
    ^^^^^^
    call it max_1
""",
    ),
    "underscore_name": (
        DECLARED,
        "_a[t] = x[t]",
        LOSS,
        """
m.eq:6:1: _a: a name begins with a letter
    _a[t] = x[t]
    ^^^^^
    call it a
""",
    ),
    "non_ascii_name": (
        DECLARED,
        "α[t] = x[t]",
        LOSS,
        """
m.eq:6:1: α: names are written in plain letters (a-z), digits and _
    α[t] = x[t]
    ^^^^
    beta, lam, ... print as Greek letters
""",
    ),
    "helper_is_variable": (
        DECLARED,
        "def f(v): return v\nf = 1",
        LOSS,
        """
m.eq:7:1: f is a helper and a variable
    f = 1
    ^
    rename one of the two
""",
    ),
    "index_not_bound": (
        DECLARED,
        "a[t] = W @ x[s]",
        LOSS,
        """
m.eq:6:14: the index s is neither on the left (a[t]) nor summed
    a[t] = W @ x[s]
                 ^
    write sum(..., s), or s on the left
""",
    ),
    "index_is_bound": (
        DECLARED,
        "a[t, i] = sum(x[t, i], i)",
        LOSS,
        """
m.eq:6:24: the index i is in use already where this sum runs over it
    a[t, i] = sum(x[t, i], i)
                           ^
    use another letter for the sum
""",
    ),
    "index_range_open": (
        DECLARED,
        "a = sum(2, k)",
        LOSS,
        """
m.eq:6:12: the range of the index k is open: it subscripts nothing of a known size
    a = sum(2, k)
               ^
    give its range: (k, 0, n-1)
""",
    ),
    "index_ranges_differ": (
        DECLARED,
        "a[t] = sum(W[i, j]*x[t, i], i, j)",
        LOSS,
        """
m.eq:6:20: the index i runs over n_h in W[i, j] and over n_x in x[t, i]
    a[t] = sum(W[i, j]*x[t, i], i, j)
                       ^^^^^^^
""",
    ),
    "step_missing": (
        DECLARED,
        "a[t] = W @ x",
        LOSS,
        """
m.eq:6:12: x has a value at every step: its step is missing
    a[t] = W @ x
               ^
    write x[t]
""",
    ),
    "step_expected": (
        DECLARED,
        "a[t] = x[tanh(1)]",
        LOSS,
        """
m.eq:6:10: tanh(1) is not a step of x, which runs over T
    a[t] = x[tanh(1)]
             ^^^^^^^
""",
    ),
    "wrong_sequence": (
        DECLARED,
        "a[i] = b[i]*sum(x[i])",
        LOSS,
        """
m.eq:6:19: i does not run over T, the sequence of x
    a[i] = b[i]*sum(x[i])
                      ^
    write x[t]
""",
    ),
    "too_many_subscripts": (
        DECLARED,
        "a = b[0, 0]",
        LOSS,
        """
m.eq:6:5: b[0, 0]: 2 subscripts, but 1 axis
    a = b[0, 0]
        ^^^^^^^
""",
    ),
    "slice_step": (
        DECLARED,
        "a = b[-2:]",
        LOSS,
        """
m.eq:6:7: -2: is no stretch of entries
    a = b[-2:]
          ^^^
    a stretch is first:end, counted from 0, without a step
""",
    ),
    "slice_outside": (
        DECLARED,
        "a = b[:n_x]",
        LOSS,
        """
m.eq:6:7: :n_x ends at n_x, which cannot be shown to lie within the n_h entries
    a = b[:n_x]
          ^^^^
""",
    ),
    "entry_outside": (
        DECLARED,
        "a = b[n_h]",
        LOSS,
        """
m.eq:6:7: n_h lies outside of the n_h entries, which count from 0
    a = b[n_h]
          ^^^
""",
    ),
    "lookup_range": (
        DECLARED,
        "a[t] = b[y[t]]",
        LOSS,
        """
m.eq:6:10: y[t]: the look-up has n_y values, the axis has n_h entries
    a[t] = b[y[t]]
             ^^^^
""",
    ),
    "bad_subscript": (
        DECLARED,
        "a[t] = b[tanh(1)]",
        LOSS,
        """
m.eq:6:10: tanh(1) cannot be a subscript
    a[t] = b[tanh(1)]
             ^^^^^^^
    a subscript is an index plus or minus a whole number, a look-up (y[t]) or a : b
""",
    ),
    "step_on_features": (
        DECLARED,
        "a[t] = sum(W[t, j]*x[t, j], j)",
        LOSS,
        """
m.eq:6:14: t runs over the steps 1..T, here it stands for one of n_h entries
    a[t] = sum(W[t, j]*x[t, j], j)
                 ^
    use another letter for the index of the n_h entries
""",
    ),
    "unequal_shapes": (
        DECLARED,
        "a[t] = b + x[t]",
        LOSS,
        """
m.eq:6:8: b + x[t]: b has n_h entries, x[t] has n_x entries
    a[t] = b + x[t]
           ^^^^^^^^
    there is no broadcasting but of scalars
""",
    ),
    "contraction_sizes": (
        DECLARED,
        "a[t] = V @ x[t]",
        LOSS,
        """
m.eq:6:8: V @ x[t]: V has n_h columns, x[t] has n_x entries
    a[t] = V @ x[t]
           ^^^^^^^^
""",
    ),
    "contraction_of_scalar": (
        DECLARED,
        "a = 2 @ b",
        LOSS,
        """
m.eq:6:5: 2 @ b: 2 is a scalar, there is no axis to contract
    a = 2 @ b
        ^^^^^
    multiply by a scalar with *
""",
    ),
    "row_vector": (
        DECLARED,
        "a = V @ b.T",
        LOSS,
        """
m.eq:6:5: V @ b.T: b.T is a row, which stands left of a matrix or right of a vector
    a = V @ b.T
        ^^^^^^^
    leave out the .T
""",
    ),
    "transpose_of": (
        DECLARED,
        "a = 2\nc = a.T",
        LOSS,
        """
m.eq:7:5: a.T: a is a scalar, only a matrix or a vector is transposed
    c = a.T
        ^^^
""",
    ),
    "vector_needed": (
        DECLARED,
        "a = softmax(V)",
        LOSS,
        """
m.eq:6:5: softmax(V): V is n_y x n_h, a vector is needed
    a = softmax(V)
        ^^^^^^^^^^
    name the index: softmax(expr, i)
""",
    ),
    "scalar_needed": (
        DECLARED,
        "loss = sum(x[t]**2, t)",
        "",
        """
m.eq:6:8: loss: sum(x[t]**2, t) has n_x entries, a scalar is needed
    loss = sum(x[t]**2, t)
           ^^^^^^^^^^^^^^^
    an array is summed over its entries by sum(...)
""",
    ),
    "array_needed": (
        DECLARED,
        "a = sum(2)",
        LOSS,
        """
m.eq:6:5: sum(2): 2 is a scalar
    a = sum(2)
        ^^^^^^
    name the index: sum(2, t)
""",
    ),
    "reduced_index": (
        DECLARED,
        "a = sum(b, 2)",
        LOSS,
        """
m.eq:6:12: sum: 2 is not an index
    a = sum(b, 2)
               ^
    write sum(expr, i) or sum(expr, (t, 2, T))
""",
    ),
    "range_bound": (
        DECLARED,
        "a = sum(x[t], (t, 1, T/2))",
        LOSS,
        """
m.eq:6:22: T/2 cannot bound a range
    a = sum(x[t], (t, 1, T/2))
                         ^^^
    a bound is a number, a size or an index, plus or minus a whole number
""",
    ),
    "onehot_argument": (
        DECLARED,
        "a[t] = onehot(x[t])",
        LOSS,
        """
m.eq:6:8: onehot(x[t]): x[t] is not a Label or an Index
    a[t] = onehot(x[t])
           ^^^^^^^^^^^^
    write onehot(y[t])
""",
    ),
    "eye_argument": (
        DECLARED,
        "a = eye(b)",
        LOSS,
        """
m.eq:6:9: eye(b): b is not a size
    a = eye(b)
            ^
    write eye(n_h)
""",
    ),
    "condition_needed": (
        DECLARED,
        "a = where(b, 1, 2)",
        LOSS,
        """
m.eq:6:11: where(b, ...): b is not a condition
    a = where(b, 1, 2)
              ^
    a condition is a comparison with < <= > >= ==
""",
    ),
    "condition_as_number": (
        DECLARED,
        "a = b < 1",
        LOSS,
        """
m.eq:6:5: b < 1: a condition stands only in where(condition, a, b)
    a = b < 1
        ^^^^^
    write where(b < 1, 1, 0)
""",
    ),
    "operator_unknown": (
        DECLARED,
        "a = b % 2",
        LOSS,
        """
m.eq:6:5: b % 2: the operators are + - * / ** @, and < <= > >= == in where(...)
    a = b % 2
        ^^^^^
""",
    ),
    "expression_unknown": (
        DECLARED,
        "a = [1, 2]",
        LOSS,
        """
m.eq:6:5: [1, 2]: this is not mathematics of the language
    a = [1, 2]
        ^^^^^^
""",
    ),
    "attribute_unknown": (
        DECLARED,
        "a = b.shape",
        LOSS,
        """
m.eq:6:5: b.shape: the only thing behind a point is T, the transpose
    a = b.shape
        ^^^^^^^
""",
    ),
    "not_a_number": (
        DECLARED,
        "a = 'text'",
        LOSS,
        """
m.eq:6:5: 'text': a number is whole or decimal
    a = 'text'
        ^^^^^^
""",
    ),
    "exponent_too_large": (
        DECLARED,
        "a = 9**9**9",
        LOSS,
        """
m.eq:6:5: 9**9**9: an exponent beyond 300
    a = 9**9**9
        ^^^^^^^
""",
    ),
    "number_out_of_range": (
        DECLARED,
        "a = 2**600 * b * 3**600",
        LOSS,
        """
m.eq:6:5: 2**600 * b * 3**600: a number in it comes to more than 1e300, or to less than 1e-300
    a = 2**600 * b * 3**600
        ^^^^^^^^^^^^^^^^^^^
""",
    ),
    "number_not_real": (
        DECLARED,
        "a = b * (0 - 2)**0.5",
        LOSS,
        """
m.eq:6:9: (0 - 2)**0.5 is no real number: a root of a negative number
    a = b * (0 - 2)**0.5
            ^^^^^^^^^^^^
""",
    ),
    "nothing_to_reduce": (
        DECLARED,
        "a = max(b[:0])",
        LOSS,
        """
m.eq:6:5: max of nothing: b[:0] has no entries here
    a = max(b[:0])
        ^^^^^^^^^^
""",
    ),
    "undefined_number": (
        DECLARED,
        "a = b / 0",
        LOSS,
        """
m.eq:6:5: b / 0 has no value (a division by zero?)
    a = b / 0
        ^^^^^
""",
    ),
    "shape_open": (
        DECLARED,
        "h[0] = 0\nh[t] = 0.9*h[t-1]",
        LOSS,
        """
m.eq:7:1: the shape of h does not follow from the equations
    h[t] = 0.9*h[t-1]
    ^^^^
    declare it: h: Var[T, n_h]
""",
    ),
    "unequal_sides": (
        DECLARED,
        "h[0] = W @ x[1]\nh[t] = x[t]",
        LOSS,
        """
m.eq:6:1: the sides differ: h[0] has n_x entries, W @ x[1] has n_h entries
    h[0] = W @ x[1]
    ^^^^
""",
    ),
    "bad_size": (
        "",
        "W: Param[0]\nloss = sum(W)",
        "",
        """
m.eq:1:10: 0 is not a size
    W: Param[0]
             ^
    a size is a name, a whole number >= 1, or + - * of those
""",
    ),
    "sequence_in_arithmetic": (
        "",
        "x: Input[T, n_x]\nz: Input[T+1]\nloss = 1",
        "",
        """
m.eq:2:10: T is the length of a sequence: there is no arithmetic with it in a size
    z: Input[T+1]
             ^
""",
    ),
    "sequence_not_first": (
        "",
        "x: Input[n_x, T]\nloss = 1",
        "",
        """
m.eq:1:15: x: T is the length of a sequence, it stands before the feature sizes
    x: Input[n_x, T]
                  ^
""",
    ),
    "param_over_sequence": (
        "",
        "W: Param[H, 3]\nloss = sum(W)",
        "",
        """
m.eq:1:10: W is a Param over H, the length of a sequence, which differs from example to example
    W: Param[H, 3]
             ^
    sizes with a capital are lengths of sequences: write n_h for a number of features
""",
    ),
    "classes_missing": (
        "",
        "y: Label\nloss = 1",
        "",
        """
m.eq:1:1: y: a Label says in its last size how many values there are
    y: Label
    ^
    write y: Label[T, n]
""",
    ),
    "no_default": (
        "",
        "x: Input[T] = 1\nloss = 1",
        "",
        """
m.eq:1:15: x is declared as Input, which has no default
    x: Input[T] = 1
                  ^
    a Const or a Param may have one
""",
    ),
    "bad_default": (
        "",
        "b: Const[2] = [1, 2, 3]\nloss = 1",
        "",
        """
m.eq:1:15: b: a default is a number, or a nested list of numbers as long as the sizes say
    b: Const[2] = [1, 2, 3]
                  ^^^^^^^^^
""",
    ),
    "bad_left_subscript": (
        DECLARED,
        "a[t+1] = x[t]",
        LOSS,
        """
m.eq:6:3: t+1 cannot stand on the left
    a[t+1] = x[t]
      ^^^
    write a[t] = ..., a[t, i] = ..., or a start a[0] = ... or a[T+1] = ...
""",
    ),
    "repeated_left_index": (
        DECLARED,
        "A[i, i] = b[i]",
        LOSS,
        """
m.eq:6:6: A[i, i]: the index i stands twice on the left
    A[i, i] = b[i]
         ^
    write where(i == j, ..., 0)
""",
    ),
    "left_needs_sequence": (
        "",
        "b: Param[3]\nh[0] = 1",
        LOSS,
        """
m.eq:2:1: h[0]: this file has no sequence of which that could be a step
    h[0] = 1
    ^^^^
    declare data over one: x: Input[T, n_x]
""",
    ),
    "defined_twice": (
        DECLARED,
        "a = b\na = b",
        LOSS,
        """
m.eq:7:1: a has an equation already, in line 6
    a = b
    ^
    one equation a variable, apart from its starts
""",
    ),
    "start_twice": (
        DECLARED,
        "h[0] = 0\nh[0] = 1\nh[t] = h[t-1] + x[t]",
        LOSS,
        """
m.eq:7:1: h[0] is given twice, first in line 6
    h[0] = 1
    ^^^^
""",
    ),
    "start_argument_taken": (
        "",
        "x: Input[T]\nh0: Const = 1\nh[0] = 0\nh[t] = h[t-1] + x[t]\nloss = h[T]",
        "",
        """
m.eq:3:1: h0 is the argument by which a call gives h[0]
    h[0] = 0
    ^^^^
    rename h0
""",
    ),
    "var_undefined": (
        "",
        "x: Input[T]\nh: Var[T]\nloss = sum(x[t], t)",
        "",
        """
m.eq:2:1: h is declared as Var, but no equation defines it
    h: Var[T]
    ^
    write h[t] = ... or h = ...
""",
    ),
    "start_alone": (
        DECLARED,
        "h[0] = 0",
        LOSS,
        """
m.eq:6:1: h has a start but no equation for the steps after it
    h[0] = 0
    ^^^^
    write h[t] = ...
""",
    ),
    "data_start_inside": (
        DECLARED,
        "x[1] = 2",
        LOSS,
        """
m.eq:6:1: x[1]: that is a step of the data itself
    x[1] = 2
    ^^^^
    a start of data is at 0 or before: y[0] = 2
""",
    ),
    "data_start_value": (
        DECLARED,
        "y[0] = 0.5",
        LOSS,
        """
m.eq:6:8: 0.5 is not a whole number that the data can hold
    y[0] = 0.5
           ^^^
""",
    ),
    "loss_missing": (
        DECLARED,
        "",
        "",
        """
m.eq:5:1: there is no equation for loss, which is what is differentiated
    b: Param[n_h]
    ^
    write loss = sum(..., t)
""",
    ),
    "loss_not_scalar": (
        DECLARED,
        "loss[t] = sum(x[t])",
        "",
        """
m.eq:6:1: loss[t]: the loss is one scalar, it has no index
    loss[t] = sum(x[t])
    ^^^^^^^
    write loss = sum(..., t)
""",
    ),
    "missing_start": (
        DECLARED,
        "h[t] = tanh(h[t-1] + x[t])",
        LOSS,
        """
m.eq:6:13: h[t-1] is read at t = 1, where nothing defines h[0]
    h[t] = tanh(h[t-1] + x[t])
                ^^^^^^
    write h[0] = ...
""",
    ),
    "read_outside": (
        DECLARED,
        "h[t] = x[t]\na[t] = h[t+1]",
        LOSS,
        """
m.eq:7:8: h[t+1] may lie outside of the steps where h is defined (1..T)
    a[t] = h[t+1]
           ^^^^^^
    write the range: sum(..., (t, 1, T-1))
""",
    ),
    "unbroken_cycle": (
        DECLARED,
        "u[t] = v[t] + x[t]\nv[t] = tanh(u[t])",
        LOSS,
        """
m.eq:6:8: a cycle that no shift breaks: u[t] -> v[t] -> u[t]
    u[t] = v[t] + x[t]
           ^^^^
    read an earlier step: [t-1]
""",
    ),
    "index_over_nodes": (
        "",
        "x: Input[T]\nw: Index[T, K]\nloss = 1",
        "",
        """
m.eq:2:13: w: only an Index over K holds steps of K
    w: Index[T, K]
                ^
    write w: Index[K, K], or a small letter for a number of values: w: Index[..., n]
""",
    ),
    "step_looked_up": (
        DECLARED,
        "a[t] = x[y[t]]",
        LOSS,
        """
m.eq:6:10: y[t] looks up, but it holds no steps of T
    a[t] = x[y[t]]
             ^^^^
    left: Index[T, T] holds nodes; h[left[t]] reads at one
""",
    ),
    "node_of_none": (
        "",
        "p: Index[K, K]\nh[0] = 1\nh[k] = h[p[p[k]]]\nloss = h[K]",
        "",
        """
m.eq:3:10: p[p[k]] may be read at a step that is none
    h[k] = h[p[p[k]]]
             ^^^^^^^
    read it at its own step, v[k] = ..., with a start v[0], and look that up
""",
    ),
    "bad_end": (
        DECLARED,
        "g[2*T] = 0\ng[t] = g[t+1] + x[t]",
        LOSS,
        """
m.eq:6:1: 2*T is neither a whole number nor an end of g, which runs over T
    g[2*T] = 0
    ^^^^^^
    write T, T+1, ... for a recurrence from right to left, or a number of steps from the front
""",
    ),
    "starts_at_both_ends": (
        DECLARED,
        "h[0] = 0\nh[T+1] = 0\nh[t] = h[t-1] + h[t+1] + x[t]",
        LOSS,
        """
m.eq:7:1: h starts at both ends, h[0] and h[T+1]: one equation cannot run both ways
    h[T+1] = 0
    ^^^^^^
    use two variables, one from left to right and one from right to left
""",
    ),
    "data_start_elsewhere": (
        DECLARED,
        "x[T+1] = 2",
        LOSS,
        """
m.eq:6:1: x[T+1]: only before the first step of data over one sequence can a file say what it is
    x[T+1] = 2
    ^^^^^^
    name it: a variable may have starts anywhere
""",
    ),
    "cycle_both_ways": (
        DECLARED,
        "g[T+1] = 0\nh[t] = g[t-1] + x[t]\ng[t] = g[t+1] + h[t]",
        LOSS,
        """
m.eq:8:8: no order of the steps does for both h[t] -> g[t-1] -> h[t] and g[t] -> g[t+1]
    g[t] = g[t+1] + h[t]
           ^^^^^^
    use two variables, one from left to right and one from right to left
""",
    ),
    "softmax_range": (
        DECLARED,
        "e[t, t1] = x[t] @ x[t1]\na[t, t1] = logsoftmax(e[t, t1], (t1, 1, t))",
        LOSS,
        """
m.eq:7:12: this logsoftmax is over a part of the range that t1 has here
    a[t, t1] = logsoftmax(e[t, t1], (t1, 1, t))
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    use it where t1 has that range: sum(logsoftmax(e, (t1, 1, t)) * v, (t1, 1, t))
""",
    ),
    "softmax_outside": (
        DECLARED,
        "e[t, t1] = x[t] @ x[t1]\na[t, t1] = softmax(e[t, t1], (t1, 1, t+1))",
        LOSS,
        """
m.eq:7:12: this softmax may be over more than the range that t1 has here
    a[t, t1] = softmax(e[t, t1], (t1, 1, t+1))
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    let its range end at T, or at another index: (t1, 1, t)
""",
    ),
    "lookup_none": (
        DECLARED,
        "loss = sum(-log(softmax(V @ b)[y[t+1]]), t)",
        "",
        """
m.eq:6:32: y[t+1] can look up nothing, which is 0, and stands under a log
    loss = sum(-log(softmax(V @ b)[y[t+1]]), t)
                                   ^^^^^^
    write the range: sum(..., (t, 1, T-1))
""",
    ),
    "none_as_number": (
        DECLARED,
        "loss = sum(y[t-1]*x[t, 0], t)",
        "",
        """
m.eq:6:12: y[t-1] can lie outside of the data, where it is no number
    loss = sum(y[t-1]*x[t, 0], t)
               ^^^^^^
    write the range: sum(..., (t, 2, T))
""",
    ),
}

SHIFTS = [
    "a[t] = sum(b[k] * sum(x[t-k]), k)",
    "a[t] = sum(x[t-n_x])",
    "a[t] = sum(x[2*t])",
    "a = sum(sum(b[i-j] * b[j], (j, 0, i)), i)",
]


@pytest.mark.parametrize("line", SHIFTS)
def test_a_shift_is_a_whole_number(line: str) -> None:
    with pytest.raises(DeriveError) as caught:
        read(DECLARED + line + LOSS)
    assert [fault.rule for fault in caught.value.faults] == ["bad_subscript"]


# Bounds, whose examples are long: the text and the message.
BOUNDS: dict[str, tuple[str, str]] = {
    "text_too_long": ("#" * 300_001, "the text has 300001 characters, more than the 300000 that a model may have"),
    "not_text": ("loss = 1\0", "the text holds a null character: is it a text file?"),
    "nested_too_deeply": ("loss = " + "(" * 10_000 + "1" + ")" * 10_000, "nested more than 100 deep"),
    "expression_too_long": ("loss = " + "+".join(["1"] * 9000), "an expression with too many parts"),
    "number_too_long": ("loss = " + "1" * 41, "a number of more than 40 characters"),
    "long_name": ("a" * 61 + " = 1\nloss = 1", "aaaaaaaaaaaaaaaaaaaa...: a name of more than 60 characters"),
    "shift_too_large": (DECLARED + "loss = sum(sum(x[t-201]), t)", "t-201: more than 200 steps away"),
    "end_too_far": (
        DECLARED + "loss = sum(x[t, 0], (t, 1, 10_001))",
        "10_001: an end of a range with a number beyond 10000",
    ),
    "too_many_equations": (
        "\n".join(f"a{n} = 1" for n in range(2001)),
        "2001 declarations and equations, more than the 2000 that a model may have",
    ),
    "too_large": (
        "def f0(v): return v + v\n"
        + "".join(f"def f{n}(v): return f{n - 1}(v) + f{n - 1}(v)\n" for n in range(1, 25))
        + "loss = f24(1)",
        "with its helpers expanded the model has more than 2196 parts",
    ),
    "too_many_steps": (
        DECLARED + "loss = " + " + ".join(f"x[t-{n}, 0]" for n in range(21)).join(["sum(", ", t)"]),
        "x is read at more than 20 different steps",
    ),
}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_message(rule: str) -> None:
    before, line, after, expected = EXAMPLES[rule]
    with pytest.raises(DeriveError) as caught:
        read(before + line + after, "m.eq")
    assert str(caught.value) == expected.strip("\n")
    assert {fault.rule for fault in caught.value.faults} == {rule}


@pytest.mark.parametrize("rule", BOUNDS)
def test_bound(rule: str) -> None:
    text, message = BOUNDS[rule]
    with pytest.raises(DeriveError) as caught:
        read(text, "m.eq")
    assert [(fault.rule, fault.message) for fault in caught.value.faults] == [(rule, message)]
    assert len(str(caught.value)) < 2000


def test_every_rule_has_an_example() -> None:
    own = [name for name, rule in RULES.items() if rule.__module__.startswith("derive.language.")]
    assert sorted([*EXAMPLES, *BOUNDS]) == sorted(own)


def test_all_independent_faults_in_one_go() -> None:
    text = """\
x: Input[T, n_x]
W: Param[n_h, n_x]
lambda: Param
q: Inptu[T]
a[t] = W @ xx[t] + yy[t]
g[t] = x[t] + g[t-1]
class[t] = 3
o[t] = sigmod(x[t]) + W @ (W @ x[t])
u[t] = (W @ x[t]
v[t] = u[t] + q[t]
loss = sum(sum(o[t]), t) + sum(a[T]) + sum(v[T])
"""
    with pytest.raises(DeriveError) as caught:
        read(text, "m.eq")
    found = [(fault.rule, fault.place.line if fault.place else 0) for fault in caught.value.faults]
    assert found == [
        ("python_word", 3),
        ("unknown_role", 4),
        ("unknown_name", 5),
        ("unknown_name", 5),
        ("missing_start", 6),
        ("python_word", 7),
        ("unknown_function", 8),
        ("contraction_sizes", 8),
        ("unreadable", 9),
    ]


def test_columns_count_characters() -> None:
    with pytest.raises(DeriveError) as caught:
        read("loss = 1  # α\na = 'α' + yy", "m.eq")
    places = [fault.place for fault in caught.value.faults]
    assert [(p.line, p.column, p.width) for p in places if p is not None] == [(2, 5, 3), (2, 11, 2)]
