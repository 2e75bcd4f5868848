"""Layers of each number or each row, and those that do nothing in netlang."""

from __future__ import annotations

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.layers.activations import activated, activation, dropout
from netlang.imports.keras.teller import Teller, says
from netlang.imports.telling import Lacks
from netlang.imports.views import Atom, View, proper


@says("Dense")
def dense(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    units, size = int(layer.config["units"]), view.shape[-1]
    if proper(view.own[-1]) != proper(view.axes[-1]):
        view = teller.straight(view)
    about = {"in_features": size, "out_features": units, "bias": layer.get("use_bias", True)}
    name, _ = teller.say(layer, "Linear", view, **about)
    new = (Atom(units),)
    made = View(name, (*view.own[:-1], new), (*view.axes[:-1], new))
    return activated(teller, layer, made)


@says("TimeDistributed")
def time_distributed(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    inner = layer.config["layer"]
    if inner["class_name"] not in ("Dense", "Activation", "Dropout"):
        raise Lacks(f"applies `{inner['class_name']}` to each step")
    own = layer.replace(kind=inner["class_name"], config=inner["config"])
    found = {"Dense": dense, "Activation": activation, "Dropout": dropout}[own.kind]
    return found(teller, own, views)


@says("Embedding")
def embedding(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    rows, width = int(layer.config["input_dim"]), int(layer.config["output_dim"])
    if layer.get("mask_zero", False):
        teller.remark(f"`{layer.name}` masks token 0: netlang knows the ends of padded sequences.")
    name, _ = teller.say(layer, "Embedding", view, num_embeddings=rows, embedding_dim=width)
    new = (Atom(width),)
    return View(name, (*view.own, new), (*view.axes, new))


@says("Rescaling")
def rescaling(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    scale, offset = layer.get("scale", 1.0), layer.get("offset", 0.0)
    if isinstance(scale, list) or offset:
        raise Lacks("adds numbers, or has a factor for each channel: let `data` standardise them")
    return teller.same(layer, "Scale", views[0], init=float(scale))


@says("ActivityRegularization", "Identity")
def nothing(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    if layer.kind.startswith("Activity"):
        teller.remark(f"`{layer.name}` adds to the loss in Keras, and is left out.")
    return views[0]
