"""What each of Caffe's layers is in netlang, a function for each type.

Caffe's names, defaults and roundings are those of its ``caffe.proto`` and of its layers' code.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from netlang.imports.caffe.text_format import Message
from netlang.imports.drawing import Drawing
from netlang.imports.foreign_graph import HOLE, Argument, Formula
from netlang.language.source import Span
from netlang.system.record import Record


class Blob(Record):
    """What a layer gives: the name of the layer, and whether a sample of it is one row."""

    layer: str
    is_flat: bool = False

    def as_row(self, is_flat: bool = True) -> Blob:
        return Blob(self.layer, is_flat)


class CaffeLayer(Record):
    """One layer of a prototxt, what it takes, and the drawing that it is added to. ``is_beside``
    says that a later layer takes the same.
    """

    name: str
    type: str
    entry: Message
    bottoms: tuple[Blob, ...]
    tops: int
    drawing: Drawing
    shares: str | None = None
    is_beside: bool = False

    @property
    def span(self) -> Span:
        return self.entry.span

    @property
    def bottom(self) -> Blob:
        return self.bottoms[0]

    def param(self, name: str) -> Message:
        return self.entry.message(name)

    def add(self, call: str, **arguments: Argument) -> Blob:
        """Add the layer that it is in netlang."""
        inputs = [one.layer for one in self.bottoms]
        name = self.drawing.add(self.name, call, inputs, arguments, self.span, shares=self.shares)
        return Blob(name, self.bottom.is_flat)

    def before(self, call: str, **arguments: Argument) -> CaffeLayer:
        """The same layer behind another one of netlang's."""
        name = f"{self.name}/{call.lower()}"
        made = self.drawing.add(name, call, [self.bottom.layer], arguments, self.span)
        return self.replace(bottoms=(Blob(made, call == "Flatten"), *self.bottoms[1:]))

    def of_planes(self) -> CaffeLayer:
        """The same layer behind means that are planes of 1 x 1, and not one row."""
        layers, name = self.drawing.layers, self.bottom.layer
        for number, one in enumerate(layers):
            if one.name == name and one.call == "GlobalAvgPool":
                sizes: dict[str, Argument] = {"output_size": 1}
                layers[number] = one.replace(call="AdaptiveAvgPool2d", arguments=sizes)
                return self.replace(bottoms=(Blob(name), *self.bottoms[1:]))
        return self

    def lacks(self, reason: str) -> Blob:
        """Say that netlang has no such layer, and go on as if it had one."""
        inputs = [one.layer for one in self.bottoms]
        name = self.drawing.add(self.name, self.type, inputs, {}, self.span, lacks=reason)
        return Blob(name, self.bottom.is_flat)


Reader = Callable[[CaffeLayer], Blob | list[Blob]]
READERS: dict[str, Reader] = {}


def reads(*types: str) -> Callable[[Reader], Reader]:
    def keep(reader: Reader) -> Reader:
        READERS.update(dict.fromkeys(types, reader))
        return reader

    return keep


def _per_axis(param: Message, name: str, short: str, default: int) -> Argument:
    """``kernel_size: 3``, or a number for each axis, or ``kernel_h`` and ``kernel_w``."""
    if param.scalars(f"{short}_h") or param.scalars(f"{short}_w"):
        return param.whole(f"{short}_h", default), param.whole(f"{short}_w", default)
    return tuple(param.wholes(name)) or default


def _window(param: Message) -> dict[str, Argument]:
    kernel = _per_axis(param, "kernel_size", "kernel", 0)
    if kernel == 0:
        param.needed("kernel_size")
    return {
        "kernel_size": kernel,
        "stride": _per_axis(param, "stride", "stride", 1),
        "padding": _per_axis(param, "pad", "pad", 0),
    }


@reads("Convolution", "Deconvolution")
def convolution(layer: CaffeLayer) -> Blob:
    param = layer.param("convolution_param")
    is_transposed = layer.type == "Deconvolution"
    layer = layer.of_planes()
    return layer.add(
        "ConvTranspose2d" if is_transposed else "Conv2d",
        out_channels=param.needed("num_output"),
        **_window(param),
        dilation=tuple(param.wholes("dilation")) or 1,
        groups=param.whole("group", 1),
        bias=param.flag("bias_term", True),
    )


@reads("Pooling")
def pooling(layer: CaffeLayer) -> Blob:
    """Caffe rounds up how many windows there are, and counts the padding in a mean."""
    param = layer.param("pooling_param")
    kind = param.text("pool", default="MAX")
    is_max = kind in ("MAX", "0")
    if not is_max and kind not in ("AVE", "1"):
        return layer.lacks("it draws one number of each window while it is trained")
    if param.flag("global_pooling", False):
        if not is_max:
            return layer.add("GlobalAvgPool").as_row()
        return layer.before("Flatten", start_dim=2).add("Max", dim=2).as_row()
    call = "MaxPool2d" if is_max else "AvgPool2d"
    rounds_up = param.text("round_mode", default="CEIL") in ("CEIL", "0")
    return layer.add(call, **_window(param), ceil_mode=rounds_up)


@reads("InnerProduct")
def inner_product(layer: CaffeLayer) -> Blob:
    param = layer.param("inner_product_param")
    if param.whole("axis", 1) != 1:
        return layer.lacks("it goes along other dimensions than those of a sample")
    behind = layer if layer.bottom.is_flat else layer.before("Flatten")
    bias = param.flag("bias_term", True)
    return behind.add("Linear", out_features=param.needed("num_output"), bias=bias)


@reads("ReLU")
def relu(layer: CaffeLayer) -> Blob:
    slope = layer.param("relu_param").number("negative_slope", 0.0)
    return layer.add("LeakyReLU", negative_slope=slope) if slope else layer.add("ReLU")


@reads("PReLU")
def prelu(layer: CaffeLayer) -> Blob:
    is_one = layer.param("prelu_param").flag("channel_shared", False)
    return layer.add("PReLU", num_parameters=1 if is_one else HOLE)


@reads("ELU")
def elu(layer: CaffeLayer) -> Blob:
    return layer.add("ELU", alpha=layer.param("elu_param").number("alpha", 1.0))


_PLAIN = {
    "Sigmoid": "Sigmoid",
    "TanH": "Tanh",
    "BNLL": "Softplus",
    "Swish": "SiLU",
    "ReLU6": "ReLU6",
}


@reads(*_PLAIN)
def activation(layer: CaffeLayer) -> Blob:
    return layer.add(_PLAIN[layer.type])


@reads("Dropout")
def dropout(layer: CaffeLayer) -> Blob:
    return layer.add("Dropout", p=layer.param("dropout_param").number("dropout_ratio", 0.5))


@reads("LRN")
def local_response_norm(layer: CaffeLayer) -> Blob:
    param = layer.param("lrn_param")
    if param.text("norm_region", default="ACROSS_CHANNELS") not in ("ACROSS_CHANNELS", "0"):
        return layer.lacks("its sums go over a window of each channel, not over channels")
    return layer.add(
        "LocalResponseNorm",
        size=param.whole("local_size", 5),
        alpha=param.number("alpha", 1.0),
        beta=param.number("beta", 0.75),
        k=param.number("k", 1.0),
    )


@reads("BatchNorm")
def batch_norm(layer: CaffeLayer) -> Blob:
    """It has no factors and biases: ``scale`` adds those of a Scale behind it."""
    param = layer.param("batch_norm_param")
    momentum = round(1 - param.number("moving_average_fraction", 0.999), 9)
    eps = param.number("eps", 1e-5)
    return layer.add("BatchNorm", eps=eps, momentum=momentum, affine=False)


@reads("Scale")
def scale(layer: CaffeLayer) -> Blob:
    param = layer.param("scale_param")
    if len(layer.bottoms) > 1:
        return layer.add("Mul")
    layers = layer.drawing.layers
    last = layers[-1] if layers else None
    has_bias = param.flag("bias_term", False)
    is_norm = last and last.name == layer.bottom.layer and last.call == "BatchNorm"
    if last and is_norm and has_bias and not layer.is_beside:
        layers[-1] = last.replace(arguments={**last.arguments, "affine": True})
        return layer.bottom
    if has_bias:
        return layer.lacks(
            "it has a factor and a bias for each channel, and no norm before it alone"
        )
    return layer.add("Scale", num_features=HOLE, dim=param.whole("axis", 1))


@reads("Softmax")
def softmax(layer: CaffeLayer) -> Blob:
    axis = layer.param("softmax_param").whole("axis", 1)
    return layer.add("Softmax", dim=-1 if layer.bottom.is_flat and axis == 1 else axis)


@reads("Concat")
def concat(layer: CaffeLayer) -> Blob:
    if len(layer.bottoms) == 1:
        return layer.bottom
    param = layer.param("concat_param")
    return layer.add("Concat", dim=param.whole("axis", param.whole("concat_dim", 1)))


@reads("Eltwise")
def eltwise(layer: CaffeLayer) -> Blob:
    param = layer.param("eltwise_param")
    kind, factors = param.text("operation", default="SUM"), param.numbers("coeff")
    if kind in ("PROD", "0"):
        return layer.add("Mul")
    if kind in ("SUM", "1") and {*factors} <= {1.0}:
        return layer.add("Add")
    if kind in ("SUM", "1") and factors == [1.0, -1.0]:
        return layer.add("Sub")
    reason = "the largest of several inputs" if kind in ("MAX", "2") else "a sum with factors"
    return layer.lacks(f"it is {reason}")


@reads("Flatten")
def flatten(layer: CaffeLayer) -> Blob:
    param = layer.param("flatten_param")
    start, end = param.whole("axis", 1), param.whole("end_axis", -1)
    made = layer.add("Flatten", start_dim=start, end_dim=end)
    return made.as_row(start == 1 and end == -1)


@reads("Reshape")
def reshape(layer: CaffeLayer) -> Blob:
    sizes = layer.param("reshape_param").message("shape").wholes("dim")
    if sizes == [0, -1]:
        return layer.add("Flatten").as_row()
    if not sizes or sizes[0] not in (0, -1) or 0 in sizes[1:]:
        return layer.lacks("its shape takes sizes from the input, or changes the batch")
    shape = ", ".join("_" if size == -1 else str(size) for size in sizes[1:])
    return layer.add("Reshape", shape=Formula(f"[{shape}]")).as_row(len(sizes) == 2)


@reads("Permute")
def permute(layer: CaffeLayer) -> Blob:
    order = layer.param("permute_param").wholes("order")
    if not order or order[0] != 0:
        return layer.lacks("it moves the batch's own dimension")
    return layer.add("Permute", dims=tuple(one - 1 for one in order[1:]))


@reads("Slice")
def parts(layer: CaffeLayer) -> list[Blob] | Blob:
    """Parts of equal size if there are no points; only an input's whole size is known by now."""
    param = layer.param("slice_param")
    axis = param.whole("axis", param.whole("slice_dim", 1))
    shapes = {one.name: one.shape or () for one in layer.drawing.inputs}
    known = shapes.get(layer.bottom.layer, ())[axis - 1 : axis] if axis > 0 else ()
    points = param.wholes("slice_point")
    whole = known[0] if known else None
    if whole and not points:
        points = [whole * number // layer.tops for number in range(1, layer.tops)]
    if whole is None or len(points) + 1 != layer.tops:
        return layer.lacks("it does not say how many numbers its last part has")
    ends = pairwise([0, *points, whole])
    return [layer.add("Slice", start=a, length=b - a, dim=axis) for a, b in ends]


@reads("Split")
def split(layer: CaffeLayer) -> list[Blob]:
    return [layer.bottom] * layer.tops


@reads("Embed")
def embed(layer: CaffeLayer) -> Blob:
    param = layer.param("embed_param")
    if param.flag("bias_term", True):
        return layer.lacks("it adds a bias to what it looks up")
    count, width = param.needed("input_dim"), param.needed("num_output")
    return layer.add("Embedding", num_embeddings=count, embedding_dim=width).as_row(False)
