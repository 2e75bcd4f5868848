"""``netlang init`` copies a model to start from into this folder."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netlang.language.diagnostics.suggest import nearest
from netlang.system import shipped
from netlang.system.files import write_whole
from netlang.system.terminal import aligned
from netlang.tools.cli.completion.words import models
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import json_option, print_json

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_EXERCISES = "exercises"  # the folder of them beside the models
_NOTEBOOK = "notebook"  # for Jupyter, beside the models


@click.command("init")
@click.argument("model", required=False, shell_complete=models)
@click.option("--list", "show_list", is_flag=True, help="List the models that can be copied.")
@json_option
def command(model: str | None, show_list: bool, as_data: bool) -> None:
    """Copy a MODEL that comes with netlang into this folder.

    Its data comes with it, but for sets of scikit-learn, which has to be installed. Without a MODEL
    it is model2. A file that is there already stays as it is. The MODEL `exercises` is a folder of
    twelve: each begins with a question, and says which commands show an answer. The MODEL
    `notebook` is a notebook for Jupyter, whose cells hold models.

    \b
    Example:
        netlang init iris
        netlang run iris.net
    """
    models = shipped.files_in("models", ".net")
    if as_data and not show_list:
        raise click.UsageError("--json goes with --list.")
    if show_list and model:
        raise click.UsageError("--list stands alone: it lists all models.")
    if show_list:
        about = {name: _about(path) for name, path in models.items()}
        about |= {_EXERCISES: "Twelve exercises in a folder, from XOR to vanishing gradients."}
        about |= {_NOTEBOOK: "A notebook for Jupyter: cells that train, and what they show."}
        if as_data:
            print_json([{"name": name, "about": text} for name, text in about.items()])
        else:
            click.echo("\n".join(aligned(about.items())))
        return
    model = model or "model2"
    names = [*models, _EXERCISES, _NOTEBOOK]
    name = next((name for name in names if name.casefold() == _stem(model)), model)
    if name == _EXERCISES:
        _copy_exercises()
        return
    if name == _NOTEBOOK:
        _copy_notebook()
        return
    if name not in models:
        meant = nearest(_stem(name), names)
        hint = f"Did you mean {meant}?" if meant else f"There are {', '.join(names)}."
        if _stem(model) in shipped.files_in(f"models/{_EXERCISES}", ".net"):
            hint = f"It is one of the exercises: `netlang init {_EXERCISES}` writes all of them."
        raise click.UsageError(f"No model called {name!r} comes with netlang. {hint}")
    text = models[name].read_text(encoding="utf-8")
    for file in sorted(shipped.folder("models").iterdir(), key=lambda file: file.name):
        if file.name == f"{name}.net" or f'"{file.name}"' in text:  # a model names its data
            _copy(file, Path(file.name))
    if "Sklearn(" in text:
        _say_scikit_learn("It needs")
    click.echo(f"Now train it: netlang run {name}.net")


def _copy_exercises() -> None:
    folder = Path(_EXERCISES)
    with writing(folder):
        folder.mkdir(exist_ok=True)
    for name, file in shipped.files_in(f"models/{_EXERCISES}", ".net").items():
        _copy(file, folder / f"{name}.net")
    _say_scikit_learn("Some need")
    click.echo(f"Now read one and train it: cd {_EXERCISES} && netlang run xor.net")


def _copy_notebook() -> None:
    file = Path(f"{_NOTEBOOK}.ipynb")
    _copy(shipped.folder("models") / file.name, file)
    if find_spec("ipykernel") is None:
        click.echo('It needs a kernel for Jupyter: pip install "netlang[notebook]"')
    click.echo(f"Now open it: jupyter lab {file}")


def _say_scikit_learn(who_needs: str) -> None:
    if not _has_scikit_learn():
        click.echo(f'{who_needs} scikit-learn: pip install "netlang[sklearn]"')


def _has_scikit_learn() -> bool:
    return find_spec("sklearn") is not None


def _stem(model: str) -> str:
    return model.casefold().removesuffix(".net").removesuffix(".ipynb")


def _copy(source: Traversable, target: Path) -> None:
    if target.exists():
        click.echo(f"{target} is here already; left as it is")
        return
    with writing(target):
        write_whole(target, source.read_text(encoding="utf-8"))
    click.echo(f"wrote {target}")


def _about(path: Traversable) -> str:
    """The comment in a model's first line."""
    return path.read_text(encoding="utf-8").split("\n")[0].lstrip("# ")
