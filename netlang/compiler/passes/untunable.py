"""What cannot be tuned: what is not there, and what trials are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netlang.catalogue import registry
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.resolve import ResolvedFile, no_arguments, not_settable
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.tuning import NotTunable, WrongCandidates
from netlang.language.syntax import ast

# Arguments of data sets that decide by what samples trials are judged.
_OF_SAMPLES = {
    *("path", "set", "train", "test", "validation", "target", "task", "classes", "order", "group"),
    *("split_seed", "folds", "fold", "weights", "noise", "factor", "shapes"),
    *("test_inputs", "test_target", "test_lengths", "lengths"),
}


def not_tunable(statement: ast.Tuning, file: ResolvedFile) -> Diagnostic | None:
    """The report of a path that cannot be tuned, whatever numbers or values are listed."""
    name, path = statement.path[0], statement.path_text
    if wrong := not_settable(name, file):
        if registry.kind_of(name.name) == "layer":
            help = "give the value a name, as in `p = 0.5` and `Dropout(p)`, and tune that"
            return wrong.replace(help=help)
        return wrong
    setting = SETTINGS.get(name.name)
    if name.name not in file.values and len(statement.path) > 1:
        return no_arguments(statement.path[:1], "this file does not define it")
    is_absent = setting and not setting.argument and name.name not in file.values
    if setting and is_absent and isinstance(statement.candidates, ast.Interval):
        what = f"`{path}` is set by {setting.expects}, and a range holds numbers"
        help = f"list what it may be: `tune {path} in [..., ...]`"
        return WrongCandidates(statement.candidates.span, what, "numbers", help)
    span, label = statement.path_span, "not to be tuned"
    if name.name in _behind(["seed"], file):
        why = f"`{path}` is chance: the best seed is the luckiest, and no better than others"
        help = "`netlang run FILE --seeds 0..9` shows how much it matters"
        return NotTunable(span, why, label, help)
    if name.name == "metrics":
        why = "trials are judged by metrics, and learn nothing from them"
        return NotTunable(span, why, label, "`--metric` says by which of them")
    if _picks_samples(statement, file):
        why = f"`{path}` decides by what samples trials are judged"
        help = "give it one value for all trials, in the file or by `--set`"
        return NotTunable(span, why, label, help)
    return None


def decides_loss(statement: ast.Tuning, file: ResolvedFile) -> bool:
    """Whether the losses of trials cannot be compared, as each comes of another formula."""
    return statement.path[0].name in _behind(["loss"], file)


def _picks_samples(statement: ast.Tuning, file: ResolvedFile) -> bool:
    name, *arguments = (one.name for one in statement.path)
    called, value = {"data"}, _value("data", file)
    while isinstance(value, ast.Name) and value.name not in called:
        called.add(value.name)
        value = _value(value.name, file)
    if name in called:
        return not arguments or arguments[0] in _OF_SAMPLES
    if not isinstance(value, ast.Call) or value.callee.name not in registry.ITEMS:
        return False
    declared = [one.name for one in registry.ITEMS[value.callee.name].arguments]
    for place, one in enumerate(value.arguments):
        argument = one.name.name if one.name else declared[min(place, len(declared) - 1)]
        if argument in _OF_SAMPLES and name in _behind(_names(one.value), file):
            return True
    return False


def _behind(names: Iterable[str], file: ResolvedFile) -> set[str]:
    """These names, and all that their definitions use."""
    found, left = set[str](), [*names]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            value = _value(name, file)
            left += _names(value) if value else ()
    return found


def _names(value: ast.Expression) -> Iterator[str]:
    return (one.name for one in ast.names_in(value))


def _value(name: str, file: ResolvedFile) -> ast.Expression | None:
    definition = file.imported.get(name, file).definitions.get(name)
    return definition.value if definition else None
