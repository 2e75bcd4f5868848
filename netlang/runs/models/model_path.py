"""A model is named by the folder of its run, or by its model file: this finds the file.

Names are looked up, and nothing in a model file is read. Whoever names something else is told what
is missing there, and what may have been meant.
"""

from __future__ import annotations

import os
from pathlib import Path

from netlang.language import run_record
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.models import A_MODEL, NoModel
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted
from netlang.language.model_files import MODEL_FILE
from netlang.runs.run_names import found_run, latest_run_of, meant_run
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE, epochs_done
from netlang.system.file_kinds import NETWORK, TENSORS, kind_of
from netlang.system.files import files_beside
from netlang.system.tensor_file import NotReadable, read_file

_IN_A_RUN = {
    CHECKPOINT_FILE: "the checkpoint",
    "history.csv": "the history",
    "history.jsonl": "the history",
    "run.json": "the record",
    "split.csv": "the split",
}


def model_path(named: str) -> Path:
    """The model file that ``named`` stands for: that file, or a run's folder, which may be named
    without `runs/`.

    Raises NetError where there is none.
    """
    path = found_run(named)
    if os.path.isdir(path):  # Path's own raise for some texts
        return _in_folder(path, named)
    if os.path.isfile(path):
        if path.suffix == ".net":
            raise _network(path, named)
        return path
    if os.path.lexists(path):
        raise _none(named, "is no file that can be read")
    if run := meant_run(path, _has_model):
        raise _none(named, "is not there", f"did you mean `{run.folder}`{run.among}?")
    kinds = "", NETWORK, TENSORS
    files = [one for one in files_beside(path) if kind_of(path.with_name(one)) in kinds]
    near = nearest(path.name, files)
    raise _none(named, "is not there", f"did you mean `{path.with_name(near)}`?" if near else "")


def why_no_model(path: Path) -> tuple[str, str]:
    """What the file ``path`` is, which is no model, and what to name instead; empty texts where
    that is not plain.
    """
    folder, kind = path.parent, kind_of(path)
    if path.name != MODEL_FILE and run_record.is_of_a_run(folder):
        help = f"name the folder, `{folder}`"
        if not _has_model(folder):
            resume = f"netlang resume {shell_word(str(folder))}"
            help = f"the run has no model yet: `{resume}` goes on with it"
        return f"it is {_IN_A_RUN.get(path.name) or kind or 'a file'} of a run", help
    if kind in ("", TENSORS):
        return "", ""
    return f"it is {kind}", A_MODEL


def _in_folder(folder: Path, named: str) -> Path:
    """The model file in ``folder``.  Raises NetError where it holds none."""
    if _has_model(folder):
        return folder / MODEL_FILE
    kept = [one / MODEL_FILE for one in folder.iterdir() if _has_model(one)]
    if run_record.is_of_a_run(folder) and kept:
        kind = min(kept).parent.name.partition("-")[0]  # `fold` or `seed`
        of = "in" if kind == "fold" else "of"
        reason = f"is the folder of a run {of} {counted(len(kept), kind)}, which have a model each"
        raise _none(named, reason, f"name one of them, such as `{min(kept).parent}`")
    if run_record.is_of_a_run(folder):
        reason, help = _WITHOUT_MODEL.get(run_record.status_of(folder), _BROKEN_OFF)
        if (folder / CHECKPOINT_FILE).is_file():
            help = _go_on(folder)
        raise _none(named, reason, help)
    if not kept:
        raise _none(named, "is a folder, and not that of a run with a model")
    latest = max(kept, key=lambda file: (file.stat().st_mtime, file)).parent
    which = "one of them: the latest is" if len(kept) > 1 else "that:"
    holds = f"is a folder that holds {counted(len(kept), 'run')} with a model"
    raise _none(named, holds, f"name {which} `{latest}`")


def _go_on(folder: Path) -> str:
    """How the run in ``folder``, which has a checkpoint and no model, gets one."""
    resume = f"netlang resume {shell_word(str(folder))}"
    try:
        done = read_file(folder / CHECKPOINT_FILE, epochs_done)
    except NotReadable:
        done = 0
    now = f"; `{resume} --epochs {done}` ends it with what it has learned" if done else ""
    return f"`{resume}` goes on with it from its last checkpoint{now}"


# What the status of a run without a model says, and what to do.
_WITHOUT_MODEL = {
    "running": (
        "is the folder of a run that has not ended, or was killed, and has no model yet",
        "a run writes its model at its end",
    ),
    "finished": ("is the folder of a run that kept no model", "run the file again"),
    "failed": (
        "is the folder of a run that failed, and has no model",
        "its run.json says why: mend that, and run the file again",
    ),
}
_BROKEN_OFF = "is the folder of a run that was broken off, and has no model", "run the file again"


def _network(path: Path, named: str) -> NetError:
    """What to say of a .net file in the place of a model."""
    if run_record.is_of_a_run(path.parent) and _has_model(path.parent):
        reason = "is the text of a run's network"
        return _none(named, reason, f"name the folder, `{path.parent}`, whose model is trained")
    if run := latest_run_of(path, _has_model):
        return _none(named, "is a network, and no trained one", f"its latest run is `{run}`")
    train = f"netlang run {shell_word(str(path))}"
    help = f"`{train}` trains it, and prints the name of the folder to put here"
    return _none(named, "is a network that is not trained yet", help)


def _has_model(folder: Path) -> bool:
    return (folder / MODEL_FILE).is_file()


def _none(named: str, reason: str, help: str = "") -> NetError:
    return NetError(NoModel(None, named, reason, *([help] if help else [])))
