"""``netlang gradcheck`` finds each of many mistakes that people make in a backward pass.

A mutant is a layer with one expression exchanged in its own source: a sign, a factor, a term that
is missing, a sum that is forgotten, a dimension that is another.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from netlang.catalogue import layers
from netlang.catalogue.layers.convolution_map import ConvolutionMap
from tests.program import netlang

NETS = {
    "pictures": """\
net = Conv2d(2, 4, 3, stride=2, padding=1, groups=2)
   -> Tanh
   -> BatchNorm(4)
   -> MaxPool2d(2, stride=1)
   -> ConvTranspose2d(4, 2, 3, stride=2)
   -> LocalResponseNorm(2, alpha=0.5)
   -> AvgPool2d(3, stride=2)
   -> InstanceNorm(2, affine=true)
   -> Pad([1, 2], mode="reflect")
   -> GlobalAvgPool
   -> Linear(2, 2)
input = [2, 9, 9]
""",
    "depthwise": "net = Conv2d(3, 3, 3, groups=3) -> Flatten -> Linear(_, 2)\ninput = [3, 5, 5]\n",
    "sequences": """\
net = PositionalEmbedding(5, 4)
   -> Attention(4, 2, causal=true, rotary=true)
   -> LayerNorm(4)
   -> Rotary(2)
   -> LSTM(4, 3, bidirectional=true)
   -> RMSNorm(6)
   -> GRU(6, 4)
   -> GroupNorm(1, 5)
   -> RNN(4, 2, num_layers=2)
   -> Mean
input = [5, 4]
""",
    "tokens": "net = Flatten -> Embedding(3, 4) -> Max -> Linear(4, 2)\ninput = [6]\n",
    "joins": """\
net = Linear(4, 4)
   -> [Identity, Tanh, Sigmoid] -> Mul
   -> [Linear(4, 2), SeLU] -> Concat
   -> Dropout(0.5)
   -> [Slice(0, 3), Slice(3, 3)] -> Add
   -> Softmax
input = [4]
""",
}


class Mutant(NamedTuple):
    """``wrong`` stands for ``right`` in a method, and ``nodes`` of the net are told to be wrong."""

    net: str
    nodes: str
    item: type[Any]
    method: str
    right: str
    wrong: str


L = layers
MAP = ConvolutionMap
BOTH_CONVOLUTIONS = "conv2d1 convtranspose2d1"
RECURRENT = "lstm1 gru1 rnn1"
MUTANTS = [
    Mutant("pictures", "conv2d1", L.Conv2d, "backward", "(dy, self", "(dy.mT, self"),
    Mutant("pictures", "conv2d1", L.Conv2d, "backward", "return dx", "return dx.roll(1, 2)"),
    Mutant("pictures", "conv2d1", L.Conv2d, "accumulate", "self.accumulate_bias(dy)", "pass"),
    Mutant("pictures", BOTH_CONVOLUTIONS, MAP, "accumulate", "add_(found)", "add_(found.mT)"),
    Mutant("pictures", BOTH_CONVOLUTIONS, MAP, "accumulate", "add_(found)", "sub_(found)"),
    Mutant("pictures", BOTH_CONVOLUTIONS, L.Conv2d, "accumulate_bias", "dy.sum(", "dy.mean("),
    Mutant("depthwise", "conv2d1", MAP, "accumulate", ".sum(0)", ".mean(0)"),
    Mutant(
        "pictures", "convtranspose2d1", L.ConvTranspose2d, "backward", "(dy, self", "(-dy, self"
    ),
    Mutant(
        "pictures",
        "convtranspose2d1",
        L.ConvTranspose2d,
        "accumulate",
        "wide=dy",
        "wide=dy / 2",
    ),
    Mutant("pictures", "maxpool2d1", L.MaxPool2d, "backward", "scatter_add_", "scatter_"),
    Mutant("pictures", "avgpool2d1", L.AvgPool2d, "backward", "(dy, axis", "(2 * dy, axis"),
    Mutant("pictures", "pad1", L.Pad, "backward", "copy.flip(self._mirrored(axis))", "copy"),
    Mutant("pictures", "globalavgpool1", L.GlobalAvgPool, "backward", "shape[2:]", "shape[3:]"),
    Mutant("pictures", "batchnorm1", L.BatchNorm, "backward", "if not of_batch", "if of_batch"),
    Mutant("pictures", "batchnorm1", L.BatchNorm, "backward", "all_but_channels(dy)", "(2, 3)"),
    Mutant("pictures", "batchnorm1 instancenorm1", L.BatchNorm, "_sums", "dy * centred", "dy"),
    Mutant(
        "pictures", "batchnorm1 instancenorm1", L.BatchNorm, "_sums", "along * inv", "along + inv"
    ),
    Mutant("pictures", "instancenorm1", L.InstanceNorm, "backward", "[2:]", "[1:]"),
    Mutant("pictures", "localresponsenorm1", L.LocalResponseNorm, "backward", "2 * self", "self"),
    Mutant(
        "pictures",
        "localresponsenorm1",
        L.LocalResponseNorm,
        "backward",
        "(self.window - 1) // 2",
        "self.window // 2",
    ),
    Mutant("sequences", "layernorm1", L.LayerNorm, "backward", "g.mean(1", "g.sum(1"),
    Mutant("sequences", "rmsnorm1", L.RMSNorm, "backward", "value=-1", "value=1"),
    Mutant("sequences", "groupnorm1", L.GroupNorm, "backward", "self._of_groups(one)", "one"),
    Mutant("sequences", "attention1", L.Attention, "backward", ".sub_(through)", ""),
    Mutant("sequences", "attention1", L.Attention, "backward", "-sin_q", "sin_q"),
    Mutant("sequences", "attention1", L.Attention, "backward", "dk = ds.mT", "dk = ds"),
    Mutant("sequences", "attention1", L.Attention, "backward", "dsource +=", "dsource ="),
    Mutant(
        "sequences", "attention1", L.Attention, "_linear_back", "dy @ weight", "dy @ weight.t()"
    ),
    Mutant("sequences", "rotary1", L.Rotary, "backward", "-sin", "sin"),
    Mutant(
        "sequences",
        "positionalembedding1",
        L.PositionalEmbedding,
        "accumulate",
        "dy.sum(0)",
        "dy.mean(0)",
    ),
    Mutant("sequences", "lstm1", L.LSTM, "cell_backward", "dc * f", "dc"),
    Mutant("sequences", "lstm1", L.LSTM, "derivatives", "of_f.mul_(before)", "of_f.mul_(g)"),
    Mutant("sequences", "lstm1", L.LSTM, "derivatives", "(tanh_c).mul_(o)", "(tanh_c)"),
    Mutant("sequences", "gru1", L.GRU, "cell_backward", "dh * z", "dh"),
    Mutant("sequences", "gru1", L.GRU, "derivatives", "of_n * r", "of_n"),
    Mutant("sequences", "gru1", L.GRU, "derivatives", "h - n", "n - h"),
    Mutant("sequences", "rnn1", L.RNN, "derivatives", "slope_of_tanh(p)", "1 - p"),
    Mutant("sequences", RECURRENT, L.RNN, "_backward", "at + dh", "at"),
    Mutant("sequences", RECURRENT, L.RNN, "_backward", "y[:-1]", "y[1:]"),
    Mutant("sequences", RECURRENT, L.RNN, "_accumulate", "add_(sums)", "add_(2 * sums)"),
    Mutant("sequences", "mean1", L.Mean, "spread", "dy / kept", "dy"),
    Mutant("tokens", "embedding1", L.Embedding, "accumulate", "index_add_", "index_copy_"),
    Mutant("tokens", "max1", L.Max, "spread", "kept.unsqueeze(1)", "0 * kept.unsqueeze(1)"),
    Mutant("joins", "linear1 linear2", L.Linear, "backward", "self.weight", "self.weight.abs()"),
    Mutant("joins", "mul1", L.Mul, "backward", "x[:i] + x[i + 1 :]", "x[i:]"),
    Mutant("joins", "concat1", L.Concat, "backward", "(dy,", "(dy.roll(1, -1),"),
    Mutant("joins", "add1", L.Add, "backward", "(dy,)", "(dy / count,)"),
    Mutant("joins", "dropout1", L.Dropout, "backward", "dy * self.saved", "dy"),
    Mutant("joins", "softmax1", L.Softmax, "backward", "value=-1", "value=1"),
    Mutant(
        "joins",
        "tanh1",
        L.Tanh,
        "backward",
        "slope_of_tanh(self.saved)",
        "self.saved.neg().add_(1)",
    ),
    Mutant("joins", "sigmoid1", L.Sigmoid, "backward", "mul_(dy)", "add_(dy)"),
    Mutant("joins", "selu1", L.SeLU, "backward", "(dy, x, self", "(dy, -x, self"),
]


def let_live(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exchange the expression where the method is defined, for all classes that inherit it."""
    name = mutant.method
    owner = next(one for one in mutant.item.__mro__ if name in vars(one))
    method = inspect.unwrap(vars(owner)[name])
    source = textwrap.dedent(inspect.getsource(method))
    assert mutant.right in source, source
    source = source.replace(mutant.right, mutant.wrong)
    made: dict[str, Any] = {}
    exec(f"from __future__ import annotations\n{source}", method.__globals__, made)
    monkeypatch.setattr(owner, name, made[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "mutant", MUTANTS, ids=lambda one: f"{one.item.__name__}.{one.method}: {one.wrong}"
)
def test_the_command_names_the_nodes_of_a_mutant(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.net").write_text(NETS[mutant.net])
    let_live(mutant, monkeypatch)
    result = netlang("gradcheck", "a.net", "--batch", "3", "--samples", "8")
    assert result.exit_code == 1, result.output
    wrong = re.findall(r"error\[E0424\]: the gradient .*of `(\w+)` is wrong", result.stderr)
    assert wrong == mutant.nodes.split(), result.stderr


@pytest.mark.parametrize("net", NETS)
def test_there_is_nothing_wrong_without_mutants(net: str) -> None:
    Path("a.net").write_text(NETS[net])
    result = netlang("gradcheck", "a.net", "--batch", "3", "--samples", "8")
    assert (result.exit_code, result.stderr) == (0, "")
