"""Norms, with weights and statistics."""

from __future__ import annotations

from typing import Any

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import View, proper
from netlang.system.lazy import np


@says("BatchNormalization")
def batch_norm(speaker: Speaker, op: Op) -> View:
    if op.get("training_mode", 0):
        raise Lacks("is exported as in training: export it for inference")
    names = "weight", "bias", "running_mean", "running_var"
    tensors = {name: speaker.weights(op, at, "weights") for at, name in enumerate(names, 1)}
    view, at = speaker.place(speaker.view(op), 1)
    if at != 1:
        view = speaker.strictly(view)
    return speaker.same(
        op,
        "BatchNorm",
        view,
        tensors=tensors,
        num_features=tensors["weight"].size,
        eps=float(op.get("epsilon", 1e-5)),
        momentum=1 - float(f"{op.get('momentum', 0.9):.6g}"),
    )


@says("InstanceNormalization")
def instance_norm(speaker: Speaker, op: Op) -> View:
    weight, bias = (speaker.weights(op, at, "weights") for at in (1, 2))
    about: dict[str, Any] = {"num_features": weight.size, "eps": float(op.get("epsilon", 1e-5))}
    view = speaker.strictly(speaker.view(op))
    if (weight == 1).all() and (bias == 0).all():
        return speaker.same(op, "InstanceNorm", view, **about)
    tensors = {"weight": weight, "bias": bias}
    return speaker.same(op, "InstanceNorm", view, tensors=tensors, affine=True, **about)


@says("netlang.GroupNorm", "GroupNormalization")
def group_norm(speaker: Speaker, op: Op) -> View:
    view = speaker.strictly(speaker.view(op))
    groups, channels = op.get("num_groups"), view.shape[1]
    if op.type == "GroupNormalization":
        weight, bias = (speaker.weights(op, at, "weights") for at in (1, 2))
        each = channels // len(weight)
        weight, bias = np.repeat(weight, each), np.repeat(bias, each)
        eps = op.get("epsilon", 1e-5)
    else:
        weight, bias, eps = op.get("weight"), op.get("bias"), op.get("eps")
    about = {"num_groups": groups, "num_channels": channels, "eps": float(eps)}
    if weight is None:
        return speaker.same(op, "GroupNorm", view, affine=False, **about)
    bias = np.zeros_like(weight) if bias is None else bias
    tensors = {"weight": weight, "bias": bias}
    return speaker.same(op, "GroupNorm", view, tensors=tensors, **about)


@says("LayerNormalization", "RMSNormalization")
def layer_norm(speaker: Speaker, op: Op) -> View:
    view = speaker.view(op)
    axis = op.get("axis", -1) % view.rank
    weight = speaker.weights(op, 1, "weights")
    sizes = view.shape[axis:]
    about = {"weight": np.broadcast_to(weight, sizes), "eps": op.get("epsilon", 1e-5)}
    if op.type == "LayerNormalization" and speaker.graph.input(op, 2):
        about["bias"] = np.broadcast_to(speaker.weights(op, 2, "weights"), sizes)
    call = "RMSNorm" if op.type.startswith("RMS") else "LayerNorm"
    return _over_last(speaker, op, call, view, axis, about)


@says("netlang.LayerNorm", "netlang.RMSNorm")
def named_norm(speaker: Speaker, op: Op) -> View:
    view, call = speaker.view(op), op.type.removeprefix("netlang.")
    return _over_last(speaker, op, call, view, view.rank - op.get("axes", 1), op.attributes)


def _over_last(speaker: Speaker, op: Op, call: str, view: View, axis: int, about: Any) -> View:
    sizes = view.shape[axis:]
    own = view.own[len(view.own) - len(sizes) :]
    if [*map(proper, own)] != [*map(proper, view.axes[axis:])]:
        view = speaker.straight(view)
    tensors = {key: about[key] for key in ("weight", "bias") if about.get(key) is not None}
    arguments: dict[str, Any] = {"eps": float(about["eps"])}
    if not tensors:
        arguments["elementwise_affine"] = False
    elif call == "LayerNorm" and "weight" not in tensors:
        tensors["weight"] = np.ones(sizes, np.float32)
    elif call == "LayerNorm":
        arguments["bias"] = "bias" in tensors
    shape = sizes[0] if len(sizes) == 1 else sizes
    return speaker.same(op, call, view, tensors=tensors, normalized_shape=shape, **arguments)


@says("LRN")
def local_response(speaker: Speaker, op: Op) -> View:
    size = op.attributes["size"]
    if size % 2 == 0:
        raise Lacks(
            f"sums {size} channels, with one more behind than before: netlang has it before"
        )
    return speaker.same(
        op,
        "LocalResponseNorm",
        speaker.strictly(speaker.view(op)),
        size=size,
        alpha=float(op.get("alpha", 1e-4)),
        beta=float(op.get("beta", 0.75)),
        k=float(op.get("bias", 1.0)),
    )
