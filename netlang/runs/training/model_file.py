"""A model file is a trained network whole: its tensors, its program, what was learned of its data.

There is no time and no path in it, so that equal runs leave equal bytes.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.data import Description, Pipeline
from netlang.catalogue.data.pipeline import AnyPipeline, Inputs, Labels
from netlang.compiler.ir import Program
from netlang.engine.network import Network
from netlang.engine.versions import versions
from netlang.language.model_files import MODEL
from netlang.language.run_record import kept_beside
from netlang.system.record import Record
from netlang.system.tensor_file import NotReadable

if TYPE_CHECKING:
    from torch import Tensor


class ModelFile(Record):
    """A trained network as a file keeps it.

    ``texts`` are the program's own text, which is called ``name``, those that it imports, by their
    paths as seen from its folder, and those of plugins, to be read by people and never to be run.
    ``overrides`` are what the command line changed.
    ``description`` is that of the data, and ``pipeline`` made inputs of them; it is None where the
    data needed none. ``metrics`` are those of the weights that are kept. ``tensors`` have the
    shapes and the names that they have in PyTorch, such as ``linear1.weight``.
    """

    name: str
    texts: Mapping[str, str]
    overrides: tuple[str, ...]
    description: Description
    pipeline: AnyPipeline | None
    metrics: Mapping[str, float]
    versions: Mapping[str, str]
    tensors: Mapping[str, Tensor]

    def to_bytes(self) -> bytes:
        """The file: the same bytes for the same model."""
        about = self.as_dict() | {
            "description": self.description.to_json(),
            "pipeline": self.pipeline.to_json() if self.pipeline else None,
        }
        return MODEL.to_bytes(about.pop("tensors"), about)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The model that ``to_bytes`` gave ``data`` for.  Raises NotReadable."""
        tensors, about = MODEL.from_bytes(data)
        return cls(**_checked(about), tensors=tensors)


def model_of(
    program: Program,
    network: Network,
    pipeline: AnyPipeline | None,
    metrics: Mapping[str, float],
) -> ModelFile:
    """Keep a trained network of ``program`` as it is. ``pipeline`` made its inputs, and ``metrics``
    are those of its weights.
    """
    assert program.description
    return ModelFile(
        Path(program.source.name).name,
        texts_of(program),
        program.overrides,
        program.description,
        pipeline,
        metrics,
        versions(),
        {name: one.detach().cpu().clone() for name, one in network.named_tensors().items()},
    )


def texts_of(program: Program) -> dict[str, str]:
    """The program's own text and those that it imports, by the paths that ModelFile keeps."""
    main, folder = program.source, program.source.folder
    texts = {Path(main.name).name: main.text}
    # A text that a run keeps names files as they stood beside it where it was run.
    as_run = {read.path: read.named for read in kept_beside(main).reads}
    for source in program.imported:
        assert source.path
        is_named_so = source.path.is_absolute() and not folder.is_absolute()
        path = source.path if is_named_so else Path(os.path.relpath(source.path, folder))
        texts[path.as_posix()] = source.text
        if named := as_run.get(os.path.realpath(source.path)):
            texts[named] = source.text
    return texts | {Path(one.name).name: one.text for one in program.plugins}


def _checked(about: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a ModelFile but its tensors.  Raises NotReadable."""
    try:
        match about:
            case {
                "name": str(name),
                "texts": dict(texts),
                "overrides": list(overrides),
                "description": description,
                "pipeline": dict() | None as pipeline,
                "metrics": dict(metrics),
                "versions": dict(versions),
            } if (
                name in texts
                and all(isinstance(one, str) for one in (*texts.values(), *overrides))
                and all(isinstance(one, str) for one in versions.values())
                and all(isinstance(one, int | float) for one in metrics.values())
            ):
                described = Description.from_json(description)
                learned = None if pipeline is None else Pipeline.from_json(pipeline)
                if learned:
                    _check_fit(described, learned)
                return {
                    "name": name,
                    "texts": texts,
                    "overrides": tuple(overrides),
                    "description": described,
                    "pipeline": learned,
                    "metrics": metrics,
                    "versions": versions,
                }
    except ValueError as error:
        raise NotReadable(str(error)) from None
    raise NotReadable("what it says of its program is not what netlang writes")


def _check_fit(description: Description, pipeline: AnyPipeline) -> None:
    """Raises ValueError where the pipeline makes inputs or targets of other data."""
    if isinstance(pipeline, Pipeline):
        sizes: tuple[int, ...] = (len(pipeline.input_names),)
    else:
        sizes = pipeline.shape
    gives_back = isinstance(pipeline.goal, Inputs)
    targets = math.prod(sizes) if gives_back else len(pipeline.target)
    makes = [sizes, pipeline.classes, targets, isinstance(pipeline.goal, Labels)]
    described: list[object] = [description.input.sizes, description.classes]
    described += [1 if description.classes else description.targets, description.labels]
    if description.columns:
        makes += [pipeline.columns, pipeline.target]
        described += [tuple(name for name, _, _ in description.columns), description.target]
    if makes != described:
        raise ValueError("its pipeline makes other samples than its data are described to have")
