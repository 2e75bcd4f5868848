"""Copies of functions are Python without types, with all that they use."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from netlang.lowering.python import cells, mathematics
from netlang.lowering.python.copies import Copies, Text, call_of


def own(module: Any) -> list[Any]:
    functions = [one for one in vars(module).values() if callable(one)]
    return [one for one in functions if getattr(one, "__module__", "") == module.__name__]


def test_a_copy_says_the_same_without_types() -> None:
    copied = Copies()
    texts = copied.of([*own(cells), *own(mathematics)])
    for text in texts:
        (found,) = ast.parse(text).body
        assert isinstance(found, ast.FunctionDef)
        assert ast.get_docstring(found)
        assert found.returns is None
        for one in ast.walk(found):
            assert not isinstance(one, ast.arg) or one.annotation is None
    names: dict[str, Any] = {"np": np}
    exec("\n\n".join(texts), names)
    assert names["columns_of"](["a", "b"], np.eye(2))["b"].tolist() == [0, 1]
    assert {"NUMBER", "NO_NUMBER"} <= copied.constants.keys()


def test_each_text_comes_once_and_behind_what_it_uses() -> None:
    copied = Copies()
    first = copied.of([cells.numbers])
    assert [text.partition("(")[0] for text in first] == [
        "def number",
        "def numbers",
    ]
    assert [text.partition("(")[0] for text in copied.of([cells.tokens])] == [
        *("def symbols_of", "def tokens")
    ]
    assert copied.of([cells.numbers]) == []


def test_a_call_leaves_out_what_it_would_take_by_default() -> None:
    found = call_of(cells.numbers, "samples", '"age"', shift=0.0, scale=2.0, bent=Text("bend"))
    assert found == 'numbers(samples, "age", scale=2.0, bent=bend)'
