"""Pools, and means and maxima over dimensions."""

from __future__ import annotations

from typing import Any

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.operations.convolutions import borders, one_or_all, padded, strides
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import Atom, View, proper

_LEAST = -3.4e38  # less than any number of float32 that a network makes


@says("MaxPool", "AveragePool")
def pool(speaker: Speaker, op: Op) -> View:
    kernel = [int(one) for one in op.attributes["kernel_shape"]]
    axes, is_max = len(kernel), op.type == "MaxPool"
    if axes not in (1, 2):
        raise Lacks(f"moves a window over {axes} axes: netlang has pools of one and two")
    view = speaker.strictly(speaker.view(op), axes + 1)
    stride, dilation = strides(op, axes), strides(op, axes, "dilations")
    ends = borders(op, view.shape[2:], kernel, stride, dilation)
    counts = bool(op.get("count_include_pad", 0))
    uneven = any(begin != end for begin, end in ends)
    sees_all = all(
        width - begin >= size and stepped == 1
        for width, (begin, _), size, stepped in zip(
            kernel, ends, view.shape[2:], _counts(speaker, op), strict=False
        )
    )
    if not is_max and uneven and not counts and sees_all and axes == 2:
        return _channel_means(speaker, op, view, range(2, view.rank), keeps=True)
    if not is_max and (max(dilation) > 1 or (uneven and not counts)):
        raise Lacks("leaves out what is beyond the border, of which it has more at one end")
    about: dict[str, Any] = {}
    if is_max:
        about["dilation"] = one_or_all(dilation)
    elif any(map(any, ends)):
        about["count_include_pad"] = counts
    view, padding = padded(
        speaker, op, view, ends, _LEAST if is_max else 0.0, stride, kernel, dilation
    )
    return speaker.made(
        op,
        f"{'Max' if is_max else 'Avg'}Pool{axes}d",
        view,
        kernel_size=one_or_all(kernel),
        stride=None if stride == kernel else one_or_all(stride),
        padding=padding,
        ceil_mode=bool(op.get("ceil_mode", 0)),
        **about,
    )


def _counts(speaker: Speaker, op: Op) -> tuple[int, ...]:
    """How many windows there are along each axis."""
    return (speaker.graph.shape(op.output) or ())[2:]


@says("GlobalAveragePool")
def global_average(speaker: Speaker, op: Op) -> View:
    view = speaker.strictly(speaker.view(op))
    if view.rank == 4 and _next_is_conv(speaker, op):
        return speaker.made(op, "AdaptiveAvgPool2d", view, output_size=1)
    return _channel_means(speaker, op, view, range(2, view.rank), keeps=True)


def _next_is_conv(speaker: Speaker, op: Op) -> bool:
    return any(user.type == "Conv" for user in speaker.users.get(op.output, ()))


def _channel_means(speaker: Speaker, op: Op, view: View, axes: Any, keeps: bool) -> View:
    name, sizes = speaker.say(op, "GlobalAvgPool", view)
    rest = [((Atom(1),) if at in axes else axis) for at, axis in enumerate(view.axes)]
    kept = tuple(axis for at, axis in enumerate(rest) if keeps or at not in axes)
    return View(name, view.own[: len(sizes) + 1], kept)


@says("GlobalMaxPool")
def global_max(speaker: Speaker, op: Op) -> View:
    view = speaker.strictly(speaker.view(op))
    return _reduced(speaker, op, "Max", view, [*range(2, view.rank)], keeps=True)


@says("ReduceMean", "ReduceMax")
def reduce(speaker: Speaker, op: Op) -> View:
    view, keeps = speaker.view(op), bool(op.get("keepdims", 1))
    given = speaker.graph.numbers(op, 1, "axes")
    if given is None:
        raise Lacks("goes over all dimensions, the batch among them")
    axes = sorted(axis % view.rank for axis in given)
    if op.type == "ReduceMean" and len(view.own) > 2:
        gone = {atom for axis in axes for atom in proper(view.axes[axis])}
        places = {atom for axis in view.own[2:] for atom in proper(axis)}
        if gone == places and gone:
            return _channel_means(speaker, op, view, axes, keeps)
    call = "Mean" if op.type == "ReduceMean" else "Max"
    return _reduced(speaker, op, call, view, axes, keeps)


def _reduced(speaker: Speaker, op: Op, call: str, view: View, axes: list[int], keeps: bool) -> View:
    for axis in reversed(axes):
        view, at = speaker.place(view, axis)
        name, _ = speaker.say(op, call, view, dim=at)
        own = (*view.own[:at], *view.own[at + 1 :])
        new: tuple[Any, ...] = ((Atom(1),),) if keeps else ()
        view = View(name, own, (*view.axes[:axis], *new, *view.axes[axis + 1 :]))
    return view
