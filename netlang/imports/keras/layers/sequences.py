"""Recurrent layers, and attention."""

from __future__ import annotations

from typing import Any

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.teller import Teller, number, says
from netlang.imports.telling import Lacks
from netlang.imports.views import Atom, View


@says("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU")
def recurrent(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return _recurrent(teller, layer, layer, _alone(views), both=False)


@says("Bidirectional")
def bidirectional(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    inner = layer.config["layer"]
    if layer.get("merge_mode", "concat") != "concat":
        raise Lacks(f"puts both directions together by `{layer.get('merge_mode')}`")
    if inner["class_name"] not in ("LSTM", "GRU", "SimpleRNN"):
        raise Lacks(f"has a `{inner['class_name']}` in it")
    own = layer.replace(kind=inner["class_name"], config=inner["config"])
    return _recurrent(teller, layer, own, _alone(views), both=True)


def _alone(views: list[View]) -> View:
    """The sequence that comes alone."""
    if len(views) > 1:
        raise Lacks("begins with a state that it gets")
    return views[0]


def _recurrent(teller: Teller, step: Any, layer: KerasLayer, view: View, both: bool) -> View:
    call = layer.kind.removeprefix("CuDNN").replace("Simple", "")
    usual = {"LSTM": ("tanh", "sigmoid"), "GRU": ("tanh", "sigmoid"), "RNN": ("tanh", None)}[call]
    act = layer.get("activation", "tanh")
    gates = layer.get("recurrent_activation", usual[1])
    about: dict[str, Any] = {}
    if call == "RNN" and act == "relu":
        about["nonlinearity"] = "relu"
    elif act != "tanh" or gates not in (usual[1], None):
        raise Lacks(f"has the activations `{act}` and `{gates}`")
    if call == "GRU" and not layer.get("reset_after", True):
        raise Lacks("resets the state before the product: netlang's GRU does it behind")
    if layer.get("go_backwards", False) or layer.get("stateful", False):
        raise Lacks("goes backwards, or keeps its state between batches")
    if layer.get("dropout", 0) or layer.get("recurrent_dropout", 0):
        teller.remark(f"the dropout in `{layer.name}` is left out.")
    if call in ("LSTM", "RNN") and layer.get("use_bias", True):
        teller.remark(f"`{call}` has two biases in netlang, whose sum is Keras's one.")
    view = teller.straight(view)
    units = int(layer.config["units"])
    keeps = layer.get("return_sequences", False)
    name, _ = teller.say(
        step,
        call,
        view,
        input_size=view.shape[-1],
        hidden_size=units,
        bias=layer.get("use_bias", True),
        bidirectional=both,
        output="all" if keeps else "last",
        **about,
    )
    new = (Atom(units * (1 + both)),)
    own = (view.own[0], view.own[1], new) if keeps else (view.own[0], new)
    return View(name, own, own)


@says("MultiHeadAttention")
def attention(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    heads, size = int(layer.config["num_heads"]), int(layer.config["key_dim"])
    width = views[0].shape[-1]
    if heads * size != width or layer.get("value_dim") not in (None, size):
        raise Lacks(f"has {heads} heads of {size} for {width} numbers: netlang's divide these")
    if layer.get("output_shape"):
        raise Lacks("gives another number of features than it takes")
    views = [teller.straight(view) for view in views]
    if len({view.layer for view in views[1:]}) > 1:
        raise Lacks("has keys of other vectors than its values")
    own = views[:1] if all(view.layer == views[0].layer for view in views) else views[:2]
    about: dict[str, Any] = {"embed_dim": width, "num_heads": heads}
    if len(own) > 1 and own[1].shape[-1] != width:
        about["kdim"] = own[1].shape[-1]
    about["dropout"] = number(layer.config, "dropout", 0)
    name, _ = teller.say(layer, "Attention", *own, bias=layer.get("use_bias", True), **about)
    return views[0].replace(layer=name)
