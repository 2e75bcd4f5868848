"""Words that complete what is written in a cell."""

from __future__ import annotations

from netlang.api.ipython.completion import completions
from tests.together import together

CELL = """\
hidden = 25
block res(n) = Linear(n, n)
net = Linear(2, hidden) -> ReL| -> res(25)
"""


def at_bar(text: str) -> dict[str, str]:
    return dict(completions(text.replace("|", ""), text.index("|")))


@together(
    ("text", "expected"),
    [
        (CELL, {"ReLU": "layer", "ReLU6": "layer"}),
        ("net = Linear(2, 3) -> Drop|", {"Dropout": "layer"}),
        ("opt|", {"optimizer = ": "setting"}),
        ("net = Linear(2, 3)\nblo|", {"block ": "keyword"}),
        ("net = Conv2d(1, 2, pad|", {"padding=": "argument"}),
        ("net = [Linear(2, 3), Linear(2, 3) -> selu|", {"SeLU": "layer"}),
        ("hidden = 5\nnet = Linear(2, hid|", {"hidden": "constant"}),
        ('data = Table("Lin|', {}),
        ("# Lin|", {}),
    ],
)
def test_a_word_is_completed_by_what_may_stand_there(text: str, expected: dict[str, str]) -> None:
    found = at_bar(text)
    assert expected.items() <= found.items()
    assert bool(expected) == bool(found)


def test_an_argument_is_offered_in_the_call_that_has_it_alone() -> None:
    assert "lr=" in at_bar("optimizer = Adam(|")
    assert "lr=" not in at_bar("optimizer = Adam(1) -> f(|")
    assert "lr=" not in at_bar("optimizer = Adam(0.1) |")


def test_layers_of_the_catalogue_and_blocks_of_the_library_are_there() -> None:
    found = at_bar("net = Linear(2, 3) -> |")
    assert found["Linear"] == "layer"
    assert found["MLP"] == "block"
    assert found["none"] == "value"
