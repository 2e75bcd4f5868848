"""The data that a trained model was trained on, where they can be had again.

A model file keeps no data. Made data are made anew, and those of scikit-learn are in that package;
a run's folder says where its files were, and with which bytes, and these are read if they are
unchanged. What a model file alone names is not opened.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from netlang.catalogue.data import Split
from netlang.catalogue.data.arrays import Sklearn
from netlang.catalogue.data.made.made_set import MadeSet
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.threads import torch_threads
from netlang.language.run_record import data_read, is_of_a_run, kept_beside, record_in
from netlang.language.syntax import read
from netlang.runs.models.model_path import model_path
from netlang.runs.models.trained import TrainedModel
from netlang.system.files import Irregular, open_regular


class NoData(Exception):
    """Why there are no data, as the end of a sentence."""


def own_data(named: str, model: TrainedModel) -> Split:
    """The samples of ``model``, which ``named``, a run's folder or a model file, stands for.

    Raises NoData, and NetError where the data of a run cannot be read, or have changed.
    """
    if not named and not isinstance(model.program.data, MadeSet | Sklearn):
        raise NoData("the data were those of another process, and this model has none of them")
    program = model.program
    if not isinstance(program.data, MadeSet | Sklearn):
        program = _as_run(named, program)
    assert program.data
    with torch_threads(1):  # as in training: a sum's bits depend on their number
        return program.data.load(program.seed)


def was_trained_on(named: str, file: str) -> bool:
    """Whether ``file`` is the one whose samples the model ``named`` was trained on, by every byte,
    as far as the folder of its run tells.

    Raises NetError where there is no such model.
    """
    read = data_read(model_path(named).parent)
    if not read:
        return False
    try:
        with open_regular(Path(file)) as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == read[0].sha256
    except (Irregular, OSError, ValueError):
        return False


def _as_run(named: str, program: Program) -> Program:
    """The ``program`` of a model as the folder of its run keeps it.

    Raises NoData and NetError.
    """
    file = model_path(named)
    folder = file.parent
    if file == Path(named) or not is_of_a_run(folder):
        help = "name the folder of the run, which says where they are"
        raise NoData(f"a model file keeps no data, and opens no file that it names: {help}")
    text = read(folder / Path(str(record_in(folder).get("kept"))).name)  # no file elsewhere
    kept = compile_source(text, kept_beside(text).overrides, to_run=True).require()
    if kept.description != program.description:
        reason = "the folder keeps another program than that of the model file in it"
        raise NoData(f"{reason}: run the file again")
    return kept
