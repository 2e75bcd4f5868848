"""How fast each layer goes forwards and backwards, beside PyTorch's and autograd.

    python -m tests.benchmarks.layers                 all layers, and a few networks
    python -m tests.benchmarks.layers Conv LSTM       those whose text has one of these words
    python -m tests.benchmarks.layers network         the networks alone

The peer is what ``netlang export`` writes for the layer, with the same weights. Both get the
gradients at their input and at their weights, in turns. A ratio below 1 says that ours is faster.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from tests.benchmarks.measure import Times, in_turns, seconds_of
from tests.lowering.pytorch.written import alone, weights, written

ROWS = [512], 256
PICTURES = [64, 56, 56], 16
SMALL_PICTURES = [32, 14, 14], 32
SEQUENCES = [64, 128], 32

# What is said in a file, the sizes of a sample, and the samples of a batch.
CASES = [
    *(
        (text, *ROWS)
        for text in (
            "ReLU",
            "ReLU6",
            "LeakyReLU",
            "PReLU",
            "ELU",
            "CELU",
            "SeLU",
            "Softplus",
            "SiLU",
            "GELU",
            'GELU(approximate="tanh")',
            "Mish",
            "HardSwish",
            "Tanh",
            "Sigmoid",
            "Softsign",
            "HardSigmoid",
            "HardTanh",
            "Softmax",
            "LogSoftmax",
            "GLU",
            "Linear(_, 512)",
            "BatchNorm(_)",
        )
    ),
    *(
        (text, *PICTURES)
        for text in (
            "MaxPool2d(2)",
            "MaxPool2d(3, stride=2, padding=1)",
            "AvgPool2d(2)",
            "AvgPool2d(3, stride=2, padding=1)",
            "AdaptiveAvgPool2d(1)",
            "AdaptiveAvgPool2d(7)",
            "GlobalAvgPool",
            "Upsample(scale_factor=2)",
            'Upsample(scale_factor=2, mode="bilinear")',
            "Pad(1)",
            'Pad(1, mode="reflect")',
            "BatchNorm(_)",
            "GroupNorm(8, _)",
            "InstanceNorm(_, affine=true)",
            "LocalResponseNorm(5)",
            "PReLU(64)",
            "Scale(_, dim=1)",
            "Conv2d(_, 64, 3, padding=1)",
            "Conv2d(_, 64, 1)",
            "Conv2d(_, 64, 3, padding=1, groups=64)",
            "Conv2d(_, 128, 3, stride=2, padding=1)",
            "ConvTranspose2d(_, 32, 2, stride=2)",
        )
    ),
    *(
        (text, *SMALL_PICTURES)
        for text in (
            "Conv2d(_, 64, 3, padding=1)",
            "Conv2d(_, 64, 5)",
            "Conv2d(_, 64, 1)",
            "Conv2d(_, 64, 2, stride=2)",
            "BatchNorm(_)",
            "MaxPool2d(2)",
        )
    ),
    *(
        (text, *SEQUENCES)
        for text in (
            "RNN(_, 128)",
            "GRU(_, 128)",
            "LSTM(_, 128)",
            "LSTM(_, 128, num_layers=2, bidirectional=true)",
            "Attention(_, 4)",
            "Attention(_, 4, causal=true)",
            "Attention(_, 4, causal=true, rotary=true)",
            "LayerNorm(_)",
            "RMSNorm(_)",
            "PositionalEmbedding(64, _)",
            'PositionalEmbedding(64, _, form="sinusoidal")',
            "Rotary(4)",
            "Mean",
            "Max",
            "Last",
            "Linear(_, 512)",
            "Conv1d(64, 64, 3, padding=1)",
        )
    ),
]


# Whole networks, by the names that they are asked for.
NETWORKS = {
    "LeNet": (
        "Conv2d(_, 6, 5, padding=2) -> Tanh -> AvgPool2d(2) -> Conv2d(_, 16, 5) -> Tanh -> "
        "AvgPool2d(2) -> Flatten -> Linear(_, 120) -> Tanh -> Linear(_, 84) -> Tanh -> "
        "Linear(_, 10)",
        [1, 28, 28],
        64,
    ),
    "ResNet": (
        "Conv2d(_, 32, 3, padding=1, bias=false) -> BatchNorm(_) -> ReLU -> [Identity, "
        "Conv2d(_, 32, 3, padding=1, bias=false) -> BatchNorm(_) -> ReLU -> "
        "Conv2d(_, 32, 3, padding=1, bias=false) -> BatchNorm(_)] -> Add -> ReLU -> "
        "Conv2d(_, 64, 3, stride=2, padding=1, bias=false) -> BatchNorm(_) -> ReLU -> "
        "GlobalAvgPool -> Linear(_, 10)",
        [3, 32, 32],
        16,
    ),
    "Transformer": ("TransformerBlock(128, num_heads=4) * 2 -> Mean -> Linear(_, 10)", *SEQUENCES),
    "GRU": ("GRU(_, 64) -> GRU(_, 64) -> Mean -> Linear(_, 10)", *SEQUENCES),
}


def main() -> None:
    parser = argparse.ArgumentParser("tests.benchmarks.layers", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--rounds", type=int, default=15, help="turns of either (15)")
    parser.add_argument("--seconds", type=float, default=0.02, help="a turn's length (0.02)")
    parser.add_argument("--threads", type=int, default=1, help="of either (1)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"{'layer':46} {'batch':>20} {'ms':>8} {'torch':>8} {'ratio':>6}   10 % .. 90 %")
    cases = [(text, text, *rest) for text, *rest in CASES]
    cases += [(f"network {name}", *case) for name, case in NETWORKS.items()]
    for name, text, sample, batch in cases:
        if arguments.words and not any(word in name for word in arguments.words):
            continue
        times = in_turns(turns(text, sample, batch, arguments.seconds), arguments.rounds)
        print(row(name, [batch, *sample], times), flush=True)


def row(text: str, shape: Sequence[int], times: Times) -> str:
    ratio = times.ratio("netlang", "torch")
    ours, theirs = (1e3 * times.median(name) for name in ("netlang", "torch"))
    return (
        f"{text:46} {'x'.join(map(str, shape)):>20} {ours:8.3f} {theirs:8.3f} "
        f"{ratio.median:6.2f}   {ratio.low:.2f} .. {ratio.high:.2f}"
    )


def turns(
    text: str, sample: Sequence[int], batch: int, seconds: float
) -> dict[str, Callable[[], float]]:
    """A turn of each, which gives the seconds of a pass there and back."""
    ours, theirs = steps(text, sample, batch)
    return {"netlang": _repeated(ours, seconds), "torch": _repeated(theirs, seconds)}


def steps(
    text: str, sample: Sequence[int], batch: int
) -> tuple[Callable[[], list[Tensor]], Callable[[], list[Tensor]]]:
    """Ours and theirs: a pass there and back, for the gradients at the input and the weights."""
    source = SourceFile("layer.net", f"net = {text}\ninput = {[*sample]}\n")
    graph = compile_source(source, ()).require().graph
    exported, code = written(alone(graph))
    network, model = Network(graph, 0), code.Model()
    pairs = [*weights(network, exported, model)]
    twins = [twin for _, twin in pairs]
    torch.manual_seed(0)
    x = torch.randn(batch, *sample)
    twin_x = x.clone().requires_grad_()
    dy = torch.randn_like(network.forward(x))

    def ours() -> list[Tensor]:
        network.zero_grad()
        network.forward(x)
        return [network.backward(dy), *(gradient for gradient, _ in pairs)]

    def theirs() -> list[Tensor]:
        return [*torch.autograd.grad(model(twin_x), [twin_x, *twins], dy)]

    return ours, theirs


def _repeated(work: Callable[[], object], seconds: float) -> Callable[[], float]:
    work()
    count = max(1, round(seconds / min(seconds_of(work), seconds_of(work))))

    def repeat() -> float:
        return seconds_of(lambda: [work() for _ in range(count)]) / count

    return repeat


if __name__ == "__main__":
    main()
