"""Operations that take a part of a value."""

from __future__ import annotations

from netlang.imports.onnx.graph import Op, slices
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import Atom, View


@says("Slice")
def slice_(speaker: Speaker, op: Op) -> View:
    view, graph = speaker.view(op), speaker.graph
    given = [graph.value(op, at) for at in range(1, 5)]
    if "starts" not in op.attributes and (given[0] is None or given[1] is None):
        raise Lacks("computes where it begins and ends")
    starts, ends, axes, steps = slices(op, given)
    for axis, start, end, step in zip(axes or range(len(starts)), starts, ends, steps, strict=True):
        size = view.shape[axis]
        taken = range(size)[slice(start, end, step)]
        if len(taken) == size and step == 1:
            continue
        if step != 1 or not taken:
            raise Lacks(f"takes each {step}th number: `Slice` takes neighbours")
        view = _taken(speaker, op, view, axis % view.rank, taken)
    return view


def _taken(speaker: Speaker, op: Op, view: View, axis: int, taken: range) -> View:
    view, at = speaker.place(view, axis)
    dim = -1 if at == len(view.own) - 1 and at > 1 else at
    name, _ = speaker.say(op, "Slice", view, start=taken[0], length=len(taken), dim=dim)
    new = (Atom(len(taken)),)
    own = (*view.own[:at], new, *view.own[at + 1 :])
    return View(name, own, (*view.axes[:axis], new, *view.axes[axis + 1 :]))


@says("Split")
def split(speaker: Speaker, op: Op) -> tuple[View, ...]:
    view = speaker.view(op)
    axis = op.get("axis", 0) % view.rank
    sizes = speaker.graph.numbers(op, 1, "split")
    if sizes is None:
        each = -(-view.shape[axis] // len(op.outputs))
        sizes = [min(each, view.shape[axis] - at * each) for at in range(len(op.outputs))]
    found, begin = [], 0
    for output, size in zip(op.outputs, sizes, strict=True):
        if output in speaker.users or output in speaker.graph.outputs:
            found.append(_taken(speaker, op, view, axis, range(begin, begin + size)))
        else:
            found.append(view)
        begin += size
    return tuple(found)


def picked(speaker: Speaker, op: Op) -> View:
    """A Gather of places that are known."""
    view, axis = speaker.view(op), op.get("axis", 0)
    axis %= view.rank
    places = speaker.graph.value(op, 1)
    if places is None:
        raise Lacks("looks up places that are computed as it runs")
    size = view.shape[axis]
    numbers = [int(one) % size for one in places.reshape(-1)]
    if places.ndim > 1 or numbers != [*range(numbers[0], numbers[0] + len(numbers))]:
        raise Lacks("takes places that are no neighbours")
    if places.ndim == 1:
        if len(numbers) == size:
            return view
        return _taken(speaker, op, view, axis, range(numbers[0], numbers[-1] + 1))
    if size == 1:
        return view.without([axis])
    if numbers[0] == size - 1:
        view, at = speaker.place(view, axis)
        name, _ = speaker.say(op, "Last", view, dim=at)
        own = (*view.own[:at], *view.own[at + 1 :])
        return View(name, own, (*view.axes[:axis], *view.axes[axis + 1 :]))
    taken = _taken(speaker, op, view, axis, range(numbers[0], numbers[0] + 1))
    return taken.without([axis])
