"""Torchvision's residual networks, whose names tell what shapes do not: ResNet-18 to 152, ResNeXt,
and those for small pictures that begin with a convolution of 3 x 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netlang.imports.foreign_graph import ForeignGraph, ForeignInput, ForeignLayer
from netlang.imports.refused import Refused
from netlang.imports.state_dict.file import Module

REMARK = "Strides and pools are those of torchvision's ResNet: a state_dict does not say them."
_FIRST = {7: ((3, 224, 224), 2), 3: ((3, 32, 32), 1)}  # by its kernel: a sample, and the stride


def is_resnet(modules: Sequence[Module]) -> bool:
    names = {one.name for one in modules}
    return {"conv1", "bn1", "layer1.0.conv1", "layer1.0.bn1"} <= names


def resnet(name: str, modules: Sequence[Module], input: tuple[int, ...] | None) -> ForeignGraph:
    """Raises Refused for modules that such a network has not."""
    told = _Told({one.name: one for one in modules})
    kernel = told.modules["conv1"].shape("weight")[-1]
    if kernel not in _FIRST:
        raise Refused(f"its first convolution is one of {kernel} x {kernel}, and no ResNet's")
    shape, stride = _FIRST[kernel]
    x = told.activated("conv1", "bn1", "x", stride)
    if kernel == 7:
        x = told.put("maxpool", "MaxPool2d", (x,), kernel_size=3, stride=2, padding=1)
    stages = sorted({one.name.split(".")[0] for one in modules if one.name.startswith("layer")})
    for stage in stages:
        blocks = {one.name.split(".")[1] for one in modules if one.name.startswith(f"{stage}.")}
        for block in sorted(blocks, key=int):
            shrinks = stage != stages[0] and block == "0"
            x = told.block(f"{stage}.{block}", x, 2 if shrinks else 1)
    x = told.put("avgpool", "GlobalAvgPool", (x,))
    for head in ("fc", "linear", "classifier"):
        if head in told.modules:
            x = told.linear(head, x)
    if told.modules.keys() - told.taken:
        left = sorted(told.modules.keys() - told.taken)
        raise Refused(f"it has `{left[0]}` besides what a ResNet has")
    inputs = (ForeignInput("x", input or shape),)
    return ForeignGraph(name, inputs, tuple(told.layers), (x,), remarks=(REMARK,))


class _Told:
    """The layers that are told so far, and the names of the modules that are ``taken``."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules, self.taken = modules, set[str]()
        self.layers: list[ForeignLayer] = []

    def put(
        self, name: str, call: str, inputs: tuple[str, ...], tensors: Any = None, **arguments: Any
    ) -> str:
        self.layers.append(ForeignLayer(name, call, inputs, arguments, tensors=tensors or {}))
        return name

    def block(self, name: str, x: str, stride: int) -> str:
        """Raises Refused where it is neither of both blocks."""
        is_bottleneck = f"{name}.conv3" in self.modules
        ends = ("3", "2") if is_bottleneck else ("2", "1")
        y = self.activated(f"{name}.conv1", f"{name}.bn1", x, 1 if is_bottleneck else stride)
        if is_bottleneck:
            y = self.activated(f"{name}.conv2", f"{name}.bn2", y, stride)
        y = self.normed(f"{name}.conv{ends[0]}", f"{name}.bn{ends[0]}", y, 1)
        for shortcut in ("downsample", "shortcut"):
            if f"{name}.{shortcut}.0" in self.modules:
                x = self.normed(f"{name}.{shortcut}.0", f"{name}.{shortcut}.1", x, stride)
        added = self.put(f"{name}.add", "Add", (x, y))
        return self.put(f"{name}.relu", "ReLU", (added,))

    def activated(self, conv: str, norm: str, x: str, stride: int) -> str:
        return self.put(f"{norm}.relu", "ReLU", (self.normed(conv, norm, x, stride),))

    def normed(self, conv: str, norm: str, x: str, stride: int) -> str:
        convolution, after = self._take(conv), self._take(norm)
        outputs, inputs, kernel, _ = convolution.shape("weight")
        before = next((one for one in self.layers if one.name == x), None)
        channels = self._channels(before) if before else inputs
        groups = max(1, channels // inputs)
        about: dict[str, Any] = {"stride": stride} if stride > 1 else {}
        about |= {"padding": kernel // 2} if kernel > 1 else {}
        about |= {"groups": groups} if groups > 1 else {}
        about |= {} if "bias" in convolution.tensors else {"bias": False}
        y = self.put(
            conv,
            "Conv2d",
            (x,),
            convolution.tensors,
            in_channels=inputs * groups,
            out_channels=outputs,
            kernel_size=kernel,
            **about,
        )
        return self.put(norm, "BatchNorm", (y,), after.tensors, num_features=outputs)

    def _channels(self, layer: ForeignLayer) -> int:
        by_name = {one.name: one for one in self.layers}
        while layer.call != "Conv2d":
            layer = by_name[layer.inputs[-1]]
        found = layer.arguments["out_channels"]
        assert isinstance(found, int)
        return found

    def linear(self, name: str, x: str) -> str:
        module = self._take(name)
        outputs, inputs = module.shape("weight")
        return self.put(
            name, "Linear", (x,), module.tensors, in_features=inputs, out_features=outputs
        )

    def _take(self, name: str) -> Module:
        if name not in self.modules:
            raise Refused(f"it has no `{name}`, as a ResNet has")
        self.taken.add(name)
        return self.modules[name]
