"""Trainings as beginners write them: of a wrong one one thing is told, of a good one nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile

CLASSES, NUMBERS = "Disc(train=320, test=20, validation=20)", "Sine(train=320, test=20)"
NET = "Linear(_, 16) -> ReLU -> Linear(16, _)"

OF_CLASSES = ("SoftmaxCrossEntropy", "SigmoidCrossEntropy", "Focal", "Hinge")
OF_PROBABILITIES = ("CrossEntropy", "BinaryCrossEntropy")
OF_NUMBERS = ("MAE", "Huber", "SmoothL1", "LogCosh", "Quantile(0.9)", "GaussianNLL", "PoissonNLL")


def training(
    loss: str = OF_CLASSES[0],
    end: str = "",
    data: str = CLASSES,
    optimizer: str = "Adam",
    more: str = "",
) -> str:
    end = f" -> {end}" if end else ""
    return f"net = {NET}{end}\ndata = {data}\nloss = {loss}\noptimizer = {optimizer}\n{more}\n"


def losses() -> Iterator[tuple[str, str]]:
    for loss in OF_CLASSES[:3]:
        for end in ("Softmax", "LogSoftmax", "Sigmoid", "ReLU", "Tanh"):
            yield training(loss, end), "W0602"
    for loss in ("Softmax", "LogSoftmax", "Sigmoid"):
        yield training("Hinge", loss), "W0602"
    for loss in OF_PROBABILITIES:
        for end in ("", "ReLU", "Tanh", "LogSoftmax"):
            yield training(loss, end), "W0602"
    for end in ("", "ReLU", "Softmax", "Sigmoid"):
        yield training("NLL", end), "W0602"
    for end in ("", "Softmax", "LogSoftmax"):
        yield training("KL", end), "W0642"
    yield training("MSE", "LogSoftmax"), "W0602"
    for loss in OF_NUMBERS:
        for end in ("", "Softmax"):
            yield training(loss, end), "E0408"
    for loss in (*OF_CLASSES, *OF_PROBABILITIES, "NLL", "Triplet"):
        for end in ("", "Sigmoid", "Softmax"):
            yield training(loss, end, NUMBERS), "E0408"
    for loss in OF_NUMBERS[:5]:
        for end, code in (("Sigmoid", "W0636"), ("ReLU", "W0636"), ("Softmax", "W0606")):
            yield training(loss, end, NUMBERS), code
    yield training("PoissonNLL", "", NUMBERS), "E0428"
    yield training("KL", "", NUMBERS), "E0428"
    yield training("GaussianNLL", "", NUMBERS), "W0602"


def optimizers() -> Iterator[tuple[str, str]]:
    for optimizer in ("SGD(100)", "Adam(1)", "AdamW(3)", "NAdam(1)", "RAdam(1)", "RMSprop(1)"):
        yield training(optimizer=optimizer), "W0660"
    for optimizer in ("Adam(1e-8)", "Adagrad(1e-5)", "Adagrad(10)", "Adadelta(1e-4)", "Lion(1)"):
        yield training(optimizer=optimizer), "W0660"
    yield training(optimizer="Adam(weight_decay=0.01)"), "W0661"
    yield training(optimizer="AdamW", more="penalty = L2(1e-4)"), "W0662"
    yield training(optimizer="LBFGS"), "W0668"
    yield training(optimizer="SGD(0.1, momentum=1)"), "E0209"
    yield training(optimizer="SGD(0.1, nesterov=true)"), "E0433"
    yield training(optimizer="SGD(-0.1)"), "E0209"
    yield training(optimizer="adam"), "E0201"
    yield training(optimizer="[Adam, SGD(0.1)]"), "E0431"
    yield training(optimizer="Adam -> SGD(0.1)"), "E0211"


SCHEDULES = {
    "Warmup(5000)": "W0650",
    "Warmup(5000) -> Cosine": "W0650",
    "Warmup(0.1) -> Cosine": "E0460",
    "Cosine(length=10000)": "W0650",
    "Polynomial(length=10000)": "W0650",
    "Step(1000)": "W0657",
    'Step(30, unit="epochs")': "W0657",
    "MultiStep([3000])": "W0657",
    "Exponential(1)": "W0657",
    "Cosine(100)": "W0656",
    "Constant(0)": "W0660",
    "Cosine -> Step(10)": "E0434",
    "Warmup(50) -> Warmup(100) -> Step(100) -> Cosine": "E0434",
    "Warmup(100) -> Constant(length=500) -> Cosine": "W0649",
    "MultiStep([80, 30])": "E0435",
    "[Warmup(10), Cosine]": "E0211",
    "Plateau(test.loss)": "E0416",
    "Plateau(length=2)": "E0204",
    'Plateau(unit="epochs")': "E0204",
    "Plateau(threshold=1)": "E0433",
    "Plateau(to=2)": "E0209",
    "StepLR(10)": "E0201",
    "1e-3": "E0211",
}

SETTINGS = {
    "penalty = L2(100)": "W0643",
    "penalty = 1e-4": "E0211",
    "penalty = L2(1e-4, biases=yes)": "E0201",
    "clip = 1.0": "E0211",
    "clip = [Norm(1), Value(1)]": "E0211",
    "average = 0.999": "E0211",
    "average = EMA(0.9999)": "W0664",
    "accumulate = 1000": "W0663",
    "members = 1000": "W0643",
    "batch = 1000": "W0607",
    "augment = Flip": "E0444",
    "augment = [Noise(0.1), Mixup(0.2)]": "E0211",
    "metrics = [accuracy, loss]": "E0211",
    "metrics = [r2]": "E0408",
    "metrics = [top_k(5)]": "W0653",
    "expect test.accuracy > 95": "E0415",
    'expect test.f1(average="micro") > 0.9': "E0101",
    "stop = Early(validation.loss, patience=500)": "W0619",
    "stop = Best(test.loss)": "E0416",
    "warmup = 500": "W0601",
    "mixup = 0.2": "W0601",
    "lr = 0.1": "W0601",
    "optimiser = SGD(0.1)": "W0601",
}

GOOD = (
    *(training(loss) for loss in OF_CLASSES),
    *(training(loss, end) for loss in OF_PROBABILITIES for end in ("Softmax", "Sigmoid")),
    training("NLL", "LogSoftmax"),
    training("MSE"),
    training("MSE", "Tanh"),
    *(training(loss, data=NUMBERS) for loss in ("MSE", *OF_NUMBERS[:5], "MSE + 0.1 * MAE")),
    *(
        training(optimizer=one)
        for one in (
            "SGD(0.1, momentum=0.9, nesterov=true)",
            "SGD(0.05, weight_decay=5e-4)",
            "AdamW(1e-3, weight_decay=0.05, decay_biases=false)",
            "RMSprop(1e-3)",
            "Lion(1e-4, weight_decay=1)",
            "Muon(0.02)",
            '[Adam(1e-3), Adam(1e-4, only="biases")]',
        )
    ),
    *(
        training(more=f"schedule = {one}")
        for one in (
            "Cosine",
            "Warmup(10) -> Cosine(to=0.01)",
            'Warmup(1, unit="epochs") -> Cosine',
            "Step(40)",
            'MultiStep([5, 8], unit="epochs")',
            "Exponential(0.98)",
            "OneCycle",
            "Plateau(validation.loss, patience=2)",
        )
    ),
    *(
        training(more=one)
        for one in (
            "penalty = [L2(1e-4), L1(1e-5)]",
            "clip = Norm(1.0)",
            "average = EMA(0.95)",
            "accumulate = 2",
            "members = 8",
            "augment = Noise(0.1) -> Mixup(0.2)",
            "metrics = [accuracy, f1, roc_auc]",
            "stop = Early(validation.loss, patience=3)",
        )
    ),
)


def wrong() -> Iterator[tuple[str, str]]:
    yield from losses()
    yield from optimizers()
    for line, code in SCHEDULES.items():
        yield training(more=f"schedule = {line}"), code
    for line, code in SETTINGS.items():
        yield training(more=line), code


def told(text: str) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text), to_run=True).diagnostics


@pytest.mark.slow
def test_of_a_wrong_training_one_thing_is_told_with_a_way_out() -> None:
    seeded = [*wrong()]
    assert len(seeded) >= 150
    for text, code in seeded:
        found = told(text)
        assert [one.code for one in found] == [code], (text, [one.title for one in found])
        assert found[0].helps, text
        assert found[0].span, text


def test_of_a_good_training_nothing_is_told() -> None:
    assert len(GOOD) >= 40
    for text in GOOD:
        assert not told(text), (text, [one.title for one in told(text)])
