"""Words of other frameworks on a line of their own: how what they mean is written."""

from __future__ import annotations

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile

BEGIN = "net = Linear(2, 8) -> ReLU -> Linear(8, 2)\ndata = Disc(train=100)\nloss = MSE\n"

LINES = {
    "mixup = 0.4": "augment = Mixup(0.4)",
    "mixup = true": "augment = Mixup(0.2)",
    "warmup = 200": "schedule = Warmup(200) -> Cosine",
    "warmup_epochs = 3": 'schedule = Warmup(3, unit="epochs") -> Cosine',
    "lr_decay = 0.5": 'schedule = Step(10, gamma=0.5, unit="epochs")',
    "early_stopping = 7": "stop = Early(validation.loss, patience=7)",
    "ema = 0.99": "average = EMA(0.99)",
    "grad_clip = 2.0": "clip = Norm(2.0)",
    "clipvalue = 0.1": "clip = Value(0.1)",
    "l2 = 0.01": "penalty = L2(0.01)",
    "l1_penalty = 0.01": "penalty = L1(0.01)",
    "momentum = 0.8": "optimizer = SGD(0.1, momentum=0.8)",
    "lr = 0.1": "optimizer = Adam(lr=0.1)",
    "batch_size = 64": "batch = ...",
    "scheduler = Cosine": "schedule = ...",
    "early_stopping = Early(train.loss)": "stop = ...",
    "iterations = 1000": "epochs = 10",
}


def help_of(line: str, begin: str = BEGIN) -> str:
    (found,) = compile_source(SourceFile("a.net", f"{begin}{line}\n")).diagnostics
    assert found.code == "W0601", line
    (help,) = found.helps
    return help


def test_a_word_of_other_frameworks_is_answered_by_the_line_that_is_meant() -> None:
    for line, meant in LINES.items():
        assert help_of(line).startswith(("write", "it is an argument: write")), line
        assert f"`{meant}`" in help_of(line), (line, help_of(line))
        compiled = compile_source(SourceFile("a.net", f"{BEGIN}{meant}\n"))
        assert "..." in meant or not any(one.code.startswith("E02") for one in compiled.diagnostics)


def test_a_word_whose_setting_the_file_has_is_added_to_it() -> None:
    begin = f"{BEGIN}schedule = Cosine\n"
    assert help_of("warmup = 5", begin) == (
        "it belongs to the file's `schedule`, as in `schedule = Warmup(5) -> Cosine`"
    )


def test_of_a_setting_under_two_names_one_is_kept() -> None:
    begin = f"{BEGIN}optimizer = SGD(0.1)\n"
    for line in ("optimiser = Adam", "optimizers = Adam"):
        assert help_of(line, begin) == (
            "the setting is `optimizer`, which the file has: keep one of the two"
        )


def test_what_a_file_need_not_say_is_left_out() -> None:
    for line in ("verbose = true", 'device = "cuda"', "num_workers = 4", 'save_dir = "runs"'):
        assert help_of(line).startswith("leave it out: "), line
    assert help_of("width = 8") == "use it, or remove it"
