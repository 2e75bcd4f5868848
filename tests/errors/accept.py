"""The golden messages: what provokes each of them, and the text that is expected.

``python -m tests.errors.accept``, in the root of the checkout, writes the .err files anew.

A golden is a .net file with its .err file beside it. ``# run`` as the file's first line asks
for all that training needs; a line ``# set: name=value`` is an override. What no text of a .net
file can provoke is provoked by a function of ``PROVOKED``, with its .err file beside the others.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy
import torch

from netlang.api.frames import columns_of
from netlang.api.loading import load
from netlang.catalogue import registry
from netlang.catalogue.data.pipeline import Pipeline
from netlang.catalogue.layers import Tanh
from netlang.catalogue.modules import Layer
from netlang.catalogue.own import plugins_used, use_plugin
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.resolve.imports import FILE_LIMIT
from netlang.engine.shared import Workers
from netlang.imports.importing import import_file
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.checkpoints import RunGoesOn
from netlang.language.diagnostics.messages.imports import ComputesOtherwise, NotMapped
from netlang.language.diagnostics.messages.tuning import AllFailed, JournalDamaged, NothingToTune
from netlang.language.diagnostics.messages.workers import (
    WorkerIsLost,
    WorkersBeginOtherwise,
    WorkersHaveOtherBits,
)
from netlang.language.diagnostics.rendering.text import render_all
from netlang.language.model_files import MODEL as TENSORS
from netlang.language.source import SourceFile, Span
from netlang.language.syntax import decode, read
from netlang.runs.first_files.first_file import first_file
from netlang.runs.first_files.place import Place
from netlang.runs.folders.kept_run import kept_run
from netlang.runs.folders.resumption import StoppedRun
from netlang.runs.folders.run_folder import new_run_folder
from netlang.runs.folders.saving import MINUTES
from netlang.runs.gradients.gradient_check import GradientCheck
from netlang.runs.models.model_path import model_path
from netlang.runs.models.new_samples import NewTable
from netlang.runs.models.trained import load_model
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.training import Training
from netlang.runs.tuning.comparing import metric_of
from netlang.runs.tuning.study_folder import StudyFolder

HERE = Path(__file__).parent
DATA = HERE / "data"

Found = Sequence[Diagnostic]
MODEL = """\
net = Linear(2, 2) -> Softmax
data = Disc
loss = CrossEntropy
optimizer = SGD
"""
SHRINK = """\
from netlang import Layer


class Shrink(Layer):
    def forward(self, x):
        return 0.5 * x

    def backward(self, dy):
        return 0.5 * dy
"""


class Narrow(Layer):
    """y is the first column of x, which `infer` does not say."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :1]

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return dy


class Twice(Layer):
    """y = 2 x, whose `backward` forgets the 2."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * x

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return dy


def in_file(path: Path) -> Found:
    """What is wrong with a golden's .net file."""
    source = decode(path.read_bytes(), path.name, path)
    return compile_source(source, overrides_in(source.text), to_run_in(source.text)).diagnostics


def overrides_in(text: str) -> list[str]:
    """The overrides that a golden's comments ask for."""
    lines = [line for line in text.splitlines() if line.startswith("# set:")]
    return [line.removeprefix("# set:").strip() for line in lines]


def to_run_in(text: str) -> bool:
    """Whether a golden's first line asks for all that training needs."""
    return text.startswith("# run\n")


def _in_bytes(data: bytes) -> Callable[[], Found]:
    """What is wrong with a file of these bytes."""
    return lambda: _raised_by(lambda: decode(data, "bytes.net"))


def _in_file_at(path: str) -> Callable[[], Found]:
    """What is wrong with reading the file at ``path``, relative to this folder."""

    def found() -> Found:
        with tempfile.TemporaryDirectory() as empty:
            root = Path(empty) if path == "nowhere.net" else HERE
            found = _raised_by(lambda: read(str(root / path)))
            return [_relative(diagnostic, root) for diagnostic in found]

    return found


def _relative(diagnostic: Diagnostic, root: Path) -> Diagnostic:
    """The same message, with paths from ``root`` on."""
    fields = {name: getattr(diagnostic, name) for name in diagnostic.fields}
    prefix = f"{root}{os.sep}"
    shortened = {
        name: value.replace(prefix, "") if isinstance(value, str) else value
        for name, value in fields.items()
    }
    return diagnostic.replace(**shortened)


def _in_file_over_one_mebibyte() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.net"
        file.write_text("# far too long\n" * 100_000)
        return [_relative(one, file.parent) for one in _raised_by(lambda: read(str(file)))]


def _in_text_beside_the_data() -> Found:
    text = 'net = Linear(4, 3)\ndata = CSV("flwers.csv", target="species")\n'
    return compile_source(SourceFile("data_misspelt.net", text, DATA / "data.net")).diagnostics


def _in_plugin(text: str) -> Callable[[], Found]:
    """What is wrong with a plugin of this text."""

    def found() -> Found:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "mylayers.py")
            file.write_text(text)
            return [_in_folder(one, file.parent) for one in _raised_by(lambda: use_plugin(file))]

    return found


def _in_folder(found: Diagnostic, folder: Path) -> Diagnostic:
    """The same message, whose file is called by its name without the folder."""
    if span := found.span:
        source = span.source.replace(name=Path(span.source.name).name)
        found = found.replace(span=Span(source, span.start, span.end))
    return _relative(found, folder)


def _in_a_layer_with_a_doubtful_gradient() -> Found:
    source = SourceFile("own.net", MODEL.replace("Softmax", "Twice -> Softmax"))
    registry.add(Twice)
    try:
        return Training(compile_source(source, to_run=True).require(), "tensor").warnings
    finally:
        registry.remove(Twice)


def _in_a_layer_of_ones_own() -> Found:
    source = SourceFile("own.net", MODEL.replace("Softmax", "Narrow -> Softmax"))
    registry.add(Narrow)
    try:
        program = compile_source(source, to_run=True).require()
        return _raised_by(lambda: Training(program, "tensor"))
    finally:
        registry.remove(Narrow)


def _in_a_model_trained_with(text: str | None) -> Found:
    """What is to be said of a model, after its plugin has got this text, or is not named."""
    with tempfile.TemporaryDirectory() as folder:
        plugin, model = Path(folder, "shrink.py"), Path(folder, "model.safetensors")
        plugin.write_text(SHRINK)
        with plugins_used([plugin]):
            source = SourceFile("own.net", MODEL.replace("Softmax", "Shrink -> Softmax"))
            program = compile_source(source, ["epochs=1"], to_run=True).require()
            training = Training(program, "tensor")
            for _ in training.events():
                pass
            model.write_bytes(training.model().to_bytes())
        if text is None:
            return [
                _relative(one, model.parent) for one in _raised_by(lambda: load_model(str(model)))
            ]
        plugin.write_text(text)
        with plugins_used([plugin]):
            found = load_model(str(model)).warnings
            return [_relative(one, model.parent) for one in found]


def _in_arrays_of_large_targets() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        numpy.savez(Path(folder) / "a.npz", x=numpy.ones((9, 2)), y=numpy.linspace(-9, 5e4, 9))
        text = 'net = Linear(2, 1)\ndata = Arrays("a.npz", standardize=false)\nloss = MSE\n'
        source = SourceFile("lint_targets_far_from_0.net", text, Path(folder) / "a.net")
        return compile_source(source).diagnostics


def _in_a_kept_text_whose_data_changed() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "run").mkdir()
        (root / "flowers.csv").write_text("1,2\n")
        read = {"named": "flowers.csv", "path": str(root / "flowers.csv"), "sha256": "0"}
        (root / "run" / "run.json").write_text(json.dumps({"reads": [read]}))
        text = 'net = Linear(2, 2)\ndata = CSV("flowers.csv", target="species")\n'
        source = SourceFile("data_changed_since_run.net", text, root / "run" / "a.net")
        return [_relative(one, root) for one in compile_source(source).diagnostics]


def _in_a_run_that_diverges() -> Found:
    text = (
        "net = Linear(2, 1)\ndata = Disc(train=64, test=8)\nloss = MSE\n"
        "optimizer = SGD(lr=1e30)\nepochs = 5\n"
    )
    program = compile_source(SourceFile("run_diverges.net", text), to_run=True).require()
    return _raised_by(lambda: list(Training(program).events()))


def _in_a_run_whose_loss_is_no_number() -> Found:
    text = (
        "net = Linear(2, 8) -> ReLU -> Linear(8, 2)\ndata = Disc(train=64, test=8)\n"
        "loss = CrossEntropy\noptimizer = SGD(lr=1e-6)\nepochs = 1\n"
    )
    program = compile_source(SourceFile("run_no_loss.net", text), to_run=True).require()
    return _raised_by(lambda: list(Training(program).events()))


def _in_a_layer_with_a_wrong_backward() -> Found:
    text = "net = Linear(2, 8)\n   -> Tanh -> Linear(8, 2)\ndata = Disc(train=64, test=8)\n"
    program = compile_source(SourceFile("wrong_gradient.net", text)).require()
    with patch.object(Tanh, "backward", lambda layer, dy: 2 * dy):
        found = GradientCheck(program, batch=2, samples=8, seed=0, threshold=1e-6).findings()
    return found.wrong(program, 1e-6)


def _in_a_network_larger_than_memory() -> Found:
    text = (
        "net = Linear(2, 100000) -> ReLU -> Linear(100000, 100000) -> Linear(100000, 2)\n"
        "data = Disc\nloss = MSE\noptimizer = Adam\n"
    )
    source = SourceFile("memory.net", text)
    machine = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2 << 20}
    with patch("os.sysconf", machine.__getitem__, create=True):
        return _raised_by(lambda: Training(compile_source(source, to_run=True).require()))


def _without_a_package() -> Found:
    with patch.dict("sys.modules", {"sklearn": None}):
        return _in_text("package_missing.net", 'net = Linear(4, 3)\ndata = Sklearn("iris")\n')


def _in_a_network_that_begins_with_another() -> Found:
    text = 'start = "other.safetensors"\nnet = Linear(2, 8) -> ReLU -> Linear(8, 2)\n'
    tensors = {"linear1.weight": torch.zeros(4, 2), "linear3.bias": torch.zeros(2)}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "other.safetensors").write_bytes(TENSORS.to_bytes(tensors, {}))
        source = SourceFile("start.net", text, Path(folder) / "start.net")
        return compile_source(source).diagnostics


def _in_a_network_that_freezes_what_is_drawn() -> Found:
    text = "encoder = Linear(2, 8) -> Linear(8, 4)\nnet = encoder -> Linear(4, 2)\n"
    text += 'start = "other.safetensors"\nfreeze = encoder\n'
    tensors = {"linear1.weight": torch.zeros(8, 2), "linear1.bias": torch.zeros(8)}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "other.safetensors").write_bytes(TENSORS.to_bytes(tensors, {}))
        source = SourceFile("start.net", text, Path(folder) / "start.net")
        return compile_source(source).diagnostics


def _in_a_chain_of_imports() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for number in range(FILE_LIMIT + 1):
            text = f'import "f{number + 1}.net"\nblock b{number}() = ReLU\n'
            (root / f"f{number}.net").write_text(text)
        (found,) = compile_source(read(str(root / "f0.net")), blocks_ok=True).diagnostics
        assert found.span
        source = SourceFile("imports_too_many.net", found.span.source.text)
        span = Span(source, found.span.start, found.span.end)
        return [found.replace(span=span)]


def _in_the_folder_of_all_runs() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("runs/iris-20261128-101530", "runs/iris-20261128-114004"):
            (root / name).mkdir(parents=True)
            (root / name / "model.safetensors").touch()
            os.utime(root / name / "model.safetensors", (0, 0))
        found = _raised_by(lambda: model_path(str(root / "runs")))
        return [_relative(one, root) for one in found]


def _in_a_table_that_lacks_a_column() -> Found:
    pipeline = Pipeline.fit(("sepal_length", "sepal_width"), None, "species", ("a", "b"))
    table = NewTable(pipeline, "new.csv", [(1, {"sepal_lenght": ["1"], "sepal_width": ["2"]})])
    return _raised_by(lambda: list(table.frames(typed=False)))


def _in_a_table_with_a_bad_cell() -> Found:
    pipeline = Pipeline.fit(("sepal_length",), None, "species", ("a", "b"))
    table = NewTable(pipeline, "new.csv", [(40_001, {"sepal_length": ["5.1", "5,1"]})])
    return _raised_by(lambda: list(table.frames(typed=False)))


def _in_rows_of_another_width() -> Found:
    return _raised_by(lambda: columns_of([[1.0, 2.0]], ("x", "y", "z")))


def _in_classes_that_are_one_hot() -> Found:
    y = [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    model = load("Linear(1, 3)", epochs=1).fit([[0.0], [1.0], [2.0], [0.5]], y, verbose=False)
    return list(model.check())


def _in_a_model_that_is_not_trained() -> Found:
    return _raised_by(lambda: load(MODEL).predict([[0.5, 0.5]]))


def _in_a_model_of_numbers_that_is_asked_for_probabilities() -> Found:
    text = "Linear(1, 1)\ndata = Sine(train=8, test=2)\nloss = MSE\noptimizer = SGD\nepochs = 1\n"
    model = load(text).fit()
    return _raised_by(lambda: model.predict_proba([[0.5]]))


def _in_a_new_table(target: str | None) -> Callable[[], Found]:
    """What is said of a table for which a first file is to be written."""

    def provoke() -> Found:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder, "houses.csv")
            lines = (f"{n},2024-05-{n % 28 + 1:02},{n % 7},{300 + n * n}" for n in range(1, 31))
            table.write_text("\n".join(("id,sold,rooms,price", *lines)) + "\n")
            place = Place(table, Path(folder, "houses.net"))
            found = _raised_by(lambda: first_file(place, target))
            return [_relative(one, Path(folder)) for one in found]

    return provoke


def _in_a_new_table_of_signs() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "prices.csv")
        lines = (f"{n / 8}%,2024-05-{n % 28 + 1:02},{n % 7}" for n in range(30))
        table.write_text("\n".join(("share,sold,price", *lines)) + "\n")
        found = _raised_by(lambda: first_file(Place(table, Path(folder, "a.net")), "price"))
        return [_relative(one, Path(folder)) for one in found]


def _in_a_new_table_of_rare_classes() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "shops.csv")
        cities = ("Rome", "Oslo", "Rome", "Osol", "Rome", "Oslo")
        table.write_text("\n".join(("size,city", *(f"{40 + n},{c}" for n, c in enumerate(cities)))))
        found = _raised_by(lambda: first_file(Place(table, Path(folder, "a.net")), "city"))
        return [_relative(one, Path(folder)) for one in found]


def _in_a_new_folder() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        pets = Path(folder, "pets")
        pets.mkdir()
        found = _raised_by(lambda: first_file(Place(pets, Path(folder, "pets.net")), "cat"))
        return [_relative(one, Path(folder)) for one in found]


def _in_text(name: str, text: str) -> Found:
    return compile_source(SourceFile(name, text)).diagnostics


def _raised_by(action: Callable[[], object]) -> Found:
    try:
        action()
    except NetError as error:
        return error.diagnostics
    return ()


def _in_a_model(change: Callable[[bytes], bytes]) -> Callable[[], Found]:
    """What is said of a model file whose bytes were changed."""

    def provoke() -> Found:
        program = compile_source(SourceFile("m.net", MODEL), to_run=True).require()
        data = change(Training(program, "tensor").model().to_bytes())
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "model.safetensors")
            file.write_bytes(data)
            try:
                load_model(str(file))
            except NetError as error:
                return [one.replace(path=file.name) for one in error.diagnostics]
        return []

    return provoke


def _with_other_tensors(data: bytes) -> bytes:
    kept = ModelFile.from_bytes(data)
    tensors = {"linear1.weight": torch.zeros(3, 2), "linear2.bias": torch.zeros(2)}
    return kept.replace(tensors=tensors).to_bytes()


def _in_a_stopped_run(
    change: Callable[[Path], None] = lambda folder: None, text: str = MODEL, is_closed: bool = True
) -> Callable[[], Found]:
    """What is said of a run that is to go on with ``text``, after its folder has changed."""

    def provoke() -> Found:
        before, now = (
            compile_source(SourceFile("m.net", one), to_run=True).require() for one in (MODEL, text)
        )
        with tempfile.TemporaryDirectory() as root:
            folder = new_run_folder(Path(root), before)
            folder.save_checkpoints(Training(before, "tensor"), MINUTES)
            folder.break_off()
            if is_closed:
                folder.close("interrupted")
            change(folder.path)
            found = _raised_by(lambda: StoppedRun(kept_run(folder.path)).training(now))
            if not is_closed:
                folder.close("interrupted")
            place = f"{root}{os.sep}{folder.path.name}"
            named = [one.replace(path=one.path.replace(place, "runs/m")) for one in found]
        return [
            one.replace(pid="4711", host="here") if isinstance(one, RunGoesOn) else one
            for one in named
        ]

    return provoke


def _damaged(folder: Path) -> None:
    file = folder / CHECKPOINT_FILE
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def _share_a_searching_optimizer() -> None:
    text = MODEL.replace("SGD", "LBFGS")
    program = compile_source(SourceFile("m.net", text), to_run=True).require()
    Training(program, "tensor", workers=Workers(0, 2))


def _in_a_foreign_file(name: str, text: str) -> Callable[[], Found]:
    """What is said of a file of another framework that is to be imported."""

    def provoke() -> Found:
        with tempfile.TemporaryDirectory() as root:
            file = Path(root) / name
            file.write_text(text)
            found: list[Diagnostic] = []
            try:
                found += import_file(file).lacking
            except NetError as error:
                found += error.diagnostics
            source = SourceFile(name, text)
            return [
                one.in_text_of(source) if one.span else _relative(one, Path(root)) for one in found
            ]

    return provoke


_INPUT = 'input: "data"\ninput_shape { dim: 1 dim: 3 dim: 8 dim: 8 }\n'
_CONV = """\
layer {
  name: "conv1"
  type: "Convolution"
  bottom: "data"
  top: "conv1"
  convolution_param { num_output: 8 kernel_size: 3 }
}
"""


def _study(folder: Path, program: Program) -> StudyFolder:
    return StudyFolder(folder, program, metric_of(program), 0, "auto")


def _in_a_study_of(*lines: str, validation: int = 0) -> Callable[[], Found]:
    """What is wrong with a study of a file that has each of these lines in turn."""

    def found() -> Found:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            data = f"Disc(validation={validation})" if validation else "Disc"
            problems: Found = ()
            for line in lines:
                text = f"{MODEL.replace('Disc', data)}{line}\n"
                source = SourceFile("study.net", text)
                program = compile_source(source, to_run=True).require()
                problems = _raised_by(partial(_study, root / "tune-study", program))
            return [_relative(one, root) for one in problems]

    return found


PROVOKED: dict[str, Callable[[], Found]] = {
    "workers_cannot_share": lambda: _raised_by(_share_a_searching_optimizer),
    "worker_lost": lambda: [WorkerIsLost(None, "wide.net", "worker 1 ended", 12)],
    "workers_with_other_bits": lambda: [
        WorkersHaveOtherBits(
            None, "wide.net", "worker 1 has other weights than worker 0 after the same steps"
        )
    ],
    "worker_with_other_data": lambda: [
        WorkersBeginOtherwise(
            None,
            "wide.net",
            "worker 1 on host-b",
            ("`data` is `Disc(train=1000)`, and there `Disc(train=1001)`",),
        )
    ],
    "worker_that_fails": lambda: [
        WorkersBeginOtherwise(
            None,
            "wide.net",
            "worker 1 on host-b",
            said="error[E0501]: cannot read `wide.net`: no such file or directory\n --> wide.net",
        )
    ],
    "tune_without_validation": _in_a_study_of("tune optimizer.lr in 1e-3..1"),
    "tune_loss": _in_a_study_of("tune loss in [MSE, SoftmaxCrossEntropy]", validation=20),
    "tune_another_study": _in_a_study_of(
        "tune optimizer.lr in 1e-3..1", "tune optimizer.lr in 1e-3..2", validation=20
    ),
    "tune_damaged_journal": lambda: [JournalDamaged(None, "runs/tune-a/journal.log")],
    "tune_nothing": lambda: [NothingToTune(None, "a.net", "optimizer.lr=1e-4..1e-1:log")],
    "tune_all_failed": lambda: [AllFailed(None, "runs/tune-a", 3, "training diverged in epoch 1")],
    "bytes_bidi": _in_bytes("net = Linear(2, 3) \u202e-> ReLU\n".encode()),
    "bytes_latin1": _in_bytes("# Größe\nnet = Linear(2, 3)\n".encode("latin-1")),
    "bytes_lone_carriage_return": _in_bytes(b"net = Linear(2, 3)\rloss = MSE\r"),
    "bytes_nul": _in_bytes(b"net = Linear(2, 3)\0 -> ReLU\n"),
    "bytes_utf16": _in_bytes("net = Linear(2, 3)\n".encode("utf-16")),
    "checkpoint_damaged": _in_a_stopped_run(_damaged),
    "checkpoint_of_another_program": _in_a_stopped_run(
        text=f"{MODEL.replace('Linear(2, 2)', 'Linear(2, 3) -> Linear(3, 2)')}batch = 20\n"
    ),
    "checkpoint_of_a_run_that_goes_on": _in_a_stopped_run(is_closed=False),
    "data_changed_since_run": _in_a_kept_text_whose_data_changed,
    "data_misspelt": _in_text_beside_the_data,
    "file_is_a_folder": _in_file_at("data"),
    "file_misspelt": _in_file_at("beginner_mising_net.net"),
    "file_missing": _in_file_at("nowhere.net"),
    "lint_targets_far_from_0": _in_arrays_of_large_targets,
    "foreign_text_broken_off": _in_a_foreign_file("a.prototxt", _INPUT + _CONV[:-3]),
    "foreign_text_of_no_sections": _in_a_foreign_file("a.cfg", "filters 32\n"),
    "foreign_value_missing": _in_a_foreign_file(
        "a.prototxt", _INPUT + _CONV.replace("num_output: 8 ", "")
    ),
    "foreign_value_of_another_kind": _in_a_foreign_file(
        "a.cfg", "[net]\nchannels=3\nheight=8\nwidth=8\n\n[convolutional]\nfilters=many\n"
    ),
    "foreign_layer_that_netlang_lacks": _in_a_foreign_file(
        "a.prototxt", _INPUT + _CONV.replace("Convolution", "ROIPooling")
    ),
    "foreign_file_cut_off": _in_a_foreign_file("a.onnx", "\x08\x07\x12\x10torch"),
    "foreign_network_that_gives_other_numbers": lambda: [
        ComputesOtherwise(None, "a.onnx", 0.25, "onnxruntime")
    ],
    "foreign_weights_of_another_network": lambda: [
        NotMapped(None, "a.safetensors", "mine.net", ("linear2",), ("fc", "head.0"))
    ],
    "foreign_file_of_no_format": _in_a_foreign_file("a.txt", "conv 32\nrelu\n"),
    "foreign_name_misspelt": _in_a_foreign_file(
        "a.prototxt", _INPUT + _CONV.replace('"data"', '"date"')
    ),
    "foreign_layer_that_does_not_exist": _in_a_foreign_file(
        "a.cfg",
        "[net]\nchannels=3\nheight=8\nwidth=8\n\n[maxpool]\nsize=2\n\n[shortcut]\nfrom=-3\n",
    ),
    "foreign_input_without_a_shape": _in_a_foreign_file(
        "a.prototxt", 'layer { type: "Data" name: "data" top: "data" top: "label" }\n' + _CONV
    ),
    "foreign_network_that_does_not_fit": _in_a_foreign_file(
        "a.prototxt", _INPUT + _CONV.replace("kernel_size: 3", "kernel_size: 9")
    ),
    "imports_too_many": _in_a_chain_of_imports,
    "too_many_tokens": lambda: _in_text("too_many_tokens.net", "x = " + "1 + " * 130_000 + "1"),
    "too_many_broken": lambda: _in_text("too_many_broken.net", "a b\n" * 1001)[:1],
    "file_too_large": _in_file_over_one_mebibyte,
    "memory": _in_a_network_larger_than_memory,
    "model_without_what_is_frozen": _in_a_network_that_freezes_what_is_drawn,
    "model_to_begin_with_of_another_network": _in_a_network_that_begins_with_another,
    "model_damaged": _in_a_model(lambda data: data[:-1] + b"?"),
    "model_of_several_runs": _in_the_folder_of_all_runs,
    "model_of_another_table": _in_a_table_that_lacks_a_column,
    "plugin_changed": lambda: _in_a_model_trained_with(SHRINK.replace("0.5", "0.25")),
    "plugin_empty": _in_plugin('"""Nothing that a file could name."""\n'),
    "plugin_fails": _in_plugin("from netlang import Layer\n\nsteepness = 1 / 0\n"),
    "plugin_layer_of_another_shape": _in_a_layer_of_ones_own,
    "plugin_layer_with_a_doubtful_gradient": _in_a_layer_with_a_doubtful_gradient,
    "plugin_layer_without_an_argument": _in_plugin(
        SHRINK.replace("Layer):\n", "Layer):\n    by: float = 2.0\n")
    ),
    "plugin_name_taken": _in_plugin(SHRINK.replace("Shrink", "ReLU")),
    "plugin_not_named": lambda: _in_a_model_trained_with(None),
    "model_of_other_cells": _in_a_table_with_a_bad_cell,
    "model_with_other_tensors": _in_a_model(_with_other_tensors),
    "model_asked_before_it_is_trained": _in_a_model_that_is_not_trained,
    "model_asked_for_probabilities_of_numbers": (
        _in_a_model_of_numbers_that_is_asked_for_probabilities
    ),
    "model_given_classes_that_are_one_hot": _in_classes_that_are_one_hot,
    "model_given_rows_of_another_width": _in_rows_of_another_width,
    "new_folder_with_a_target": _in_a_new_folder,
    "new_table_without_a_target": _in_a_new_table(None),
    "new_table_with_nothing_to_learn_from": _in_a_new_table_of_signs,
    "new_table_with_a_class_of_one_row": _in_a_new_table_of_rare_classes,
    "new_table_with_an_unfit_target": _in_a_new_table("id"),
    "package_missing": _without_a_package,
    "wrong_gradient": _in_a_layer_with_a_wrong_backward,
    "run_no_loss": _in_a_run_whose_loss_is_no_number,
    "run_diverges": _in_a_run_that_diverges,
}

GOLDENS: dict[str, Callable[[], Found]] = {
    **{file.stem: (lambda file=file: in_file(file)) for file in sorted(HERE.glob("*.net"))},
    **PROVOKED,
}


def text_of(found: Found) -> str:
    """The .err file's text; the folder of a data file, which differs by machine, is left out."""
    return render_all(found).replace(f"{HERE}{os.sep}", "").replace(os.sep, "/") + "\n"


def accept() -> None:
    """Write every .err file anew, and remove those that nothing provokes any longer."""
    for left in HERE.glob("*.err"):
        if left.stem not in GOLDENS:
            left.unlink()
    for name, provoke in GOLDENS.items():
        (HERE / f"{name}.err").write_text(text_of(provoke()), encoding="utf-8")


if __name__ == "__main__":
    accept()
