"""C and tensors train the same network, from the same draws, up to rounding."""

from __future__ import annotations

import math
import platform
import statistics
import threading
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from netlang.catalogue import registry
from netlang.catalogue.layers import (
    CELU,
    ELU,
    GELU,
    Dropout,
    HardSigmoid,
    HardSwish,
    HardTanh,
    LeakyReLU,
    MaxPool1d,
    Mish,
    PeriodicEmbedding,
    ReLU,
    ReLU6,
    SeLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from netlang.catalogue.losses import MSE, CrossEntropy, SoftmaxCrossEntropy
from netlang.catalogue.optimizers import SGD, Adam, NAdam, Optimizer
from netlang.catalogue.outputs import SumOfLosses, Term
from netlang.catalogue.randomness import permutation
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.cc import Compiler, machine_flags
from netlang.engine.native.compiled import gemm_address
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.engine.threads import torch_threads
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.lowering import c
from netlang.lowering.c import tiling
from netlang.system.shipped import folder
from tests.catalogue.layers.test_conformance import IN_C, build
from tests.catalogue.losses.cases import EXAMPLES, classes_for, loss_of, values_for
from tests.engine.agreement import (
    ADAM,
    Kind,
    Trained,
    apart,
    apart_in_one,
    difference,
    ending_for,
    network_for,
    parts,
    random_samples,
    train,
)
from tests.graphs import behind_linears, chain, dense, side_by_side

pytestmark = pytest.mark.usefixtures("compiler")

# All models: some take tensors minutes, and are trained here for a while only.
MODELS = (
    *("gru", "iris", "model1", "model2", "moons", "multitask", "residual"),
    *("spiral", "titanic", "xor"),
)
LONG_MODELS = "autoencoder", "chars", "lenet", "mixer", "resnet", "siamese", "unet"

PROGRAMS = 8  # of all layers

# Those that take each number by itself.
ALONE = (
    *(ReLU, ReLU6, LeakyReLU, ELU, CELU, SeLU, Softplus),
    *(SiLU, GELU, Mish, HardSwish, Tanh, Sigmoid, Softsign, HardSigmoid, HardTanh),
)


def shipped(name: str) -> Program:
    return compile_source(read(str(folder("models") / name)), to_run=True).require()


def trained(
    program: Program,
    kind: Kind,
    dtype: torch.dtype,
    epochs: int | None = None,
    most: int | None = None,
) -> Trained:
    """By the whole program, or fewer ``epochs`` of so many of its first samples."""
    assert program.data
    assert program.loss
    assert program.optimizer
    samples = program.data.load(program.seed).train
    pair = samples.inputs[:most].to(dtype), samples.targets[:most]
    optimizer = type(program.optimizer), program.optimizer.values
    how = pair, program.batch_size, epochs or program.epochs, program.seed
    # On processors that other tests use, too, torch's threads wait for each other.
    with torch_threads(1 if kind is TensorEngine else torch.get_num_threads()):
        return train(kind, program.graph, program.loss, optimizer, *how)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_whole_training_is_the_same_but_for_rounding(name: str) -> None:
    program = shipped(f"{name}.net")
    exact = trained(program, TensorEngine, torch.float64)
    assert difference(trained(program, NativeEngine, torch.float64), exact) < 1e-9
    native, tensor = (
        trained(program, kind, torch.float32) for kind in (NativeEngine, TensorEngine)
    )
    assert difference(native, exact) < 5 * difference(tensor, exact) + 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG_MODELS)
def test_two_epochs_of_a_training_are_the_same_but_for_rounding(name: str) -> None:
    program = shipped(f"{name}.net")
    native, tensor = (
        trained(program, kind, torch.float64, epochs=2, most=100)
        for kind in (NativeEngine, TensorEngine)
    )
    assert difference(native, tensor) < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoencoder", "lenet", "mixer", "resnet", "unet"])
def test_gradients_in_float_are_as_near_as_those_of_tensors(name: str) -> None:
    """In the middle of some steps, each from the weights that float64 has come to: one or the other
    may be far in a step, where a rounding decides which side of a corner it is on.
    """
    program, steps = shipped(f"{name}.net"), 7
    assert program.data
    assert program.loss
    assert program.optimizer
    samples = program.data.load(program.seed).train
    engines: list[tuple[Kind, torch.dtype]] = [
        (TensorEngine, torch.float64),
        (NativeEngine, torch.float32),
        (TensorEngine, torch.float32),
    ]
    trained = []
    for kind, dtype in engines:
        network = Network(program.graph, program.seed)
        network.to(dtype)
        parts = program.loss, program.optimizer.anew(network), program.batch_size, program.seed
        targets = samples.targets
        targets = targets.to(dtype) if targets.is_floating_point() else targets
        batches = Batches(samples.inputs.to(dtype), targets, program.batch_size, program.seed)
        trained.append((network, kind(network, *parts), batches))
    (exact, *_), *others = trained
    off: list[list[float]] = [[], []]
    for step in range(steps):
        weights = exact.parameters.float()
        for network, engine, batches in trained:
            network.parameters.copy_(weights)
            engine.gradients(batches.batch(Cursor(1, step)))
        for found, (network, *_) in zip(off, others, strict=True):
            apart = network.gradients.double() - exact.gradients
            found.append((apart.norm() / exact.gradients.norm()).item())
        trained[0][1].update()
    native, tensor = map(statistics.median, off)
    assert native < 2 * tensor < 1e-5, (native, tensor)


def test_every_model_is_trained_by_both_engines() -> None:
    assert {*MODELS, *LONG_MODELS} == {path.stem for path in folder("models").glob("*.net")}


@pytest.mark.parametrize("name", ["model2.net", "residual.net"])
def test_the_same_seed_gives_the_same_bits(name: str) -> None:
    program = shipped(name)
    first, second = (trained(program, NativeEngine, torch.float32) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(
    ("dtype", "most"),
    [(torch.float64, 1e-9), pytest.param(torch.float32, 1e-4, marks=pytest.mark.slow)],
    ids=["float64", "float32"],
)
@pytest.mark.parametrize("number", range(PROGRAMS))
def test_each_layer_agrees(number: int, dtype: torch.dtype, most: float) -> None:
    """Each from an input of its own to outputs of its own, in one network, as it takes C about as
    long to be compiled for one layer as for many.
    """
    cases = [case.values for case in IN_C[number::PROGRAMS]]
    layers = [item.declared(build(text).values) for item, text, _ in cases]
    graphs = [
        behind_linears(layer, samples) for layer, (*_, samples) in zip(layers, cases, strict=True)
    ]
    descent = (SGD, {"lr": 1e-3})  # which shows how long a gradient is, as Adam does not
    found = apart_in_one(graphs, descent, dtype=dtype)
    assert all(one < most for one in found), dict(zip(layers, found, strict=True))


SMOOTHED = "SoftmaxCrossEntropy(weight=[0.5, 1, 3], label_smoothing=0.1, ignore=1)"
FURTHER = SMOOTHED, "Focal(alpha=0.25)", "Triplet(p=2.5)"
ADDED = {
    "elements": ("MSE", "Huber(0.3)", 'Huber(0.1, reduction="sum")'),
    "rows": (SMOOTHED, "MSE", "Focal(0.5)"),
}


@pytest.mark.parametrize("texts", ADDED.values(), ids=ADDED)
def test_losses_that_are_added_up_agree(texts: Sequence[str]) -> None:
    loss = SumOfLosses.of(*map(Term, map(loss_of, texts), (1.0, 0.5, 0.25)))
    assert apart(chain(dense(3, 3), start=(3,)), loss) < 1e-9


@pytest.mark.parametrize("of_classes", [False, True], ids=["values", "classes"])
def test_each_loss_agrees(of_classes: bool) -> None:
    """Each of an output of its own, in one network."""
    losses = [(text, loss_of(text)) for text in (*EXAMPLES, *FURTHER)]
    losses = [one for one in losses if not of_classes or "classification" in one[1].tasks]
    graphs = [network_for(loss) for _, loss in losses]
    terms, targets, begin, target_begin = [], [], 0, 0
    for (text, loss), graph in zip(losses, graphs, strict=True):
        predicted = loss.predicted(graph.output.sizes)
        t = values_for(loss, 11, predicted)
        if of_classes:
            t = classes_for(11, predicted).double().unsqueeze(1)
        about = (text, 0, begin, graph.output.sizes, target_begin)
        shape = () if of_classes else tuple(t.shape[1:])
        task = "classification" if of_classes else "regression"
        part = OutputPart(*about, shape, task, predicted[-1] if of_classes else 0)
        terms.append(Term(loss, 1.0, part))
        targets.append(t)
        begin, target_begin = part.end, part.target_end
    whole = side_by_side(graphs)
    inputs = torch.rand(11, *whole.input.sizes, dtype=torch.float64)
    samples = inputs, torch.cat(targets, 1)
    native, tensor = (
        train(kind, whole, SumOfLosses.of(*terms), ADAM, samples, 4, 3)
        for kind in (NativeEngine, TensorEngine)
    )
    pairs = zip(parts(native, graphs), parts(tensor, graphs), strict=True)
    found = {text: difference(*pair) for (text, _), pair in zip(losses, pairs, strict=True)}
    assert all(one < 1e-9 for one in found.values()), found


@pytest.mark.slow
@pytest.mark.parametrize("of_classes", [False, True], ids=["values", "classes"])
@pytest.mark.parametrize(
    "text",
    [
        SMOOTHED,
        "SigmoidCrossEntropy([0.5, 1, 3])",
        'NLL(ignore=0, reduction="sum")',
        "Focal(gamma=0.5, weight=[0.5, 1, 3])",
        "Hinge(p=2, margin=0.3, weight=[0.5, 1, 3])",
        "KL",
    ],
)
def test_a_loss_of_rows_agrees_at_each_position(text: str, of_classes: bool) -> None:
    loss = loss_of(text)
    graph = chain(dense(3, 3), *ending_for(loss), start=(2, 3))
    t = classes_for(11, (2, 3)) if of_classes else values_for(loss, 11, (2, 3))
    if of_classes and loss.skips:
        t[::3, 0] = -1
    samples = torch.rand(11, 2, 3, dtype=torch.float64), t
    weights = torch.rand(11, dtype=torch.float64)
    trained = [
        train(kind, graph, loss, ADAM, samples, 4, 3, weights=weights)
        for kind in (NativeEngine, TensorEngine)
    ]
    assert difference(*trained) < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        ("Triplet(swap=true)", (3, 4)),
        ("CosineEmbedding(0.5)", (2, 4)),
        ("GaussianNLL", (2, 6)),
        ("Quantile([0.1, 0.5, 0.9])", (2, 6)),
        ("Focal(alpha=0.25)", (2,)),
        ("Focal(weight=[1, 3])", (1,)),
        ("Hinge(weight=[1, 3])", (1,)),
    ],
)
def test_a_loss_of_other_outputs_agrees(text: str, outputs: tuple[int, ...]) -> None:
    loss = loss_of(text)
    graph = chain(dense(3, outputs[-1]), *ending_for(loss), start=(*outputs[:-1], 3))
    predicted = loss.predicted(outputs)
    kinds = [values_for(loss, 11, predicted)]
    kinds += [classes_for(11, predicted)] if "classification" in loss.tasks else []
    for t in kinds:
        samples = torch.rand(11, *graph.input.sizes, dtype=torch.float64), t
        trained = [
            train(kind, graph, loss, ADAM, samples, 4, 3) for kind in (NativeEngine, TensorEngine)
        ]
        assert difference(*trained) < 1e-9


def test_a_probability_above_one_counts_as_one_in_both() -> None:
    graph = chain(dense(3, 4), SeLU(lam=30), ReLU(), start=(3,))
    assert apart(graph, CrossEntropy()) < 1e-9


OPTIMIZERS = [item for item in registry.items("optimizer") if c.lowers.says(item)]


@pytest.mark.parametrize("item", OPTIMIZERS, ids=lambda item: item.name)
def test_each_optimizer_agrees(item: type[Optimizer]) -> None:
    assert apart(chain(dense(3, 4), start=(3,)), MSE(), optimizer=(item, {"lr": 1e-2})) < 1e-9


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("SGD", {"momentum": 0.9, "dampening": 0.1, "weight_decay": 0.1}),
        ("SGD", {"momentum": 0.9, "nesterov": True, "decay_biases": False, "weight_decay": 0.1}),
        ("Adam", {"amsgrad": True, "weight_decay": 0.1}),
        ("AdamW", {"amsgrad": True, "decay_biases": False}),
        ("NAdam", {"momentum_decay": 0.5, "weight_decay": 0.1}),
        ("RAdam", {"beta2": 0.9, "decoupled_weight_decay": True, "weight_decay": 0.1}),
        ("RMSprop", {"centered": True, "momentum": 0.9}),
        ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.1}),
        ("Lion", {"weight_decay": 0.1}),
    ],
    ids=str,
)
def test_an_optimizer_agrees_with_all_that_it_can_do(name: str, values: dict[str, float]) -> None:
    item = registry.ITEMS[name]
    assert issubclass(item, Optimizer)
    optimizer = (item, {"lr": 1e-2, **values})
    assert apart(chain(dense(3, 4), start=(3,)), MSE(), optimizer=optimizer) < 1e-9


def test_nadam_multiplies_its_momenta_in_the_default_dtype_as_torch_does() -> None:
    graph, descent = chain(dense(4, 8), dense(8, 2), start=(4,)), (NAdam, {"lr": 1e-2})
    before = torch.get_default_dtype()
    for dtype in (torch.float32, torch.float64):
        torch.set_default_dtype(dtype)
        try:
            assert apart(graph, MSE(), optimizer=descent, count=40) < 1e-13
        finally:
            torch.set_default_dtype(before)


@pytest.mark.parametrize("batch", [1, 3, 4, 63, 64, 65, 130, 200])
def test_any_batch_agrees_whatever_chunks_it_goes_in(batch: int) -> None:
    dropout = Dropout.declared({"p": 0.3})
    layers = dense(5, 33), dropout, ReLU.declared({}), dense(33, 3), Softmax.declared({})
    graph = chain(*layers, start=(5,))
    assert apart(graph, CrossEntropy(), batch=batch, count=201) < 1e-9


@pytest.mark.parametrize("sizes", [(1, 1), (16, 16), (17, 48), (64, 7), (100, 130)])
def test_any_size_agrees(sizes: tuple[int, int]) -> None:
    graph = chain(dense(3, sizes[0]), Tanh.declared({}), dense(*sizes), start=(2, 3))
    assert apart(graph, MSE(), batch=7, count=20) < 1e-9


def test_rows_wider_than_a_threads_stack_agree() -> None:
    text = "net = Linear(2, 99999) -> [Identity, Softmax] -> Add -> Linear(99999, 1)\ninput = [2]"
    graph = compile_source(SourceFile("wide.net", text)).require().graph
    found: list[float] = []
    before = threading.stack_size(1 << 19)
    try:
        thread = threading.Thread(
            target=lambda: found.append(apart(graph, MSE(), batch=1, count=3))
        )
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert found[0] < 1e-9


def test_products_that_the_blas_makes_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    if gemm_address(double=True) is None:
        pytest.skip("torch brings no BLAS that can be called")
    monkeypatch.setattr("netlang.lowering.c.linear.BLAS_FROM", 1)
    graph = chain(dense(3, 9), Tanh.declared({}), dense(9, 5), start=(2, 3))
    assert apart(graph, MSE(), batch=70, count=100) < 1e-9


def test_functions_in_float_are_right_to_the_last_digits_where_float_has_any() -> None:
    """Weights of one do nothing, so that an epoch's outputs are the functions' values."""
    x = torch.cat([torch.linspace(-30, 30, 4001), torch.logspace(-8, 0, 100), torch.zeros(1)])
    functions = {
        Tanh: torch.tanh,
        Sigmoid: torch.sigmoid,
        SeLU: functional.elu,
        Softplus: functional.softplus,
        Mish: functional.mish,
    }
    graph = side_by_side([chain(dense(1, 1), one.declared({}), start=(1,)) for one in functions])
    network = Network(graph, 0)
    network.parameters.copy_(torch.tensor([1.0, 0.0]).repeat(len(functions)))
    engine = NativeEngine(network, MSE(), SGD.over(network, {"lr": 1e-30}), len(x), 0)
    inputs = x.unsqueeze(1).repeat(1, len(functions))
    ((y, _),) = engine.run(Batches(inputs, torch.zeros_like(inputs), len(x), 0), Cursor())
    in_order = x[permutation(len(x), 0, 1)].double()
    for exact, found in zip(functions.values(), y.unbind(1), strict=True):
        wanted = exact(in_order)
        assert ((found - wanted).abs() / wanted.abs().clamp_min(1e-30)).max() < 5e-7, exact


def test_waves_in_float_are_right_to_the_last_digits_of_one() -> None:
    graph = chain(PeriodicEmbedding.declared({"num_features": 1, "k": 1}), start=(1,))
    network = Network(graph, 0)
    network.parameters.fill_(1.0)
    x = torch.cat([torch.linspace(-1000, 1000, 5000), torch.linspace(-1, 1, 1000)]).unsqueeze(1)
    (y,) = NativeEngine(network, MSE(), SGD.over(network, {"lr": 1.0}), 8, 0).evaluate(x)
    turns = (2 * math.pi * x).double()
    assert (y[:, 0] - torch.cat([turns.cos(), turns.sin()], 1)).abs().max() < 1e-7


@pytest.mark.parametrize(
    "dtype", [torch.float32, pytest.param(torch.float64, marks=pytest.mark.slow)], ids=str
)
def test_functions_and_their_slopes_end_as_those_of_tensors_do(dtype: torch.dtype) -> None:
    ends = [0, *range(80, 92), 103, 104, 709, 710, 745, 746, 1000, 1e20]
    both_ends = [sign * end for end in ends for sign in (1.0, -1.0)]
    x = torch.tensor([*both_ends, -math.inf, math.nan], dtype=dtype)
    functions = [item.declared({}) for item in (ReLU, Tanh, Sigmoid, ELU, CELU, SeLU, SiLU, GELU)]
    functions.append(GELU.declared({"approximate": "tanh"}))
    graph = side_by_side([chain(dense(1, 1), one, start=(1,)) for one in functions])
    results = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(graph, 0)
        network.to(dtype)
        engine = kind(network, MSE(reduction="sum"), SGD.over(network, {"lr": 1.0}), 1, 0)
        found = []
        for one in x:
            # The bias is the input's gradient, summed over one sample.
            network.parameters.copy_(torch.tensor([1.0, 0.0]).repeat(len(functions)))
            inputs = one.repeat(1, len(functions))
            ((y, _),) = engine.run(Batches(inputs, torch.ones_like(inputs), 1, 0), Cursor())
            found += [y[0].clone(), network.parameters[1::2].clone()]
        results.append(torch.stack(found, -1).double())
    for function, native, tensor in zip(functions, *results, strict=True):
        torch.testing.assert_close(
            native, tensor, rtol=1e-6, atol=1e-30, equal_nan=True, msg=str(function)
        )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("text", ["Softmax", "SoftmaxCrossEntropy"])
def test_logits_of_any_size_have_a_softmax(text: str, dtype: torch.dtype) -> None:
    logits = torch.tensor([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -999.0], [88.0, 89.0, 0.0]])
    inputs, targets = logits.to(dtype), torch.eye(3, dtype=dtype)
    last = [Softmax()] if text == "Softmax" else []
    loss = MSE() if text == "Softmax" else SoftmaxCrossEntropy()
    results = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(chain(dense(3, 3), *last, start=(3,)), 0)
        network.to(dtype)
        network.parameters.copy_(torch.cat([torch.eye(3, dtype=dtype).flatten(), torch.zeros(3)]))
        engine = kind(network, loss, SGD.over(network, {"lr": 1e-3}), 3, 0)
        ((y, _),) = engine.run(Batches(inputs, targets, 3, 0), Cursor())
        results.append(torch.cat([y.flatten(), network.parameters]))
    assert results[1].isfinite().all()
    torch.testing.assert_close(*results, rtol=1e-6, atol=1e-6)


def test_samples_that_fill_up_a_chunk_spoil_nothing() -> None:
    """Zeros in their place would have an infinite square here, which times nothing is no number."""
    text = """
        input = [1]
        square = [Identity, Identity] -> Mul
        net = [Linear(1, 1) -> square, Linear(1, 1)] -> Mul
    """
    graph = compile_source(SourceFile("a.net", text)).require().graph
    start = torch.tensor([-3e38, 3e38, 1.0, 0.0])
    for kind in (NativeEngine, TensorEngine):
        network = Network(graph, 0)
        network.parameters.copy_(start)
        engine = kind(network, MSE(), SGD.over(network, {"lr": 1e-3}), 16, 0)
        list(engine.run(Batches(torch.ones(19, 1), torch.ones(19, 1), 16, 0), Cursor()))
        assert torch.equal(network.parameters, start)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 35])
def test_slices_without_samples_say_nothing(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    monkeypatch.setattr(tiling, "_SMALL_SLICE", 2)
    graph = chain(dense(3, 5), Tanh.declared({}), dense(5, 2), start=(3,))
    assert tiling.tile(graph, 16, calls_blas=False).slices == 8
    assert apart(graph, MSE(), batch=16, count=count) < 1e-9


def test_wide_samples_go_through_in_small_chunks() -> None:
    graph = chain(dense(2, 1 << 16), dense(1 << 16, 1), start=(2,))
    assert tiling.tile(graph, 64, calls_blas=False).chunk == 32
    wider = chain(dense(2, 1 << 20), dense(1 << 20, 1), start=(2,))
    assert tiling.tile(wider, 64, calls_blas=False).chunk == 2


@pytest.mark.parametrize("flags", ["-mno-avx512f", "-mno-avx"])
def test_processors_with_narrower_vectors_agree(
    monkeypatch: pytest.MonkeyPatch, compiler: Compiler, flags: str
) -> None:
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("the flags are those of x86")
    monkeypatch.setattr(
        "netlang.engine.native.cache.machine_flags", lambda: (*machine_flags(), flags)
    )
    pool = MaxPool1d.declared({"kernel_size": 3, "stride": 1, "padding": 1})  # in blocks of samples
    layers = dense(5, 33), Dropout.declared({"p": 0.3}), SeLU.declared({}), pool, dense(33, 17)
    graph = chain(*layers, Softmax.declared({}), start=(2, 5))
    for dtype, bound in ((torch.float64, 1e-9), (torch.float32, 1e-4)):
        assert apart(graph, MSE(), batch=7, count=20, dtype=dtype) < bound


def test_a_weight_that_is_no_number_is_not_hidden() -> None:
    graph = chain(dense(1, 4), ReLU.declared({}), dense(4, 1), start=(1,))
    network = Network(graph, 0)
    network.parameters[0] = math.nan
    engine = NativeEngine(network, MSE(), SGD.over(network, {}), 2, 0)
    for y, _ in engine.run(Batches(torch.ones(4, 1), torch.ones(4, 1), 2, 0), Cursor()):
        assert y.isnan().all()


@pytest.mark.parametrize(("blas_from", "threads"), [(1, 3), (1 << 22, 2)], ids=["BLAS", "C"])
def test_as_many_threads_share_a_step_as_the_blas_has_or_as_there_are_slices(
    blas_from: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if blas_from == 1 and gemm_address(double=False) is None:
        pytest.skip("torch brings no BLAS that can be called")
    monkeypatch.setattr("netlang.lowering.c.linear.BLAS_FROM", blas_from)
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    monkeypatch.setattr(tiling, "_SMALL_SLICE", 8)
    network = Network(chain(dense(3, 4), start=(3,)), 0)
    with torch_threads(3):
        engine = NativeEngine(network, MSE(), SGD.over(network, {}), 16, 0)
    assert engine.threads == threads


def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    monkeypatch.setattr(tiling, "_SMALL_SLICE", 2)
    dropout = Dropout.declared({"p": 0.3})
    graph = chain(dense(3, 40), dropout, Tanh.declared({}), dense(40, 3), start=(3,))
    samples = random_samples(graph, 95, torch.float32)
    results = []
    for threads in (1, 2, 3, 8):
        network = Network(graph, 0)
        engine = NativeEngine(network, MSE(), Adam.over(network, {}), 16, 0)
        engine._tuner.threads = threads
        monkeypatch.setattr(engine._tuner, "record", lambda steps, seconds: None)
        batches = Batches(*samples, 16, 0)
        for epoch in range(1, 20):
            outputs = [y for y, _ in engine.run(batches, Cursor(epoch))]
        evaluated = torch.cat([*engine.evaluate(samples[0])])
        results.append((network.parameters, torch.cat(outputs), evaluated))
    assert difference(
        results[0], train(TensorEngine, graph, MSE(), (Adam, {}), samples, 16, 19)
    ) < (1e-5)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def made() -> tuple[NativeEngine, Tensor, Tensor]:
    graph = chain(dense(3, 2), start=(3,))
    network = Network(graph, 0)
    engine = NativeEngine(network, MSE(), SGD.over(network, {}), 4, 0)
    return engine, *random_samples(graph, 10, torch.float32)


def test_a_network_that_was_moved_is_refused() -> None:
    engine, inputs, targets = made()
    engine.network.to(torch.float64)
    with pytest.raises(TypeError, match="was moved"):
        next(engine.run(Batches(inputs, targets, 4, 0), Cursor()))


def test_a_network_that_is_moved_during_a_run_is_refused() -> None:
    engine, inputs, targets = made()
    run = engine.run(Batches(inputs, targets, 4, 0), Cursor())
    next(run)
    engine.network.to(torch.float16)
    with pytest.raises(TypeError, match="was moved"):
        next(run)
    with pytest.raises(TypeError, match="was moved"):
        engine.update()


def test_samples_may_be_of_another_type_or_lie_apart() -> None:
    results = []
    for change in (lambda t: t, torch.Tensor.double, lambda t: t.t().contiguous().t()):
        engine, inputs, targets = made()
        list(engine.run(Batches(change(inputs), change(targets), 4, 0), Cursor()))
        results.append(engine.network.parameters)
    assert all(torch.equal(results[0], other) for other in results[1:])


def test_what_the_optimizer_has_done_goes_on_in_the_other_backend() -> None:
    graph = chain(dense(3, 2), start=(3,))
    samples = random_samples(graph, 10, torch.float64)
    weights = []
    for kinds in ((TensorEngine, NativeEngine), (NativeEngine, TensorEngine)):
        network = Network(graph, 0)
        network.to(torch.float64)
        optimizer = Adam.over(network, {"lr": 1e-2})
        for epoch, kind in enumerate((*kinds, *kinds), 1):
            optimizer.lr = 1e-2 / epoch
            engine = kind(network, MSE(), optimizer, 4, 0)
            list(engine.run(Batches(*samples, 4, 0), Cursor(epoch)))
        weights.append(network.parameters)
    assert (weights[0] - weights[1]).abs().max() < 1e-12


def test_cross_entropy_of_a_probability_that_rounding_puts_above_1() -> None:
    y = torch.nextafter(torch.ones(2, 1), torch.tensor(2.0))
    gradients = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(chain(dense(1, 1), start=(1,)), 0)
        network.parameters.copy_(torch.tensor([1.0, 0.0]))  # the output is the input
        loss = CrossEntropy.declared({"eps": 1e-12})
        engine = kind(network, loss, SGD.over(network, {}), 2, 0)
        engine.gradients(Batches(y, torch.tensor([[0.0], [1.0]]), 2, 0).batch(Cursor()))
        gradients.append(network.gradients.clone())
    assert gradients[0].isfinite().all()
    torch.testing.assert_close(*gradients)


@pytest.mark.slow
def test_logarithms_of_large_logits_keep_their_places() -> None:
    """Of 10000 and more, a float has three behind the point, and of what is left seven."""
    text = "net = Scale(_) -> [LogSoftmax(-1), LogSoftmax(1)]\ninput = [3, 5]\nloss = [MSE, MSE]"
    graph = compile_source(SourceFile("a.net", text)).require().graph
    inputs = 1e4 + torch.randn(9, 3, 5, generator=torch.Generator().manual_seed(0))

    def answers(kind: Kind, dtype: torch.dtype) -> Tensor:
        network = Network(graph, 0).to(dtype)
        engine = kind(network, MSE(), SGD.over(network, {"lr": 0.1}), 4, 0)
        return torch.cat([*engine.evaluate(inputs.to(dtype))])

    in_c = answers(NativeEngine, torch.float32)
    assert (in_c - answers(TensorEngine, torch.float64)).abs().max() < 1e-5
