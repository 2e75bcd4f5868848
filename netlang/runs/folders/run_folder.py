"""A run's folder keeps what was run, how it went, and pictures of that.

    runs/model2-20261124-101530/
        model2.net       the text as it was run, and what it imports from its folder; a copy of
                         plugins, to be read
        run.json         status, settings, overrides, the files that were read, versions,
                         machine, process, time, backend, threads; the result, or what was wrong
        history.jsonl    a line for each epoch, written as it ends
        history.csv      the same as a table, at the end
        curves.png       the learning curves
        decision.png     which class it gives where, if it has two inputs
        confusion.png    which classes are taken for which; predicted.png for numbers
        confusion.csv    the same as a table, if the file asks for it
        gradients.png    the norms of each layer, if they are watched
        model.safetensors       the trained network, whole
        events.out.tfevents...  what TensorBoard reads, if the run is tracked so
        split.csv        which rows of a table, from 1, are in which part
        checkpoint.safetensors  all that the run needs to go on: as it was lately, or at its end

No file is seen half-written: it has another name until it is whole. Only ``history.jsonl`` grows,
by whole lines.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data import Split, Table
from netlang.catalogue.settings import plain_settings
from netlang.compiler.ir import Program
from netlang.language import run_record
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.shell import shell_word
from netlang.language.model_files import MODEL_FILE
from netlang.language.run_record import is_of_a_run
from netlang.runs.folders import history
from netlang.runs.folders.result_folder import ResultFolder, new_folder, stem_of, surroundings
from netlang.runs.folders.saving import Checkpoints
from netlang.runs.plots import Curves, draw_curves, draw_norms
from netlang.runs.plots.pictures import Picture, pictures
from netlang.runs.run_names import STUDY
from netlang.runs.tracking.tracker import About
from netlang.runs.tracking.tracking import TRACKERS, Tracking
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE
from netlang.runs.training.events import EpochDone, Event, Finished, Started, as_data
from netlang.runs.training.matrices import Matrix
from netlang.runs.training.series import folds_of
from netlang.runs.training.training import Training
from netlang.system.files import write_whole
from netlang.system.interruption import uninterrupted
from netlang.system.lock import Lock
from netlang.system.terminal import visible

if TYPE_CHECKING:
    from torch import Tensor

_MOST_ROWS = 1_000_000  # that split.csv has
# What a run calls its own files and folders, which no folder of a text may take.
_OWN_NAME = re.compile(r".*\.(json|jsonl|csv|png|safetensors)|(fold|seed)-\d+", re.IGNORECASE)


class RunFolder(ResultFolder):
    """The folder that ``made`` makes, or has, for a run of ``program``. Its record says what
    ``about`` does, and ``epochs`` are done already. Every method may raise OSError.

    This process alone keeps the run there, until it is closed: ``made`` gives the lock, too.
    """

    is_kept = True

    def __init__(
        self,
        made: Callable[[str], tuple[Path, Lock]],
        program: Program,
        about: Mapping[str, object],
        epochs: Iterable[EpochDone] = (),
    ) -> None:
        self.program = program
        self._epochs = [*epochs]
        self._history: history.GrowingHistory | None = None  # open from the first epoch on
        self._best: int | None = None  # the epoch of the result, if that is not the last
        self._training: Training | None = None
        self._checkpoints: Checkpoints | None = None
        self._has_diverged = False
        self._model_epoch = 0  # whose weights its model has
        self._workers = 0  # that share a step
        self._tracking: Tracking | None = None
        super().__init__(lambda record: self._held(*made(record)), run_record.RECORD, about)
        self.has_measured = bool(self._epochs)

    def _held(self, folder: Path, lock: Lock) -> Path:
        self._lock = lock
        return folder

    def keep(self, event: Event) -> None:
        """Keep what an event says."""
        with uninterrupted():
            match event:
                case Started():
                    about = {"data": event.about_data()} if event.about_data() else {}
                    engine = {"backend": event.engine, "threads": event.threads}
                    if event.workers:
                        self._workers = engine["workers"] = event.workers
                    self.update_record(**engine, note=event.note, **about)
                case EpochDone():
                    self._history = self._history or history.GrowingHistory(self.path)
                    self._history.add(event)
                    self._epochs.append(event)
                    self.has_measured = True
                case Finished():
                    self.update_record(result=as_data(event) | {"run": str(self.path)})
                    self._best = event.epoch if event.epoch < event.epochs else None
                case _:
                    pass
        if self._tracking:
            self._tracking.keep(event)

    def track(self, names: Iterable[str], warn: Callable[[str], object]) -> None:
        """Tell the trackers called ``names`` how the run goes, and those that were told before.

        ``warn`` gets a sentence for one that fails, and the run goes on without it.
        """
        before = self._about.get("tracked")
        known: Mapping[str, Any] = before if isinstance(before, dict) else {}
        wanted = dict.fromkeys((*names, *(name for name in known if name in TRACKERS)))
        if wanted:
            around = self.path.parent
            has_several = is_of_a_run(around) or (around / STUDY).is_file()
            group = around.name if has_several else ""
            about = About.of(self.program, self.path, len(self._epochs), group)
            self._tracking = Tracking(wanted, about, known, warn)
            self.update_record(tracked={**known, **self._tracking.known_as})

    def save_checkpoints(self, training: Training, minutes: float) -> None:
        """Let ``training`` save checkpoints from now on, within an epoch after so many minutes."""
        self._training = training
        self._checkpoints = Checkpoints(self.path, training, minutes)

    def save_after(self, event: Event) -> None:
        """Save a checkpoint if one is due after this event."""
        if self._checkpoints:
            self._checkpoints.save_after(event)

    def break_off(self) -> None:
        """Save a checkpoint, and the network of the epoch that would be the result now. The
        training ends by that: call this between two of its events, or where a signal is handled.
        """
        if self._checkpoints:
            self._checkpoints.save()
        training = self._training
        if training and (done := training.checkpoint().done):
            if not self._epochs or self._epochs[-1].epoch < done.epoch:  # a signal was faster
                self.keep(done)
            training.break_off()
            self.keep_model(training)

    def keep_rows(self, split: Split) -> None:
        """Keep which rows of a table are in which part, if it is not too long to be looked at."""
        if 0 < sum(map(len, split.rows.values())) <= _MOST_ROWS:
            found = sorted(
                (row, part) for part, rows in split.rows.items() for row in rows.tolist()
            )
            lines = ["row,part", *(f"{row},{part}" for row, part in found)]
            write_whole(self.path / "split.csv", "\n".join(lines) + "\n")

    def keep_matrix(self, matrix: Matrix) -> None:
        """Keep a confusion matrix: a row for each class, and a column for each it is taken for."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["true", *matrix.classes])
        rows.writerows(zip(matrix.classes, *zip(*matrix.counts, strict=True), strict=True))
        name = f"confusion_{matrix.output}" if matrix.output else "confusion"
        write_whole(self.path / f"{name}.csv", text.getvalue())

    def keep_model(self, training: Training) -> None:
        """Keep the trained network."""
        write_whole(self.path / MODEL_FILE, training.model().to_bytes())
        self._model_epoch = training.result_epoch
        self.update_record(model_epoch=self._model_epoch)
        self.keeps = "what was measured and the last good network are"

    def pictures(self, evaluate: Callable[[Tensor], Tensor], split: Split) -> Mapping[str, Picture]:
        """The pictures of a finished run, by name; ``evaluate`` gives its network's outputs.

        They raise Unusable where matplotlib cannot draw, and OSError.
        """
        metrics = [event.by_epoch for event in self._epochs]
        curves = [(self.program.source.name, [Curves("", [metrics], self._best)])]
        found: dict[str, Picture] = {"curves.png": lambda file: draw_curves(curves, file)}
        if layers := {event.epoch: event.layers for event in self._epochs if event.layers}:
            name = self.program.source.name
            found["gradients.png"] = lambda file: draw_norms(name, layers, file)
        return {**found, **pictures(self.program, evaluate, split)}

    def close(self, status: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        problems = [*diagnostics]
        self._has_diverged = any(one.code == "E0411" for one in problems)
        try:
            super().close(status, problems)
            if self._tracking:
                self._tracking.close(status)
        finally:
            if self._history:
                self._history.close()
            self._lock.release()

    @property
    def left_behind(self) -> str:
        said = super().left_behind
        if self._about["status"] != "failed" or not (self.path / CHECKPOINT_FILE).exists():
            return said
        change = " --set optimizer.lr=..." * self._has_diverged
        return f"{said}: `{self._resume}{change}` goes on from the last checkpoint"

    @property
    def way_on(self) -> str:
        if (self.path / CHECKPOINT_FILE).exists():
            until = f"; until then its model is that of epoch {self._model_epoch}"
            goes_on = f"`{self._resume}` goes on"
            return goes_on + until * bool(self._model_epoch)
        return super().way_on

    @property
    def _resume(self) -> str:
        """The command that goes on with it."""
        shared = f" --workers {self._workers}" * (self._workers > 1)
        return f"netlang resume {shell_word(visible(str(self.path)))}{shared}"

    def _interrupted(self) -> str:
        try:
            self.break_off()
        except Exception as error:  # whatever it is, the record is closed
            lost = f"the last steps are lost, as {CHECKPOINT_FILE} cannot be written: "
            reason = getattr(error, "strerror", None) or error
            return f"{lost}{reason}; {super()._interrupted()}"
        return super()._interrupted()

    def _summarize(self) -> None:
        if not self._epochs:
            return
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["epoch", *self._epochs[0].by_epoch, "train_seconds"])
        for event in self._epochs:
            table.writerow([event.epoch, *event.by_epoch.values(), event.seconds])
        write_whole(self.path / "history.csv", text.getvalue())


class TrialFolder(RunFolder):
    """The folder of a run that only tries whether all of it works. It goes, however that ends."""

    is_kept = False

    def close(self, status: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        try:
            super().close(status, diagnostics)
        finally:
            shutil.rmtree(self.path)

    @property
    def left_behind(self) -> str:
        return "nothing is kept"

    way_on = left_behind


def new_run_folder(
    root: Path,
    program: Program,
    backend: str = "auto",
    kind: type[RunFolder] = RunFolder,
    name: str = "",
    is_watched: bool = False,
    more: Mapping[str, object] = MappingProxyType({}),
) -> RunFolder:
    """A new folder in ``root`` for a run of ``program``, of which ``backend`` is asked, and which
    may be watched. It is called ``name``, or else by the time. Its record says ``more``, too.

    Raises OSError.
    """
    stem, texts = stem_of(program.source.name), _imported(program)
    kept = _free_name(stem, texts)
    texts[kept] = program.source.text

    def made(record: str) -> tuple[Path, Lock]:
        held: list[Lock] = []
        files = {**texts, run_record.RECORD: record}
        folder = new_folder(root, stem, files, name, lambda part: held.append(Lock(part)))
        return folder, held[0]

    asked = {"backend": backend, **({"watched": True} if is_watched else {})}
    about = {**about_program(program, kept), **surroundings(), **asked, **more}
    if not kind.is_kept:
        about["only_tries"] = True
    return kind(made, program, about)


def about_program(program: Program, kept: str = "") -> dict[str, object]:
    """What a record says of a program: its settings, what the command line changed, its files, and
    how its ``kept`` text is called.
    """
    data = program.data
    return {
        **run_record.what_is_run(program.source, program.overrides, program.files, kept).as_data,
        **{name: program.settings[name] for name in plain_settings() if name in program.settings},
        **({"beginning": program.beginning.as_data} if program.beginning else {}),
        **({"folds": folds} if (folds := folds_of(program)) else {}),
        **({run_record.STREAMED: data.is_streamed} if isinstance(data, Table) else {}),
        "device": "cpu",
    }


def _free_name(stem: str, imported: Iterable[str]) -> str:
    """A name for the text that was run, which none of the ``imported`` paths begins with."""
    taken = {Path(path).parts[0].casefold() for path in imported}
    name, number = f"{stem}.net", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}.net"
    return name


def _imported(program: Program) -> dict[str, str]:
    """The texts that the program imports, by their paths as seen from its own folder, and those of
    plugins. One that would stand in the place of a file of the run is left out, and read where it
    was.
    """
    found = {}
    for source in program.imported:
        if source.path:
            name = Path(os.path.relpath(source.path, program.source.folder))
            is_within = ".." not in name.parts and not name.is_absolute()
            if is_within and not _OWN_NAME.fullmatch(name.parts[0]):
                found[str(name)] = source.text
    return found | {Path(one.name).name: one.text for one in program.plugins}
