"""Networks that Keras saves, in the forms of its versions 2 and 3, become netlang's."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from netlang.compiler.passes import compile_source
from netlang.imports.foreign_graph import ForeignGraph
from netlang.imports.keras.file import keras_file
from netlang.imports.keras.reader import read_keras
from netlang.imports.refused import Refused
from netlang.imports.writer import write
from netlang.language.source import SourceFile
from tests.together import together

Said = tuple[str, dict[str, Any]]

CASES: tuple[tuple[str, tuple[int, ...], tuple[Said, ...], str, int], ...] = (
    (
        "a perceptron",
        (4,),
        (
            ("Dense", {"units": 8, "activation": "relu"}),
            ("Dropout", {"rate": 0.3}),
            ("Dense", {"units": 3}),
        ),
        "Linear(4, 8) -> ReLU -> Dropout(p=0.3) -> Linear(8, 3)",
        67,
    ),
    (
        "pictures",
        (12, 12, 1),
        (
            ("Conv2D", {"filters": 4, "kernel_size": [3, 3], "activation": "selu"}),
            ("MaxPooling2D", {"pool_size": [2, 2]}),
            ("BatchNormalization", {"epsilon": 0.001, "momentum": 0.99}),
            ("Conv2D", {"filters": 5, "kernel_size": 3, "padding": "same", "strides": 2}),
            ("GlobalAveragePooling2D", {}),
            ("Dense", {"units": 3, "use_bias": False}),
        ),
        "Conv2d(1, 4, 3) -> SeLU(alpha=1.673263, lam=1.050701) -> MaxPool2d(2)"
        " -> BatchNorm(4, eps=0.001, momentum=0.01) -> Conv2d(4, 5, 3, stride=2, padding=1)"
        " -> GlobalAvgPool -> Linear(5, 3, bias=false)",
        40 + 8 + 185 + 15,
    ),
    (
        "convolutions of each channel",
        (8, 8, 2),
        (
            ("SeparableConv2D", {"filters": 4, "kernel_size": 3, "padding": "same"}),
            ("DepthwiseConv2D", {"kernel_size": 3}),
            ("Conv2DTranspose", {"filters": 3, "kernel_size": 4, "strides": 2, "padding": "same"}),
            ("UpSampling2D", {"size": 2}),
            ("ZeroPadding2D", {"padding": [[1, 0], [0, 2]]}),
            ("Cropping2D", {"cropping": 1}),
            ("LeakyReLU", {}),
        ),
        "Conv2d(2, 2, 3, padding=1, groups=2, bias=false) -> Conv2d(2, 4, 1)"
        " -> Conv2d(4, 4, 3, groups=4) -> ConvTranspose2d(4, 3, 4, stride=2, padding=1)"
        " -> Upsample(scale_factor=2) -> Pad([0, 2, 1, 0]) -> Slice(1, 23, dim=2)"
        " -> Slice(1, 24, dim=3) -> LeakyReLU(negative_slope=0.3) -> Permute([1, 2, 0])",
        18 + 12 + 40 + 195,
    ),
    (
        "sequences",
        (8, 3),
        (
            ("Conv1D", {"filters": 4, "kernel_size": 3, "padding": "causal"}),
            ("MaxPooling1D", {}),
            (
                "Bidirectional",
                {"layer": {"class_name": "LSTM", "config": {"units": 5, "return_sequences": True}}},
            ),
            ("GRU", {"units": 2, "reset_after": True}),
        ),
        "Permute([1, 0]) -> Pad([2, 0]) -> Conv1d(3, 4, 3) -> MaxPool1d(2) -> Permute([1, 0])"
        ' -> LSTM(4, 5, bidirectional=true) -> GRU(10, 2, output="last")',
        40 + 2 * 4 * (5 * 9 + 10) + 3 * (2 * 12 + 4),
    ),
    (
        "tokens",
        (6,),
        (
            ("Embedding", {"input_dim": 7, "output_dim": 8}),
            ("LayerNormalization", {"epsilon": 1e-3}),
            ("GlobalAveragePooling1D", {}),
            ("Activation", {"activation": "softmax"}),
        ),
        "Embedding(7, 8) -> LayerNorm(8, eps=0.001) -> Mean -> Softmax",
        56 + 16,
    ),
)


@together(("name", "sample", "layers", "net", "weights"), CASES)
def test_layers_of_both_versions_become_netlangs(
    name: str, sample: tuple[int, ...], layers: tuple[Said, ...], net: str, weights: int
) -> None:
    for said in (sequential_2(sample, layers), sequential_3(sample, layers)):
        graph = read(said)
        assert not graph.lacking
        found = compile_source(SourceFile("a.net", write(graph).text)).require().graph
        assert " -> ".join(node.call for node in found.layers) == net
        assert found.weights == weights


@together("version", (2, 3))
def test_branches_are_wired(version: int) -> None:
    wired = {"x": [], "a": ["x"], "b": ["x"], "c": ["a", "b"], "d": ["c", "x"]}
    kinds: dict[str, Said] = {
        "x": ("InputLayer", {"batch_input_shape": [None, 4], "batch_shape": [None, 4]}),
        "a": ("Dense", {"units": 4, "activation": "tanh"}),
        "b": ("Dense", {"units": 4}),
        "c": ("Multiply", {}),
        "d": ("Concatenate", {"axis": -1}),
    }
    found = [
        {
            "class_name": kinds[name][0],
            "name": name,
            "config": {"name": name, **kinds[name][1]},
            "inbound_nodes": node(sources, version),
        }
        for name, sources in reversed(wired.items())
    ]
    config = {
        "name": "m",
        "layers": found,
        "input_layers": [["x", 0, 0]],
        "output_layers": [["d", 0, 0]],
    }
    kind = "Functional" if version == 3 else "Model"
    graph = read({"class_name": kind, "config": config})
    wires = {one.name: (one.call, one.inputs) for one in graph.layers}
    assert wires["c"] == ("Mul", ("a.tanh", "b"))
    assert wires["d"] == ("Concat", ("c", "x"))


def test_what_the_network_is_trained_with_is_said_in_netlangs_words() -> None:
    said = sequential_3((4,), (("Dense", {"units": 3, "activation": "softmax"}),))
    rate = {"class_name": "Adam", "config": {"learning_rate": 0.0020000000949949026}}
    said["compile_config"] = {"optimizer": rate, "loss": "sparse_categorical_crossentropy"}
    graph = read(said)
    assert graph.settings == {"loss": "SoftmaxCrossEntropy", "optimizer": "Adam(lr=0.002)"}
    assert [one.call for one in graph.layers] == ["Linear"]  # its softmax is in the loss
    assert "The softmax at the end is a part of the loss here." in graph.remarks


def test_what_netlang_has_not_is_told() -> None:
    layers: tuple[Said, ...] = (
        ("Lambda", {"function": "4wEAAAA"}),
        ("GaussianNoise", {"stddev": 1}),
        ("Dense", {"units": 2, "activation": "exponential"}),
        ("GRU", {"units": 2, "reset_after": False}),
    )
    graph = read(sequential_3((5, 4), layers))
    assert [(one.call, one.lacks) for one in graph.lacking] == [
        ("Lambda", "is no layer of netlang's"),
        ("GaussianNoise", "is no layer of netlang's"),
        ("Dense", "has the activation `exponential`, which netlang has not"),
        ("GRU", "resets the state before the product: netlang's GRU does it behind"),
    ]


QKV: dict[str, Any] = {"num_heads": 2, "key_dim": 4}


@together(
    ("kind", "config", "node", "lacks"),
    (
        ("LSTM", {"units": 8}, [["x", 0, 0, {}], ["a", 0, 0, {}]], "begins with a state"),
        ("LSTM", {"units": 8}, [["a", 0, 1, {}]], "takes output 2 of `a`, and netlang's layers"),
        ("LSTM", {"units": 8}, [["x", 0, 0, {"mask": ["a", 0, 0]}]], "is called with `mask`"),
        ("Dropout", {"rate": 0.5}, [["x", 0, 0, {"training": True}]], "called with `training`"),
        ("MultiHeadAttention", QKV, [["x", 0, 0, {"use_causal_mask": True}]], "use_causal_mask"),
        ("MultiHeadAttention", QKV, {"args": [], "kwargs": {"query": ["x", 0, 0],
         "value": ["a", 0, 0], "key": ["x", 0, 0]}}, "has keys of other vectors"),
        ("MultiHeadAttention", QKV, [["x", 0, 0, {"value": ["a", 0, 0]}]], ""),
    ),
)  # fmt: skip
def test_calls_that_netlangs_layers_do_not_know_are_told(
    kind: str, config: dict[str, Any], node: Any, lacks: str
) -> None:
    layers = [
        ("InputLayer", "x", {"batch_shape": [None, 5, 8]}, []),
        ("Dense", "a", {"units": 8}, [[["x", 0, 0, {}]]]),
        (kind, "b", config, [node]),
    ]
    found = [
        {"class_name": kind, "name": name, "config": config, "inbound_nodes": nodes}
        for kind, name, config, nodes in layers
    ]
    about = {"name": "m", "layers": found, "output_layers": [["b", 0, 0]]}
    graph = read({"class_name": "Functional", "config": about})
    if not lacks:
        assert graph.layers[-1].inputs == ("x", "a")
        return
    (one,) = graph.lacking
    assert lacks in one.lacks


def test_a_long_network_is_sorted_at_once() -> None:
    layers = [
        {
            "class_name": "ReLU",
            "name": f"r{n}",
            "config": {},
            "inbound_nodes": [[[f"r{n - 1}" if n else "x", 0, 0, {}]]],
        }
        for n in reversed(range(3_000))
    ]
    layers.append({"class_name": "InputLayer", "name": "x", "config": {"batch_shape": [None, 4]}})
    config = {"layers": layers, "output_layers": [["r2999", 0, 0]]}
    said = {"class_name": "Functional", "config": config}
    found = [one.name for one in keras_file(json.dumps(said).encode()).layers]
    assert found == ["x", *(f"r{n}" for n in range(3_000))]


def test_another_hard_sigmoid_of_keras_2_is_told() -> None:
    graph = read(sequential_2((4,), (("Dense", {"units": 3, "activation": "hard_sigmoid"}),)))
    assert [one.call for one in graph.layers] == ["Linear", "HardSigmoid"]
    assert "Keras 2 has x/5 + 1/2" in graph.remarks[0]


def archive(**files: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name.replace("_", "."), data)
    return whole.getvalue()


PLAIN = json.dumps({"class_name": "Sequential", "config": {"layers": []}}).encode()


@together(
    ("data", "reason"),
    (
        (b"", "no JSON"),
        (b'{"class_name": "Seq', "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1, 2]", "no network that Keras has saved"),
        (PLAIN, "no network that Keras has saved"),
        (b'{"class_name": "Mine", "config": {"layers": []}}', "class `Mine`"),
        (archive(config_json=PLAIN)[:-9], "cut off"),
        (archive(config_json=PLAIN).replace(b"n\xab", b"\xff\xff"), "cut off"),
        (archive(other_json=PLAIN), "without a `config.json`"),
        (archive(config_json=b" " * (17 << 20)), "more than 16 MiB"),
    ),
)
def test_what_is_no_network_of_keras_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_keras(Path("model.keras"), data)


def test_an_archive_is_read_without_its_weights() -> None:
    said = sequential_3((4,), (("Dense", {"units": 3}),))
    graph = read_keras(Path("m.keras"), archive(config_json=json.dumps(said).encode()))
    assert graph.layers[0].call == "Linear"
    assert "The weights of the file are in HDF5" in graph.remarks[0]


def sequential_2(sample: tuple[int, ...], layers: tuple[Said, ...]) -> dict[str, Any]:
    """As Keras 2 saves it: the first layer says the shape."""
    found = [{"class_name": kind, "config": dict(config)} for kind, config in layers]
    found[0]["config"] |= {"batch_input_shape": [None, *sample]}  # type: ignore[operator]
    return {"class_name": "Sequential", "config": {"name": "m", "layers": last(found)}}


def sequential_3(sample: tuple[int, ...], layers: tuple[Said, ...]) -> dict[str, Any]:
    """As Keras 3 saves it: an InputLayer comes first."""
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, *sample], "name": "x"}}
    found = [
        {"module": "keras.layers", "class_name": kind, "config": config} for kind, config in layers
    ]
    return {"class_name": "Sequential", "config": {"name": "m", "layers": [first, *last(found)]}}


def last(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layers, which have the channels of pictures last, as Keras's have."""
    for one in layers:
        if "2D" in one["class_name"]:
            one["config"] = {"data_format": "channels_last", **one["config"]}
    return layers


def node(sources: list[str], version: int) -> list[Any]:
    if not sources:
        return []
    if version == 2:
        return [[[name, 0, 0, {}] for name in sources]]
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}
        for name in sources
    ]
    return [{"args": [tensors] if len(tensors) > 1 else tensors, "kwargs": {}}]


def read(said: dict[str, Any]) -> ForeignGraph:
    return read_keras(Path("model.json"), json.dumps(said).encode())
