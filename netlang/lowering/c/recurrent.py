"""Recurrent layers in C: a cell at each step, one way through the sequence after another."""

from __future__ import annotations

from textwrap import dedent

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes
from netlang.lowering.c.rows import inside
from netlang.system.record import Record


@computes(RNN)
def rnn(layer: RNN, x: Shape, *lengths: Shape) -> ForwardOnly:
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
def gru(layer: GRU, x: Shape, *lengths: Shape) -> ForwardOnly:
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
def lstm(layer: LSTM, x: Shape, *lengths: Shape) -> ForwardOnly:
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


class _Layer(Record):
    """What a layer of several takes, rows of ``size`` numbers, and fills: all steps, or a row of
    the last states ``at_end``.
    """

    source: str
    size: str
    into: str
    at_end: bool


def _recurrent(
    layer: RNN | GRU | LSTM, x: Shape, lengths: tuple[Shape, ...], cell: str
) -> ForwardOnly:
    """``cell`` makes number i of the next state of the products p = W x + b and q = U h + b'."""
    steps, width, rows = x.sizes[0], layer.hidden_size, layer.gates * layer.hidden_size
    scratch = {"p": rows, "q": rows, "h": width, **({"c": width} if layer.states > 1 else {})}
    texts = [f"const int steps = {'(int)x1[0]' if lengths else 'T'};"]
    whole = (1 + layer.bidirectional) * width
    source = "x0" if lengths else "x"
    for number, ways in enumerate(layer.ways):
        is_last = number == layer.num_layers - 1
        into = "y" if is_last else f"between{number % 2}"
        scratch |= {} if is_last else {into: steps * whole}
        size, at_end = "WIDTH" if number else "F", is_last and layer.output == "last"
        if lengths and not at_end:
            texts.append(f"memset({into}, 0, T * WIDTH * sizeof(float));")
        own = _Layer(source, size, into, at_end)
        texts += [_way(layer, own, number, at, cell) for at in range(len(ways))]
        source = into
    sizes = {"T": steps, "F": layer.input_size, "H": width, "G": layer.gates, "WIDTH": whole}
    return ForwardOnly(constants=sizes, scratch=scratch, forward="\n".join(texts))


def _way(layer: RNN | GRU | LSTM, own: _Layer, number: int, at: int, cell: str) -> str:
    """One way through the sequence, whose states begin at a row's number ``at`` times H."""
    way, offset = layer.ways[number][at], " + H" if at else ""
    w, u = way.name("weight_ih"), way.name("weight_hh")
    b, c = (way.name(name) if layer.bias else "NULL" for name in ("bias_ih", "bias_hh"))
    place = f"{own.into}{offset}" if own.at_end else f"{own.into} + t * WIDTH{offset}"
    copied = f"memcpy({place}, h, H * sizeof(float));"
    return dedent(f"""
        /* layer {number + 1}, {"backwards" if way.reverse else "forwards"} */
        memset(h, 0, H * sizeof(float));
        {"memset(c, 0, H * sizeof(float));" if layer.states > 1 else ""}
        for (int s = 0; s < steps; s++) {{
            const int t = {"steps - 1 - s" if way.reverse else "s"};
            dots(1, G * H, {own.size}, {own.source} + t * {own.size}, {w}, {b}, p);
            dots(1, G * H, H, h, {u}, {c}, q);
            for (int i = 0; i < H; i++) {{
                {inside(cell, 16)}
            }}
            {"" if own.at_end else copied}
        }}
        {copied if own.at_end else ""}""")
