"""Many small cases in one test: as a test each, they would take longer than what they try.

``together`` stands where ``pytest.mark.parametrize`` would. All cases are tried, and a failure says
with which ones. They share the test's fixtures, so that none may leave anything behind.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

FAILURES = (Exception, pytest.fail.Exception)


def together(
    names: str | Sequence[str], cases: Iterable[Any], ids: Callable[[Any], Any] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try all cases in one test: values of the argument that ``names`` is, or tuples of values of
    several arguments.
    """
    arguments = [names] if isinstance(names, str) else [*names]
    table = [_case(case, arguments, ids) for case in cases]
    assert table, "there are no cases"

    def over(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def tried(**fixtures: Any) -> None:
            failed, skipped = [], []
            for label, values in table:
                try:
                    test(**fixtures, **values)
                except pytest.skip.Exception as reason:
                    skipped.append(reason)
                except FAILURES as failure:
                    failure.add_note(f"with {label}")
                    failed.append((label, failure))
            if failed:
                (_, first), *others = failed
                if others:
                    first.add_note(f"and in {len(others)} other cases, with:")
                    first.add_note("\n".join(label for label, _ in others))
                raise first
            if len(skipped) == len(table):
                raise skipped[0]

        signature = inspect.signature(test)
        fixtures = [one for name, one in signature.parameters.items() if name not in arguments]
        assert len(fixtures) == len(signature.parameters) - len(arguments)
        vars(tried)["__signature__"] = signature.replace(parameters=fixtures)
        return tried

    return over


def _case(case: Any, arguments: list[str], ids: Callable[[Any], Any]) -> tuple[str, dict[str, Any]]:
    """What a failure calls the case, and its values by the names of their arguments."""
    label = None
    if isinstance(case, type(pytest.param())):
        assert not case.marks, "a case that is marked is a test of its own"
        label, case = case.id, case.values if len(arguments) > 1 else case.values[0]
    values = case if len(arguments) > 1 else (case,)
    if label is None:
        label = ", ".join(str(ids(value)) for value in values)
    return label, dict(zip(arguments, values, strict=True))
