"""A trained model is written for a runtime that has no netlang."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import in_code, listed
from netlang.language.model_files import MODEL_FILE
from netlang.language.run_record import is_of_a_run
from netlang.lowering.languages import EXPORTS
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.trained import TrainedProgram
from netlang.system.file_kinds import of_others
from netlang.system.files import write_whole


def exported(trained: TrainedProgram, target: str, path: Path) -> list[Path]:
    """Write the network for the ``target`` into the file ``path`` and others beside it.

    Raises NetError for a target that there is not, a name that does not suit it, a file of somebody
    else's, and what it cannot say; OSError for what cannot be written.
    """
    export = EXPORTS.get(target)
    if export is None:
        near = nearest(str(target), EXPORTS)
        meant = f"did you mean `{near}`?" if near else f"there are {listed(in_code(EXPORTS))}"
        raise _unfit(path, f"a network cannot be exported to `{target}`", meant)
    if path.suffix.lower() != export.ending:
        meant = path.with_suffix(export.ending).name
        raise _unfit(
            path, f"`{path.name}` does not say that it is for {target}", f"write `{meant}`"
        )
    if other := export.taken_for(path.stem):
        help = f"name it otherwise, such as `model{export.ending}`"
        raise _unfit(path, f"`{path.name}` would be taken for {other}", help)
    try:
        files = export.network(trained, path.stem)
    except Unsupported as reason:
        others = listed(in_code(name for name in EXPORTS if name != target))
        is_own = "lowers" in str(reason)  # which no target can say
        help = "write that function" if is_own else f"other targets are {others}"
        raise _unfit(path, str(reason), help) from None
    if MODEL_FILE in files and is_of_a_run(path.parent):
        help = "name it otherwise, such as `exported.py`"
        raise _unfit(path, f"the run's own `{MODEL_FILE}` stands there, and would be lost", help)
    not_of_others(path.parent, files)
    written = [path.parent / name for name in files]
    for file, content in zip(written, files.values(), strict=True):
        write_whole(file, content)
    return written


def not_of_others(folder: Path, names: Iterable[str]) -> None:
    """Raises NetError where files of these names would replace one of somebody else's."""
    if path := of_others(folder, names):
        problem = f"`{path.name}` is there, netlang has not written it, and it would be lost"
        raise _unfit(path, problem, "give another name, or remove the file first")


def _unfit(path: Path, problem: str, help: str) -> NetError:
    return NetError(NoSuchAnswer(None, str(path), problem, help))
