"""C that would be wrong is refused, and its author is told why."""

from __future__ import annotations

import re

import numpy
import pytest
import torch

from netlang import arg
from netlang.catalogue.layers import Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import SGD, Optimizer
from netlang.language.shapes import Shape
from netlang.lowering.c import lowers
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.c.generator.texts import number
from netlang.lowering.c.kernels import (
    Array,
    Elementwise,
    ElementwiseLoss,
    LayerKernel,
    LossKernel,
    Routine,
    Rowwise,
    RowwiseLoss,
    Update,
)
from netlang.lowering.lowerings import Unsupported
from tests.engine.native.own import GLU, LayerNorm, PReLU
from tests.graphs import chain, dense


def prelu(*shape: int) -> Layer:
    return PReLU.declared({"shape": shape})


def norm(features: int) -> Layer:
    return LayerNorm.declared({"features": features})


def emit_with(kernel: object, layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Emit a network with the layer in the middle, whose C is the kernel."""
    monkeypatch.setitem(lowers.functions, type(layer), lambda *_: kernel)
    emit(chain(dense(5, 9), layer, start=(3, 5)), MSE(), SGD.declared({}), batch=4)


def emit_loss_with(kernel: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lowers.functions, MSE, lambda *_: kernel)
    emit(chain(dense(5, 9), start=(5,)), MSE(), SGD.declared({}), batch=4)


@pytest.mark.parametrize(
    ("layer", "kernel", "why"),
    [
        (prelu(1), Elementwise("x", ("dy",)), "has weights, and its C no gradients for them"),
        (prelu(1), Elementwise("x", ("dy",), gradients={"slop": "dy"}), "has other weights"),
        (
            prelu(1),
            Elementwise("x", ("dy",), reads=("x1",)),
            "reads x1, which is neither an input nor y",
        ),
        (prelu(4), None, r"cannot broadcast its slope from \[4\] to \[3, 9\]"),
        (GLU.declared({}), Elementwise("x", ("dy",)), "changes its input's shape"),
        (norm(9), Rowwise("", ("",)), "has weights, and its C no gradients for them"),
        (
            Tanh.declared({}),
            Rowwise("y[0] = 1;", ("dx[0] = 1;",), gradients="weight_grad[0] = 0;"),
            "has no weights, and its C has gradients or sums",
        ),
    ],
)
def test_c_that_does_not_fit_its_layer_is_left_to_tensors(
    layer: Layer, kernel: LayerKernel | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = kernel or lowers.lowered(layer, Shape((3, 9)))
    with pytest.raises(Unsupported, match=why):
        emit_with(own, layer, monkeypatch)


@pytest.mark.parametrize(
    ("kernel", "why"),
    [
        (Elementwise("x", ()), "has 0 backward texts, and needs 1: one for each input"),
        (Elementwise("x", ("dy", "dy")), "has 2 backward texts, and needs 1"),
        (Elementwise("x", "2 * dy"), "has '2 . dy' as backward, which is no tuple of texts"),  # type: ignore[arg-type]
        (Elementwise("x", (None,)), "has None as backward, which is no text of C"),  # type: ignore[arg-type]
        (Elementwise("x", ("dy",), reads="x"), "has 'x' as reads, which is no tuple of texts"),  # type: ignore[arg-type]
        (Elementwise(None, ("dy",)), "has None as forward, which is no text of C"),  # type: ignore[arg-type]
        (Elementwise(" ", ("dy",)), "has ' ' as forward, which is no text of C"),
        (Elementwise("x", ("",)), "has '' as backward, which is no text of C"),
        (Elementwise("x * k", ("dy",), keeps={"k": ""}), "has '' as k, which is no text of C"),
        (ElementwiseLoss("y - t"), "as its C, which is no Elementwise or Rowwise or Routine"),
        ("2 * x", "has '2 . x' as its C, which is no Elementwise or Rowwise or Routine"),
    ],
)
def test_what_is_no_kernel_of_a_layer_is_told_to_its_author(
    kernel: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"Tanh in line 1 {why}|Tanh in line 1 has .* {why}"):
        emit_with(kernel, Tanh.declared({}), monkeypatch)


@pytest.mark.parametrize(
    ("kernel", "why"),
    [
        (Rowwise("x[0] = 1;", ("dx[0] = dy[0];",)), "does not fill y in forward"),
        (Rowwise("/* y */ // y", ("dx[0] = dy[0];",)), "does not fill y in forward"),
        (Routine("y[0] = x[0];", ("dy[0] = 1;",)), "does not fill dx in backward"),
        (
            Routine("y[0] = x[0];", ("dx[0] = 1;",), evaluated="x[0];", draws=1),
            "does not fill y in evaluated",
        ),
    ],
)
def test_what_a_text_does_not_fill_is_told_to_its_author(
    kernel: LayerKernel, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"Tanh in line 1 {why}"):
        emit_with(kernel, Tanh.declared({}), monkeypatch)


NOTHING = Array("1", "memset(bias_grad, 0, sizeof(real));")


@pytest.mark.parametrize(
    ("kernel", "why"),
    [
        (
            Rowwise("y[0] = x[0];", ("dx[0] = 1;",), gradients="weight_grad[0] = 0;"),
            "does not fill bias_grad in gradients",
        ),
        (
            Routine(
                "y[0] = x[0];",
                ("dx[0] = 1;",),
                gradients="weight_grad[0] = 0;",
                sums={"total": NOTHING},
            ),
            "does not fill total in gradients",
        ),
        (
            Routine(
                "y[0] = x[0];",
                ("dx[0] = 1;",),
                gradients="weight_grad[0] = 0, x[0];",
                reads=("x",),
                prepared={"x": NOTHING},
                sums={"x": NOTHING},
            ),
            "has the name x, which has another meaning",
        ),
    ],
)
def test_what_is_wrong_about_weights_is_told_to_its_author(
    kernel: LayerKernel, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"LayerNorm in line 1 {why}"):
        emit_with(kernel, norm(9), monkeypatch)


def test_arrays_of_any_names_have_memory_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = dict.fromkeys(("v", "v1", "v_1"), NOTHING)
    gradients = "v[0] = v1[0] = v_1[0] = weight_grad[0] = 0;"
    kernel = Routine("y[0] = x[0];", ("dx[0] = 1;",), gradients=gradients, sums=arrays)
    monkeypatch.setitem(lowers.functions, LayerNorm, lambda *_: kernel)
    source = emit(chain(*[norm(9)] * 12, start=(9,)), MSE(), SGD.declared({}), batch=4).source
    work = source.partition("struct work {")[2].partition("};")[0]
    names = re.findall(r"(\w+)\[", work)
    assert len(names) > 36
    assert len({*names}) == len(names)


@pytest.mark.parametrize(
    ("kernel", "wrong"),
    [
        (Elementwise("drawn < 5 ? 0 : x", ("dy",)), "drawn in forward"),
        (Elementwise("x * k", ("dy",), keeps={"k": "drawn"}), "drawn in k"),
        (Elementwise("x", ("drawn * dy",), "x", draws=True), "drawn in backward"),
        (Elementwise("x", ("dy",), "drawn * x", draws=True), "drawn in evaluated"),
        (Elementwise("x", ("dy",), "k", draws=True, keeps={"k": "drawn"}), "k in evaluated"),
        (Elementwise("x + y", ("dy",)), "y in forward"),
        (Elementwise("x1 * 2", ("2 * dy",)), "x1 in forward"),
        (Elementwise("x", ("dy * y0",)), "y0 in backward"),
        (Elementwise("x", ("dy * k_y0",)), "k_y0 in backward"),
        (Elementwise("x * k", ("dy",), keeps={"k": "x + dy0"}), "dy0 in k"),
        *(
            (Elementwise(f"x * {name}", ("dy",)), f"{name} in forward")
            for name in ["e", "N", "s", "u", "i", "r", "add"]
        ),
        (Elementwise("x", ("y > 0 ? dy : 0",)), "y in backward"),
        (Routine("y[0] = drawn(samples[0], key, units[0]);", ("dx[0] = dy[0];",)), "drawn in"),
        (Routine("gemm(blas, x, y);", ("dx[0] = dy[0];",)), "blas in forward"),
        (
            Rowwise("y[0] = x[0];", ("dx[0] = dy[0] * x[0];",)),
            "x in backward, where it is not declared",
        ),
    ],
)
def test_a_text_names_what_its_kernel_declares(
    kernel: LayerKernel, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"Tanh in line 1 names {wrong}"):
        emit_with(kernel, Tanh.declared({}), monkeypatch)


@pytest.mark.parametrize(
    ("kernel", "why"),
    [
        (
            Elementwise("y", ("y - t",)),
            "has Elementwise.*which is no ElementwiseLoss or RowwiseLoss",
        ),
        (
            Routine("y", ("dy[0] = y[0];",)),
            "has Routine.* C, which is no ElementwiseLoss or RowwiseLoss",
        ),
        ("y - t", "has 'y - t' as its C, which is no ElementwiseLoss or RowwiseLoss"),
        (ElementwiseLoss(""), "has '' as gradient, which is no text of C"),
        (ElementwiseLoss(("y - t",)), "has .'y - t',. as gradient, which is no text of C"),  # type: ignore[arg-type]
        (RowwiseLoss("dx[0] = y[0] - t[0];"), "does not fill dy in gradient"),
    ],
)
def test_what_is_no_kernel_of_a_loss_is_told_to_its_author(
    kernel: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"MSE {why}"):
        emit_loss_with(kernel, monkeypatch)


@pytest.mark.parametrize("name", ["e", "N"])
def test_a_loss_names_nothing_of_the_loop_around_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"MSE names {name} in gradient"):
        emit_loss_with(ElementwiseLoss(f"(y - t) / {name}"), monkeypatch)


def test_a_name_of_the_loop_may_be_a_constant_or_stand_in_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel = Elementwise("x * e + 1.e-3", ("dy * e",), constants={"e": 2.0})
    emit_with(kernel, Tanh.declared({}), monkeypatch)


def test_what_is_no_update_is_told_to_its_author(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lowers.functions, SGD, lambda _: "w -= dw;")
    with pytest.raises(Unsupported, match="SGD has 'w -= dw;' as its C, which is no Update"):
        emit(chain(dense(5, 9), start=(5,)), MSE(), SGD.declared({}), batch=4)


def test_an_update_that_changes_no_weight_is_told_to_its_author(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(lowers.functions, SGD, lambda _: Update("m = dw;"))
    with pytest.raises(Unsupported, match="SGD does not fill w in each"):
        emit(chain(dense(5, 9), start=(5,)), MSE(), SGD.declared({}), batch=4)


class Unmoving(Optimizer, abstract=True):
    """An optimizer of which the C alone matters."""

    def step(self) -> None:
        """Change nothing."""


@pytest.mark.parametrize("name", ["i", "t", "c", "begin", "end", "w", "dw", "slices"])
def test_an_optimizers_argument_captures_no_name_of_the_c(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = type("Own", (Unmoving,), {"__annotations__": {name: float}, name: arg(default=1.0)})
    monkeypatch.setitem(lowers.functions, own, lambda _: Update(f"w -= {name} * dw;"))
    with pytest.raises(Unsupported, match=f"Own has the name {name}, which has another meaning"):
        emit(chain(dense(5, 9), start=(5,)), MSE(), own.declared({}), batch=4)


@pytest.mark.parametrize("name", ["w", "dw", "i", "lr"])
def test_an_optimizers_state_captures_no_name_of_the_c(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {"__annotations__": {"lr": float}, "lr": arg(default=1.0), "state": (name,)}
    own = type("Own", (Unmoving,), fields)
    monkeypatch.setitem(lowers.functions, own, lambda _: Update("w -= dw;"))
    with pytest.raises(Unsupported, match=f"Own has the name {name}, which has another meaning"):
        emit(chain(dense(5, 9), start=(5,)), MSE(), own.declared({}), batch=4)


@pytest.mark.parametrize(
    ("kernel", "name"),
    [
        (Elementwise("x", ("dy",), constants={"x": 2}), "x"),
        (Elementwise("x", ("dy",), constants={"k": 2}, keeps={"k": "x"}), "k"),
        (Rowwise("y[0] = x[0] * N;", ("dx[0] = dy[0];",), constants={"N": 2}), "N"),
        *(
            (Elementwise(f"x * {name}", ("dy",), constants={name: 2.0}), name)
            for name in [
                "to",
                "from",
                "into",
                "gradient",
                "all_x",
                "real",
                "double",
                "for",
                "asm",
                "linux",
            ]
        ),
        (Elementwise("x", ("dy",), keeps={"k": "x"}, constants={"keep_k": 2}), "keep_k"),
        (Rowwise("y[0] = all_x;", ("dx[0] = 1;",), constants={"all_x": 2}), "all_x"),
    ],
)
def test_a_constant_captures_no_name_of_the_c(
    kernel: LayerKernel, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"has the name {name}, which has another meaning"):
        emit_with(kernel, Tanh.declared({}), monkeypatch)


@pytest.mark.parametrize(
    ("kernel", "name"),
    [
        (RowwiseLoss("dy[0] = all_y;", {"all_y": 2}), "all_y"),
        (ElementwiseLoss("(y - t) * real", {"real": 2}), "real"),
        (ElementwiseLoss("(y - t) * e", {"e": 2}), "e"),
        (RowwiseLoss("dy[0] = N;", {"N": 2}), "N"),
    ],
)
def test_a_losses_constant_captures_no_name_of_the_c(
    kernel: LossKernel, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=f"has the name {name}, which has another meaning"):
        emit_loss_with(kernel, monkeypatch)


@pytest.mark.parametrize("name", ["β", "a b", "2x", ""])
def test_a_constant_has_a_name_that_c_can_write(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Elementwise("x", ("dy",), constants={name: 2.0})
    with pytest.raises(Unsupported, match=f"has the name {name!r}, which is none in C"):
        emit_with(kernel, Tanh.declared({}), monkeypatch)


@pytest.mark.parametrize(
    ("constant", "why"),
    [
        (2**64 + 2, "has 18446744073709551618 as k, which does not fit in 64 bits"),
        ("2.0", "has '2.0' as k, which is no int or float"),
        (torch.tensor(2.0), r"has tensor\(2.\) as k, which is no int or float"),
        (numpy.float32(2), r"has (np.float32\()?2.0\)? as k, which is no int or float"),
        (None, "has None as k, which is no int or float"),
    ],
)
def test_what_is_no_constant_of_c_is_told_to_its_author(
    constant: float, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unsupported, match=why):
        emit_with(Elementwise("x", ("dy",), constants={"k": constant}), Tanh(), monkeypatch)
    with pytest.raises(Unsupported, match=why):
        emit_loss_with(ElementwiseLoss("y * k", {"k": constant}), monkeypatch)


def test_a_constant_of_a_kind_of_float_is_written_as_a_float() -> None:
    assert number(numpy.float64(2.5)) == number(2.5) == "(real)2.5"
