"""Definitions that nothing uses: what was meant by them, and how that is written."""

from __future__ import annotations

from collections.abc import Sequence, Set

from netlang.catalogue import registry
from netlang.catalogue.foreign_arguments import help_for_argument
from netlang.catalogue.foreign_settings import help_for_setting, line_for
from netlang.catalogue.items import Item
from netlang.catalogue.settings import SETTINGS, suggest_setting
from netlang.catalogue.targets import OutputPart
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.settings import find_slip, slip_of, takes
from netlang.compiler.passes.values import ItemCall, number_in
from netlang.language.diagnostics import Cause, Sink
from netlang.language.diagnostics.messages.lints import Unused

_SHOWN_VALUE = 20  # characters of a value that is shown where it belongs
_KINDS = "data set", "loss", "optimizer"  # whose arguments are written as settings elsewhere


def lint_names(
    file: ResolvedFile,
    unused: Sequence[str],
    outputs: Sequence[OutputPart],
    sound: bool,
    sink: Sink,
) -> None:
    """Report the ``unused`` definitions of a file, or only those that are nearly a setting if the
    file is not ``sound``: what uses the others may stand where there is a mistake. A tap that names
    one of the ``outputs`` is used.
    """
    sound = sound and "net" in file.values
    free = [name for name in SETTINGS if name not in file.values]
    slips = [find_slip(name, file.unused, file) for name in free if SETTINGS[name].item]
    by_value = {
        slip.name: slip.meant.text
        for slip in slips
        if slip and takes(slip.meant.text, file.values[slip.name])
    }
    for name in unused:
        is_block = file.definitions[name].parameters is not None  # and no setting is one
        meant = None if is_block else _setting(name, free) or by_value.get(name)
        if meant or sound:
            span = file.definitions[name].name_span
            setting = slip_of(name, meant, file).meant if meant else None
            is_whole = meant is not None and takes(meant, file.values[name])
            help = None if is_block or is_whole else _help(name, meant, file)
            sink.report(Unused(span, setting, help), Cause.MISSPELT_SETTING.at(span))
    if sound:
        _lint_own_names(file, {one.name for one in outputs}, sink)


def _setting(name: str, free: Sequence[str]) -> str | None:
    """The setting among those that are ``free`` that is meant; none where other frameworks mean
    something else by the name.
    """
    meant = suggest_setting(name, free)
    is_known = meant is not None and SETTINGS[meant].is_called(name)
    return meant if is_known or not help_for_setting(name) else None


def _lint_own_names(file: ResolvedFile, outputs: Set[str], sink: Sink) -> None:
    """Report the taps and the parameters that their own definition does not use."""
    for definition in file.definitions.values():
        used = {name.name for name in definition.names} | outputs
        for name, span in definition.own.items():
            if name not in used:
                sink.report(Unused(span))


def _help(name: str, meant: str | None, file: ResolvedFile) -> str | None:
    """How to write what is meant by a name, which may be nearly that of a setting."""
    calls = {one: file.values.get(one) for one in SETTINGS}
    own = {one: call for one, call in calls.items() if isinstance(call, ItemCall)}
    for setting, call in own.items():
        if not meant and (written := _as_argument(name, setting, [call.item], file)):
            return written
    if line := _line(name, file):
        return line
    if meant:
        return None
    return (
        help_for_setting(name)
        or _as_argument(name, "optimizer", registry.items("optimizer"), file)
        or help_for_argument(name)
        or next(filter(None, (help_for_argument(name, kind) for kind in _KINDS)), None)
        or _of_two(name, file)
    )


def _line(name: str, file: ResolvedFile) -> str | None:
    """The line to write, or how to add it to one that the file has."""
    number = number_in(file.values[name])
    line = line_for(name, file.values[name].span.text if number is not None else None)
    if line is None:
        return None
    setting, _, _ = line.partition(" ")
    if setting in file.values:
        return f"it belongs to the file's `{setting}`, as in `{line}`"
    return f"write `{line}`"


def _of_two(name: str, file: ResolvedFile) -> str | None:
    """What to do with a setting that the file has under its own name, too."""
    taken = suggest_setting(name, [one for one in SETTINGS if one in file.values])
    return f"the setting is `{taken}`, which the file has: keep one of the two" if taken else None


def _as_argument(
    name: str, setting: str, items: Sequence[type[Item]], file: ResolvedFile
) -> str | None:
    """How to write ``name`` as an argument of one of the ``items`` of a setting; None if it is not
    one.
    """
    found = registry.argument(name, items)
    if found is None:
        return None
    item, argument = found
    call, value = file.values.get(setting), file.values[name].span.text
    others = isinstance(call, ItemCall) and call.item is item and call.arguments
    written = f"{argument.name}={value if len(value) <= _SHOWN_VALUE else '...'}"
    whole = f"{item.name}({'..., ' if others else ''}{written})"
    return f"it is an argument: write `{setting} = {whole}`"
