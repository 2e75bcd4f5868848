"""Operations of several values."""

from __future__ import annotations

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import Atom, View, size_of

_CALLS = {"Add": "Add", "Sum": "Add", "Sub": "Sub", "Mul": "Mul"}


@says(*_CALLS)
def elementwise(speaker: Speaker, op: Op) -> View:
    views = [speaker.view(op, at) for at in range(len(op.inputs))]
    if len(views) == 1:
        return views[0]
    ranks = {view.rank for view in views}
    if len(ranks) > 1 or (len({view.shape for view in views}) > 1 and op.type != "Mul"):
        shapes = " and ".join(str([*view.shape[1:]]) for view in views)
        raise Lacks(f"is of the shapes {shapes}: `{_CALLS[op.type]}` takes equal ones")
    if len(views) == 2:
        views = [*speaker.together(*views)]
    else:
        views = [speaker.straight(view) for view in views]
    name, sizes = speaker.say(op, _CALLS[op.type], *views)
    largest = max(views, key=lambda view: view.shape)
    if sizes == tuple(map(size_of, largest.own[1:])):
        return View(name, largest.own, largest.axes)
    own = (views[0].own[0], *((Atom(size),) for size in sizes))
    return View(name, own, own)


@says("MatMul")
def matmul(speaker: Speaker, op: Op) -> View:
    views = [speaker.strictly(speaker.view(op, at)) for at in range(2)]
    name, sizes = speaker.say(op, "MatMul", *views)
    own = (views[0].own[0], *((Atom(size),) for size in sizes))
    return View(name, own, own)


@says("Concat")
def concat(speaker: Speaker, op: Op) -> View:
    views = [speaker.straight(speaker.view(op, at)) for at in range(len(op.inputs))]
    if len(views) == 1:
        return views[0]
    axis = op.attributes["axis"] % views[0].rank
    first, at = speaker.place(views[0], axis)
    name, sizes = speaker.say(op, "Concat", *views, dim=at)
    new = (Atom(sizes[at - 1]),)
    own = (*first.own[:at], new, *first.own[at + 1 :])
    return View(name, own, (*first.axes[:axis], new, *first.axes[axis + 1 :]))
