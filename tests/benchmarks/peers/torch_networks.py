"""The networks as they are mostly written with ``torch.nn``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.benchmarks.workloads import Workload

HEADS = 4


def model1(workload: Workload) -> nn.Module:
    return nn.Sequential(
        *(nn.Linear(2, 25), nn.ReLU()),
        *(nn.Linear(25, 25), nn.Dropout(workload.dropout), nn.ReLU()),
        *(nn.Linear(25, 25), nn.ReLU()),
        *(nn.Linear(25, 2), nn.Tanh()),
    )


def model2(workload: Workload) -> nn.Module:
    return nn.Sequential(
        *(nn.Linear(2, 25), nn.ReLU()),
        *(nn.Linear(25, 25), nn.Dropout(workload.dropout), nn.ELU()),
        *(nn.Linear(25, 25), nn.Dropout(workload.dropout), nn.ReLU()),
        *(nn.Linear(25, 2), nn.Softmax(-1)),
    )


def classifier(workload: Workload) -> nn.Module:
    inputs, width, depth = (workload.sizes[name] for name in ("inputs", "width", "depth"))
    first = nn.Linear(inputs, width), nn.ReLU()
    hidden = [layer for _ in range(depth) for layer in (nn.Linear(width, width), nn.ReLU())]
    return nn.Sequential(*first, *hidden, nn.Linear(width, workload.classes))


class Block(nn.Module):
    """relu(x + w₂ relu(w₁ x))"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.first(x))))


def residual(workload: Workload) -> nn.Module:
    width, (inputs,) = workload.sizes["width"], workload.input
    blocks = [Block(width) for _ in range(workload.sizes["depth"])]
    ends = nn.Linear(width, workload.classes), nn.Softmax(-1)
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), *blocks, *ends)


def lenet(workload: Workload) -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)),
    )


def normed(into: int, out: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(into, out, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out))


class Residual(nn.Module):
    """relu(shortcut(x) + F(x)), where F is two convolutions."""

    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        stride = 1 if into == out else 2
        self.shortcut = nn.Identity() if into == out else normed(into, out, 1, stride)
        self.first, self.second = normed(into, out, 3, stride), normed(out, out)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.second(functional.relu(self.first(x)))
        return functional.relu(self.shortcut(x) + inner)


def resnet8(workload: Workload) -> nn.Module:
    width = workload.sizes["width"]
    return nn.Sequential(
        *(normed(3, width), nn.ReLU(), Residual(width, width)),
        *(Residual(width, 2 * width), Residual(2 * width, 4 * width)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, workload.classes)),
    )


class Recurrent(nn.Module):
    """The logits of a class, of the state behind the last step."""

    def __init__(self, inputs: int, width: int, classes: int) -> None:
        super().__init__()
        self.gru = nn.GRU(inputs, width, batch_first=True)
        self.out = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        _, last = self.gru(x)
        logits: Tensor = self.out(last[0])
        return logits


def gru(workload: Workload) -> nn.Module:
    return Recurrent(workload.input[-1], workload.sizes["width"], workload.classes)


class Attention(nn.Module):
    """Causal self-attention, with one product for queries, keys and values."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        heads = (part.unflatten(-1, (HEADS, -1)) for part in self.qkv(x).chunk(3, -1))
        q, k, v = (part.transpose(1, 2) for part in heads)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        made: Tensor = self.out(y.transpose(1, 2).flatten(2))
        return made

    def in_order(self) -> Iterator[Tensor]:
        """Its weights, and then its biases, those of queries, keys and values apart."""
        yield from self.qkv.weight.detach().chunk(3)
        yield self.out.weight.detach()
        yield from self.qkv.bias.detach().chunk(3)
        yield self.out.bias.detach()


class TransformerBlock(nn.Module):
    """x + attention(norm(x)), and then x + F(norm(x)), where F is two linear layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width)
        self.norm2, self.wide = nn.LayerNorm(width), nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.narrow(functional.gelu(self.wide(self.norm2(x))))


class Transformer(nn.Module):
    """At each place the logits of the next character."""

    def __init__(self, characters: int, width: int, depth: int, context: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(characters, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(TransformerBlock(width) for _ in range(depth)))
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, characters)

    def forward(self, x: Tensor) -> Tensor:
        x = self.tokens(x) + self.places.weight
        logits: Tensor = self.out(self.norm(self.blocks(x)))
        return logits


def transformer(workload: Workload) -> nn.Module:
    sizes = (workload.sizes[name] for name in ("characters", "width", "depth", "context"))
    return Transformer(*sizes)


def tabular(workload: Workload) -> nn.Module:
    width, (inputs,) = workload.sizes["width"], workload.input

    def hidden(inputs: int) -> tuple[nn.Module, ...]:
        norm, dropout = nn.BatchNorm1d(width), nn.Dropout(workload.dropout)
        return nn.Linear(inputs, width, bias=False), norm, nn.ReLU(), dropout

    return nn.Sequential(*hidden(inputs), *hidden(width), nn.Linear(width, workload.classes))


NETWORKS: dict[str, Callable[[Workload], nn.Module]] = {
    "model1": model1,
    "model2": model2,
    "classifier": classifier,
    "residual": residual,
    "lenet": lenet,
    "resnet8": resnet8,
    "gru": gru,
    "transformer": transformer,
    "tabular": tabular,
}


def network(workload: Workload) -> nn.Module:
    """With the weights that everyone starts from."""
    made = NETWORKS[workload.twin](workload)
    for parameter, start in zip(weights(made), workload.weights(), strict=True):
        parameter.copy_(torch.from_numpy(start))
    return made


def weights(module: nn.Module) -> Iterator[Tensor]:
    """What the network learns, in the order of the `.net` file."""
    if isinstance(module, Attention):
        yield from module.in_order()
        return
    for own in module.parameters(recurse=False):
        yield own.detach()
    for part in module.children():
        yield from weights(part)
