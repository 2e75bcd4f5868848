"""A state_dict tells a network where its names or its sizes do, or gives its weights to one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor, nn

from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.imports.foreign_graph import ForeignGraph
from netlang.imports.importing import import_file, import_weights
from netlang.imports.refused import Refused
from netlang.imports.state_dict.reader import read_state_dict
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.runs.models.trained import load_model
from tests.imports.onnx.test_reading import drawn
from tests.program import netlang
from tests.together import together


class Block(nn.Module):
    """A block of torchvision's ResNet, as far as its names go."""

    def __init__(self, inputs: int, width: int, stride: int, wide: bool) -> None:
        super().__init__()
        outputs = 4 * width if wide else width
        first = (1, 1, 0) if wide else (3, stride, 1)
        self.conv1 = nn.Conv2d(inputs, width, *first, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride if wide else 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        if wide:
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        self.wide = wide
        self.downsample: nn.Module | None = None
        if stride > 1 or inputs != outputs:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Any:
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        y = self.bn3(self.conv3(y.relu())) if self.wide else y
        return (y + (self.downsample(x) if self.downsample else x)).relu()


class ResNet(nn.Module):
    def __init__(self, depths: tuple[int, ...], widths: tuple[int, ...], wide: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs, stages = widths[0], []
        for number, (depth, width) in enumerate(zip(depths, widths, strict=True), 1):
            blocks = []
            for at in range(depth):
                blocks.append(Block(inputs, width, 2 if at == 0 and number > 1 else 1, wide))
                inputs = 4 * width if wide else width
            stages.append(nn.Sequential(*blocks))
            setattr(self, f"layer{number}", stages[-1])
        self.stages = stages
        self.fc = nn.Linear(inputs, 5)

    def forward(self, x: Tensor) -> Any:
        x = self.maxpool(self.bn1(self.conv1(x)).relu())
        for stage in self.stages:
            x = stage(x)
        return self.fc(x.mean((2, 3)))


@together("wide", (False, True))
def test_a_resnet_is_known_by_its_names(wide: bool) -> None:
    torch.manual_seed(0)
    module = drawn(ResNet((1, 2), (4, 8), wide))
    path = Path("resnet.safetensors")
    path.write_bytes(saved(module))
    found = import_file(path, input=(3, 32, 32), weights="resnet.model.safetensors")
    assert found.model
    Path("kept.safetensors").write_bytes(found.model.to_bytes())
    x = torch.randn(2, 3, 32, 32)
    ours = load_model("kept.safetensors").outputs(x)
    torch.testing.assert_close(ours, module(x).detach(), rtol=1e-4, atol=1e-4)


CHAINS = (
    (
        nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)),
        None,
        "Linear(3, 4) -> ReLU -> Linear(4, 2)",
    ),
    (
        nn.Sequential(
            *(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=8)),
            *(nn.Flatten(), nn.Linear(288, 2)),
        ),
        (3, 10, 10),
        "Conv2d(3, 8, 3) -> BatchNorm(8) -> ReLU -> Conv2d(8, 8, 3, groups=8) -> ReLU -> Flatten"
        " -> Linear(288, 2)",
    ),
    (
        nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.Linear(4, 2)),
        (1, 8, 8),
        "Conv2d(1, 4, 5, padding=2) -> ReLU -> GlobalAvgPool -> Linear(4, 2)",
    ),
    (
        nn.ModuleDict(
            {
                "emb": nn.Embedding(9, 4),
                "lstm": nn.LSTM(4, 5, 2, bidirectional=True),
                "out": nn.Linear(10, 3),
            }
        ),
        (6,),
        "Embedding(9, 4) -> LSTM(4, 5, num_layers=2, bidirectional=true) -> Linear(10, 3)",
    ),
)


@together(("module", "sample", "calls"), CHAINS)
def test_layers_that_fit_each_other_are_a_chain(
    module: nn.Module, sample: tuple[int, ...] | None, calls: str
) -> None:
    graph = read(saved(module), sample)
    text = f"net = {calls}"
    shape = ", ".join(map(str, graph.inputs[0].shape or ()))
    wanted = compile_source(SourceFile("a.net", f"{text}\ninput = [{shape}]\n")).require().graph
    assert [one.call for one in graph.layers] == [node.layer.name for node in wanted.layers]
    assert sum(one.size for layer in graph.layers for one in layer.tensors.values()) == sum(
        one.size for one in wanted.tensors.values()
    )


@together(
    ("module", "sample", "reason"),
    (
        (nn.ModuleDict({"a": nn.Linear(3, 4), "b": nn.Linear(5, 2)}), None, "`a` gives 4 features"),
        (nn.Sequential(nn.Conv2d(3, 4, 3)), None, "how large pictures are"),
        (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(36, 2)), (3, 9, 9), "strides and pools"),
        (nn.MultiheadAttention(4, 2), None, "nobody can tell what"),
    ),
)
def test_what_a_state_dict_does_not_say_is_asked_for(
    module: nn.Module, sample: tuple[int, ...] | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        read(saved(module), sample)


def test_a_damaged_file_and_netlangs_own_are_refused() -> None:
    data = saved(nn.Linear(3, 2))
    for wrong in (data[:40], b"", data[:-4], b"\xff" * 64):
        with pytest.raises(Refused, match="cut off"):
            read(wrong)
    Path("a.safetensors").write_bytes(data)
    Path("a.net").write_text("net = Linear(3, 2)\n")
    assert (
        netlang("import", "a.safetensors", "--into", "a.net", "-o", "b.safetensors").exit_code == 0
    )
    with pytest.raises(Refused, match="netlang has written"):
        read(Path("b.safetensors").read_bytes())


def test_weights_go_into_a_network_by_shapes_and_order() -> None:
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True)
    module = drawn(nn.ModuleDict({"layer": layer, "a_head": nn.Linear(8, 8)}))
    Path("a.safetensors").write_bytes(saved(module))
    net = (
        "net = [Identity, LayerNorm(8) -> Attention(8, 2)] -> Add\n"
        "   -> [Identity, LayerNorm(8) -> Linear(8, 16) -> ReLU -> Linear(16, 8)] -> Add\n"
        "   -> Linear(8, 8)\ninput = [3, 8]\n"
    )
    program = compile_source(SourceFile("a.net", net)).require()
    found, data = import_weights(Path("a.safetensors"), program)
    assert (found.missing, found.surplus, found.layers) == ((), (), 6)
    network = Network(program.graph, 0)
    for name, own in network.named_tensors().items():
        own.copy_(found.tensors[name])
    x = torch.randn(2, 3, 8)
    wanted = module["a_head"](layer(x)).detach()
    torch.testing.assert_close(network.eval().forward(x), wanted, rtol=1e-5, atol=1e-5)
    Path("b.safetensors").write_bytes(data)
    torch.testing.assert_close(load_model("b.safetensors").outputs(x), wanted, rtol=1e-5, atol=1e-5)


def test_the_command_gives_weights_that_a_training_begins_with() -> None:
    Path("w.safetensors").write_bytes(
        saved(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2)))
    )
    Path("mine.net").write_text(
        "net = Linear(2, 3) -> ReLU -> Linear(3, 2)\ndata = Moons\nloss = SoftmaxCrossEntropy\n"
        'optimizer = SGD\nepochs = 1\nstart = "mine.safetensors"\n'
    )
    said = netlang("import", "w.safetensors", "--into", "mine.net")
    assert said.stdout == (
        "wrote mine.safetensors: 4 tensors of 2 layers\n"
        'Now begin with it: write `start = "mine.safetensors"` in mine.net\n'
    )
    assert netlang("check", "mine.net").exit_code == 0
    assert netlang("import", "w.safetensors", "--into", "mine.net").exit_code == 1  # it is there
    assert (
        netlang("import", "w.safetensors", "--into", "w.net", "-o", "w.safetensors").exit_code == 2
    )
    Path("other.net").write_text("net = Linear(2, 9)\n")
    assert "error[E0582]" in netlang("import", "w.safetensors", "--into", "other.net").stderr


def test_the_file_itself_is_never_written_over() -> None:
    data = saved(nn.Linear(3, 2))
    Path("a.safetensors").write_bytes(data)
    assert netlang("import", "a.safetensors", "-o", "a.net").exit_code == 0
    assert Path("a.safetensors").read_bytes() == data
    assert 'start = "a.model.safetensors"' in Path("a.net").read_text()
    with pytest.raises(NetError, match="netlang has written"):
        import_file(Path("a.model.safetensors"))


def saved(module: nn.Module) -> bytes:
    return save({name: one.contiguous() for name, one in module.state_dict().items()})


def read(data: bytes, sample: tuple[int, ...] | None = None) -> ForeignGraph:
    return read_state_dict(Path("a.safetensors"), data, sample)
