"""Operations that name axes otherwise, and move no number's meaning."""

from __future__ import annotations

import math

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import Atom, View


@says("Identity", "Cast")
def identity(speaker: Speaker, op: Op) -> View:
    return speaker.view(op)


@says("Transpose")
def transpose(speaker: Speaker, op: Op) -> View:
    view = speaker.view(op)
    return view.permuted(op.get("perm") or [*range(view.rank)][::-1])


@says("Flatten")
def flatten(speaker: Speaker, op: Op) -> View:
    view = speaker.view(op)
    axis = op.get("axis", 1)
    axis = axis % view.rank if axis < 0 else axis
    sizes = math.prod(view.shape[:axis]), math.prod(view.shape[axis:])
    return _regrouped(speaker, op, view, sizes)


@says("Reshape")
def reshape(speaker: Speaker, op: Op) -> View:
    sizes = speaker.graph.shape(op.output)
    if sizes is None:
        raise Lacks("computes its shape as it runs")
    return _regrouped(speaker, op, speaker.view(op), sizes)


def _regrouped(speaker: Speaker, op: Op, view: View, sizes: tuple[int, ...]) -> View:
    found = view.regrouped(sizes)
    if found:
        return found
    if not view.is_straight or sizes[:1] != view.shape[:1]:
        raise Lacks("puts numbers of several samples into one, or takes one sample apart")
    view = speaker.straight(view)
    name, made = speaker.say(op, "Reshape", view, shape=sizes[1:])
    own = (view.own[0], *((Atom(size),) for size in made))
    return View(name, own, own)


@says("Squeeze", "netlang.Squeeze")
def squeeze(speaker: Speaker, op: Op) -> View:
    view = speaker.view(op)
    axes = speaker.graph.numbers(op, 1, "axes")
    if axes is None:
        axes = [at for at, size in enumerate(view.shape) if size == 1]
    if any(atom.is_batch for at in axes for atom in view.axes[at]):
        raise Lacks("leaves the batch out")
    return view.without(axes)


@says("Unsqueeze")
def unsqueeze(speaker: Speaker, op: Op) -> View:
    axes = speaker.graph.numbers(op, 1, "axes")
    if axes is None:
        raise Lacks("computes its shape as it runs")
    return speaker.view(op).with_new(axes)


@says("Expand")
def expand(speaker: Speaker, op: Op) -> View:
    view = speaker.view(op)
    if speaker.graph.shape(op.output) != view.shape:
        raise Lacks("repeats numbers")
    return view
