# ruff: noqa: E501
"""Mistakes in the hand-written examples, listed by hand: what the file says, what a person wrote instead.

Where a statement was left out, the line at fault is that of the statement before it, or of what reads the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EXAMPLES = {
    "vanilla_min_char": "vanilla",
    "vanilla_layers": "vanilla",
    "lstm_loop": "lstm",
    "gru_loop": "gru",
}
FOLDER = Path(__file__).resolve().parents[3] / "docs" / "hand"
# Functions written another way, beside this file; their mistakes are in `mistakes_elsewhere.py`.
OTHERS = {
    "gru_by_names": "gru",
    "attention_batched": "self_attention",
    "bidirectional_loops": "bidirectional",
}


def text_of(example: str) -> str:
    """A right file."""
    folder = FOLDER if example in EXAMPLES else Path(__file__).resolve().parent / "examples"
    return (folder / f"{example}.py").read_text()


@dataclass(frozen=True)
class Mistake:
    """One wrong text.

    Attributes:
        example: the file, without its folder and ending.
        what: the mistake in a few words.
        old: a text that the file has once.
        new: what stands there instead.
        also: texts of further lines that may be called at fault: the two ends of one mistake.
    """

    example: str
    what: str
    old: str
    new: str
    also: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        return (EXAMPLES | OTHERS)[self.example]

    @property
    def right(self) -> str:
        return text_of(self.example)

    @property
    def text(self) -> str:
        assert self.right.count(self.old) == 1, (
            f"{self.example}: {self.old!r} stands there {self.right.count(self.old)} times"
        )
        return self.right.replace(self.old, self.new)

    @property
    def lines(self) -> set[int]:
        """The lines that may be called at fault."""
        text = self.text
        start = self.right.index(self.old)
        # What differs, without what both texts begin and end with.
        ahead = _common(self.old, self.new)
        behind = _common(self.old[ahead:][::-1], self.new[ahead:][::-1])
        first = text.count("\n", 0, start + ahead) + 1
        last = text.count("\n", 0, start + max(len(self.new) - behind, ahead)) + 1
        found = set(range(first, last + 1))
        for part in self.also:
            assert text.count(part) == 1, f"{self.example}: {part!r}"
            found.add(text.count("\n", 0, text.index(part)) + 1)
        return found


def _common(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def of(example: str, *rows: tuple[str, ...]) -> list[Mistake]:
    """The mistakes of a file, a row each."""
    return [Mistake(example, what, old, new, tuple(also)) for what, old, new, *also in rows]


MISTAKES = [
    *of(
        "vanilla_min_char",
        ("carried gradient never added", "np.dot(V.T, dy) + dhnext", "np.dot(V.T, dy)"),
        ("carried gradient never set", "            dhnext = np.dot(W.T, dhraw)\n", "", "dU += np", "dW += np", "+ dhnext"),
        ("transpose missing in the carry", "dhnext = np.dot(W.T, dhraw)", "dhnext = np.dot(W, dhraw)"),
        ("derivative of tanh missing", "(1 - hs[t + 1] * hs[t + 1]) * dh ", "dh "),
        ("derivative of tanh at the wrong step", "(1 - hs[t + 1] * hs[t + 1]) * dh ", "(1 - hs[t] * hs[t]) * dh "),
        ("not squared", "(1 - hs[t + 1] * hs[t + 1]) * dh ", "(1 - hs[t + 1]) * dh "),
        ("sigmoid's derivative", "(1 - hs[t + 1] * hs[t + 1]) * dh ", "hs[t + 1] * (1 - hs[t + 1]) * dh "),
        ("plus for minus", "(1 - hs[t + 1] * hs[t + 1])", "(1 + hs[t + 1] * hs[t + 1])"),
        ("one-hot missing", "            dy[y[t, k]] -= 1  # the gradient of softmax and cross-entropy\n", "", "dy = np.copy(ps[t])"),
        ("one-hot added", "dy[y[t, k]] -= 1", "dy[y[t, k]] += 1"),
        ("one-hot of the step before", "dy[y[t, k]] -= 1", "dy[y[t - 1, k]] -= 1"),
        ("state before for state after", "dV += np.dot(dy, hs[t + 1].T)", "dV += np.dot(dy, hs[t].T)"),
        ("state after for state before", "dW += np.dot(dhraw, hs[t].T)", "dW += np.dot(dhraw, hs[t + 1].T)"),
        ("overwritten", "dW += np.dot(dhraw, hs[t].T)", "dW = np.dot(dhraw, hs[t].T)"),
        ("overwritten bias", "db += dhraw", "db = dhraw"),
        ("before tanh", "db += dhraw", "db += dh"),
        ("before tanh, in the weights", "dU += np.dot(dhraw, xs[t].T)", "dU += np.dot(dh, xs[t].T)"),
        ("outer product turned", "dW += np.dot(dhraw, hs[t].T)", "dW += np.dot(hs[t], dhraw.T)"),
        ("first step left out", "reversed(range(T))", "reversed(range(1, T))"),
        ("last step left out", "reversed(range(T))", "reversed(range(T - 1))"),
        ("forwards in time", "for t in reversed(range(T)):", "for t in range(T):"),
        ("sign of the carry", "np.dot(V.T, dy) + dhnext", "np.dot(V.T, dy) - dhnext"),
        ("carry past tanh", "dhnext = np.dot(W.T, dhraw)", "dhnext = np.dot(W.T, dh)"),
        ("mean over the batch", '"W": dW,', '"W": dW / B,'),
        ("mean over the steps", "dy = np.copy(ps[t])", "dy = np.copy(ps[t]) / T", "dy[y[t, k]] -= 1"),
        ("factor of two", "dh = np.dot(V.T, dy) + dhnext", "dh = 2 * np.dot(V.T, dy) + dhnext"),
        ("clipped", "dhnext = np.dot(W.T, dhraw)", "dhnext = np.clip(np.dot(W.T, dhraw), -0.01, 0.01)"),
        ("carry not reset between examples", "        dhnext = np.zeros_like(hs[0])\n        for t", "        for t", "+ dhnext"),
        ("wrong matrix", "dhnext = np.dot(W.T, dhraw)", "dhnext = np.dot(W.T, dhraw) * hs[t]"),
        ("keys exchanged", '"b": db.ravel(), "c": dc.ravel()', '"b": dc.ravel(), "c": db.ravel()'),
        ("behind the loop", "            dU += np.dot(dhraw, xs[t].T)\n            dW += np.dot(dhraw, hs[t].T)\n            dhnext = np.dot(W.T, dhraw)\n",
         "            dW += np.dot(dhraw, hs[t].T)\n            dhnext = np.dot(W.T, dhraw)\n        dU += np.dot(dhraw, xs[t].T)\n"),
    ),
    *of(
        "vanilla_layers",
        ("one-hot missing", "    dscores[np.arange(N)[:, None], np.arange(T), y] -= 1\n", "", "dscores = probs.copy()", "return dscores"),
        ("no copy", "dscores = probs.copy()", "dscores = -probs.copy()"),
        ("not through tanh", "da = (1 - next_h**2) * dnext_h", "da = dnext_h"),
        ("tanh's derivative at the wrong step", "da = (1 - next_h**2) * dnext_h", "da = (1 - prev_h**2) * dnext_h"),
        ("not squared", "da = (1 - next_h**2) * dnext_h", "da = (1 - next_h) * dnext_h"),
        ("cubed", "da = (1 - next_h**2) * dnext_h", "da = (1 - next_h**3) * dnext_h"),
        ("transpose in the carry", "dprev_h = da @ Wh", "dprev_h = da @ Wh.T"),
        ("next state for the previous", "dWh = da.T @ prev_h", "dWh = da.T @ next_h"),
        ("carried gradient never added", "dnext_h = dh[:, t, :] + dprev_h", "dnext_h = dh[:, t, :]"),
        ("only the carried gradient", "dnext_h = dh[:, t, :] + dprev_h", "dnext_h = dprev_h + 0 * dh[:, t, :]"),
        ("overwritten", "dWh += dWh_t", "dWh = dWh_t"),
        ("overwritten inputs' weights", "dWx += dWx_t", "dWx = dWx_t"),
        ("bias not summed", "        db += db_t", "        db -= db_t"),
        ("states one step early", 'affine_backward(dscores, h[:, 1:], params["V"])', 'affine_backward(dscores, h[:, :-1], params["V"])'),
        ("caches one step late", 'params["W"], h[:, t + 1]) for', 'params["W"], h[:, t]) for', "(1 - next_h**2)"),
        ("forwards in time", "for t in reversed(range(T)):", "for t in range(T):"),
        ("mean for sum", "db = dout.sum(axis=(0, 1))", "db = dout.mean(axis=(0, 1))"),
        ("turned weights", '"nti,ntj->ij", dout, x', '"nti,ntj->ji", dout, x'),
        ("step's bias taken at one example", "db = da.sum(axis=0)", "db = da[0]"),
        ("outer product turned", "dWh = da.T @ prev_h", "dWh = prev_h.T @ da"),
        ("divided by the batch", "dscores = probs.copy()", "dscores = probs.copy() / N", "-= 1"),
        ("scores' gradient divided", "    return dscores\n", "    return dscores / N\n"),
        ("wrong step of the scores", "dnext_h = dh[:, t, :] + dprev_h", "dnext_h = dh[:, t - 1, :] + dprev_h"),
        ("square in the head", "dx = dout @ w\n", "dx = dout @ w.T\n"),
    ),
    *of(
        "lstm_loop",
        ("carried hidden gradient never added", 'dh = ds @ params["V"] + dh_next', 'dh = ds @ params["V"]'),
        ("carried cell gradient never added", "* (1 - tanh_c**2) + dc_next", "* (1 - tanh_c**2)"),
        ("carried cell gradient never set", "        dc_next = dc * f[t]\n", "", "df = dc * c[t]\n", "+ dc_next", "da_i = ", "dh_next += da"),
        ("forget gate of the wrong step", "dc_next = dc * f[t]", "dc_next = dc * f[t - 1]"),
        ("input gate for forget gate", "dc_next = dc * f[t]", "dc_next = dc * i[t]"),
        ("forget gate left out", "dc_next = dc * f[t]", "dc_next = dc"),
        ("cell after for cell before", "df = dc * c[t]\n", "df = dc * c[t + 1]\n"),
        ("tanh of the cell missing", "do = dh * tanh_c", "do = dh * c[t + 1]"),
        ("tanh's derivative missing", "dc = dh * o[t] * (1 - tanh_c**2)", "dc = dh * o[t]"),
        ("output gate missing", "dc = dh * o[t] * (1 - tanh_c**2)", "dc = dh * (1 - tanh_c**2)"),
        ("tanh left out in its derivative", "(1 - tanh_c**2)", "(1 - c[t + 1]**2)"),
        ("gates exchanged", "di = dc * g[t]", "di = dc * i[t]"),
        ("input and candidate exchanged", "dg = dc * i[t]", "dg = dc * g[t]"),
        ("sigmoid's derivative missing", "da_o = do * o[t] * (1 - o[t])", "da_o = do"),
        ("sigmoid's derivative half there", "da_f = df * f[t] * (1 - f[t])", "da_f = df * (1 - f[t])"),
        ("sigmoid for tanh", "da_g = dg * (1 - g[t] ** 2)", "da_g = dg * g[t] * (1 - g[t])"),
        ("tanh for sigmoid", "da_i = di * i[t] * (1 - i[t])", "da_i = di * (1 - i[t] ** 2)"),
        ("another gate's derivative", "da_f = df * f[t] * (1 - f[t])", "da_f = df * i[t] * (1 - i[t])"),
        ("another gate's gradient", "da_f = df * f[t] * (1 - f[t])", "da_f = di * f[t] * (1 - f[t])"),
        ("state after for state before", 'grads["U_" + gate] += da.T @ h[t]', 'grads["U_" + gate] += da.T @ h[t + 1]'),
        ("overwritten", 'grads["W_" + gate] += da.T @ x[t]', 'grads["W_" + gate] = da.T @ x[t]'),
        ("carry overwritten by each gate", 'dh_next += da @ params["U_" + gate]', 'dh_next = da @ params["U_" + gate]'),
        ("carry never begun anew", "        dh_next = np.zeros_like(dh)\n", "", "dh_next += da", "da_g = "),
        ("carry's matrix turned", 'dh_next += da @ params["U_" + gate]', 'dh_next += da @ params["U_" + gate].T'),
        ("a gate left out", '("i", da_i), ("f", da_f), ("o", da_o), ("g", da_g)', '("i", da_i), ("f", da_f), ("o", da_o), ("g", da_o)'),
        ("minus for plus", "* (1 - tanh_c**2) + dc_next", "* (1 - tanh_c**2) - dc_next"),
        ("cell carry through the gate twice", "dc_next = dc * f[t]", "dc_next = dc * f[t] * f[t]"),
        ("first step left out", "range(T - 1, -1, -1)", "range(T - 1, 0, -1)"),
        ("last step left out", "range(T - 1, -1, -1)", "range(T - 2, -1, -1)"),
        ("output's weights with the state before", 'grads["V"] += ds.T @ h[t + 1]', 'grads["V"] += ds.T @ h[t]'),
        ("hidden carry for cell carry", "* (1 - tanh_c**2) + dc_next", "* (1 - tanh_c**2) + dh_next"),
        ("mean over the batch", 'grads["b_" + gate] += da.sum(axis=0)', 'grads["b_" + gate] += da.mean(axis=0)'),
        ("one-hot twice", "ds[np.arange(B), y[t]] -= 1", "ds[np.arange(B), y[t]] -= 2"),
    ),
    *of(
        "gru_loop",
        ("leak missing in the carry", "dh_next = dh * z[t] + drh * r[t]", "dh_next = drh * r[t]"),
        ("reset gate missing in the carry", "drh * r[t] + dr_raw", "drh + dr_raw"),
        ("a term of the carry missing", " + dz_raw @ U_z\n", "\n"),
        ("wrong matrix in the carry", "+ dr_raw @ U_r + dz_raw @ U_z", "+ dr_raw @ U_z + dz_raw @ U_r"),
        ("sign of the update gate", "dz = dh * (h_prev - n[t])", "dz = dh * (n[t] - h_prev)"),
        ("update gate the other way", "dn = dh * (1 - z[t])", "dn = dh * z[t]"),
        ("leak the other way", "dh_next = dh * z[t] +", "dh_next = dh * (1 - z[t]) +"),
        ("reset gate left out in the weights", "dU_n += dn_raw.T @ (r[t] * h_prev)", "dU_n += dn_raw.T @ h_prev"),
        ("reset gate outside", "drh = dn_raw @ U_n ", "drh = r[t] * (dn_raw @ U_n) "),
        ("transpose", "drh = dn_raw @ U_n ", "drh = dn_raw @ U_n.T "),
        ("tanh's derivative missing", "dn_raw = dn * (1 - n[t] ** 2)", "dn_raw = dn"),
        ("update gate for reset gate", "dr_raw = dr * r[t] * (1 - r[t])", "dr_raw = dr * z[t] * (1 - z[t])"),
        ("state after for state before", "h_prev = h[t]\n", "h_prev = h[t + 1]\n"),
        ("next state in the reset gate", "dr = drh * h_prev", "dr = drh * h[t + 1]"),
        ("overwritten", "dU_z += dz_raw.T @ h_prev", "dU_z = dz_raw.T @ h_prev"),
        ("one gate's weights to another", "dW_z += dz_raw.T @ x[t]", "dW_r += dz_raw.T @ x[t]"),
        ("input of the step before", "dW_n += dn_raw.T @ x[t]", "dW_n += dn_raw.T @ x[t - 1]"),
        ("bias of the candidate before tanh", "db_n += dn_raw.sum(axis=0)", "db_n += dn.sum(axis=0)"),
        ("keys exchanged", '"U_r": dU_r, "U_z": dU_z,', '"U_r": dU_z, "U_z": dU_r,'),
        ("never added to", "        db_z += dz_raw.sum(axis=0)\n", "", "db_r += ", "dh_next = dh * z", "db_n += "),
        ("carried gradient never added", 'dh = ds @ params["V"] + dh_next', 'dh = ds @ params["V"]'),
    ),
]  # fmt: skip
