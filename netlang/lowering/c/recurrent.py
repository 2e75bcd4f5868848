"""Recurrent layers in C: a cell at each step, one way through the sequence after another."""

from __future__ import annotations

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Forward
from netlang.lowering.c.lowerings import computes
from netlang.lowering.c.rows import inside


@computes(RNN)
def rnn(layer: RNN, x: Shape, *lengths: Shape) -> Forward:
    of_sum = "tanhf(sum)" if layer.nonlinearity == "tanh" else "sum < 0 ? 0 : sum"
    return _recurrent(
        layer,
        x,
        lengths,
        f"""
        const float sum = p[i] + q[i];
        h[i] = {of_sum};""",
    )


@computes(GRU)
def gru(layer: GRU, x: Shape, *lengths: Shape) -> Forward:
    return _recurrent(
        layer,
        x,
        lengths,
        """
        const float reset = sigmoid(p[i] + q[i]), keep = sigmoid(p[H + i] + q[H + i]);
        const float next = tanhf(p[2 * H + i] + reset * q[2 * H + i]);
        h[i] = (1 - keep) * next + keep * h[i];""",
    )


@computes(LSTM)
def lstm(layer: LSTM, x: Shape, *lengths: Shape) -> Forward:
    return _recurrent(
        layer,
        x,
        lengths,
        """
        const float in = sigmoid(p[i] + q[i]), forget = sigmoid(p[H + i] + q[H + i]);
        const float next = tanhf(p[2 * H + i] + q[2 * H + i]);
        const float out = sigmoid(p[3 * H + i] + q[3 * H + i]);
        c[i] = forget * c[i] + in * next;
        h[i] = out * tanhf(c[i]);""",
    )


def _recurrent(layer: RNN | GRU | LSTM, x: Shape, lengths: tuple[Shape, ...], cell: str) -> Forward:
    """``cell`` makes number i of the next state of the products p = W x + b and q = U h + b'."""
    steps, width = x.sizes[0], (1 + layer.bidirectional) * layer.hidden_size
    source = "x0" if lengths else "x"
    at_end = layer.output == "last"
    scratch = {"p": layer.gates * layer.hidden_size, "q": layer.gates * layer.hidden_size}
    scratch |= {"h": layer.hidden_size} | ({"c": layer.hidden_size} if layer.states > 1 else {})
    texts = [f"const int steps = {'(int)x1[0]' if lengths else 'T'};"]
    for number, ways in enumerate(layer.ways):
        is_last = number == layer.num_layers - 1
        between = f"between{number % 2}"
        if not is_last:
            scratch[between] = steps * width
        to, size = "y" if is_last else between, "WIDTH" if number else "F"
        if lengths and not (is_last and at_end):
            texts.append(f"memset({to}, 0, T * WIDTH * sizeof(float));")
        for way, one in enumerate(ways):
            own = {name: one.name(name) for name in ("weight_ih", "weight_hh")}
            own |= {
                name: one.name(name) if layer.bias else "NULL" for name in ("bias_ih", "bias_hh")
            }
            place = f"y + {way} * H" if is_last and at_end else f"{to} + t * WIDTH + {way} * H"
            copied = f"memcpy({place}, h, H * sizeof(float));"
            texts.append(
                f"""
        /* layer {number + 1}, {"backwards" if one.reverse else "forwards"} */
        memset(h, 0, H * sizeof(float));
        {"memset(c, 0, H * sizeof(float));" if layer.states > 1 else ""}
        for (int s = 0; s < steps; s++) {{
            const int t = {"steps - 1 - s" if one.reverse else "s"};
            dots(1, G * H, {size}, {source} + t * {size}, {own["weight_ih"]}, {own["bias_ih"]}, p);
            dots(1, G * H, H, h, {own["weight_hh"]}, {own["bias_hh"]}, q);
            for (int i = 0; i < H; i++) {{
                {inside(cell, 16)}
            }}
            {"" if is_last and at_end else copied}
        }}
        {copied if is_last and at_end else ""}"""
            )
        source = between
    return Forward(
        constants={
            "T": steps,
            "F": layer.input_size,
            "H": layer.hidden_size,
            "G": layer.gates,
            "WIDTH": width,
        },
        scratch=scratch,
        forward="\n".join(texts),
    )
