"""What each of Keras's layers is in netlang."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from netlang.imports.keras.file import KerasLayer
from netlang.imports.keras.teller import FLATTENED, Step, Teller, number, says
from netlang.imports.telling import Lacks
from netlang.imports.views import Atom, View, proper

_ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("ReLU", {}),
    "relu6": ("ReLU6", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "softmax": ("Softmax", {}),
    "log_softmax": ("LogSoftmax", {}),
    "softplus": ("Softplus", {}),
    "softsign": ("Softsign", {}),
    "elu": ("ELU", {}),
    "celu": ("CELU", {}),
    "selu": ("SeLU", {"alpha": 1.673263, "lam": 1.050701}),
    "swish": ("SiLU", {}),
    "silu": ("SiLU", {}),
    "gelu": ("GELU", {}),
    "mish": ("Mish", {}),
    "hard_sigmoid": ("HardSigmoid", {}),
    "hard_swish": ("HardSwish", {}),
    "hard_silu": ("HardSwish", {}),
    "hard_tanh": ("HardTanh", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.2}),
}


def activated(teller: Teller, layer: KerasLayer, view: View, name: Any = None) -> View:
    """The view behind the layer's activation."""
    name = layer.get("activation", "linear") if name is None else name
    if isinstance(name, dict):
        name = name.get("config") if isinstance(name.get("config"), str) else name["class_name"]
    name = str(name).lower()
    if name == "linear":
        return view
    if name not in _ACTIVATIONS:
        raise Lacks(f"has the activation `{name}`, which netlang has not")
    call, arguments = _ACTIVATIONS[name]
    if call in ("Softmax", "LogSoftmax"):
        return _along(teller, Step(f"{layer.name}.{name}"), call, view, -1)
    return teller.same(Step(f"{layer.name}.{name}"), call, view, **arguments)


def _along(teller: Teller, step: Any, call: str, view: View, axis: int) -> View:
    view, at = teller.place(view, axis % view.rank)
    return teller.same(step, call, view, dim=-1 if at == len(view.own) - 1 else at)


@says("Dense")
def dense(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    units, size = int(layer.config["units"]), view.shape[-1]
    if proper(view.own[-1]) != proper(view.axes[-1]):
        view = teller.straight(view)
    about = {"in_features": size, "out_features": units, "bias": layer.get("use_bias", True)}
    name, _ = teller.say(layer, "Linear", view, **about)
    new = (Atom(units),)
    made = View(name, (*view.own[:-1], new), (*view.axes[:-1], new))
    return activated(teller, layer, made)


@says("TimeDistributed")
def time_distributed(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    inner = layer.config["layer"]
    if inner["class_name"] not in ("Dense", "Activation", "Dropout"):
        raise Lacks(f"applies `{inner['class_name']}` to each step")
    own = layer.replace(kind=inner["class_name"], config=inner["config"])
    found = {"Dense": dense, "Activation": activation, "Dropout": dropout}[own.kind]
    return found(teller, own, views)


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
    last = layer.get("data_format", "channels_last") == "channels_last"
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
    kernel = _numbers(layer.config["kernel_size"], axes)
    stride = _numbers(layer.get("strides", 1), axes)
    dilation = _numbers(layer.get("dilation_rate", 1), axes)
    view, padding = _bordered(teller, layer, view, kernel, stride, dilation, 0.0)
    first = layer.replace(name=step.name)
    return teller.made_first(
        first,
        view,
        f"Conv{axes}d",
        in_channels=channels,
        out_channels=outputs,
        kernel_size=_one_or_all(kernel),
        stride=_one_or_all(stride),
        padding=padding,
        dilation=_one_or_all(dilation),
        groups=groups,
        bias=layer.get("use_bias", True),
    )


def _bordered(
    teller: Teller,
    layer: KerasLayer,
    view: View,
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    value: float,
) -> tuple[View, Any]:
    """The view with what ``padding`` of Keras puts around it, and netlang's own padding."""
    kind = str(layer.get("padding", "valid")).lower()
    if kind == "valid":
        return view, 0
    spans = [each * (size - 1) for size, each in zip(kernel, dilation, strict=True)]
    if kind == "causal":
        ends = [(span, 0) for span in spans]
    elif max(stride) == 1:
        if value == 0.0 and layer.kind not in _POOLS:
            even = [span // 2 for span in spans]
            return view, _one_or_all(even) if all(s % 2 == 0 for s in spans) else "same"
        ends = [(span // 2, span - span // 2) for span in spans]
    else:
        sizes = _places(layer, view)
        each = zip(sizes, spans, stride, strict=True)
        whole = [
            max(0, (-(-size // step) - 1) * step + span + 1 - size) for size, span, step in each
        ]
        ends = [(one // 2, one - one // 2) for one in whole]
    if all(begin == end for begin, end in ends):
        return view, _one_or_all([begin for begin, _ in ends])
    flat = tuple(one for pair in reversed(ends) for one in pair)
    pad = layer.replace(name=f"{layer.name}.pad")
    return teller.made_first(pad, view, "Pad", padding=flat, value=value), 0


def _places(layer: KerasLayer, view: View) -> tuple[int, ...]:
    """The sizes of the axes behind or before the channels."""
    last = layer.get("data_format", "channels_last") == "channels_last"
    return view.shape[1:-1] if last else view.shape[2:]


@says("Conv2DTranspose", "Convolution2DTranspose", "Deconvolution2D")
def transposed(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    view, channels = _channels(teller, layer, views[0], 2)
    kernel, stride = _numbers(layer.config["kernel_size"], 2), _numbers(layer.get("strides", 1), 2)
    if max(_numbers(layer.get("dilation_rate", 1), 2)) > 1:
        raise Lacks("is dilated, which Keras pads in a way of its own")
    padding, more, less = [0, 0], [0, 0], [0, 0]  # less: what is cut off at the end besides
    if layer.get("padding", "valid") == "same":
        for at, (size, step) in enumerate(zip(kernel, stride, strict=True)):
            cut = max(0, size - step)
            padding[at], less[at], more[at] = cut // 2, cut % 2, max(0, step - size)
    elif given := layer.get("output_padding"):
        more = _numbers(given, 2)
    made = teller.made_first(
        layer,
        view,
        "ConvTranspose2d",
        in_channels=channels,
        out_channels=int(layer.config["filters"]),
        kernel_size=_one_or_all(kernel),
        stride=_one_or_all(stride),
        padding=_one_or_all(padding),
        output_padding=_one_or_all(more),
        bias=layer.get("use_bias", True),
    )
    last = layer.get("data_format", "channels_last") == "channels_last"
    for at, cut in enumerate(less):
        if cut:
            made = _part(teller, layer, made, at + (1 if last else 2), 0, cut)
    return activated(teller, layer, made)


_POOLS = ("MaxPooling2D", "MaxPooling1D", "AveragePooling2D", "AveragePooling1D")


@says(*_POOLS)
def pool(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if layer.kind.endswith("1D") else 2
    is_max = layer.kind.startswith("Max")
    kernel = _numbers(layer.get("pool_size", 2), axes)
    stride = _numbers(layer.get("strides") or kernel, axes)
    ones = [1] * axes
    view = views[0]
    about: dict[str, Any] = {"stride": None if stride == kernel else _one_or_all(stride)}
    if layer.get("padding", "valid") == "same":
        sizes = _places(layer, view)
        if all(
            n % step == 0 and k <= step for n, k, step in zip(sizes, kernel, stride, strict=True)
        ):
            about["padding"] = 0
        elif is_max:
            view, about["padding"] = _bordered(teller, layer, view, kernel, stride, ones, -3.4e38)
        elif all(k == step for k, step in zip(kernel, stride, strict=True)):
            about["ceil_mode"] = True
            if any((-(-n // s) * s - n) > 1 for n, s in zip(sizes, stride, strict=True)):
                raise Lacks("averages what is not there at both borders")
        else:
            raise Lacks("averages what is not there at the borders")
    call = f"{'Max' if is_max else 'Avg'}Pool{axes}d"
    return teller.made_first(layer, view, call, kernel_size=_one_or_all(kernel), **about)


@says(
    *("GlobalAveragePooling2D", "GlobalAveragePooling1D", "GlobalMaxPooling2D"),
    *("GlobalMaxPooling1D", "GlobalAvgPool2D", "GlobalMaxPool2D"),
)
def global_pool(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    last = layer.get("data_format", "channels_last") == "channels_last"
    keeps, axes = (
        view.axes[-1 if last else 1],
        range(1, view.rank - 1) if last else range(2, view.rank),
    )
    if "1D" in layer.kind or "Max" in layer.kind:
        call = "Max" if "Max" in layer.kind else "Mean"
        for axis in reversed(axes):
            view, at = teller.place(view, axis)
            name, _ = teller.say(layer, call, view, dim=at)
            own = (*view.own[:at], *view.own[at + 1 :])
            view = View(name, own, (*view.axes[:axis], *view.axes[axis + 1 :]))
    else:
        first = teller.channels_first(layer, view)
        name, _ = teller.say(layer, "GlobalAvgPool", first)
        view = View(name, first.own[:2], (first.own[0], keeps))
    if layer.get("keepdims", False):
        new = [*axes]
        view = view.with_new(new)
    return view


@says("Flatten")
def flatten(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    if [proper(axis) for axis in view.own] != [proper(axis) for axis in view.axes]:
        teller.remark(FLATTENED)
    plain = View(view.layer, view.own, view.own)
    found = plain.regrouped([1, math.prod(view.shape[1:])])
    assert found, "all axes of a sample become one"
    return found


@says("Reshape")
def reshape(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    sizes, whole = [int(one) for one in layer.config["target_shape"]], math.prod(view.shape[1:])
    if -1 in sizes:
        rest = math.prod(one for one in sizes if one != -1)
        sizes = [whole // max(1, rest) if one == -1 else one for one in sizes]
    if math.prod(sizes) != whole:
        raise Lacks(f"makes {sizes} of {whole} numbers")
    found = view.regrouped([1, *sizes])
    if found:
        return found
    straight = teller.straight(view)
    return teller.made(layer, "Reshape", straight, shape=tuple(sizes))


@says("Permute")
def permute(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return views[0].permuted([0, *map(int, layer.config["dims"])])


@says("Activation")
def activation(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return activated(teller, layer, views[0])


@says("ReLU")
def relu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    most, slope = layer.get("max_value"), number(layer.config, "negative_slope", 0)
    if layer.get("threshold", 0):
        raise Lacks("begins at a threshold")
    if slope and most is None:
        return teller.same(layer, "LeakyReLU", views[0], negative_slope=slope)
    if slope or most not in (None, 6):
        if slope:
            raise Lacks("has a slope and a largest value")
        return teller.same(layer, "HardTanh", views[0], min_val=0.0, max_val=float(most))
    return teller.same(layer, "ReLU6" if most else "ReLU", views[0])


@says("LeakyReLU")
def leaky_relu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    slope = layer.get("negative_slope", layer.get("alpha", 0.3))
    return teller.same(layer, "LeakyReLU", views[0], negative_slope=float(slope))


@says("ELU")
def elu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return teller.same(layer, "ELU", views[0], alpha=number(layer.config, "alpha", 1.0))


@says("PReLU")
def prelu(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    shared = [int(one) for one in layer.get("shared_axes") or []]
    if sorted(shared) != [*range(1, view.rank - 1)]:
        raise Lacks(
            "has a slope for each place: `shared_axes` are all but the channels in netlang's"
        )
    first = teller.channels_first(layer, view)
    return teller.same(layer, "PReLU", first, num_parameters=view.shape[-1])


@says("Softmax")
def softmax(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axis = layer.get("axis", -1)
    if isinstance(axis, list):
        raise Lacks("goes over several dimensions at once")
    return _along(teller, layer, "Softmax", views[0], int(axis))


@says("Dropout", "SpatialDropout2D", "AlphaDropout")
def dropout(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    if layer.kind == "AlphaDropout":
        raise Lacks("keeps the mean and the deviation, which `Dropout` does not")
    call = "Dropout2d" if layer.kind.startswith("Spatial") else "Dropout"
    return teller.same(layer, call, views[0], p=number(layer.config, "rate", 0.5))


@says("BatchNormalization")
def batch_norm(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    axis = layer.get("axis", -1)
    axis = int(axis[0] if isinstance(axis, list) else axis) % view.rank
    center, scale = layer.get("center", True), layer.get("scale", True)
    if center != scale:
        teller.remark(f"`{layer.name}` has a factor or a bias alone in Keras, and both in netlang.")
    if view.own[1] != view.axes[axis]:
        rest = (one for at, one in enumerate(view.axes) if at not in (0, axis))
        view = teller.arranged(view, (view.axes[0], view.axes[axis], *rest))
    return teller.same(
        layer,
        "BatchNorm",
        view,
        num_features=view.shape[axis],
        eps=number(layer.config, "epsilon", 1e-3),
        momentum=1 - number(layer.config, "momentum", 0.99),
        affine=bool(center or scale),
    )


@says("LayerNormalization")
def layer_norm(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    axes = layer.get("axis", -1)
    axes = sorted(int(one) % view.rank for one in (axes if isinstance(axes, list) else [axes]))
    if axes != [*range(view.rank - len(axes), view.rank)]:
        raise Lacks("goes over other dimensions than the last")
    view = teller.straight(view)
    sizes = view.shape[axes[0] :]
    center, scale = layer.get("center", True), layer.get("scale", True)
    return teller.same(
        layer,
        "LayerNorm",
        view,
        normalized_shape=sizes[0] if len(sizes) == 1 else sizes,
        eps=number(layer.config, "epsilon", 1e-3),
        elementwise_affine=bool(scale or center),
        bias=bool(center) or not scale,
    )


@says("GroupNormalization")
def group_norm(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    view, channels = views[0], views[0].shape[-1]
    groups = int(layer.get("groups", 32))
    first = teller.channels_first(layer, view)
    about = {"num_groups": channels if groups == -1 else groups, "num_channels": channels}
    eps = number(layer.config, "epsilon", 1e-3)
    return teller.same(layer, "GroupNorm", first, eps=eps, **about)


@says("Embedding")
def embedding(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    (view,) = views
    rows, width = int(layer.config["input_dim"]), int(layer.config["output_dim"])
    if layer.get("mask_zero", False):
        teller.remark(f"`{layer.name}` masks token 0: netlang knows the ends of padded sequences.")
    name, _ = teller.say(layer, "Embedding", view, num_embeddings=rows, embedding_dim=width)
    new = (Atom(width),)
    return View(name, (*view.own, new), (*view.axes, new))


@says("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU")
def recurrent(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    return _recurrent(teller, layer, layer, views[0], both=False)


@says("Bidirectional")
def bidirectional(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    inner = layer.config["layer"]
    if layer.get("merge_mode", "concat") != "concat":
        raise Lacks(f"puts both directions together by `{layer.get('merge_mode')}`")
    if inner["class_name"] not in ("LSTM", "GRU", "SimpleRNN"):
        raise Lacks(f"has a `{inner['class_name']}` in it")
    own = layer.replace(kind=inner["class_name"], config=inner["config"])
    return _recurrent(teller, layer, own, views[0], both=True)


def _recurrent(teller: Teller, step: Any, layer: KerasLayer, view: View, both: bool) -> View:
    call = layer.kind.removeprefix("CuDNN").replace("Simple", "")
    usual = {"LSTM": ("tanh", "sigmoid"), "GRU": ("tanh", "sigmoid"), "RNN": ("tanh", None)}[call]
    act = layer.get("activation", "tanh")
    gates = layer.get("recurrent_activation", usual[1])
    about: dict[str, Any] = {}
    if call == "RNN" and act == "relu":
        about["nonlinearity"] = "relu"
    elif act != "tanh" or gates not in (usual[1], None):
        raise Lacks(f"has the activations `{act}` and `{gates}`")
    if call == "GRU" and not layer.get("reset_after", True):
        raise Lacks("resets the state before the product: netlang's GRU does it behind")
    if layer.get("go_backwards", False) or layer.get("stateful", False):
        raise Lacks("goes backwards, or keeps its state between batches")
    if layer.get("dropout", 0) or layer.get("recurrent_dropout", 0):
        teller.remark(f"the dropout in `{layer.name}` is left out.")
    if call in ("LSTM", "RNN") and layer.get("use_bias", True):
        teller.remark(f"`{call}` has two biases in netlang, whose sum is Keras's one.")
    view = teller.straight(view)
    units = int(layer.config["units"])
    keeps = layer.get("return_sequences", False)
    name, _ = teller.say(
        step,
        call,
        view,
        input_size=view.shape[-1],
        hidden_size=units,
        bias=layer.get("use_bias", True),
        bidirectional=both,
        output="all" if keeps else "last",
        **about,
    )
    new = (Atom(units * (1 + both)),)
    own = (view.own[0], view.own[1], new) if keeps else (view.own[0], new)
    return View(name, own, own)


@says("MultiHeadAttention")
def attention(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    heads, size = int(layer.config["num_heads"]), int(layer.config["key_dim"])
    width = views[0].shape[-1]
    if heads * size != width or layer.get("value_dim") not in (None, size):
        raise Lacks(f"has {heads} heads of {size} for {width} numbers: netlang's divide these")
    if layer.get("output_shape"):
        raise Lacks("gives another number of features than it takes")
    views = [teller.straight(view) for view in views]
    own = views[:1] if all(view.layer == views[0].layer for view in views) else views[:2]
    about: dict[str, Any] = {"embed_dim": width, "num_heads": heads}
    if len(own) > 1 and own[1].shape[-1] != width:
        about["kdim"] = own[1].shape[-1]
    about["dropout"] = number(layer.config, "dropout", 0)
    name, _ = teller.say(layer, "Attention", *own, bias=layer.get("use_bias", True), **about)
    return views[0].replace(layer=name)


@says("Add", "Subtract", "Multiply", "Average")
def join(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    calls = {"Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Average": "Add"}
    if len({view.rank for view in views}) > 1:
        raise Lacks("has inputs of several ranks")
    if len(views) == 2:
        views = [*teller.together(*views)]
    else:
        views = [teller.straight(view) for view in views]
    name, _ = teller.say(layer, calls[layer.kind], *views)
    made = max(views, key=lambda view: view.shape).replace(layer=name)
    if layer.kind == "Average":
        step = Step(f"{layer.name}.mean")
        return teller.same(step, "Scale", made, init=1 / len(views))
    return made


@says("Concatenate", "Merge")
def concatenate(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axis = int(layer.get("axis", -1)) % views[0].rank
    orders = {
        tuple(view.axes.index(one) if one in view.axes else -1 for one in view.own)
        for view in views
    }
    if len(orders) > 1 or -1 in next(iter(orders)):
        views = [teller.straight(view) for view in views]
    first, at = teller.place(views[0], axis)
    name, sizes = teller.say(layer, "Concat", *views, dim=at)
    new = (Atom(sizes[at - 1]),)
    own = (*first.own[:at], new, *first.own[at + 1 :])
    return View(name, own, (*first.axes[:axis], new, *first.axes[axis + 1 :]))


@says("ZeroPadding2D", "ZeroPadding1D")
def zero_padding(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if "1D" in layer.kind else 2
    ends = _pairs(layer.config["padding"], axes)
    flat = tuple(one for pair in reversed(ends) for one in pair)
    padding = flat[0] if len({*flat}) == 1 else flat
    return teller.made_first(layer, views[0], "Pad", padding=padding)


@says("Cropping2D", "Cropping1D")
def cropping(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if "1D" in layer.kind else 2
    (view,) = views
    last = layer.get("data_format", "channels_last") == "channels_last"
    for number_, (before, after) in enumerate(_pairs(layer.config["cropping"], axes)):
        if before or after:
            view = _part(teller, layer, view, number_ + (1 if last else 2), before, after)
    return view


def _part(
    teller: Teller, layer: KerasLayer, view: View, axis: int, before: int, after: int
) -> View:
    """The view without what stands at both ends of an axis."""
    view, at = teller.place(view, axis)
    length = view.shape[axis] - before - after
    name, _ = teller.say(layer, "Slice", view, start=before, length=length, dim=at)
    new = (Atom(length),)
    own = (*view.own[:at], new, *view.own[at + 1 :])
    return View(name, own, (*view.axes[:axis], new, *view.axes[axis + 1 :]))


@says("UpSampling2D", "UpSampling1D")
def up_sampling(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    axes = 1 if "1D" in layer.kind else 2
    mode = layer.get("interpolation", "nearest")
    if mode not in ("nearest", "bilinear"):
        raise Lacks(f"makes numbers in between by `{mode}`")
    factors = [float(one) for one in _numbers(layer.get("size", 2), axes)]
    factor = factors[0] if len({*factors}) == 1 else tuple(factors)
    return teller.made_first(layer, views[0], "Upsample", scale_factor=factor, mode=mode)


@says("Rescaling")
def rescaling(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    scale, offset = layer.get("scale", 1.0), layer.get("offset", 0.0)
    if isinstance(scale, list) or offset:
        raise Lacks("adds numbers, or has a factor for each channel: let `data` standardise them")
    return teller.same(layer, "Scale", views[0], init=float(scale))


@says("ActivityRegularization", "Identity")
def nothing(teller: Teller, layer: KerasLayer, views: list[View]) -> View:
    if layer.kind.startswith("Activity"):
        teller.remark(f"`{layer.name}` adds to the loss in Keras, and is left out.")
    return views[0]


def _numbers(value: Any, axes: int) -> list[int]:
    numbers = (
        [int(one) for one in value] if isinstance(value, list | tuple) else [int(value)] * axes
    )
    if len(numbers) != axes:
        raise Lacks(f"has {len(numbers)} numbers where {axes} are expected")
    return numbers


def _pairs(value: Any, axes: int) -> list[tuple[int, int]]:
    if isinstance(value, int):
        return [(value, value)] * axes
    if axes == 1 and len(value) == 2 and isinstance(value[0], int):
        return [(int(value[0]), int(value[1]))]
    return [(one, one) if isinstance(one, int) else (int(one[0]), int(one[1])) for one in value]


def _one_or_all(numbers: Sequence[int]) -> Any:
    return numbers[0] if len({*numbers}) == 1 else tuple(numbers)
