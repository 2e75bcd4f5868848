"""The library: its blocks do what their comments say, for every file, and cost others nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from netlang.catalogue import library, registry
from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.drawing import diagram_of
from netlang.compiler.ir import Program, compare, print_program
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.diagnostics.messages.names import ReservedName, UnknownName, WrongKind
from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import SourceFile
from netlang.language.syntax import format_source
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.pytorch import to_pytorch
from tests.engine.agreement import apart

# A use of each block for 8 inputs, the sizes that it gives, and its weights, counted by hand: a
# Linear(a, b) has (a + 1) * b.
USES = {
    "SwiGLU": ("SwiGLU(8, 3)", 8, 3 * 24),
    "RealMLP": ("RealMLP(3, hidden=4)", 3, 36 + 2 * 20 + 15),
    "NTKLinear": ("NTKLinear(8, 3)", 3, 27),
    "MLP": ("MLP(8, 5, 2, depth=3)", 2, 45 + 2 * 30 + 12),
    "ResidualBlock": ("ResidualBlock(8)", 8, 2 * 72),
    "Highway": ("Highway(8)", 8, 3 * 72),
    "Excitation": ("Excitation(8)", 8, 18 + 24),
    "FeedForward": ("FeedForward(8, 5)", 8, 45 + 48),
}
# A use of each block for samples of another shape, which follows with what it gives; a convolution
# of k x k from a to b channels, and its norm, have (a * k * k + 2) * b weights.
SHAPED = {
    "PLR": ("PLR(5, k=3)", (8,), (40,), 8 * (3 + 7 * 5)),
    "PBLD": ("PBLD(k=3)", (8,), (32,), 8 * (2 * 3 + 4 * 3)),
    "ConvBlock": ("ConvBlock(4)", (8, 4, 4), (4, 4, 4), 74 * 4),
    "Projection": ("Projection(4, 2)", (8, 4, 4), (4, 2, 2), 10 * 4),
    "BasicBlock": ("BasicBlock(8)", (8, 4, 4), (8, 4, 4), 2 * 74 * 8),
    "Bottleneck": ("Bottleneck(2)", (8, 4, 4), (8, 4, 4), 10 * 2 + 20 * 2 + 4 * 8),
    "InvertedBottleneck": (
        "InvertedBottleneck(8, 3, 2)",
        (8, 4, 4),
        (3, 2, 2),
        10 * 48 + (9 + 2) * 48 + 50 * 3,
    ),
    "InvertedResidual": (
        "InvertedResidual(8, expansion=2)",
        (8, 4, 4),
        (8, 4, 4),
        10 * 16 + (9 + 2) * 16 + 18 * 8,
    ),
    "SqueezeExcite": ("SqueezeExcite(8, ratio=4)", (8, 4, 4), (8, 4, 4), 18 + 24),
    "Inception": (
        "Inception(2, 3, 4, 1, 2, 1)",
        (8, 4, 4),
        (9, 4, 4),
        10 * 2 + 10 * 3 + 29 * 4 + 10 * 1 + 27 * 2 + 10 * 1,
    ),
    "DoubleConv": ("DoubleConv(4)", (8, 4, 4), (4, 4, 4), 74 * 4 + 38 * 4),
    "UNet": (
        "UNet(4, inner=DoubleConv(6))",
        (8, 4, 4),
        (4, 4, 4),
        2 * (74 * 4 + 38 * 4) + (38 * 6 + 56 * 6) + (6 * 4 + 1) * 4,
    ),
    "TransformerBlock": (
        "TransformerBlock(8, 2, causal=true)",
        (5, 8),
        (5, 8),
        4 * 72 + (9 * 32 + 33 * 8) + 2 * 16,
    ),
    "PostNormTransformerBlock": (
        "PostNormTransformerBlock(8, 2, expansion=2)",
        (5, 8),
        (5, 8),
        4 * 72 + (9 * 16 + 17 * 8) + 2 * 16,
    ),
    "DecoderBlock": (
        "Identity as read -> Slice(0, 3, dim=1) -> DecoderBlock(8, 2, memory=read)",
        (5, 8),
        (3, 8),
        2 * 4 * 72 + (9 * 32 + 33 * 8) + 3 * 16,
    ),
    "MixerBlock": (
        "MixerBlock(5, 8, 3, 16)",
        (5, 8),
        (5, 8),
        (6 * 3 + 4 * 5) + (9 * 16 + 17 * 8) + 2 * 16,
    ),
}


def program(text: str, *overrides: str) -> Program:
    return compile_source(SourceFile("a.net", text), overrides).require()


def test_every_block_of_the_library_is_tried() -> None:
    assert {*USES, *SHAPED} == library.NAMES == {block.name for block in library.blocks().values()}


@pytest.mark.parametrize("name", USES)
def test_a_block_has_the_size_and_the_weights_that_it_should(name: str) -> None:
    use, size, weights = USES[name]
    graph = program(f"net = {use}\ninput = [8]\n").graph
    assert graph.output.sizes == (size,)
    assert graph.weights == weights


@pytest.mark.parametrize("name", SHAPED)
def test_a_block_has_the_shape_and_the_weights_that_it_should(name: str) -> None:
    use, sample, gives, weights = SHAPED[name]
    graph = program(f"net = {use}\ninput = {[*sample]}\n").graph
    assert graph.output.sizes == gives
    assert graph.weights == weights


@pytest.mark.parametrize("name", [*USES, *SHAPED])
def test_a_block_says_what_it_is_in_a_sentence_and_its_shape_and_source(name: str) -> None:
    about = library.blocks()[name].about
    assert about.split("\n")[0].endswith(".")
    assert "\nShape: [N, " in about
    assert "Source: " in about


@pytest.mark.parametrize(("width", "hidden"), [(2, 1), (4, 1), (6, 2), (8, 2)])
def test_excitation_has_one_hidden_unit_or_more(width: int, hidden: int) -> None:
    graph = program(f"net = Excitation({width})\ninput = [{width}]\n").graph
    assert graph.weights == (width + 1) * hidden + (hidden + 1) * width


def test_a_block_of_pictures_changes_its_shape_with_a_projection() -> None:
    text = "net = BasicBlock(6, 2, shortcut=Projection(6, 2)) -> BasicBlock(6)\ninput = [3, 8, 8]\n"
    assert program(text).graph.output.sizes == (6, 4, 4)
    text = (
        "net = Bottleneck(2, 2, shortcut=Projection(8, 2)) -> Bottleneck(2) * 2\ninput = [3, 8, 8]"
    )
    assert program(text).graph.output.sizes == (8, 4, 4)


def test_squeeze_excite_weighs_each_channel_of_a_picture() -> None:
    graph = program("net = SqueezeExcite(4, ratio=2)\ninput = [4, 3, 3]\n").graph
    network = Network(graph, seed=0)
    x = torch.rand(2, 4, 3, 3)
    first, second = (layer for layer in network.layers() if layer.size)
    weights = second.forward(first.forward(x.mean((2, 3))).relu()).sigmoid()
    torch.testing.assert_close(network.forward(x), x * weights[..., None, None])


def test_a_u_net_sees_what_it_joins_at_half_the_size() -> None:
    text = (
        "net = UNet(2, inner=UNet(4, inner=DoubleConv(8))) -> Conv2d(_, 1, 1)\ninput = [1, 8, 8]\n"
    )
    graph = program(text).graph
    assert graph.output.sizes == (1, 8, 8)
    pooled = [node.shape.sizes for node in graph.nodes if node.layer.name == "MaxPool2d"]
    assert pooled == [(2, 4, 4), (4, 2, 2)]
    joined = [node.shape.sizes for node in graph.nodes if node.layer.name == "Concat"]
    assert joined == [(8, 4, 4), (4, 8, 8)]


def test_the_library_is_a_file_without_mistakes_in_the_one_style() -> None:
    assert format_source(library.SOURCE) == library.SOURCE.text
    copy = SourceFile("copy.net", library.SOURCE.text)
    assert compile_source(copy, blocks_ok=True).diagnostics == ()


def test_a_block_means_what_it_means_written_out() -> None:
    short = program("net = MLP(2, 25, 2, act=SiLU)\n")
    long = program("net = Linear(2, 25) -> SiLU -> Linear(25, 25) -> SiLU -> Linear(25, 2)\n")
    assert compare(short, long) == []


def test_an_mlp_of_one_hidden_layer_is_that_layer_in_every_form(tmp_path: Path) -> None:
    settings = "data = Disc\nloss = CrossEntropy(eps=1e-2)\noptimizer = SGD(lr=0.1)\n"
    short = program(f"net = MLP(_, 25, _, depth=depth)\ndepth = 3\n{settings}", "depth=1")
    long = program(f"net = Linear(2, 25) -> ReLU -> Linear(25, 2)\n{settings}")
    assert compare(short, long) == []
    drawn, in_pytorch, in_c = zip(*(forms(one, tmp_path) for one in (short, long)), strict=True)
    assert drawn[0] == drawn[1]
    assert in_pytorch[0] == in_pytorch[1]
    assert in_c[0] == in_c[1]


def forms(program: Program, folder: Path) -> tuple[list[str], list[str], str]:
    """What is drawn of a program, its PyTorch without comments, and its C."""
    boxes = [box.text for box in diagram_of(program.graph).boxes]
    lines = to_pytorch(program, folder).source.splitlines()
    code = [line for line in lines if not line.lstrip().startswith("#")]
    return boxes, code, emit(program.graph, MSE.declared({}), SGD.declared({}), batch=4).source


def test_a_file_that_uses_no_block_does_not_parse_the_library() -> None:
    library.file.cache_clear()
    program("net = Linear(2, 3)\n")
    assert library.file.cache_info().misses == 0
    program("net = Excitation(2)\ninput = [2]\n")
    assert library.file.cache_info().misses == 1


def test_a_block_may_come_from_the_command_line_alone() -> None:
    text = "act = ReLU\nnet = Linear(2, 3) -> act\n"
    names = [node.layer.name for node in program(text, "act=Excitation(3)").graph.nodes]
    assert names[-2:] == ["Sigmoid", "Mul"]


@pytest.mark.parametrize(
    "text",
    [
        "block MLP(n) = Linear(n, n)\nnet = MLP(3)\n",
        "MLP = 3\nnet = Linear(2, MLP)\n",
        "block f(MLP) = Linear(2, MLP)\nnet = f(3)\n",
        "net = [Linear(2, 2) as MLP -> ReLU, Identity] -> Add\n",
    ],
)
def test_a_name_of_the_library_cannot_be_defined_again(text: str) -> None:
    first, *_ = compile_source(SourceFile("a.net", text)).diagnostics
    assert isinstance(first, ReservedName)
    assert first.labels[0].span.source is library.SOURCE


@pytest.mark.parametrize("text", ["net = MLP(2, 3, 4)\n", "net = Linear(2, 3)\n"])
def test_a_block_of_the_library_cannot_be_set(text: str) -> None:
    (found,) = compile_source(SourceFile("a.net", text), ["MLP=3"]).diagnostics
    assert isinstance(found, WrongKind)


@pytest.mark.parametrize("written", ["Mlp", "mlp", "MPL"])
def test_a_misspelt_block_is_suggested_with_its_parameters(written: str) -> None:
    (found,) = compile_source(SourceFile("a.net", f"net = {written}(2, 3, 4)\n")).diagnostics
    assert isinstance(found, UnknownName)
    assert found.meant == Guess("MLP", sure=written != "MPL")
    assert found.notes == (f"it is `{registry.signature('MLP')}`",)


def test_ir_and_diff_say_which_line_of_the_file_led_to_a_block() -> None:
    block = "PostNormTransformerBlock(4, 2)"
    used = program(f"# a comment\nnet = Linear(4, 4) -> {block}\ninput = [3, 4]\n")
    line = next(line for line in print_program(used).splitlines() if line.startswith("%6 ="))
    assert line.partition("# ")[2].startswith("line 2: netlang/std.net:")
    assert line.endswith(" in FeedForward in PostNormTransformerBlock")
    before = program("net = Linear(4, 4)\ninput = [3, 4]\n")
    added = [change for change in compare(before, used) if change.kind == "added"]
    assert {change.line_after for change in added} == {2}


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_all_blocks_train_alike_on_tensors_and_in_c() -> None:
    text = "net = SiLU -> SwiGLU(8, 5) -> FeedForward(8, 5) -> MLP(8, 5, 8)\n"
    text += "   -> ResidualBlock(8) -> Highway(8) -> Excitation(8) -> Linear(8, 2)\ninput = [8]\n"
    assert apart(program(text).graph, MSE()) < 1e-9


def loaded(network: Network, kind: type[torch.nn.Module], **options: bool | str) -> torch.nn.Module:
    """torch's block of 8 numbers and 2 heads, with the weights of ``network``."""
    twin = kind(8, 2, 32, dropout=0.0, batch_first=True, **options)
    own, attentions = network.named_tensors(), ["self_attn", "multihead_attn"]
    weights = {}
    for number, name in enumerate(attentions, 1):
        for part in ("weight", "bias"):
            if f"attention{number}.q_{part}" not in own:
                continue
            parts = [own[f"attention{number}.{one}_{part}"] for one in "qkv"]
            weights[f"{name}.in_proj_{part}"] = torch.cat(parts)
            weights[f"{name}.out_proj.{part}"] = own[f"attention{number}.out_{part}"]
    for name, tensor in own.items():
        if name.startswith(("linear", "layernorm")):
            weights[name.replace("layernorm", "norm")] = tensor
    twin.load_state_dict(weights)
    return twin


@pytest.mark.parametrize(
    ("use", "options"),
    [
        ("TransformerBlock(8, 2)", {"activation": "gelu", "norm_first": True}),
        ("PostNormTransformerBlock(8, 2)", {"activation": "relu", "norm_first": False}),
    ],
)
@pytest.mark.parametrize("causal", [False, True])
def test_a_transformers_block_is_torchs_layer(
    use: str, options: dict[str, bool | str], causal: bool
) -> None:
    text = f"net = {use}\ninput = [5, 8]\n"
    if causal:
        text = text.replace("(8, 2)", "(8, 2, causal=true)")
    network = Network(program(text).graph, seed=0)
    twin = loaded(network, torch.nn.TransformerEncoderLayer, **options)
    x, hidden = torch.randn(3, 5, 8), torch.ones(5, 5).triu(1).bool() if causal else None
    torch.testing.assert_close(network.forward(x), twin(x, src_mask=hidden))


def test_a_decoders_block_is_torchs_layer() -> None:
    text = 'net = Input("source", shape=[5, 8]) as read\n'
    text += '   -> [Input("target", shape=[4, 8]), read] -> Select(0)\n'
    text += "   -> DecoderBlock(8, 2, memory=read)\n"
    network = Network(program(text).graph, seed=0)
    options = {"activation": "gelu", "norm_first": True}
    twin = loaded(network, torch.nn.TransformerDecoderLayer, **options)
    source, target = torch.randn(3, 5, 8), torch.randn(3, 4, 8)
    both = torch.cat([source.flatten(1), target.flatten(1)], 1)
    expected = twin(target, source, tgt_mask=torch.ones(4, 4).triu(1).bool())
    torch.testing.assert_close(network.forward(both), expected)
