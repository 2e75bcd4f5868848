"""What PyTorch exports to ONNX is read into layers that compute the same."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from netlang.catalogue.registry import ITEMS
from netlang.imports.foreign_graph import ForeignGraph
from netlang.imports.onnx.reader import read_onnx
from netlang.imports.refused import Refused
from tests.together import together


class Of(nn.Module):
    """A module of torch's whose forward is ``formula``, of itself and its inputs."""

    def __init__(self, formula: Callable[..., Tensor], **parts: Any) -> None:
        super().__init__()
        self.formula = formula
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *x: Tensor) -> Tensor:
        return self.formula(self, *x)


def gated_channels(own: Any, x: Tensor) -> Tensor:
    means = own.down(x.mean((2, 3))).relu()
    return x * own.up(means).sigmoid()[:, :, None, None]


def residual(own: Any, x: Tensor) -> Tensor:
    y = own.b2(own.c2(own.b1(own.c1(x)).relu()))
    return (y + own.d(x)).relu()


def heads(own: Any, x: Tensor) -> Tensor:
    samples, steps, width = x.shape
    q, k, v = (
        one.view(samples, steps, 2, width // 2).transpose(1, 2)
        for one in own.qkv(x).split(width, dim=2)
    )
    scores = (q @ k.transpose(-2, -1) / (width // 2) ** 0.5).masked_fill(own.hidden, -torch.inf)
    p = scores.softmax(-1)
    return own.out((p @ v).transpose(1, 2).reshape(samples, steps, width))


def later(steps: int) -> Tensor:
    """Which positions stand behind which."""
    return torch.ones(steps, steps).triu(1).bool()


numbers, tokens = torch.randn, lambda *shape: torch.zeros(shape, dtype=torch.long)

CASES: tuple[tuple[str, Callable[[], nn.Module], tuple[Tensor, ...], str], ...] = (
    (
        "a perceptron",
        lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Softmax(1)),
        (numbers(2, 3),),
        "Linear ReLU Linear Softmax",
    ),
    (
        "pictures",
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, (3, 5), (1, 2), (1, 2), groups=2),
            nn.LeakyReLU(0.1),
            nn.MaxPool2d(2, padding=1, ceil_mode=True),
            nn.ConvTranspose2d(4, 2, 3, 2, 1, 1),
            nn.PReLU(2),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(30, 3),
        ),
        (numbers(2, 2, 8, 8),),
        "Conv2d LeakyReLU MaxPool2d ConvTranspose2d PReLU AvgPool2d Flatten Linear",
    ),
    (
        "borders that differ",
        lambda: nn.Sequential(nn.Conv2d(2, 4, 4, padding="same"), nn.ZeroPad2d((1, 0, 2, 1))),
        (numbers(2, 2, 5, 5),),
        "Conv2d Pad",
    ),
    (
        "larger pictures",
        lambda: nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Upsample(size=(7, 5), mode="bilinear", align_corners=True),
        ),
        (numbers(2, 2, 3, 3),),
        "Upsample Upsample Upsample",
    ),
    (
        "a sequence [C, T]",
        lambda: nn.Sequential(nn.Conv1d(2, 4, 3, padding=1), nn.GLU(1), nn.MaxPool1d(2)),
        (numbers(2, 2, 8),),
        "Conv1d GLU MaxPool1d",
    ),
    (
        "a residual block",
        lambda: Of(
            residual,
            c1=nn.Conv2d(2, 3, 3, padding=1),
            b1=nn.BatchNorm2d(3),
            c2=nn.Conv2d(3, 3, 3, padding=1),
            b2=nn.BatchNorm2d(3),
            d=nn.Conv2d(2, 3, 1),
        ),
        (numbers(2, 2, 4, 4),),
        "Conv2d ReLU Conv2d Conv2d Add ReLU",  # PyTorch puts a BatchNorm into its convolution
    ),
    (
        "norms",
        lambda: nn.Sequential(
            nn.GroupNorm(2, 4),
            nn.InstanceNorm2d(4, affine=True),
            nn.BatchNorm2d(4),
            nn.LayerNorm(6),
        ),
        (numbers(2, 4, 5, 6),),
        "GroupNorm InstanceNorm BatchNorm LayerNorm",
    ),
    (
        "activations",
        lambda: nn.Sequential(
            *(nn.SiLU(), nn.Hardswish(), nn.Mish(), nn.GELU(), nn.GELU(approximate="tanh")),
            *(nn.Softplus(), nn.Softsign(), nn.Hardsigmoid(), nn.ELU(0.5), nn.CELU(0.7)),
            *(nn.SELU(), nn.Hardtanh(-2, 0.5), nn.ReLU6()),
        ),
        (numbers(2, 6),),
        "SiLU HardSwish Mish GELU GELU Softplus Softsign HardSigmoid ELU CELU SeLU HardTanh ReLU6",
    ),
    (
        "gated channels",
        lambda: Of(gated_channels, down=nn.Linear(4, 2), up=nn.Linear(2, 4)),
        (numbers(2, 4, 3, 3),),
        "GlobalAvgPool Linear ReLU Linear Sigmoid Unflatten Mul",
    ),
    (
        "an LSTM of two layers and directions",
        lambda: Of(
            lambda own, x: own.out(own.rnn(x)[0]),
            rnn=nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True),
            out=nn.Linear(8, 2),
        ),
        (numbers(2, 5, 3),),
        "LSTM LSTM Linear",
    ),
    (
        "the last state of a GRU",
        lambda: Of(
            lambda own, x: own.out(own.rnn(x)[1][-1]),
            rnn=nn.GRU(3, 4, num_layers=2, batch_first=True),
            out=nn.Linear(4, 2),
        ),
        (numbers(2, 5, 3),),
        "GRU GRU Linear",
    ),
    (
        "the last step of an RNN",
        lambda: Of(
            lambda own, x: own.out(own.rnn(x)[0][:, -1]),
            rnn=nn.RNN(3, 4, batch_first=True, nonlinearity="relu", bias=False),
            out=nn.Linear(4, 2),
        ),
        (numbers(2, 5, 3),),
        "RNN Last Linear",
    ),
    (
        "tokens and their positions",
        lambda: Of(
            lambda own, x: own.norm(own.table(x) + own.places).mean(1),
            table=nn.Embedding(7, 4),
            places=nn.Parameter(numbers(5, 4)),
            norm=nn.LayerNorm(4),
        ),
        (tokens(2, 5),),
        "Embedding PositionalEmbedding LayerNorm Mean",
    ),
    (
        "attention that is causal",
        lambda: Of(heads, qkv=nn.Linear(8, 24), out=nn.Linear(8, 8), hidden=later(5)),
        (numbers(2, 5, 8),),
        "Attention",
    ),
    (
        "attention to another sequence",
        lambda: Of(
            lambda own, x, z: own.of(x, z, z, need_weights=False)[0],
            of=nn.MultiheadAttention(8, 2, batch_first=True, bias=False),
        ),
        (numbers(2, 5, 8), numbers(2, 4, 8)),
        "Attention",
    ),
    (
        "two inputs",
        lambda: Of(
            lambda own, x, z: own.out(torch.cat([own.a(x), own.b(z)], 1)),
            a=nn.Linear(3, 4),
            b=nn.Linear(2, 4),
            out=nn.Linear(8, 2),
        ),
        (numbers(2, 3), numbers(2, 2)),
        "Linear Linear Concat Linear",
    ),
    (
        "constants",
        lambda: Of(
            lambda own, x: torch.cat([((x - own.m) / own.s)[:, 1:], x[:, :1] * 2], 1),
            m=numbers(3, 1, 1),
            s=torch.rand(3, 1, 1) + 0.5,
        ),
        (numbers(2, 3, 2, 2),),
        "BatchNorm Slice Slice Scale Concat",
    ),
    (
        "axes in another order",
        lambda: Of(
            lambda own, x: own.out(own.conv(x).flatten(2).transpose(1, 2)),
            conv=nn.Conv2d(3, 4, 2, 2),
            out=nn.Linear(4, 2),
        ),
        (numbers(2, 3, 4, 4),),
        "Conv2d Flatten Permute Linear",
    ),
)


COMMON = ("a perceptron", "a residual block", "the last state of a GRU", "attention that is causal")


@together(("name", "make", "inputs", "calls"), [one for one in CASES if one[0] in COMMON])
def test_exports_of_pytorch_are_layers_that_compute_the_same(
    name: str, make: Callable[[], nn.Module], inputs: tuple[Tensor, ...], calls: str
) -> None:
    assert_read(make, inputs, calls)


@pytest.mark.slow
@together(("name", "make", "inputs", "calls"), [one for one in CASES if one[0] not in COMMON])
def test_further_exports_of_pytorch_do_so_too(
    name: str, make: Callable[[], nn.Module], inputs: tuple[Tensor, ...], calls: str
) -> None:
    assert_read(make, inputs, calls)


def assert_read(make: Callable[[], nn.Module], inputs: tuple[Tensor, ...], calls: str) -> None:
    """Raise AssertionError unless the export has these layers, which compute what it does."""
    torch.manual_seed(0)
    module = drawn(make())
    graph = read(exported(module, inputs))
    assert " ".join(layer.call for layer in graph.layers) == calls
    new = [fresh(one) for one in inputs]
    assert_same(outputs(graph, new), module(*new))


@together("opset", (11, 13, 20))
def test_older_and_newer_operations_are_read(opset: int) -> None:
    torch.manual_seed(0)
    module = drawn(
        Of(
            lambda own, x: own.out(own.norm(own.pad(x)).squeeze(1).clamp(0, 6)).softmax(1),
            pad=nn.ZeroPad2d((0, 0, 1, 0)),
            norm=nn.LayerNorm([2, 4]),
            out=nn.Linear(4, 3),
        )
    )
    graph = read(exported(module, (numbers(2, 1, 1, 4),), opset))
    calls = [layer.call for layer in graph.layers]
    assert calls == ["Pad", "LayerNorm", "ReLU6", "Linear", "Softmax", "Flatten"]
    x = numbers(3, 1, 1, 4)
    assert_same(outputs(graph, [x]), module(x))


@together("batch", (1, 2))
def test_a_file_of_a_fixed_batch_is_read_for_any(batch: int) -> None:
    torch.manual_seed(0)
    module = drawn(Of(lambda own, x: own.out(x.view(batch, 6)), out=nn.Linear(6, 2)))
    x = numbers(batch, 2, 3)
    graph = read(exported(module, (x,), fixed=True))
    assert [layer.call for layer in graph.layers] == ["Flatten", "Linear"]
    assert_same(outputs(graph, [x]), module(x))


def test_what_netlang_has_not_is_told_with_what_it_does() -> None:
    module = Of(lambda own, x: torch.sort(x.cumsum(1))[0])
    graph = read(exported(module, (numbers(2, 3),)))
    assert [(layer.call, layer.lacks) for layer in graph.lacking] == [
        (
            "CumSum",
            "has no layer in netlang: none does what `CumSum` does: performs cumulative sum of the "
            "input elements along the given axis",
        ),
        (
            "TopK",
            "has no layer in netlang: none does what `TopK` does: retrieve the top-K largest or "
            "smallest elements along a specified axis",
        ),
    ]


@together(
    ("damage", "reason"),
    (
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: b"PK\3\4" + data, "no ONNX file"),
        (lambda data: b"", "no ONNX file"),
    ),
)
def test_a_damaged_file_is_refused(damage: Callable[[bytes], bytes], reason: str) -> None:
    data = exported(nn.Linear(3, 2), (numbers(2, 3),))
    with pytest.raises(Refused, match=reason):
        read(damage(data))


def outside(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = 1  # in another file
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../secret.bin"


def huge(model: Any) -> None:
    model.graph.initializer[0].dims[:] = [10**9, 10**9]


def another_shape(model: Any) -> None:
    model.graph.initializer[0].dims[:] = [7, 7]


def open_size(model: Any) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "any"


@together(
    ("change", "reason"),
    (
        (outside, "outside its own folder"),
        (huge, "would have the shape"),
        (another_shape, "other numbers than its shape"),
        (open_size, "has the shape \\['_'\\]"),
    ),
)
def test_a_hostile_file_is_refused(change: Callable[[Any], None], reason: str) -> None:
    model = onnx.ModelProto.FromString(exported(nn.Linear(3, 2), (numbers(2, 3),)))
    change(model)
    with pytest.raises(Refused, match=reason):
        read(model.SerializeToString())


def test_constants_behind_a_convolution_and_labels_are_no_layers() -> None:
    helper, random = onnx.helper, np.random.default_rng(0)
    arrays = {"w": (4, 3, 3, 3), "g": (4, 1, 1), "b": (4, 1, 1)}
    weights = {name: random.standard_normal(one).astype(np.float32) for name, one in arrays.items()}
    made = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["c"], auto_pad="SAME_UPPER"),
            helper.make_node("Mul", ["c", "g"], ["m"]),
            helper.make_node("Add", ["b", "m"], ["a"]),
            helper.make_node("GlobalAveragePool", ["a"], ["p"]),
            helper.make_node("Flatten", ["p"], ["y"]),
            helper.make_node("ArgMax", ["y"], ["label"], axis=1),
        ],
        "net",
        [helper.make_tensor_value_info("x", 1, ["n", 3, 5, 5])],
        [helper.make_tensor_value_info(name, 1, None) for name in ("label", "y")],
        [onnx.numpy_helper.from_array(one, name) for name, one in weights.items()],
    )
    graph = read(helper.make_model(made).SerializeToString())
    assert [one.call for one in graph.layers] == ["Conv2d", "GlobalAvgPool"]
    assert graph.remarks == ("Its output `label` names the class: `predict` does.",)
    x, (w, g, b) = torch.randn(2, 3, 5, 5), map(torch.from_numpy, weights.values())
    wanted = torch.conv2d(x, w, padding=1) * g + b
    assert_same(outputs(graph, [x]), wanted.mean((2, 3)))


def test_an_operation_against_the_rules_is_told_among_what_netlang_has_not() -> None:
    module = nn.Sequential(nn.MaxPool2d(2), nn.ReLU())
    model = onnx.ModelProto.FromString(exported(module, (numbers(2, 1, 4, 4),)))
    del model.graph.node[0].attribute[:]  # it says no kernel
    (lacking,) = read(model.SerializeToString()).lacking[:1]
    assert lacking.lacks == "is not written as ONNX says of `MaxPool`"


def test_a_constant_that_would_fill_the_memory_is_not_made() -> None:
    helper = onnx.helper
    shape = helper.make_tensor("shape", 7, [2], [10**6, 10**6])
    made = helper.make_graph(
        [
            helper.make_node("ConstantOfShape", ["shape"], ["large"]),
            helper.make_node("ReduceMax", ["large"], ["one"], keepdims=0),
            helper.make_node("Add", ["x", "one"], ["y"]),
        ],
        "bomb",
        [helper.make_tensor_value_info("x", 1, ["n", 3])],
        [helper.make_tensor_value_info("y", 1, ["n", 3])],
        [shape],
    )
    graph = read(helper.make_model(made).SerializeToString())
    assert "ConstantOfShape" in [one.call for one in graph.lacking]


def exported(
    module: nn.Module, inputs: tuple[Tensor, ...], opset: int = 17, fixed: bool = False
) -> bytes:
    names = ["x", "z"][: len(inputs)]
    axes = None if fixed else {name: {0: "n"} for name in names}
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            module.eval(),
            inputs,
            file,
            dynamo=False,
            opset_version=opset,
            input_names=names,
            output_names=["y"],
            dynamic_axes=axes,
        )
    return file.getvalue()


def read(data: bytes) -> ForeignGraph:
    return read_onnx(Path("model.onnx"), data)


def drawn(module: nn.Module) -> nn.Module:
    """The module with weights and statistics that are no ones and zeros."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data.uniform_(0.3, 1.2)
    return module.eval()


def fresh(like: Tensor) -> Tensor:
    if like.dtype == torch.long:
        return torch.randint(0, 7, like.shape)
    return torch.randn(like.shape)


def outputs(graph: ForeignGraph, inputs: list[Tensor]) -> Tensor:
    """What the graph's layers make of the inputs."""
    values = dict(zip((one.name for one in graph.inputs), inputs, strict=True))
    for one in graph.layers:
        layer: Any = ITEMS[one.call](**one.arguments)
        for name, array in one.tensors.items():
            tensor = getattr(layer, name)
            assert tuple(tensor.shape) == array.shape
            tensor.copy_(torch.from_numpy(np.array(array)))
        values[one.name] = layer.eval().forward(*(values[name] for name in one.inputs))
    return values[graph.outputs[0]]


def assert_same(found: Tensor, wanted: Tensor) -> None:
    torch.testing.assert_close(found, wanted.detach(), rtol=1e-5, atol=2e-6)
