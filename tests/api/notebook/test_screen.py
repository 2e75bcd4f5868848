"""Where HTML is shown: a kernel of Jupyter, a cell of marimo, or nowhere."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from netlang.api.notebook import screen as screens
from netlang.api.notebook.markup import tag
from netlang.api.notebook.screen import screen


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IPython", "marimo"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_outside_of_a_notebook_there_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert screen() is None
    for shell in (None, SimpleNamespace()):  # IPython is imported, or runs in a terminal
        ipython = SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", ipython)  # type: ignore[arg-type]
        assert screen() is None


def test_a_kernel_shows_html_with_a_text_and_replaces_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    handle = SimpleNamespace(update=lambda data, raw: said.append(("update", data, raw)))
    monkeypatch.setattr(screens, "_display", lambda data: said.append(("new", data)) or handle)
    shell = SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)  # type: ignore[arg-type]
    place = screen()
    assert place
    place.show(tag("p", "1"), "one")
    place.show(tag("p", "2"), "two")
    (new, first), (update, second, raw) = said
    assert (new, update, raw) == ("new", "update", True)
    assert first["text/html"].endswith("<p>1</p></div>")
    assert (first["text/plain"], second["text/plain"]) == ("one", "two")
    assert {type(text) for text in first.values()} == {str}


def test_marimo_shows_it_in_the_place_of_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    output = SimpleNamespace(replace=said.append)
    marimo = SimpleNamespace(running_in_notebook=lambda: True, output=output, Html=lambda one: one)
    monkeypatch.setitem(sys.modules, "marimo", marimo)  # type: ignore[arg-type]
    place = screen()
    assert place
    place.show(tag("p", "1"), "one")
    assert [one.endswith("<p>1</p></div>") for one in said] == [True]
    monkeypatch.setattr(marimo, "running_in_notebook", lambda: False)
    assert screen() is None
