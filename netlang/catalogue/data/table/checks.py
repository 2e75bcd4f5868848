"""Arguments of a table that go together with each other, and with its rows."""

from __future__ import annotations

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.columns import UnfitArgument
from netlang.language.diagnostics.messages.data import EmptyData
from netlang.language.diagnostics.wording import counted


def check_arguments(data: TableArguments) -> None:
    """Raises NetError where one argument contradicts another."""
    if clash := data.roles.clash():
        raise unfit(data, clash.argument, clash.problem, clash.label, clash.help)
    are_numbers = data.task in ("regression", "labels")
    if are_numbers and (named := [name for name in data.names if name in data.categories]):
        what = f"`categories` names `{named[0]}`, which is a number to predict"
        help = "leave it out there, or leave out `task`, so that it is a class"
        raise unfit(data, "categories", what, "it cannot be both", help)
    if len(data.names) > 1 and data.task == "classification":
        what = f"`target` names {len(data.names)} columns, and a class is named by one"
        help = "name one column, or leave out `task`: each column of text is then a class"
        raise unfit(data, "task", what, "each sample has one class", help)
    if not data.standardize and data.scale not in ("standard", "none"):
        scaled = f'`scale="{data.scale}"` brings numbers to one scale'
        what = f"{scaled}, and `standardize=false` does not"
        raise unfit(data, "scale", what, "not both", "leave one of them out")
    _check_texts(data)
    if data.group and data.order:
        what = "`group` and `order` each say which rows are set aside"
        raise unfit(data, "order", what, "not both", "leave one of them out")
    if data.fold and data.fold > data.folds:
        what = f"there is no fold {data.fold} of {data.folds}"
        if not data.folds:
            what = "`fold` names one of several folds, and there are none"
        help = f"write `folds={max(5, data.fold)}, fold={data.fold}`"
        raise unfit(data, "fold", what, "too large" if data.folds else "of how many?", help)
    if not data.folds:
        return
    if data.folds == 1:
        help = "write `folds=5`, or another number from 2 on"
        raise unfit(data, "folds", "one fold leaves no rows to learn from", "too few", help)
    other = "order" if data.order else "test" if isinstance(data.test, str) else ""
    if other:
        what = f"`folds` tests on each part of the rows in its turn, and `{other}` on the same"
        raise unfit(data, other, what, "not beside `folds`", f"leave out `{other}` or `folds`")


def _check_texts(data: TableArguments) -> None:
    """Raises NetError where texts are left out, or what is said of them has none."""
    named = {**dict.fromkeys(data.codes, "codes"), **dict.fromkeys(data.texts, "text")}
    if ignored := [name for name in named if name in data.ignore]:
        what = f"`ignore` leaves out `{ignored[0]}`, which `{named[ignored[0]]}` names"
        help = f"name `{ignored[0]}` in one of them"
        raise unfit(data, "ignore", what, "an input cannot be left out", help)
    about = [name for name in ("by", "context", "vocabulary") if name in data.spans]
    if about and not data.texts:
        what = f"`{about[0]}` is about texts, and no column of texts is named"
        help = f'name it, as in `text="review"`, or leave `{about[0]}` out'
        raise unfit(data, about[0], what, "of which texts?", help)


def unfit(data: TableArguments, argument: str, problem: str, label: str, help: str) -> NetError:
    return NetError(UnfitArgument(data.at(argument), problem, label, help))


def check_sizes(data: TableArguments, rows: int, train: int, test: int, validation: int) -> None:
    """Raises NetError where a part that is asked for has no rows."""
    tested = "folds" if data.folds else "" if isinstance(data.test, str) else "test"
    aside = [part for part in (tested, "validation") if part and getattr(data, part)]
    shares = 0.0 if tested != "test" else data.test
    assert isinstance(shares, float)
    too_large = round(shares + data.validation, 9) >= 1
    if too_large or not train:
        names, purpose = aside, "learn from"
    elif tested in aside and not test:
        names, purpose = [tested], "test on"
    elif data.validation and not validation:
        names, purpose = ["validation"], "validate on"
    else:
        return
    fewer = ", or `folds` a smaller number" if names[-1:] == ["folds"] else ""
    help = f"give the file more rows{fewer}"
    if too_large:
        help = "take shares that sum to less than 1: what they leave is to learn from"
    elif data.group:
        help = f"give `{data.group}` more groups, as each is in one part{fewer}"
    elif data.order and rows > len(aside):
        help = f"give `{data.order}` more values, as the rows of one are in one part"
    elif names and not fewer and rows > len(aside):
        help += f", or `{names[-1]}` another share"
    written = " and ".join(f"{name}={as_source(getattr(data, name))}" for name in names)
    leave = "leave" if len(names) > 1 else "leaves"
    what = f"{written} of {counted(rows, 'row')} {leave} no rows to {purpose}"
    raise NetError(EmptyData(data.at(names[-1]), what, "", help))
