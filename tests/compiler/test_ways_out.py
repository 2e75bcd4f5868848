"""Ways out of mistakes in a training: what a message says to write is not refused in its turn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile
from tests.diagnostics import fixed
from tests.together import together

NETWORK = "net = Linear(2, 8) -> Tanh -> Linear(8, 2)\ndata = Disc\nepochs = 20\n"
OTHER_TARGETS = "E0408"  # a loss is taken, and is one of other data
LINES = """\
schedule = ReduceLROnPlateau(mode="min", factor=0.5, patience=5)
schedule = ReduceLROnPlateau("min", 0.5, 5)
schedule = ReduceLROnPlateau(optimizer, "min")
schedule = ReduceLROnPlateau(optimizer, mode="min", factor=0.5)
schedule = ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=5)
schedule = ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=5, min_lr=0.001)
schedule = ReduceLROnPlateau(monitor="val_accuracy", mode="max", min_delta=0.001)
schedule = Plateau(mode="max")
schedule = Plateau(monitor="val_acc")
schedule = Plateau("val_loss")
schedule = Plateau(min_delta=0.01)
schedule = ExponentialDecay(0.1, 1000, 0.9)
schedule = ExponentialDecay(initial_learning_rate=0.1, decay_steps=1000, decay_rate=0.9)
schedule = PiecewiseConstantDecay([100], [0.1, 0.01])
schedule = PolynomialDecay(0.1, 1000, 0.01, 2.0)
schedule = CosineDecay(0.1, 1000)
schedule = CosineDecay(0.1, decay_steps=1000, alpha=0.1)
schedule = CosineDecayRestarts(0.1, 100, 2.0)
schedule = CosineAnnealingLR(10)
schedule = CosineAnnealingLR(T_max=10, eta_min=0.001)
schedule = CosineAnnealingWarmRestarts(T_0=10, T_mult=2)
schedule = LinearLR(0.3, 1.0, 5)
schedule = LinearLR(start_factor=0.1, total_iters=5)
schedule = ConstantLR(factor=0.3, total_iters=5)
schedule = OneCycleLR(0.1, 1000)
schedule = OneCycleLR(max_lr=0.1, total_steps=1000)
schedule = StepLR(30, 0.1)
schedule = StepLR(optimizer, step_size=10)
schedule = CosineAnnealingLR(optimizer, T_max=10)
schedule = StepLR(step_size=10, gamma=0.1)
schedule = MultiStepLR([5, 10], gamma=0.1)
schedule = ExponentialLR(0.95)
schedule = PolynomialLR(total_iters=10, power=2.0)
stop = EarlyStopping(monitor="val_loss", patience=5)
stop = EarlyStopping(monitor="val_accuracy", mode="max", patience=5, restore_best_weights=true)
stop = Early("val_loss")
stop = Early(monitor="val_acc", patience=5)
stop = Early(mode="min")
optimizer = Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7)
optimizer = RMSprop(learning_rate=0.001, rho=0.9, epsilon=1e-7)
optimizer = Nadam(learning_rate=0.001)
optimizer = Momentum(0.1)
optimizer = tf.keras.optimizers.Adam(1e-3)
optimizer = torch.optim.SGD(lr=0.1, momentum=0.9)
penalty = L2(weight_decay=0.01)
penalty = L2(alpha=0.01)
penalty = L1(l1=0.01)
loss = nn.CrossEntropyLoss(label_smoothing=0.1)
loss = CrossEntropyLoss(ignore_index=0)
loss = nn.BCEWithLogitsLoss()
loss = HuberLoss("mean", 2.0)
loss = FocalLoss(gamma=2.0)
loss = MultiMarginLoss(p=2)
clip = clip_grad_norm_(max_norm=1.0)
clip = clip_by_global_norm(1.0)
average = ExponentialMovingAverage(decay=0.99)
augment = GaussianNoise(stddev=0.1)
"""


def found_in(line: str) -> list[Diagnostic]:
    """What is wrong with a training that has the line."""
    text = f"{NETWORK}loss = SoftmaxCrossEntropy\n{line}\n"
    if line.startswith("loss"):
        text = f"{NETWORK}{line}\n"
    if "validation" in line or "val_" in line or "Plateau" in line or line.startswith("stop"):
        text = text.replace("Disc", "Disc(validation=100)")
    return [*compile_source(SourceFile("a.net", text)).diagnostics]


def ways_out(line: str) -> Iterator[str]:
    """The line after each fix, and with each call or line that a message says to write."""
    setting = line.partition(" = ")[0]
    for one in found_in(line):
        if one.fixes:
            after = fixed(one.fixes).text
            yield next(row for row in after.splitlines() if row.startswith(setting))
        for help in one.helps:
            for written in re.findall(r"(?:write|the call is|or|by) `([^`]+)`", help):
                if re.match(r"[a-z]+ = ", written):
                    yield written
                elif written.endswith(")") and one.code == "E0201":
                    yield f"{setting} = {written}"


@together("line", LINES.splitlines())
def test_what_a_message_says_to_write_is_not_refused(line: str) -> None:
    assert any(one.is_error for one in found_in(line))
    given = set(re.findall(r"(\w+)=", line))
    for way in ways_out(line):
        left = [one for one in found_in(way) if one.is_error and one.code != OTHER_TARGETS]
        for one in left:  # of what the line said before, another part may still be wrong
            assert (one.code, one.written) in {("E0204", name) for name in given}, (way, one)


@together("line", LINES.splitlines())
def test_a_mistake_of_another_framework_has_a_way_out(line: str) -> None:
    for one in found_in(line):
        assert one.helps, line
        assert one.helps[0] != "remove it", line
