"""Recurrent layers, whose gates ONNX keeps in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import Atom, Axes, View
from netlang.system.lazy import np

if TYPE_CHECKING:
    from netlang.imports.onnx.graph import Array

# The places of torch's gates in ONNX: of i, f, g, o in i, o, f, g; of r, z, n in z, r, n.
_GATES = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
_USUAL = {
    "LSTM": (["Sigmoid", "Tanh", "Tanh"],),
    "GRU": (["Sigmoid", "Tanh"],),
    "RNN": (["Tanh"], ["Relu"]),
}


@says("LSTM", "GRU", "RNN")
def recurrent(speaker: Speaker, op: Op) -> tuple[View, ...]:
    directions, activation = _checked(speaker, op)
    width = int(op.attributes["hidden_size"])
    x = speaker.view(op)
    x = x.permuted([1, 0, 2]) if not op.get("layout", 0) else x
    x = speaker.strictly(x, 2)
    tensors = _tensors(speaker, op, directions)
    about: dict[str, Any] = {
        "input_size": x.shape[2],
        "hidden_size": width,
        "bias": bool(speaker.graph.input(op, 3)),
        "bidirectional": directions == 2,
    }
    if activation == "Relu":
        about["nonlinearity"] = "relu"
    batch, steps = x.own[0], x.own[1]
    direction, state = Atom(directions), Atom(width)
    outputs = [
        name for name in op.outputs if name in speaker.users or name in speaker.graph.outputs
    ]
    y, h = (*op.outputs, "", "")[:2]
    if any(name not in (y, h) for name in outputs):
        raise Lacks("gives its last cell state, which netlang keeps for itself")
    if y not in outputs:
        name, _ = speaker.say(op, op.type, x, tensors=tensors, output="last", **about)
        own: Axes = (batch, (direction, state))
        last = View(name, own, ((direction,), batch, (state,)))
        return last, _laid(op, last)
    name, _ = speaker.say(op, op.type, x, tensors=tensors, **about)
    whole = View(name, (batch, steps, (direction, state)), (steps, (direction,), batch, (state,)))
    if op.get("layout", 0):
        whole = whole.permuted([2, 0, 1, 3])
    if h not in outputs:
        return whole, whole
    if directions == 2:
        raise Lacks("gives all states and the last ones of both directions")
    ends, _ = speaker.say(op, "Last", whole)
    last = View(ends, (batch, (direction, state)), ((direction,), batch, (state,)))
    return whole, _laid(op, last)


def _laid(op: Op, last: View) -> View:
    return last.permuted([1, 0, 2]) if op.get("layout", 0) else last


def _checked(speaker: Speaker, op: Op) -> tuple[int, str]:
    """How many directions it has, and its activation.  Raises Lacks."""
    graph = speaker.graph
    direction = op.get("direction", "forward")
    if direction == "reverse":
        raise Lacks("goes from the end to the beginning alone")
    directions = 2 if direction == "bidirectional" else 1
    given = op.get("activations")
    names = [one.decode() if isinstance(one, bytes) else one for one in given or []]
    usual = [[*one] * directions for one in _USUAL[op.type]]
    if names and names not in usual:
        raise Lacks(f"has the activations {', '.join(names)}")
    if op.get("clip") or op.get("input_forget", 0):
        raise Lacks("cuts off what is large, or ties two gates")
    if op.type == "GRU" and not op.get("linear_before_reset", 0):
        raise Lacks("resets the state before the product: netlang's GRU does it behind, as torch's")
    if graph.input(op, 4):
        lengths, shape = graph.value(op, 4), graph.shape(op.inputs[0])
        if (
            lengths is None
            or shape is None
            or (lengths != shape[1 if op.get("layout", 0) else 0]).any()
        ):
            raise Lacks("is told the lengths of its sequences")
    for at in (5, 6, 7):
        if graph.input(op, at):
            state = graph.value(op, at)
            if state is None or state.any():
                raise Lacks("begins with a state that is not 0, or looks into its cell")
    return directions, (names or ["Tanh"])[0]


def _tensors(speaker: Speaker, op: Op, directions: int) -> dict[str, Array]:
    weights = {
        "weight_ih": speaker.weights(op, 1, "weights"),
        "weight_hh": speaker.weights(op, 2, "weights"),
    }
    found = {}
    for way in range(directions):
        suffix = "_l0_reverse" if way else "_l0"
        for name, one in weights.items():
            found[name + suffix] = _in_order(op, one[way])
        if speaker.graph.input(op, 3):
            both = speaker.weights(op, 3, "biases")[way]
            for name, part in zip(("bias_ih", "bias_hh"), np.split(both, 2), strict=True):
                found[name + suffix] = _in_order(op, part)
    return found


def _in_order(op: Op, rows: Array) -> Array:
    order = _GATES[op.type]
    gates = np.split(rows, len(order))
    return np.concatenate([gates[at] for at in order])
