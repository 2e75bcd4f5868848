"""What each of Darknet's layers is in netlang, a function for each kind of section.

Darknet's defaults and roundings are those of its ``parser.c`` and of its layers' code.
"""

from __future__ import annotations

from collections.abc import Callable

from netlang.imports.darknet.sections import Section
from netlang.imports.drawing import Drawing
from netlang.imports.foreign_graph import Argument
from netlang.system.record import Record


class Made(Record):
    """What a section gives: the name of its last layer, and channels, height and width.

    A section whose pictures have become one row of numbers has these as channels of 1 x 1.
    """

    layer: str
    channels: int
    height: int
    width: int
    is_row: bool = False

    @property
    def size(self) -> int:
        return self.channels * self.height * self.width


class DarknetLayer(Record):
    """One section of a cfg, what it takes, and the drawing that it is added to.

    ``inputs`` are what stands directly above it, or what it names by ``from`` or ``layers``.
    """

    number: int
    section: Section
    inputs: tuple[Made, ...]
    drawing: Drawing

    @property
    def x(self) -> Made:
        return self.inputs[0]

    def add(self, call: str, *inputs: str, **arguments: Argument) -> str:
        """Add a layer of netlang's. Darknet numbers its layers, and names none."""
        name = f"#{self.number}"
        return self.drawing.add(name, call, inputs, arguments, self.section.span)

    def lacks(self, reason: str) -> Made:
        """Say that netlang has no such layer, and go on as if it gave what it gets."""
        inputs = [one.layer for one in self.inputs]
        name, kind = f"#{self.number}", self.section.name
        made = self.drawing.add(name, kind, inputs, {}, self.section.span, lacks=reason)
        return self.x.replace(layer=made)

    def activated(self, x: str, default: str) -> str:
        """``x`` behind the activation that the section names. One that computes, and that it does
        not name, is told: the section may be cut off.
        """
        if not self.section.has("activation") and default != "linear":
            where = f"[{self.section.name}] in line {self.section.span.first.line}"
            self.drawing.remark(f"{where} names no activation: Darknet's own is `{default}`.")
        name = self.section.text("activation", default).lower()
        if name == "linear":
            return x
        if name not in ACTIVATIONS:
            reason = f"netlang has no activation `{name}`"
            return self.drawing.add(
                f"#{self.number}", name, [x], {}, self.section.span, lacks=reason
            )
        call, arguments = ACTIVATIONS[name]
        return self.add(call, x, **arguments)

    def as_row(self, x: Made) -> str:
        """The layer that gives ``x`` as one row of numbers."""
        return x.layer if x.is_row else self.add("Flatten", x.layer)


ACTIVATIONS: dict[str, tuple[str, dict[str, Argument]]] = {
    "leaky": ("LeakyReLU", {"negative_slope": 0.1}),
    "relu": ("ReLU", {}),
    "relu6": ("ReLU6", {}),
    "logistic": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "elu": ("ELU", {}),
    "selu": ("SeLU", {"alpha": 1.6732, "lam": 1.0507}),
    "gelu": ("GELU", {"approximate": "tanh"}),
    "mish": ("Mish", {}),
    "swish": ("SiLU", {}),
    "hardtan": ("HardTanh", {}),
}

Reader = Callable[[DarknetLayer], Made]
READERS: dict[str, Reader] = {}


def reads(*kinds: str) -> Callable[[Reader], Reader]:
    def keep(reader: Reader) -> Reader:
        READERS.update(dict.fromkeys(kinds, reader))
        return reader

    return keep


@reads("convolutional", "conv")
def convolutional(layer: DarknetLayer) -> Made:
    """Batch norm stands in the section, before the activation, and takes the biases' place."""
    of, x = layer.section, layer.x
    size = of.size("size", 1)
    dilation = of.size("dilation", 1)
    padding = size // 2 * dilation if of.whole("pad", 0) else of.whole("padding", 0)
    stride = of.size("stride", 1)
    strides = of.size("stride_y", stride), of.size("stride_x", stride)
    channels = of.size("filters", 1)
    if any(of.whole(one, 0) for one in ("binary", "xnor", "flipped", "antialiasing")):
        return layer.lacks(
            "it rounds its weights or inputs to signs, or smooths what it steps over"
        )
    made = layer.add(
        "Conv2d",
        _picture(layer),
        out_channels=channels,
        kernel_size=size,
        stride=strides,
        padding=padding,
        dilation=dilation,
        groups=of.size("groups", 1),
        bias=not of.whole("batch_normalize", 0),
    )
    if of.whole("batch_normalize", 0):
        made = layer.add("BatchNorm", made, momentum=0.01)
    reach = 2 * padding - dilation * (size - 1) - 1
    height, width = (x.height + reach) // strides[0] + 1, (x.width + reach) // strides[1] + 1
    return Made(layer.activated(made, "logistic"), channels, height, width)


def _picture(layer: DarknetLayer) -> str:
    """What the section takes, as planes: means of planes stay planes of 1 x 1 before it."""
    if layer.x.is_row:
        for number, one in enumerate(layer.drawing.layers):
            if one.name == layer.x.layer and one.call == "GlobalAvgPool":
                sizes: dict[str, Argument] = {"output_size": 1}
                layer.drawing.layers[number] = one.replace(
                    call="AdaptiveAvgPool2d", arguments=sizes
                )
    return layer.x.layer


@reads("maxpool", "max")
def maxpool(layer: DarknetLayer) -> Made:
    """Half of ``padding`` lies before a plane, and the rest behind it."""
    of, x = layer.section, layer.x
    stride = of.size("stride", 1)
    size = of.size("size", stride)
    padding = of.whole("padding", size - 1)
    before, behind = padding // 2, padding - padding // 2
    height, width = ((one + padding - size) // stride + 1 for one in (x.height, x.width))
    name, window = x.layer, {"kernel_size": size, "stride": stride}
    if before == behind:
        made = layer.add("MaxPool2d", name, **window, padding=before)
    elif stride == 2:  # rounding up reaches as far as one more number behind the plane
        made = layer.add("MaxPool2d", name, **window, padding=before, ceil_mode=True)
    else:
        sizes = (before, behind, before, behind)
        padded = layer.add("Pad", name, padding=sizes, mode="replicate")
        made = layer.add("MaxPool2d", padded, **window)
    return Made(made, x.channels, height, width)


@reads("avgpool", "avg")
def avgpool(layer: DarknetLayer) -> Made:
    return Made(layer.add("GlobalAvgPool", layer.x.layer), layer.x.channels, 1, 1, is_row=True)


@reads("connected", "conn")
def connected(layer: DarknetLayer) -> Made:
    of = layer.section
    width, is_normed = of.size("output", 1), bool(of.whole("batch_normalize", 0))
    row = layer.as_row(layer.x)
    made = layer.add("Linear", row, out_features=width, bias=not is_normed)
    if is_normed:
        made = layer.add("BatchNorm", made, momentum=0.01)
    return Made(layer.activated(made, "logistic"), width, 1, 1, is_row=True)


@reads("dropout")
def dropout(layer: DarknetLayer) -> Made:
    made = layer.add("Dropout", layer.x.layer, p=layer.section.number("probability", 0.5))
    return layer.x.replace(layer=made)


@reads("softmax", "soft")
def softmax(layer: DarknetLayer) -> Made:
    of = layer.section
    if of.size("groups", 1) != 1 or of.number("temperature", 1) != 1 or of.has("tree"):
        return layer.lacks("it has groups of classes, a tree of them, or a temperature")
    made = layer.add("Softmax", layer.as_row(layer.x))
    return Made(made, layer.x.size, 1, 1, is_row=True)


@reads("route")
def route(layer: DarknetLayer) -> Made:
    of, first = layer.section, layer.x
    groups, which = of.size("groups", 1), of.whole("group_id", 0)
    parts = [
        layer.add(
            "Slice", one.layer, start=which * one.channels // groups, length=one.channels // groups
        )
        if groups > 1
        else one.layer
        for one in layer.inputs
    ]
    channels = sum(one.channels // groups for one in layer.inputs)
    made = parts[0] if len(parts) == 1 else layer.add("Concat", *parts)
    return first.replace(layer=made, channels=channels)


@reads("shortcut")
def shortcut(layer: DarknetLayer) -> Made:
    """A shortcut with more numbers along an axis is taken in steps, and lacking channels are 0."""
    x, *others = layer.inputs
    added = []
    for one in others:
        fits = _fitted(layer, one, x)
        if not fits:
            return layer.lacks(
                f"it adds planes of {one.height} x {one.width} to those of {x.height} x {x.width}"
            )
        added.append(fits)
    made = layer.add("Add", x.layer, *added)
    return x.replace(layer=layer.activated(made, "linear"))


def _fitted(layer: DarknetLayer, one: Made, x: Made) -> str:
    """The layer that gives ``one`` in the size of ``x``; "" if none does."""
    made = one.layer
    if (one.height, one.width) != (x.height, x.width):
        step = one.width // x.width if x.width else 0
        if step < 2 or (-(-one.height // step), -(-one.width // step)) != (x.height, x.width):
            return ""
        made = layer.add("MaxPool2d", made, kernel_size=1, stride=step)
    if one.channels > x.channels:
        return layer.add("Slice", made, start=0, length=x.channels)
    if one.channels < x.channels:  # only the last dimension can be padded alone
        made = layer.add("Permute", made, dims=(1, 2, 0))
        made = layer.add("Pad", made, padding=(0, x.channels - one.channels))
        made = layer.add("Permute", made, dims=(2, 0, 1))
    return made


@reads("upsample")
def upsample(layer: DarknetLayer) -> Made:
    of, x = layer.section, layer.x
    stride = of.whole("stride", 2)
    if stride < 1 or of.number("scale", 1) != 1:
        return layer.lacks("it makes pictures smaller, or multiplies their numbers")
    made = layer.add("Upsample", x.layer, scale_factor=stride)
    return x.replace(layer=made, height=x.height * stride, width=x.width * stride)


@reads("batchnorm")
def batchnorm(layer: DarknetLayer) -> Made:
    return layer.x.replace(layer=layer.add("BatchNorm", layer.x.layer, momentum=0.01))


@reads("activation")
def activation(layer: DarknetLayer) -> Made:
    return layer.x.replace(layer=layer.activated(layer.x.layer, "linear"))


@reads("scale_channels", "sam")
def scaled(layer: DarknetLayer) -> Made:
    """A gate for each channel, or for each number, multiplies what an earlier layer gives."""
    _, of = layer.inputs
    made = layer.add("Mul", of.layer, _picture(layer))
    return of.replace(layer=layer.activated(made, "linear"))


@reads("rnn", "gru", "lstm", "crnn")
def recurrent(layer: DarknetLayer) -> Made:
    return layer.lacks("netlang's recurrent layers take a sequence at once, and Darknet's a step")
