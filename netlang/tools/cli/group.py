"""The group of all commands. Each is imported from its file when it is called."""

from __future__ import annotations

import functools
import importlib
import os

import click

import netlang
from netlang.language.diagnostics.suggest import nearest
from netlang.system.launcher import is_one_of_several
from netlang.tools.cli.output.json_answers import show_error_as_data

_COMMANDS = (
    *("run", "resume", "predict", "eval", "compare", "check", "test", "fmt", "explain", "layers"),
    *("new", "init", "runs", "plot", "inspect", "data", "summary", "graph", "gradcheck"),
    *("lr-find", "tune"),
    *("diff", "ir", "emit", "export", "import", "completion"),
)
# These read no network, or only as a text.
_WITHOUT_PLUGINS = ("fmt", "explain", "new", "init", "runs", "import", "completion")
_SHARED = ("run", "resume")  # by workers that a launcher started
_KNOWN_AS = {  # by what people try, the command that does it
    **{
        "train": "run",
        "fit": "run",
        "lint": "check",
        "format": "fmt",
        "draw": "graph",
        "list": "runs",
        "evaluate": "eval",
        "score": "eval",
        "continue": "resume",
        "describe": "data",
        "create": "new",
        "convert": "import",
        "start": "new",
    },
    **{"help": "--help", "version": "--version"},
}
_IN_THEIR_PLACE = {  # by options that other programs have, what netlang has instead
    **dict.fromkeys(
        ("--threads", "--num-threads"),
        "OMP_NUM_THREADS=2 in the environment says how many threads there may be",
    ),
    **dict.fromkeys(("--device", "--gpu", "--cuda", "--cpu"), "netlang computes on the CPU"),
    **dict.fromkeys(("--engine", "--native"), "`netlang run --backend native` trains in C"),
}
if "_NETLANG_COMPLETE" in os.environ:  # a shell asks what completes a word
    from netlang.tools.cli.completion.scripts import register

    register()


class _Commands(click.Group):
    """Imports a command's file when it is called, as torch and rich take time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Fail for a word that is no command, and suggest the command that was meant."""
        word = args[0]
        if word not in _COMMANDS and not word.startswith("-"):
            meant = _KNOWN_AS.get(word) or nearest(word, _COMMANDS)
            if word.endswith(".net"):
                meant = f"run {word}"
            hint = f"Did you mean `netlang {meant}`?" if meant else "Try `netlang --help`."
            ctx.fail(f"There is no command {word!r}. {hint}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.obj = [*args]  # for commands that start others like themselves
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Do a command, and answer its errors in JSON, too, where it has --json."""
        words = list(ctx.args)
        try:
            return self._invoke(ctx)
        except click.ClickException as error:
            hinted = _hinted(error)
            show_error_as_data(hinted.format_message(), ctx, words)
            raise hinted from None
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            from netlang.tools.cli.named.plugins import failure_in_plugin

            if failure := failure_in_plugin(error):
                from netlang.tools.cli.output.printing import report_diagnostics

                report_diagnostics([failure])
                raise click.exceptions.Exit(1) from None
            show_error_as_data(f"an error of netlang's own: {error!r}", ctx, words)
            raise

    def _invoke(self, ctx: click.Context) -> object:
        """Do a command, if it is one that workers share, beside the others."""
        command = functools.partial(super().invoke, ctx)
        if ctx.obj[0] in _SHARED and is_one_of_several():
            from netlang.tools.cli.training.workers import as_a_worker

            return as_a_worker(command)
        return command()

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = f"netlang.tools.cli.commands.{name.replace('-', '_')}"
        command = importlib.import_module(module).command
        assert isinstance(command, click.Command)
        if name in _WITHOUT_PLUGINS:
            return command
        from netlang.tools.cli.named.plugins import with_plugins

        return with_plugins(command)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(netlang.__version__, prog_name="netlang")
def cli() -> None:
    """Check and train neural networks written in .net files.

    \b
    Start with one of the models that come with netlang:
        netlang init model2
        netlang run model2.net

    \b
    or with a table of your own:
        netlang new houses.csv --target price
        netlang run houses.net
    """


def _meant(name: str) -> str | None:
    """The setting that an option ``name`` seems to stand for, or the argument of one."""
    from netlang.catalogue import registry
    from netlang.catalogue.settings import SETTINGS, suggest_setting

    if not any(setting.is_called(name) for setting in SETTINGS.values()):
        for setting in SETTINGS.values():
            items = registry.items(setting.item) if setting.item else []
            if found := registry.argument(name, items):
                return f"{setting.name}.{found[1].name}"
    return suggest_setting(name, SETTINGS)


def _hinted(error: click.ClickException) -> click.ClickException:
    """Add to the error what was meant: another option, a setting, or values between commas."""
    if not isinstance(error, click.UsageError) or not error.ctx:
        return error
    if bare := [one for one in error.ctx.params.get("overrides") or () if "=" not in one]:
        message = f"{error.message}. A setting is changed by `--set {bare[0]}=...`, in one word."
        return click.UsageError(message, ctx=error.ctx)
    if error.ctx.params.get("values") and "unexpected extra" in error.message:
        from netlang.tools.cli.commands.predict import BY_COMMAS

        return click.UsageError(f"{error.message}. {BY_COMMAS}", ctx=error.ctx)
    if error.ctx.info_name == "new" and "unexpected extra" in error.message:
        help = "The column to predict is named by --target."
        return click.UsageError(f"{error.message}. {help}", ctx=error.ctx)
    if not isinstance(error, click.NoSuchOption):
        return error
    if error.option_name == "--json":  # which resembles others, and means none of them
        return click.UsageError(f"`netlang {error.ctx.info_name}` has no --json.", ctx=error.ctx)
    if said := _IN_THEIR_PLACE.get(error.option_name):
        return click.UsageError(f"No such option {error.option_name}: {said}.", ctx=error.ctx)
    if not any("--set" in option.opts for option in error.ctx.command.params):
        return error
    name = error.option_name.lstrip("-").replace("-", "_")
    meant = _meant(name)
    if meant is None:
        return error
    words = [word for option in error.ctx.command.params for word in option.opts]
    is_misspelt = meant.rpartition(".")[2] != name
    near = next((word for word in words if word.startswith(error.option_name)), None)
    near = near or (nearest(error.option_name, words) if is_misspelt else None)
    own = f"did you mean {near}? A" if near else "a"
    said = f"{own} setting is changed by `--set {meant}=...`."
    return click.UsageError(f"No such option {error.option_name}: {said}", ctx=error.ctx)
