"""Prototxts of Caffe become .net files of the same networks."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
import torch

from netlang.catalogue.layers import AvgPool2d, MaxPool2d
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.imports.caffe.text_format import parse
from netlang.imports.formats import Wish
from netlang.imports.importing import Imported, import_file
from netlang.language.diagnostics import NetError
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from tests.imports import prototxts
from tests.imports.prototxts import conv, head, layer, linear, pool, relu

PUBLISHED = {  # weights, of the network as it is deployed, and the most lines
    "lenet": (prototxts.lenet, 431_080, 10),
    "cifar10_quick": (prototxts.cifar10_quick, 145_578, 10),
    "googlenet": (prototxts.googlenet, 6_998_552, 40),
    "squeezenet": (prototxts.squeezenet, 1_235_496, 30),
    "alexnet": (prototxts.alexnet, 60_965_224, 20),
    "mobilenet": (prototxts.mobilenet, 4_231_976, 30),
}


def read(folder: Path, text: str, **how: object) -> Imported:
    file = folder / "deploy.prototxt"
    file.write_text(text)
    return import_file(file, **how)  # type: ignore[arg-type]


def program(found: Imported) -> Program:
    compiled = compile_source(SourceFile("a.net", found.text))
    assert compiled.ok, found.text
    return compiled.require()


def calls(folder: Path, *layers: str, dims: tuple[int, ...] = (1, 3, 8, 8)) -> list[str]:
    """What the layers behind an input become."""
    found = read(folder, head("net", *dims) + "".join(layers))
    return [node.call for node in program(found).graph.layers]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_known_network_has_its_published_weights(name: str, tmp_path: Path) -> None:
    make, weights, lines = PUBLISHED[name]
    found = read(tmp_path, make())
    assert program(found).graph.weights == weights
    assert len(found.text.splitlines()) <= lines, found.text


def test_googlenets_inception_is_found_again(tmp_path: Path) -> None:
    found = read(tmp_path, prototxts.googlenet())
    assert "block inception(c1, r3, c3, r5, c5, pool) = [\n" in found.text
    assert "   -> inception(64, 96, 128, 16, 32, 32)  # inception_3a\n" in found.text
    assert found.summary == (
        "9 blocks of inception, 57 convolutions, 1 linear layer and 6,998,552 weights"
    )


def test_convolutions_of_each_channel_are_parts_of_a_block(tmp_path: Path) -> None:
    text = read(tmp_path, prototxts.mobilenet()).text
    assert "groups=channels, bias=false,\n" in text
    assert "\n   -> separable(512, 512) * 5  # conv6/dw" in text


def test_heads_that_help_training_are_left_out(tmp_path: Path) -> None:
    text = prototxts.googlenet(with_losses=True)
    found = read(tmp_path, text, input=(3, 224, 224))
    assert "loss = SoftmaxCrossEntropy\n" in found.text
    assert "loss1/classifier, loss2/classifier" in found.graph.remarks[-1]


@pytest.mark.slow
def test_heads_that_are_wanted_make_several_outputs(tmp_path: Path) -> None:
    text = prototxts.googlenet(with_losses=True)
    every = read(tmp_path, text, input=(3, 224, 224), wish=Wish(all_outputs=True))
    assert program(every).graph.weights == 13_378_280
    loss = "[0.3 * SoftmaxCrossEntropy, 0.3 * SoftmaxCrossEntropy, SoftmaxCrossEntropy]"
    assert f"loss = {loss}\n" in every.text
    assert len(every.text.splitlines()) < 60


def bare(type: str, **param: object) -> str:
    return layer(type, "a", "data", "a", **param)


LAYERS: dict[str, tuple[str, list[str]]] = {
    "a leak": (bare("ReLU", relu={"negative_slope": 0.2}), ["LeakyReLU(negative_slope=0.2)"]),
    "a slope for each channel": (bare("PReLU"), ["PReLU(num_parameters=3)"]),
    "one slope": (bare("PReLU", prelu={"channel_shared": "true"}), ["PReLU"]),
    "a mean of all": (
        bare("Pooling", pooling={"pool": "AVE", "global_pooling": "true"}),
        ["GlobalAvgPool"],
    ),
    "the largest of all": (
        bare("Pooling", pooling={"global_pooling": "true"}),
        ["Flatten(start_dim=2)", "Max(dim=2)"],
    ),
    "a window that rounds up": (
        pool("a", "data", "MAX", 3, 2),
        ["MaxPool2d(3, stride=2, ceil_mode=true)"],
    ),
    "a window that need not": (pool("a", "data", "AVE", 2, 2), ["AvgPool2d(2)"]),
    "sides": (
        bare(
            "Convolution",
            convolution={"num_output": 4, "kernel_h": 1, "kernel_w": 3, "pad_w": 1, "pad_h": 0},
        ),
        ["Conv2d(3, 4, [1, 3], padding=[0, 1])"],
    ),
    "groups": (
        bare("Convolution", convolution={"num_output": 6, "kernel_size": 1, "group": 3}),
        ["Conv2d(3, 6, 1, groups=3)"],
    ),
    "a transposed convolution": (
        bare("Deconvolution", convolution={"num_output": 2, "kernel_size": 2, "stride": 2}),
        ["ConvTranspose2d(3, 2, 2, stride=2)"],
    ),
    "a norm over channels": (
        bare("LRN", lrn={"local_size": 3}),
        ["LocalResponseNorm(3, alpha=1)"],
    ),
    "a bare batch norm": (
        bare("BatchNorm"),
        ["BatchNorm(3, momentum=0.001, affine=false)"],
    ),
    "a batch norm and its scale": (
        bare("BatchNorm") + layer("Scale", "b", "a", "a", scale={"bias_term": "true"}),
        ["BatchNorm(3, momentum=0.001)"],
    ),
    "what is joined to nothing": (
        layer("Concat", "a", "data", "a") + layer("TanH", "b", "a", "b"),
        ["Tanh"],
    ),
    "a row": (
        linear("a", "data", 5) + linear("b", "a", 2),
        ["Flatten", "Linear(192, 5)", "Linear(5, 2)"],
    ),
    "a sum": (
        relu("b", "data").replace('top: "data"', 'top: "b"')
        + layer("Eltwise", "a", ["data", "b"], "a"),
        ["ReLU", "Add"],
    ),
    "a difference": (
        bare("TanH").replace('top: "a"', 'top: "b"')
        + layer(
            "Eltwise", "c", ["data", "b"], "c", eltwise={"coeff": 1.0, "operation": "SUM"}
        ).replace("coeff: 1.0", "coeff: 1 coeff: -1"),
        ["Tanh", "Sub"],
    ),
    "a means that a convolution takes": (
        bare("Pooling", pooling={"pool": "AVE", "global_pooling": "true"}) + conv("b", "a", 2, 1),
        ["AdaptiveAvgPool2d(1)", "Conv2d(3, 2, 1)"],
    ),
}


@pytest.mark.parametrize("what", LAYERS)
def test_a_layer_becomes_netlangs(what: str, tmp_path: Path) -> None:
    text, expected = LAYERS[what]
    assert calls(tmp_path, text) == expected


PAIR = 'param { name: "w" } param { name: "b" }\n  '
LACKING: dict[str, tuple[str, str]] = {
    "draws": (bare("Pooling", pooling={"pool": "STOCHASTIC", "kernel_size": 2}), "draws one"),
    "within": (bare("LRN", lrn={"norm_region": "WITHIN_CHANNEL"}), "each channel"),
    "largest": (
        layer("Eltwise", "a", ["data", "data"], "a", eltwise={"operation": "MAX"}),
        "largest",
    ),
    "a norm that others take": (
        layer("BatchNorm", "bn", "data", "b")
        + layer("Scale", "sc", "b", "s", scale={"bias_term": "true"})
        + layer("Eltwise", "sum", ["b", "s"], "sum"),
        "no norm before it alone",
    ),
    "a weight that others have": (
        linear("one", "data", 192).replace("type", 'param { name: "w" }\n  type', 1)
        + linear("two", "one", 192).replace("type", PAIR + "type", 1),
        "shares some weights with `one`",
    ),
    "unknown": (bare("SPPLayer"), "no layer of the catalogue"),
}


@pytest.mark.parametrize("what", LACKING)
def test_a_layer_that_netlang_lacks_is_told_with_its_place(what: str, tmp_path: Path) -> None:
    text, reason = LACKING[what]
    found = read(tmp_path, head("net", 1, 3, 8, 8) + text)
    (told,) = found.lacking
    assert reason in told.label
    assert told.span is not None
    assert told.span.text.startswith("layer {")
    assert found.program is None


def test_layers_that_do_not_fit_are_told_where_they_stand(tmp_path: Path) -> None:
    before = "num_output: 50\n    stride: 1\n    kernel_size: 5"
    text = prototxts.lenet().replace(before, f"{before}0")
    assert text != prototxts.lenet()
    with pytest.raises(NetError) as raised:
        read(tmp_path, text)
    (told,) = raised.value.diagnostics
    assert told.code == "E0596"
    assert told.span is not None
    assert 'name: "conv2"' in told.span.text


def test_the_old_form_of_layers_is_read(tmp_path: Path) -> None:
    new = prototxts.cifar10_quick()
    names = {"Convolution": "CONVOLUTION", "Pooling": "POOLING", "ReLU": "RELU"}
    names |= {"InnerProduct": "INNER_PRODUCT", "Softmax": "SOFTMAX"}
    old = new.replace("layer {", "layers {")
    for name, before in names.items():
        old = old.replace(f'type: "{name}"', f"type: {before}")
    old = old.replace(
        "input_shape {\n  dim: 1\n  dim: 3\n  dim: 32\n  dim: 32\n}",
        "".join(f"input_dim: {size} " for size in (1, 3, 32, 32)),
    )
    assert read(tmp_path, old).text == read(tmp_path, new).text


def test_layers_of_the_training_phase_alone_are_left_out(tmp_path: Path) -> None:
    text = """
    layer { name: "d" type: "Data" top: "data" top: "label" include { phase: TRAIN }
            transform_param { scale: 0.00390625 mirror: true } data_param { batch_size: 64 } }
    layer { name: "d" type: "Data" top: "data" top: "label" include { phase: TEST }
            data_param { batch_size: 100 } }
    layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
            inner_product_param { num_output: 3 } }
    layer { name: "acc" type: "Accuracy" bottom: "ip" bottom: "label" top: "acc"
            accuracy_param { top_k: 2 } include { phase: TEST } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss"
            exclude { phase: TEST } }
    """
    found = read(tmp_path, text, input=(1, 4, 4))
    assert "loss = SoftmaxCrossEntropy\n" in found.text
    assert "metrics = [top_k(2)]\n" in found.text
    assert "input = [1, 4, 4]\n" in found.text
    assert "batch = 64\n" in found.text
    remark = "What Caffe does to its pictures is left out: mirror, scale."
    assert found.graph.remarks == (remark,)


def test_a_pair_of_pictures_goes_through_one_network(tmp_path: Path) -> None:
    """As in Caffe's example of a siamese network, whose loss netlang has otherwise."""
    named = 'param { name: "w" } param { name: "b" }\n  type'
    text = 'layer { name: "d" type: "Data" top: "pair" top: "sim" }\n'
    text += 'layer { name: "s" type: "Slice" bottom: "pair" top: "data" top: "data_p" '
    text += "slice_param { slice_dim: 1 slice_point: 1 } }\n"
    text += linear("one", "data", 4).replace("type", named, 1)
    text += linear("two", "data_p", 4).replace("type", named, 1)
    text += layer("ContrastiveLoss", "loss", ["one", "two", "sim"], "loss")
    found = read(tmp_path, text, input=(2, 3, 3))
    nodes = program(found).graph.nodes
    calls = ["Slice(0, 1)", "Flatten", "Linear(9, 4)", "Slice(1, 1)", "Flatten", "Linear(9, 4)"]
    assert [node.call for node in nodes[1:7]] == calls
    assert nodes[6].shares == 3
    assert "ContrastiveLoss `loss`, which compares with targets" in found.graph.remarks[0]


def test_layers_that_name_the_same_weights_share_them(tmp_path: Path) -> None:
    text = linear("one", "data", 4).replace("type", PAIR + "type", 1)
    text += linear("two", "one", 4).replace("type", PAIR + "type", 1)
    shape = head("net", 1, 4)
    nodes = program(read(tmp_path, shape + text)).graph.nodes
    assert [node.shares for node in nodes] == [None, None, 1]


def windows(size: int, kernel: int, stride: int, pad: int) -> int:
    """How Caffe counts windows: it rounds up, and none begins behind a padded picture."""
    count = -(-(size + 2 * pad - kernel) // stride) + 1
    return count - 1 if pad and (count - 1) * stride >= size + pad else count


def test_pools_have_as_many_windows_as_caffes() -> None:
    for size, kernel, pad in product(range(4, 12), (2, 3, 4), (0, 1)):
        for stride in range(1, kernel + 1):
            made = MaxPool2d(kernel, stride, pad, ceil_mode=True).infer(Shape.of(1, size, size))
            expected = windows(size, kernel, stride, pad)
            assert made.sizes[1] == expected, (size, kernel, stride, pad)


def test_means_count_the_padding_as_caffes_do() -> None:
    x = torch.arange(25.0).view(1, 1, 5, 5)
    y = AvgPool2d(3, 2, 1, ceil_mode=True).forward(x)
    assert y[0, 0, 0, 0] == pytest.approx((0 + 1 + 5 + 6) / 9)


def test_the_text_format_has_all_its_forms() -> None:
    text = """
    # a comment
    a: 1, b: -2.5e1; c: "x" 'y' d: TRUE
    e { f: 0x10 } g < h: .5f > i: [1, 2] j: { k: "\\"" }
    """
    found = parse(SourceFile("a", text))
    assert found.whole("a", 0) == 1
    assert found.number("b", 0) == -25
    assert found.text("c") == "xy"
    assert found.flag("d", False)
    assert found.message("e").whole("f", 0) == 16
    assert found.message("g").number("h", 0) == 0.5
    assert found.wholes("i") == [1, 2]
    assert found.message("j").text("k") == '"'


@pytest.mark.parametrize(
    "text", ["a: {", "a {", "a: 1 }", "a 1", "a: @", "a: [1", "1: 2", "a { " * 99]
)
def test_a_broken_text_is_one_message(text: str) -> None:
    with pytest.raises(NetError) as raised:
        parse(SourceFile("a", text))
    assert [one.code for one in raised.value.diagnostics] == ["E0590"]
