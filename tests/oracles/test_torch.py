"""Against PyTorch: the same weights in its own modules give the same loss and gradients, in double precision."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import derive
from tests.oracles import running

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

Tensors = dict[str, "torch.Tensor"]
Loss = Callable[[Tensors], "torch.Tensor"]


def agrees(text: str, loss: Loss) -> None:
    """Both styles of a model, a zoo name or a text, against PyTorch's loss and its automatic derivatives."""
    at = running.drawn(text, seed=1)
    tensors = {name: torch.tensor(array) for name, array in (at.params | at.data).items()}
    for name in at.differentiable:
        tensors[name].requires_grad_()
    wanted = loss(tensors)
    wanted.backward()
    gradients = {name: tensors[name].grad.numpy() for name in at.differentiable}
    running.agrees(text, at, wanted.item(), gradients, 1e-10)


def run(module: nn.Module, weights: Tensors, *inputs: object) -> tuple:
    """A module's result with these weights."""
    assert {name for name, _ in module.named_parameters()} == set(weights)
    return torch.func.functional_call(module.double(), weights, inputs)


def cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(logits.flatten(0, -2), y.flatten(), reduction="sum")


def layer(w: Tensors, suffix: str = "", weights: str = "W U b c") -> Tensors:
    """The weights of one layer by PyTorch's names; 0 is a second bias, which the model does not have."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    found = dict(zip(names, weights.split(), strict=True))
    zeros = torch.zeros_like(w[found["bias_ih"]])
    return {name + suffix: zeros if own == "0" else w[own] for name, own in found.items()}


def test_rnn() -> None:
    def loss(w: Tensors) -> torch.Tensor:
        rnn = nn.RNN(w["x"].shape[-1], len(w["b"]))
        h, _ = run(rnn, layer(w, "_l0", "U W b 0"), w["x"], w["h0"][None])
        return cross_entropy(h @ w["V"].T + w["c"], w["y"])

    agrees("vanilla", loss)


def test_two_layer_rnn() -> None:
    def loss(w: Tensors) -> torch.Tensor:
        rnn = nn.RNN(w["x"].shape[-1], len(w["b_h"]), num_layers=2)
        weights = layer(w, "_l0", "U W_h b_h 0") | layer(w, "_l1", "R W_z b_z 0")
        h, _ = run(rnn, weights, w["x"], torch.stack([w["h0"], w["z0"]]))
        return cross_entropy(h @ w["V"].T + w["c"], w["y"])

    # PyTorch's layers are of one width.
    agrees(derive.load("deep_stacked").source.replace("n_z", "n_h"), loss)


def test_lstm() -> None:
    def loss(w: Tensors) -> torch.Tensor:
        module = nn.LSTM(w["x"].shape[-1], len(w["b_i"]))
        weights = {name: torch.cat([w[f"{name}_{gate}"] for gate in "ifgo"]) for name in "WUb"}
        h, _ = run(module, layer(weights, "_l0", "W U b 0"), w["x"], (w["h0"][None], w["c0"][None]))
        return cross_entropy(h @ w["V"].T + w["d"], w["y"])

    agrees("lstm", loss)


def test_gru() -> None:
    def loss(w: Tensors) -> torch.Tensor:
        gru = nn.GRU(w["x"].shape[-1], len(w["b_r"]))
        weights = {name: torch.cat([w[f"{name}_{gate}"] for gate in "rzn"]) for name in "WUb"}
        weights["c"] = torch.cat([torch.zeros_like(w["b_r"]), torch.zeros_like(w["b_z"]), w["c_n"]])
        h, _ = run(gru, layer(weights, "_l0"), w["x"], w["h0"][None])
        return cross_entropy(h @ w["V"].T + w["d"], w["y"])

    agrees("gru_v2", loss)


def test_bidirectional_rnn() -> None:
    text = """
x: Input[T, n_x]
y: Label[T, n_y]
Wf, Wg = Param[n_h, n_x]
Uf, Ug = Param[n_h, n_h]
bf, cf, bg, cg = Param[n_h]
V: Param[n_y, 2*n_h]
d: Param[n_y]
f[0] = 0
f[t] = tanh(Wf @ x[t] + bf + Uf @ f[t-1] + cf)
g[T+1] = 0
g[t] = tanh(Wg @ x[t] + bg + Ug @ g[t+1] + cg)
loss = sum(-logsoftmax(V @ concat(f[t], g[t]) + d)[y[t]], t)
"""

    def loss(w: Tensors) -> torch.Tensor:
        rnn = nn.RNN(w["x"].shape[-1], len(w["bf"]), bidirectional=True)
        weights = layer(w, "_l0", "Wf Uf bf cf") | layer(w, "_l0_reverse", "Wg Ug bg cg")
        h, _ = run(rnn, weights, w["x"], torch.stack([w["f0"], w["g_end"]]))
        return cross_entropy(h @ w["V"].T + w["d"], w["y"])

    agrees(text, loss)


def lstm(name: str, read: str, width: str, step: str = "t-1", start: str = "0") -> str:
    """The text of an LSTM layer with its gates stacked as PyTorch stacks them: `h` and `c` with its name behind."""
    now = step[0]
    return f"""
W{name}: Param[4*n_h, {width}]
U{name}: Param[4*n_h, n_h]
b{name}, c{name} = Param[4*n_h]
h{name}[{start}] = 0
m{name}[{start}] = 0
z{name}[{now}] = W{name} @ {read} + b{name} + U{name} @ h{name}[{step}] + c{name}
m{name}[{now}] = sigmoid(z{name}[{now}, n_h:2*n_h]) * m{name}[{step}] + (
    sigmoid(z{name}[{now}, :n_h]) * tanh(z{name}[{now}, 2*n_h:3*n_h]))
h{name}[{now}] = sigmoid(z{name}[{now}, 3*n_h:]) * tanh(m{name}[{now}])
"""


def lstm_layer(w: Tensors, name: str, suffix: str) -> Tensors:
    return layer(w, suffix, f"W{name} U{name} b{name} c{name}")


HEAD = "x: Input[T, n_x]\ny: Label[T, n_y]\nd: Param[n_y]\n"


def test_two_layer_lstm() -> None:
    text = HEAD + "V: Param[n_y, n_h]\n" + lstm("1", "x[t]", "n_x") + lstm("2", "h1[t]", "n_h")
    text += "loss = sum(-logsoftmax(V @ h2[t] + d)[y[t]], t)\n"

    def loss(w: Tensors) -> torch.Tensor:
        module = nn.LSTM(w["x"].shape[-1], w["V"].shape[-1], num_layers=2)
        weights = lstm_layer(w, "1", "_l0") | lstm_layer(w, "2", "_l1")
        starts = torch.stack([w["h10"], w["h20"]]), torch.stack([w["m10"], w["m20"]])
        h, _ = run(module, weights, w["x"], starts)
        return cross_entropy(h @ w["V"].T + w["d"], w["y"])

    agrees(text, loss)


def test_two_layer_bidirectional_lstm() -> None:
    text = HEAD + "V: Param[n_y, 2*n_h]\n"
    text += lstm("f", "x[t]", "n_x") + lstm("g", "x[t]", "n_x", "t+1", "T+1") + "u[t] = concat(hf[t], hg[t])\n"
    text += lstm("p", "u[t]", "2*n_h") + lstm("q", "u[t]", "2*n_h", "t+1", "T+1")
    text += "loss = sum(-logsoftmax(V @ concat(hp[t], hq[t]) + d)[y[t]], t)\n"

    def loss(w: Tensors) -> torch.Tensor:
        module = nn.LSTM(w["x"].shape[-1], w["Uf"].shape[-1], num_layers=2, bidirectional=True)
        weights = lstm_layer(w, "f", "_l0") | lstm_layer(w, "g", "_l0_reverse")
        weights |= lstm_layer(w, "p", "_l1") | lstm_layer(w, "q", "_l1_reverse")
        starts = [torch.stack([w[f"{v}{at}"] for at in ("f0", "g_end", "p0", "q_end")]) for v in "hm"]
        h, _ = run(module, weights, w["x"], tuple(starts))
        return cross_entropy(h @ w["V"].T + w["d"], w["y"])

    agrees(text, loss)


ATTENTION = (
    """
x: Input[S, n_x]
y: Label[T, n_y]
E: Param[n_y, n_e]
Q: Param[n_a, n_h]
K: Param[n_a, 2*n_h]
v: Param[n_a]
V: Param[n_y, 3*n_h]
d: Param[n_y]
"""
    + lstm("f", "x[s]", "n_x", "s-1")
    + lstm("g", "x[s]", "n_x", "s+1", "S+1")
    + """
u[s] = concat(hf[s], hg[s])
e[t, s] = v @ tanh(Q @ h[t-1] + K @ u[s])
a[t, s] = softmax(e[t, s], s)
k[t] = sum(a[t, s] * u[s], s)
"""
    + lstm("", "concat(E[y[t-1]], k[t])", "n_e + 2*n_h")
    + "loss = sum(-logsoftmax(V @ concat(h[t], k[t]) + d)[y[t]], t)\n"
)


def test_attention_decoder() -> None:
    def loss(w: Tensors) -> torch.Tensor:
        width = w["U"].shape[-1]
        encoder, decoder = nn.LSTM(w["x"].shape[-1], width, bidirectional=True), nn.LSTMCell(w["W"].shape[-1], width)
        weights = lstm_layer(w, "f", "_l0") | lstm_layer(w, "g", "_l0_reverse")
        starts = tuple(torch.stack([w[f"{v}f0"], w[f"{v}g_end"]]) for v in "hm")
        u, _ = run(encoder, weights, w["x"], starts)
        h, m, total = w["h0"], w["m0"], torch.zeros(())
        word = torch.zeros(h.shape[0], w["E"].shape[-1], dtype=h.dtype)
        for y in w["y"]:
            scores = torch.tanh(h @ w["Q"].T + u @ w["K"].T) @ w["v"]
            k = (torch.softmax(scores, 0)[..., None] * u).sum(0)
            h, m = run(decoder, lstm_layer(w, "", ""), torch.cat([word, k], -1), (h, m))
            total = total + cross_entropy(torch.cat([h, k], -1) @ w["V"].T + w["d"], y)
            word = functional.embedding(y, w["E"])
        return total

    agrees(ATTENTION, loss)
