"""Networks of Caffe's, written by small programs as Caffe writes them."""

from __future__ import annotations

from collections.abc import Mapping


def layer(type: str, name: str, bottom: str | list[str], top: str, **param: object) -> str:
    """A layer, whose parameters are ``conv={"num_output": 20}``."""
    bottoms = [bottom] if isinstance(bottom, str) else bottom
    lines = [f'  name: "{name}"', f'  type: "{type}"']
    lines += [f'  bottom: "{one}"' for one in bottoms]
    lines += [f'  top: "{top}"'] if top else []
    for group, fields in param.items():
        assert isinstance(fields, Mapping)
        said = [f"    {key}: {value}" for key, value in fields.items()]
        lines += [f"  {group}_param {{", *said, "  }"]
    return "\n".join(["layer {", *lines, "}\n"])


def head(name: str, *dims: int) -> str:
    shape = "\n".join(f"  dim: {dim}" for dim in dims)
    return f'name: "{name}"\ninput: "data"\ninput_shape {{\n{shape}\n}}\n'


def conv(name: str, bottom: str, channels: int, kernel: int, **more: int) -> str:
    fields = {"num_output": channels, **more, "kernel_size": kernel}
    return layer("Convolution", name, bottom, name, convolution=fields)


def relu(name: str, blob: str) -> str:
    return layer("ReLU", name, blob, blob)


def pool(name: str, bottom: str, kind: str, kernel: int, stride: int, pad: int = 0) -> str:
    fields = {"pool": kind, "kernel_size": kernel, "stride": stride} | ({"pad": pad} if pad else {})
    return layer("Pooling", name, bottom, name, pooling=fields)


def linear(name: str, bottom: str, width: int) -> str:
    return layer("InnerProduct", name, bottom, name, inner_product={"num_output": width})


def lenet() -> str:
    return "".join(
        [
            head("LeNet", 64, 1, 28, 28),
            conv("conv1", "data", 20, 5, stride=1),
            pool("pool1", "conv1", "MAX", 2, 2),
            conv("conv2", "pool1", 50, 5, stride=1),
            pool("pool2", "conv2", "MAX", 2, 2),
            linear("ip1", "pool2", 500),
            relu("relu1", "ip1"),
            linear("ip2", "ip1", 10),
            layer("Softmax", "prob", "ip2", "prob"),
        ]
    )


def cifar10_quick() -> str:
    return "".join(
        [
            head("CIFAR10_quick_test", 1, 3, 32, 32),
            conv("conv1", "data", 32, 5, pad=2, stride=1),
            pool("pool1", "conv1", "MAX", 3, 2),
            relu("relu1", "pool1"),
            conv("conv2", "pool1", 32, 5, pad=2, stride=1),
            relu("relu2", "conv2"),
            pool("pool2", "conv2", "AVE", 3, 2),
            conv("conv3", "pool2", 64, 5, pad=2, stride=1),
            relu("relu3", "conv3"),
            pool("pool3", "conv3", "AVE", 3, 2),
            linear("ip1", "pool3", 64),
            linear("ip2", "ip1", 10),
            layer("Softmax", "prob", "ip2", "prob"),
        ]
    )


INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def _unit(name: str, bottom: str, channels: int, kernel: int, **more: int) -> str:
    scope, _, rest = name.rpartition("/")
    pad = {"pad": kernel // 2} if kernel > 1 else {}
    return conv(name, bottom, channels, kernel, **pad, **more) + relu(f"{scope}/relu_{rest}", name)


def _inception(name: str, bottom: str) -> str:
    one, narrow, wide, narrower, widest, pooled = INCEPTIONS[name]
    scope = f"inception_{name}"
    ends = [f"{scope}/{one}" for one in ("1x1", "3x3", "5x5", "pool_proj")]
    return "".join(
        [
            _unit(f"{scope}/1x1", bottom, one, 1),
            _unit(f"{scope}/3x3_reduce", bottom, narrow, 1),
            _unit(f"{scope}/3x3", f"{scope}/3x3_reduce", wide, 3),
            _unit(f"{scope}/5x5_reduce", bottom, narrower, 1),
            _unit(f"{scope}/5x5", f"{scope}/5x5_reduce", widest, 5),
            pool(f"{scope}/pool", bottom, "MAX", 3, 1, 1),
            _unit(f"{scope}/pool_proj", f"{scope}/pool", pooled, 1),
            layer("Concat", f"{scope}/output", ends, f"{scope}/output"),
        ]
    )


def _norm(name: str, bottom: str) -> str:
    return layer("LRN", name, bottom, name, lrn={"local_size": 5, "alpha": 0.0001, "beta": 0.75})


def _helper(number: int, bottom: str) -> str:
    """A second head, which helps the first layers to learn."""
    scope = f"loss{number}"
    return "".join(
        [
            pool(f"{scope}/ave_pool", bottom, "AVE", 5, 3),
            _unit(f"{scope}/conv", f"{scope}/ave_pool", 128, 1),
            linear(f"{scope}/fc", f"{scope}/conv", 1024),
            relu(f"{scope}/relu_fc", f"{scope}/fc"),
            linear(f"{scope}/classifier", f"{scope}/fc", 1000),
            _loss(f"{scope}/loss", f"{scope}/classifier", 0.3),
        ]
    )


def _loss(name: str, bottom: str, weight: float) -> str:
    text = layer("SoftmaxWithLoss", name, [bottom, "label"], name)
    return text.replace("}\n", f"  loss_weight: {weight}\n}}\n")


def googlenet(with_losses: bool = False) -> str:
    """As it is deployed, or as it is trained, with two further heads."""
    text = [head("GoogleNet", 10, 3, 224, 224)]
    if with_losses:
        data = 'layer { name: "data" type: "Data" top: "data" top: "label"\n'
        text = ['name: "GoogleNet"\n', f"{data}  data_param {{ batch_size: 32 }} }}\n"]
    text += [
        _unit("conv1/7x7_s2", "data", 64, 7, stride=2),
        pool("pool1/3x3_s2", "conv1/7x7_s2", "MAX", 3, 2),
        _norm("pool1/norm1", "pool1/3x3_s2"),
        _unit("conv2/3x3_reduce", "pool1/norm1", 64, 1),
        _unit("conv2/3x3", "conv2/3x3_reduce", 192, 3),
        _norm("conv2/norm2", "conv2/3x3"),
        pool("pool2/3x3_s2", "conv2/norm2", "MAX", 3, 2),
    ]
    at = "pool2/3x3_s2"
    for name in INCEPTIONS:
        text.append(_inception(name, at))
        at = f"inception_{name}/output"
        if with_losses and name in ("4a", "4d"):
            text.append(_helper(1 if name == "4a" else 2, at))
        if name in ("3b", "4e"):
            below = f"pool{name[0]}/3x3_s2"
            text.append(pool(below, at, "MAX", 3, 2))
            at = below
    text += [
        pool("pool5/7x7_s1", at, "AVE", 7, 1),
        layer("Dropout", "drop", "pool5/7x7_s1", "pool5/7x7_s1", dropout={"dropout_ratio": 0.4}),
        linear("loss3/classifier", "pool5/7x7_s1", 1000),
    ]
    if with_losses:
        return "".join([*text, _loss("loss3/loss3", "loss3/classifier", 1)])
    return "".join([*text, layer("Softmax", "prob", "loss3/classifier", "prob")])


def squeezenet() -> str:
    text = head("SqueezeNet", 1, 3, 227, 227) + conv("conv1", "data", 64, 3, stride=2)
    text += relu("relu_conv1", "conv1") + pool("pool1", "conv1", "MAX", 3, 2)
    at = "pool1"
    for number, width in zip(range(2, 10), (16, 16, 32, 32, 48, 48, 64, 64), strict=True):
        scope = f"fire{number}"
        narrow, one, three = (f"{scope}/{one}" for one in ("squeeze1x1", "expand1x1", "expand3x3"))
        text += _unit(narrow, at, width, 1) + _unit(one, narrow, 4 * width, 1)
        text += _unit(three, narrow, 4 * width, 3)
        at = f"{scope}/concat"
        text += layer("Concat", at, [one, three], at)
        if number in (3, 5):
            text += pool(f"pool{number}", at, "MAX", 3, 2)
            at = f"pool{number}"
    text += layer("Dropout", "drop9", at, at) + conv("conv10", at, 1000, 1)
    whole = {"pool": "AVE", "global_pooling": "true"}
    text += relu("relu_conv10", "conv10") + layer("Pooling", "p", "conv10", "p", pooling=whole)
    return text + layer("Softmax", "prob", "p", "prob")


def alexnet() -> str:
    text = head("AlexNet", 10, 3, 227, 227) + conv("conv1", "data", 96, 11, stride=4)
    text += relu("relu1", "conv1") + _norm("norm1", "conv1") + pool("pool1", "norm1", "MAX", 3, 2)
    text += conv("conv2", "pool1", 256, 5, pad=2, group=2) + relu("relu2", "conv2")
    text += _norm("norm2", "conv2") + pool("pool2", "norm2", "MAX", 3, 2)
    text += conv("conv3", "pool2", 384, 3, pad=1) + relu("relu3", "conv3")
    text += conv("conv4", "conv3", 384, 3, pad=1, group=2) + relu("relu4", "conv4")
    text += conv("conv5", "conv4", 256, 3, pad=1, group=2) + relu("relu5", "conv5")
    text += pool("pool5", "conv5", "MAX", 3, 2)
    for name, at in (("fc6", "pool5"), ("fc7", "fc6")):
        text += linear(name, at, 4096) + relu(f"relu_{name}", name)
        text += layer("Dropout", f"drop_{name}", name, name)
    return text + linear("fc8", "fc7", 1000) + layer("Softmax", "prob", "fc8", "prob")


def _normed(name: str, at: str, channels: int, kernel: int, stride: int = 1, group: int = 1) -> str:
    text = conv(name, at, channels, kernel, pad=kernel // 2, stride=stride, group=group)
    text = text.replace("num_output", "bias_term: false\n    num_output")
    text += layer("BatchNorm", f"{name}/bn", name, name)
    text += layer("Scale", f"{name}/scale", name, name, scale={"bias_term": "true"})
    return text + relu(f"{name}/relu", name)


def mobilenet() -> str:
    """Convolutions of each channel by itself, and behind each of them one that mixes channels."""
    text = head("MobileNet", 1, 3, 224, 224) + _normed("conv1", "data", 32, 3, 2)
    at, width = "conv1", 32
    wider = [64, 128, 128, 256, 256, *[512] * 6, 1024, 1024]
    for number, (channels, stride) in enumerate(
        zip(wider, (1, 2) * 3 + (1,) * 5 + (2, 1), strict=True)
    ):
        deep, mixed = f"conv{number}/dw", f"conv{number}/sep"
        text += _normed(deep, at, width, 3, stride, width) + _normed(mixed, deep, channels, 1)
        at, width = mixed, channels
    whole = {"pool": "AVE", "global_pooling": "true"}
    text += layer("Pooling", "pool6", at, "pool6", pooling=whole) + conv("fc7", "pool6", 1000, 1)
    return text + layer("Softmax", "prob", "fc7", "prob")
