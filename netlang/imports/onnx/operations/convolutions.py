"""Convolutions, and the borders that they and pools put around pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlang.imports.onnx.graph import Op
from netlang.imports.onnx.speaker import Lacks, Speaker, says
from netlang.imports.views import View


@says("Conv")
def conv(speaker: Speaker, op: Op) -> View:
    weight = op.get("weight")
    weight = speaker.weights(op, 1, "kernels") if weight is None else weight
    axes = weight.ndim - 2
    if axes not in (1, 2):
        raise Lacks(f"moves a window over {axes} axes: netlang has Conv1d and Conv2d")
    view = speaker.strictly(speaker.view(op), axes + 1)
    kernel = weight.shape[2:]
    stride, dilation = strides(op, axes), strides(op, axes, "dilations")
    ends = borders(op, view.shape[2:], kernel, stride, dilation)
    view, padding = padded(speaker, op, view, ends, 0.0, stride, kernel, dilation)
    tensors = {"weight": weight} | _bias(speaker, op)
    made = speaker.made(
        op,
        f"Conv{axes}d",
        view,
        tensors=tensors,
        in_channels=weight.shape[1] * op.get("group", 1),
        out_channels=weight.shape[0],
        kernel_size=one_or_all(kernel),
        stride=one_or_all(stride),
        padding=padding,
        dilation=one_or_all(dilation),
        groups=op.get("group", 1),
        bias="bias" in tensors,
    )
    if op.get("bias") is None:
        speaker.share(made.layer, op.inputs[1:])
    return made


@says("ConvTranspose")
def conv_transpose(speaker: Speaker, op: Op) -> View:
    weight, group = speaker.weights(op, 1, "kernels"), op.get("group", 1)
    if weight.ndim != 4:
        raise Lacks("is of no pictures: netlang has ConvTranspose2d")
    view = speaker.strictly(speaker.view(op), 3)
    if op.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or op.get("output_shape"):
        raise Lacks("says the size of its output, and no padding")
    pads = op.get("pads", [0] * 4)
    more = list(op.get("output_padding", [0, 0]))
    begins, ends = pads[:2], pads[2:]
    for at in range(2):  # less at the end is as much more in the output
        more[at] += begins[at] - ends[at]
    if min(more) < 0:
        raise Lacks("cuts off more at the end of an axis than at its beginning")
    tensors = {"weight": weight} | _bias(speaker, op)
    return speaker.made(
        op,
        "ConvTranspose2d",
        view,
        tensors=tensors,
        in_channels=weight.shape[0],
        out_channels=weight.shape[1] * group,
        kernel_size=one_or_all(weight.shape[2:]),
        stride=one_or_all(strides(op, 2)),
        padding=one_or_all(begins),
        output_padding=one_or_all(more),
        dilation=one_or_all(strides(op, 2, "dilations")),
        groups=group,
        bias="bias" in tensors,
    )


def _bias(speaker: Speaker, op: Op) -> dict[str, Any]:
    if op.get("bias") is not None:
        return {"bias": op.attributes["bias"]}
    if not speaker.graph.input(op, 2):
        return {}
    return {"bias": speaker.weights(op, 2, "biases")}


def strides(op: Op, axes: int, name: str = "strides") -> list[int]:
    return [int(one) for one in op.get(name) or [1] * axes]


def one_or_all(numbers: Sequence[int]) -> Any:
    """One number where all are equal, as people write it."""
    return int(numbers[0]) if len({*numbers}) == 1 else tuple(map(int, numbers))


def borders(
    op: Op,
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> list[tuple[int, int]]:
    """How much is put at both ends of each axis."""
    kind, axes = op.get("auto_pad", "NOTSET"), len(kernel)
    if kind.startswith("SAME"):
        found = []
        for size, width, step, apart in zip(sizes, kernel, stride, dilation, strict=True):
            whole = max(0, (-(-size // step) - 1) * step + (width - 1) * apart + 1 - size)
            small, large = whole // 2, whole - whole // 2
            found.append((small, large) if kind == "SAME_UPPER" else (large, small))
        return found
    pads = (
        [int(one) for one in op.get("pads") or [0] * (2 * axes)]
        if kind == "NOTSET"
        else [0] * (2 * axes)
    )
    return list(zip(pads[:axes], pads[axes:], strict=True))


def padded(
    speaker: Speaker,
    op: Op,
    view: View,
    ends: list[tuple[int, int]],
    value: float,
    stride: Sequence[int],
    kernel: Sequence[int],
    dilation: Sequence[int],
) -> tuple[View, Any]:
    """The view with borders that both ends do not have in common, and the padding of the layer."""
    if all(begin == end for begin, end in ends):
        return view, one_or_all([begin for begin, _ in ends])
    spans = [apart * (width - 1) for width, apart in zip(kernel, dilation, strict=True)]
    halves = [(span // 2, span - span // 2) for span in spans]
    if ends == halves and max(stride) == 1 and op.type == "Conv":
        return view, "same"
    return bordered(speaker, op, view, ends, value), 0


def bordered(
    speaker: Speaker,
    op: Op,
    view: View,
    ends: list[tuple[int, int]],
    value: float,
    mode: str = "constant",
) -> View:
    flat = [one for pair in reversed(ends) for one in pair]
    padding: Any = flat[0] if len({*flat}) == 1 and len(ends) == view.rank - 2 else tuple(flat)
    pad = op.replace(name=f"{op.name}.pad") if op.type != "Pad" else op
    return speaker.made(pad, "Pad", view, padding=padding, value=value, mode=mode)


@says("Pad")
def pad(speaker: Speaker, op: Op) -> View:
    view = speaker.strictly(speaker.view(op))
    widths = speaker.graph.numbers(op, 1, "pads")
    value = speaker.graph.value(op, 2, "value")
    axes = speaker.graph.numbers(op, 3)
    if widths is None:
        raise Lacks("computes how much it puts around")
    if axes is not None:
        whole = [0] * (2 * view.rank)
        for at, axis in enumerate(axes):
            whole[axis % view.rank] = widths[at]
            whole[axis % view.rank + view.rank] = widths[at + len(axes)]
        widths = whole
    ends = list(zip(widths[: view.rank], widths[view.rank :], strict=True))
    if not any(map(any, ends)):
        return view
    count = 2 if view.rank > 3 else 1
    if any(map(any, ends[:-count])) or min(widths) < 0:
        raise Lacks("puts borders around more than the last two axes, or takes some away")
    modes = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    mode = modes[op.get("mode", "constant")]
    number = 0.0 if value is None or mode != "constant" else float(value.reshape(-1)[0])
    return bordered(speaker, op, view, ends[-count:], number, mode)


@says("Resize", "Upsample")
def resize(speaker: Speaker, op: Op) -> View:
    view = speaker.strictly(speaker.view(op))
    graph = speaker.graph
    made = graph.shape(op.output)
    if made is None or view.rank not in (3, 4):
        raise Lacks("is of no pictures and no sequences")
    scales = graph.value(op, 2 if op.type == "Resize" and graph.opset > 10 else 1, "scales")
    mode = op.get("mode", "nearest")
    corners = op.get(
        "coordinate_transformation_mode", "half_pixel" if graph.opset > 10 else "asymmetric"
    )
    if made[:2] != view.shape[:2] or op.get("antialias", 0):
        raise Lacks("changes channels, or smooths before it makes smaller")
    whole = all(new % old == 0 for new, old in zip(made[2:], view.shape[2:], strict=True))
    if mode == "nearest":
        rounded = op.get("nearest_mode", "round_prefer_floor")
        is_floor = corners == "asymmetric" and (graph.opset <= 10 or rounded == "floor")
        if not is_floor and not whole:
            raise Lacks(
                f"takes the nearest number by `{corners}` and `{rounded}`: netlang rounds down"
            )
        about: dict[str, Any] = {}
    elif mode in ("linear", "bilinear") and corners in (
        "half_pixel",
        "pytorch_half_pixel",
        "align_corners",
    ):
        about = {"mode": "linear" if view.rank == 3 else "bilinear"}
        about["align_corners"] = corners == "align_corners"
    else:
        raise Lacks(f"makes numbers in between by `{mode}` and `{corners}`")
    if whole and scales is not None and scales.size:
        factors = [new // old for new, old in zip(made[2:], view.shape[2:], strict=True)]
        return speaker.made(op, "Upsample", view, scale_factor=_floats(factors), **about)
    return speaker.made(op, "Upsample", view, size=one_or_all(made[2:]), **about)


def _floats(factors: Sequence[int]) -> Any:
    one = one_or_all(factors)
    return float(one) if isinstance(one, int) else tuple(map(float, one))
