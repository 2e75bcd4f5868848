"""Recurrent layers: each is a cell, its mathematics at one step, forwards and backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.layers.activations.sigmoids import slope_of_sigmoid, slope_of_tanh
from netlang.catalogue.layers.recurrence import Recurrent
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.layers.recurrence import Gradients, Tensors


class RNN(
    Recurrent,
    known_as=("SimpleRNN",),
    like=("Recurrent", "RNNCell"),
    elsewhere={"SimpleRNN": {"output": '"last"'}},
):
    """hₜ = tanh(p + q), or ReLU of that; p = W xₜ + b, q = U hₜ₋₁ + b', and h₀ = 0.

    Shape: [N, T, input_size] -> [N, T, hidden_size], twice as wide if bidirectional; with
    ``output="last"`` without T. Weights: ``weight_ih_l0`` W, ``weight_hh_l0`` U, ``bias_ih_l0`` b
    and ``bias_hh_l0`` b', from U(-1/√hidden_size, 1/√hidden_size); ``_l1`` are those of the next
    layer, ``_reverse`` those of the other direction.  Source: Elman 1990; back-propagation through
    time, Werbos 1990.
    """

    argument_order = "input_size", "hidden_size", "num_layers", "nonlinearity"
    nonlinearity: str = arg(
        default="tanh", choices=("tanh", "relu"), doc="what acts on p + q", known_as=("activation",)
    )

    examples = (
        ("RNN(2, 3)", (4, 2)),
        ('RNN(2, 3, num_layers=2, bidirectional=true, nonlinearity="relu")', (3, 2)),
        ('RNN(2, 3, bias=false, output="last")', (1, 2)),
    )

    def cell(self, p: Tensor, q: Tensor, *state: Tensor) -> tuple[Tensors, Tensors]:
        h = p.tanh_() if self.nonlinearity == "tanh" else p.clamp_min_(0)
        return (h,), ()

    def derivatives(self, p: Tensor, *saved: Tensor) -> Tensors:
        return (slope_of_tanh(p) if self.nonlinearity == "tanh" else (p != 0).to(p.dtype),)

    def cell_backward(
        self, derivatives: Tensors, dstate: Tensors, dp: Tensor, dq: Tensor
    ) -> Gradients:
        (slope,), (dh,) = derivatives, dstate
        torch.mul(dh.unsqueeze(1), slope, out=dp)
        return (None,)


class GRU(Recurrent, like=("GRUCell",)):
    """hₜ = (1 - z) ⊙ n + z ⊙ hₜ₋₁, with r = σ(pᵣ + qᵣ), z = σ(p_z + q_z), n = tanh(pₙ + r ⊙ qₙ);
    p = W xₜ + b, q = U hₜ₋₁ + b', and h₀ = 0.

    Shape: [N, T, input_size] -> [N, T, hidden_size], twice as wide if bidirectional; with
    ``output="last"`` without T. Weights: as those of RNN, with the rows of r, z and n below each
    other.  Source: Cho et al. 2014, with r behind the product, as in torch and cuDNN.
    """

    gates = 3
    sums = False

    examples = (
        ("GRU(2, 3)", (4, 2)),
        ("GRU(2, 3, num_layers=2, bidirectional=true)", (3, 2)),
        ('GRU(2, 3, bidirectional=true, bias=false, output="last")', (3, 2)),
    )

    def cell(self, p: Tensor, q: Tensor, *state: Tensor) -> tuple[Tensors, Tensors]:
        (h,), both = state, 2 * self.hidden_size
        r, z = p[:, :both].add_(q[:, :both]).sigmoid_().chunk(2, 1)
        n = p[:, both:].addcmul_(r, q[:, both:]).tanh_()
        return (torch.lerp(n, h, z),), (q[:, both:], h)

    def derivatives(self, p: Tensor, *saved: Tensor) -> Tensors:
        (r, z, n), (q_n, h) = p.unbind(2), saved
        of_n = slope_of_tanh(n).mul_(1 - z)
        of_z = slope_of_sigmoid(z).mul_(h - n)
        of_r = slope_of_sigmoid(r).mul_(of_n).mul_(q_n)
        return torch.stack([of_r, of_z, of_n], 2), torch.stack([of_r, of_z, of_n * r], 2), z

    def cell_backward(
        self, derivatives: Tensors, dstate: Tensors, dp: Tensor, dq: Tensor
    ) -> Gradients:
        (of_p, of_q, z), (dh,) = derivatives, dstate
        torch.mul(dh.unsqueeze(1), of_p, out=dp)
        torch.mul(dh.unsqueeze(1), of_q, out=dq)
        return (dh * z,)


class LSTM(Recurrent, like=("LSTMCell",)):
    """hₜ = o ⊙ tanh(cₜ), cₜ = f ⊙ cₜ₋₁ + i ⊙ g, with i, f, o = σ(p + q), g = tanh(p + q);
    p = W xₜ + b, q = U hₜ₋₁ + b', and h₀ = c₀ = 0.

    Shape: [N, T, input_size] -> [N, T, hidden_size], twice as wide if bidirectional; with
    ``output="last"`` without T. Weights: as those of RNN, with the rows of i, f, g and o below each
    other.  Source: Hochreiter and Schmidhuber 1997; the gate f, Gers et al. 2000.
    """

    gates = 4
    states = 2

    examples = (
        ("LSTM(2, 3)", (4, 2)),
        ("LSTM(2, 3, num_layers=2, bidirectional=true)", (3, 2)),
        ('LSTM(2, 3, num_layers=2, bias=false, output="last")', (3, 2)),
    )

    def cell(self, p: Tensor, q: Tensor, *state: Tensor) -> tuple[Tensors, Tensors]:
        (_, before), width = state, self.hidden_size
        g = torch.tanh(p[:, 2 * width : 3 * width])
        i, f, _, o = p.sigmoid_().chunk(4, 1)
        c = torch.addcmul(f * before, i, g)
        tanh_c = torch.tanh(c)
        return (o * tanh_c, c), (g, before, tanh_c)

    def derivatives(self, p: Tensor, *saved: Tensor) -> Tensors:
        (i, f, _, o), (g, before, tanh_c) = p.unbind(2), saved
        of_p = slope_of_sigmoid(p)
        of_i, of_f, of_g, of_o = of_p.unbind(2)
        of_i.mul_(g)
        of_f.mul_(before)
        of_o.mul_(tanh_c)
        torch.mul(i, slope_of_tanh(g), out=of_g)
        return of_p, slope_of_tanh(tanh_c).mul_(o), f

    def cell_backward(
        self, derivatives: Tensors, dstate: Tensors, dp: Tensor, dq: Tensor
    ) -> Gradients:
        (of_p, of_tanh_c, f), (dh, dc) = derivatives, dstate
        dc = torch.addcmul(dc, dh, of_tanh_c)
        torch.mul(dc.unsqueeze(1), of_p[:, :3], out=dp[:, :3])
        torch.mul(dh, of_p[:, 3], out=dp[:, 3])
        return None, dc * f
