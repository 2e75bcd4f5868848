"""Convolutions, of all channels, of each by itself, and transposed ones."""

from __future__ import annotations

from typing import Any

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.layers.activations import activated
from netlang.imports.keras.layers.borders import bordered, part_of
from netlang.imports.keras.layers.numbers import numbers_of, one_or_all
from netlang.imports.keras.teller import Step, Teller, says
from netlang.imports.telling import Lacks
from netlang.imports.views import View


@says("Conv1D", "Conv2D", "Convolution1D", "Convolution2D", "DepthwiseConv2D", "DepthwiseConv1D")
def conv(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if layer.kind.endswith("1D") else 2
    view, channels = _channels(teller, layer, views[0], axes)
    if layer.kind.startswith("Depthwise"):
        outputs, groups = channels * int(layer.get("depth_multiplier", 1)), channels
    else:
        outputs, groups = int(layer.config["filters"]), int(layer.get("groups", 1))
    made = _windowed(teller, layer, layer, view, channels, outputs, groups, axes)
    return activated(teller, layer, made)


@says("SeparableConv2D", "SeparableConv1D", "SeparableConvolution2D")
def separable(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if "1D" in layer.kind else 2
    view, channels = _channels(teller, layer, views[0], axes)
    inner = channels * int(layer.get("depth_multiplier", 1))
    plain = layer.replace(config={**layer.config, "use_bias": False})
    step = Step(f"{layer.name}.depthwise")
    made = _windowed(teller, plain, step, view, channels, inner, channels, axes)
    point = {"kernel_size": 1, "use_bias": layer.get("use_bias", True)}
    point["data_format"] = layer.get("data_format", "channels_last")
    own = layer.replace(config=point)
    outputs = int(layer.config["filters"])
    return activated(teller, layer, _windowed(teller, own, layer, made, inner, outputs, 1, axes))


def _channels(teller: Teller, layer: KerasLayer, view: View, axes: int) -> tuple[View, int]:
    first = teller.channels_first(layer, view, axes)
    last = layer.channels_last
    return first, view.shape[-1 if last else 1]


def _windowed(
    teller: Teller,
    layer: KerasLayer,
    step: Any,
    view: View,
    channels: int,
    outputs: int,
    groups: int,
    axes: int,
) -> View:
    kernel = numbers_of(layer.config["kernel_size"], axes)
    stride = numbers_of(layer.get("strides", 1), axes)
    dilation = numbers_of(layer.get("dilation_rate", 1), axes)
    view, padding = bordered(teller, layer, view, kernel, stride, dilation, 0.0)
    first = layer.replace(name=step.name)
    return teller.made_first(
        first,
        view,
        f"Conv{axes}d",
        in_channels=channels,
        out_channels=outputs,
        kernel_size=one_or_all(kernel),
        stride=one_or_all(stride),
        padding=padding,
        dilation=one_or_all(dilation),
        groups=groups,
        bias=layer.get("use_bias", True),
    )


@says("Conv2DTranspose", "Convolution2DTranspose", "Deconvolution2D")
def transposed(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    view, channels = _channels(teller, layer, views[0], 2)
    kernel = numbers_of(layer.config["kernel_size"], 2)
    stride = numbers_of(layer.get("strides", 1), 2)
    if max(numbers_of(layer.get("dilation_rate", 1), 2)) > 1:
        raise Lacks("is dilated, which Keras pads in a way of its own")
    padding, less = [0, 0], [0, 0]  # less: what is cut off at the end besides
    more = [max(0, step - size) for size, step in zip(kernel, stride, strict=True)]
    given, is_same = layer.get("output_padding"), layer.get("padding", "valid") == "same"
    if is_same and given is not None:
        raise Lacks("says the padding of its output, and which size that has")
    if is_same:
        for at, (size, step) in enumerate(zip(kernel, stride, strict=True)):
            cut = max(0, size - step)
            padding[at], less[at] = cut // 2, cut % 2
    elif given is not None:
        more = numbers_of(given, 2)
    made = teller.made_first(
        layer,
        view,
        "ConvTranspose2d",
        in_channels=channels,
        out_channels=int(layer.config["filters"]),
        kernel_size=one_or_all(kernel),
        stride=one_or_all(stride),
        padding=one_or_all(padding),
        output_padding=one_or_all(more),
        bias=layer.get("use_bias", True),
    )
    last = layer.channels_last
    for at, cut in enumerate(less):
        if cut:
            made = part_of(teller, layer, made, at + (1 if last else 2), 0, cut)
    return activated(teller, layer, made)
