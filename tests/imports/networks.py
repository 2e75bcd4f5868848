"""Networks that everyone knows, as foreign graphs."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from netlang.imports.foreign_graph import ForeignGraph, ForeignInput, ForeignLayer


class Drawing:
    """Adds layers to a graph one by one; each method gives the name of the layer that it adds."""

    def __init__(self, name: str, *shape: int) -> None:
        self.name, self.shape = name, shape
        self.layers: list[ForeignLayer] = []

    def add(self, call: str, *inputs: str, name: str = "", **arguments: Any) -> str:
        name = name or f"#{len(self.layers)}"
        self.layers.append(ForeignLayer(name, call, inputs, arguments))
        return name

    def conv(self, x: str, channels: int, kernel: int, stride: int = 1, name: str = "") -> str:
        sizes = {"out_channels": channels, "kernel_size": kernel, "padding": kernel // 2}
        x = self.add("Conv2d", x, name=name, **sizes, stride=stride)
        return self.add("ReLU", x, name=f"{name}/relu" if name else "")

    def normed(self, x: str, channels: int, kernel: int, stride: int = 1) -> str:
        sizes = {"out_channels": channels, "kernel_size": kernel, "padding": kernel // 2}
        return self.add("BatchNorm", self.add("Conv2d", x, **sizes, stride=stride, bias=False))

    def graph(self, *outputs: str) -> ForeignGraph:
        inputs = (ForeignInput("data", self.shape),)
        return ForeignGraph(self.name, inputs, tuple(self.layers), outputs)


def resnet(depths: Sequence[int], is_deep: bool) -> ForeignGraph:
    """ResNet-18 and 34, or with bottlenecks those of 50 layers and more."""
    net = Drawing("resnet", 3, 224, 224)
    x = net.add("ReLU", net.normed("data", 64, 7, 2))
    x = net.add("MaxPool2d", x, kernel_size=3, stride=2, padding=1)
    for stage, depth in enumerate(depths):
        width = 64 << stage
        for number in range(depth):
            stride = 2 if stage and number == 0 else 1
            if is_deep:
                y = net.add("ReLU", net.normed(x, width, 1))
                y = net.add("ReLU", net.normed(y, width, 3, stride))
                y = net.normed(y, 4 * width, 1)
            else:
                y = net.normed(net.add("ReLU", net.normed(x, width, 3, stride)), width, 3)
            if number == 0 and (stage or is_deep):
                x = net.normed(x, 4 * width if is_deep else width, 1, stride)
            x = net.add("ReLU", net.add("Add", y, x))
    x = net.add("GlobalAvgPool", x)
    return net.graph(net.add("Linear", x, out_features=1000))


def vgg16() -> ForeignGraph:
    net = Drawing("vgg16", 3, 224, 224)
    x = "data"
    for channels, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            x = net.conv(x, channels, 3)
        x = net.add("MaxPool2d", x, kernel_size=2, stride=2)
    x = net.add("Flatten", x)
    for _ in range(2):
        x = net.add("Dropout", net.add("ReLU", net.add("Linear", x, out_features=4096)))
    return net.graph(net.add("Softmax", net.add("Linear", x, out_features=1000)))


def densenet121() -> ForeignGraph:
    net = Drawing("densenet121", 3, 224, 224)

    def before(x: str, channels: int, kernel: int) -> str:
        x = net.add("ReLU", net.add("BatchNorm", x))
        sizes = {"out_channels": channels, "kernel_size": kernel, "padding": kernel // 2}
        return net.add("Conv2d", x, **sizes, bias=False)

    x = net.add("ReLU", net.normed("data", 64, 7, 2))
    x = net.add("MaxPool2d", x, kernel_size=3, stride=2, padding=1)
    channels = 64
    for depth in (6, 12, 24, 16):
        for _ in range(depth):
            x = net.add("Concat", x, before(before(x, 128, 1), 32, 3))
        channels = (channels + 32 * depth) // 2
        if depth != 16:
            x = net.add("AvgPool2d", before(x, channels, 1), kernel_size=2)
    x = net.add("GlobalAvgPool", net.add("ReLU", net.add("BatchNorm", x)))
    return net.graph(net.add("Linear", x, out_features=1000))


def unet() -> ForeignGraph:
    """Each level's pictures go around the levels below it."""
    net = Drawing("unet", 1, 64, 64)
    x, kept = "data", []
    for channels in (16, 32, 64):
        x = net.conv(net.conv(x, channels, 3), channels, 3)
        kept.append(x)
        x = net.add("MaxPool2d", x, kernel_size=2)
    x = net.conv(net.conv(x, 128, 3), 128, 3)
    for channels in (64, 32, 16):
        x = net.add("Upsample", x, scale_factor=2)
        x = net.add("Concat", kept.pop(), x)
        x = net.conv(net.conv(x, channels, 3), channels, 3)
    return net.graph(net.add("Conv2d", x, out_channels=1, kernel_size=1))


def crossing() -> ForeignGraph:
    """Branches that share layers, outputs in the middle of others, and one input taken twice."""
    net = Drawing("crossing", 8)
    a = net.add("Linear", "data", name="a", out_features=8)
    b = net.add("Tanh", a, name="b")
    c = net.add("Linear", b, name="c", out_features=8)
    d = net.add("Add", a, c, b, name="d")
    e = net.add("Concat", d, d, c, name="e")
    f = net.add("Linear", e, name="f", out_features=3)
    return net.graph(f, b, net.add("ReLU", f, name="g"))


def drawn(seed: int) -> ForeignGraph:
    """A random network: rows of 6 numbers go any way through it, and a motif comes again."""
    draw = Random(seed)
    net = Drawing("drawn", 6)
    made = ["data"]

    def motif(x: str, kind: int) -> str:
        if kind == 0:
            return net.add("Add", x, net.add("Tanh", net.add("Linear", x, out_features=6)))
        y = net.add("ReLU", net.add("Linear", x, out_features=draw.choice((2, 3))))
        z = net.add("Linear", y, out_features=6)
        return net.add("Mul", z, net.add("Sigmoid", z)) if kind == 1 else z

    for _ in range(draw.randint(3, 14)):
        recent = made[-draw.randint(1, 4) :]
        x = draw.choice(recent)
        match draw.randint(0, 6):
            case 0:
                made.append(net.add(draw.choice(("ReLU", "Tanh")), x))
            case 1 | 2:
                several = [draw.choice(made) for _ in range(draw.randint(2, 3))]
                made.append(net.add(draw.choice(("Add", "Mul")), *several))
            case 3:
                beside = net.add("Concat", x, draw.choice(made))
                made.append(net.add("Linear", beside, out_features=6))
            case 4 | 5 | 6 as kind:
                made.append(motif(x, kind - 4))
                if draw.random() < 0.5:
                    made.append(motif(made[-1], kind - 4))
    taken = {name for layer in net.layers for name in layer.inputs}
    ends = [layer.name for layer in net.layers if layer.name not in taken]
    return net.graph(*ends)


def of_two_inputs() -> ForeignGraph:
    inputs = (ForeignInput("left", (4,)), ForeignInput("right", (4,)))
    layers = (
        ForeignLayer("up", "Linear", ("left",), {"out_features": 6}),
        ForeignLayer("down", "Linear", ("right",), {"out_features": 6}, shares="up"),
        ForeignLayer("both", "Mul", ("up", "down")),
        ForeignLayer("again", "Concat", ("both", "right")),
        ForeignLayer("out", "Linear", ("again",), {"out_features": 2}),
    )
    return ForeignGraph("two", inputs, layers, ("out",))
