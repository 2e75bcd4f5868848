"""Networks of Darknet's, written by small programs as Darknet writes them."""

from __future__ import annotations


def section(name: str, **options: object) -> str:
    return "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in options.items()), "", ""])


def net(size: int, **options: object) -> str:
    sizes = {"height": size, "width": size, "channels": 3, "momentum": 0.9, "decay": 0.0005}
    return section("net", **sizes, **options)


def conv(filters: int, size: int, stride: int = 1, activation: str = "leaky") -> str:
    options = {"filters": filters, "size": size, "stride": stride, "pad": 1}
    return section("convolutional", batch_normalize=1, **options, activation=activation)


def _plain(filters: int) -> str:
    options = {"filters": filters, "size": 1, "stride": 1, "pad": 1, "activation": "linear"}
    return section("convolutional", **options)


def _pool() -> str:
    return section("maxpool", size=2, stride=2)


def resnet18() -> str:
    text = [
        net(256, learning_rate=0.1, policy="poly", power=4, max_batches=800000, burn_in=1000),
        "# the stem\n",
        conv(64, 7, 2),
        _pool(),
    ]
    for stage in range(4):
        for number in range(2):
            stride = 2 if stage and number == 0 else 1
            text += [
                conv(64 << stage, 3, stride),
                conv(64 << stage, 3, activation="linear"),
                section("shortcut", activation="leaky", **{"from": -3}),
            ]
    return "".join([*text, section("avgpool"), _plain(1000), section("softmax", groups=1)])


def darknet19() -> str:
    text = [net(256)]
    for stage, depth in enumerate((1, 1, 3, 3, 5, 5)):
        text += [_pool()] if stage else []
        for number in range(depth):
            text.append(conv((32 << stage) >> number % 2, 1 if number % 2 else 3))
    return "".join([*text, _plain(1000), section("avgpool"), section("softmax", groups=1)])


def yolo() -> str:
    """Two heads, one of which goes back to an earlier layer, and a pool that steps by 1."""
    text = [net(64), conv(16, 3), _pool(), conv(32, 3), _pool(), conv(64, 3)]
    text += [section("maxpool", size=2, stride=1), conv(128, 3), conv(64, 1), _plain(18)]
    text += [section("yolo", mask="3,4,5"), section("route", layers=-3), conv(32, 1)]
    text += [section("upsample", stride=2), section("route", layers="-1, 2"), _plain(18)]
    return "".join([*text, section("yolo", mask="0,1,2")])


def yolov3() -> str:
    """Darknet-53 and three heads, two of which go back to what stands before the last pictures."""
    text = [net(416), conv(32, 3)]
    for stage, depth in enumerate((1, 2, 8, 8, 4)):
        text.append(conv(64 << stage, 3, 2))
        shortcut = section("shortcut", activation="linear", **{"from": -3})
        text += [conv(32 << stage, 1), conv(64 << stage, 3), shortcut] * depth
    for width, back in ((512, 61), (256, 36), (128, 0)):
        text += [conv(width, 1), conv(2 * width, 3)] * 3
        text += [_plain(255), section("yolo", mask="0,1,2")]
        if back:
            text += [section("route", layers=-4), conv(width // 2, 1)]
            text += [section("upsample", stride=2), section("route", layers=f"-1, {back}")]
    return "".join(text)
