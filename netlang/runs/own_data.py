"""The data that a trained model was trained on, where they can be had again.

A model file keeps no data. Made data are made anew; a run's folder says where its table was, and
with which bytes, and this is read if it is unchanged. What a model file alone names is not opened.
"""

from __future__ import annotations

import os
from pathlib import Path

from netlang.catalogue.data import Split
from netlang.catalogue.data.made.made_set import MadeSet
from netlang.compiler.passes import compile_source
from netlang.engine.threads import torch_threads
from netlang.language.run_record import kept_beside, record_in
from netlang.language.syntax import read
from netlang.runs.trained import TrainedModel


class NoData(Exception):
    """Why there are no data, as the end of a sentence."""


def own_data(named: str, model: TrainedModel) -> Split:
    """The samples of ``model``, which ``named``, a run's folder or a model file, stands for.

    Raises NoData, and DiagnosticError where the data of a run cannot be read, or have changed.
    """
    program = model.program
    if not isinstance(program.data, MadeSet):
        if not os.path.isdir(named):
            help = "name the folder of the run, which says where they are"
            raise NoData(f"a model file keeps no data, and opens no file that it names: {help}")
        kept = str(record_in(Path(named)).get("kept"))
        text = read(str(Path(named) / Path(kept).name))
        program = compile_source(text, kept_beside(text).overrides, to_run=True).require()
    assert program.data
    with torch_threads(1):  # as in training: a sum's bits depend on their number
        return program.data.load(program.seed)
