"""Cfgs of Darknet become .net files of the same networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.imports.importing import Imported, import_file
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from tests.imports import cfgs
from tests.imports.cfgs import conv, net, section


def read(folder: Path, text: str) -> Imported:
    file = folder / "net.cfg"
    file.write_text(text)
    return import_file(file)


def calls(folder: Path, text: str) -> list[str]:
    found = compile_source(SourceFile("a.net", read(folder, text).text))
    return [node.call for node in found.require().graph.layers]


def test_darknet19_has_its_published_weights(tmp_path: Path) -> None:
    found = read(tmp_path, cfgs.darknet19())
    assert found.program is not None
    assert found.program.graph.weights == 20_842_376
    assert len(found.text.splitlines()) <= 25, found.text


@pytest.mark.slow
def test_yolov3_has_its_published_weights(tmp_path: Path) -> None:
    found = read(tmp_path, cfgs.yolov3())
    assert found.program is not None
    assert found.program.graph.weights == 61_949_149
    assert len(found.text.splitlines()) <= 45, found.text
    assert "   -> [Identity, layer61] -> Concat\n" in found.text


def test_resnet18_has_those_of_the_published_one_without_its_projections(tmp_path: Path) -> None:
    found = read(tmp_path, cfgs.resnet18())
    assert found.program is not None
    projections = sum(n * 2 * n + 2 * 2 * n for n in (64, 128, 256))
    assert found.program.graph.weights == 11_689_512 - projections
    assert "block residual(channels)" in found.text
    assert "   -> residual(64) * 2\n   -> down(128)\n" in found.text
    assert "Pad([0, channels // 2])" in found.text
    assert "schedule = Polynomial(power=4, length=800000)\n" in found.text
    assert found.program.graph.input.sizes == (3, 256, 256)
    assert len(found.text.splitlines()) <= 35, found.text


def test_layers_that_are_named_by_numbers_are_found(tmp_path: Path) -> None:
    found = read(tmp_path, cfgs.yolo())
    assert found.program is not None
    assert found.program.graph.output.sizes == (18 * 16 * 16 + 18 * 32 * 32,)
    assert found.text.count("Conv2d(_, 18, 1)") == 2
    assert 'Pad([0, 1, 0, 1], mode="replicate")' in found.text


LAYERS: dict[str, tuple[str, list[str]]] = {
    "a batch norm before the activation": (
        conv(4, 3),
        [
            "Conv2d(3, 4, 3, padding=1, bias=false)",
            "BatchNorm(4, momentum=0.01)",
            "LeakyReLU(negative_slope=0.1)",
        ],
    ),
    "the activation of those that name none": (
        section("convolutional", filters=2, size=3),
        ["Conv2d(3, 2, 3)", "Sigmoid"],
    ),
    "a window that is whole": (section("maxpool", size=2, stride=2), ["MaxPool2d(2)"]),
    "a window over the border": (
        section("maxpool", size=3, stride=2),
        ["MaxPool2d(3, stride=2, padding=1)"],
    ),
    "a window that steps by 1": (
        section("maxpool", size=2, stride=1),
        ['Pad([0, 1, 0, 1], mode="replicate")', "MaxPool2d(2, stride=1)"],
    ),
    "a row": (
        section("connected", output=5, activation="linear") + section("softmax"),
        ["Flatten", "Linear(192, 5)", "Softmax"],
    ),
    "a part of the channels": (
        conv(4, 1, activation="linear") + section("route", layers=-1, groups=2, group_id=1),
        ["Conv2d(3, 4, 1, bias=false)", "BatchNorm(4, momentum=0.01)", "Slice(2, 2)"],
    ),
    "a shortcut with more channels": (
        conv(5, 1, activation="linear")
        + conv(3, 1, activation="linear")
        + section("shortcut", activation="linear", **{"from": -2}),
        [
            *("Conv2d(3, 5, 1, bias=false)", "BatchNorm(5, momentum=0.01)"),
            *("Conv2d(5, 3, 1, bias=false)", "BatchNorm(3, momentum=0.01)", "Slice(0, 3)", "Add"),
        ],
    ),
    "a gate for each channel": (
        conv(3, 1, activation="linear")
        + section("avgpool")
        + conv(3, 1, activation="logistic")
        + section("scale_channels", **{"from": 0}),
        [
            *("Conv2d(3, 3, 1, bias=false)", "BatchNorm(3, momentum=0.01)", "AdaptiveAvgPool2d(1)"),
            *("Conv2d(3, 3, 1, bias=false)", "BatchNorm(3, momentum=0.01)", "Sigmoid", "Mul"),
        ],
    ),
    "cut pictures": (
        section("crop", crop_height=6, crop_width=6) + section("avgpool"),
        ["GlobalAvgPool"],
    ),
}


@pytest.mark.parametrize("what", LAYERS)
def test_a_section_becomes_netlangs_layers(what: str, tmp_path: Path) -> None:
    text, expected = LAYERS[what]
    assert calls(tmp_path, net(8) + text) == expected


@pytest.mark.parametrize("size", [7, 8, 13])
@pytest.mark.parametrize("kernel", [2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_pools_have_as_many_windows_as_darknets(
    size: int, kernel: int, stride: int, tmp_path: Path
) -> None:
    found = read(tmp_path, net(size) + section("maxpool", size=kernel, stride=stride))
    assert found.program is not None
    assert found.program.graph.output.sizes[1] == (size + kernel - 1 - kernel) // stride + 1


def test_what_netlang_lacks_is_told(tmp_path: Path) -> None:
    text = net(8) + section("reorg", stride=2) + conv(2, 1, activation="loggy")
    found = read(tmp_path, text)
    assert [one.title for one in found.lacking] == [
        "netlang has nothing for `reorg` (`0`)",
        "netlang has nothing for `loggy` (`1/3`)",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E0591"),
        ("[net]\n", "E0591"),
        ("[convolutional]\nfilters=3\n", "E0591"),
        ("filters=3\n", "E0590"),
        (net(8) + "[convolutional]\nfilters 3\n", "E0590"),
        (net(8) + "[convolutional]\nsize=2.5\n", "E0591"),
        (net(8) + "[route]\n", "E0591"),
        (net(8) + "[route]\nlayers=\n", "E0591"),
        (net(8) + "[route]\nlayers=5\n", "E0594"),
        (net(8) + "[maxpool]\nstride=0\n", "E0591"),
        (net(8) + "[upsample]\nstride=1e30\n", "E0591"),
        (net(2) + section("convolutional", size=5, filters=1), "E0596"),
    ],
)
def test_a_broken_file_is_one_message(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(NetError) as raised:
        read(tmp_path, text)
    assert [one.code for one in raised.value.diagnostics] == [code]
