"""Did you mean: near names are found, far ones are not, and none takes long."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.catalogue import registry
from netlang.language.diagnostics.suggest import Guess, guess, nearest

NAMES = ["Linear", "ReLU", "SeLU", "Tanh", "Sigmoid", "Softmax", "Dropout"]
WORDS = st.text(st.sampled_from("abcXY_"), max_size=10)


def edits(a: str, b: str) -> int:
    """Optimal string alignment distance, straight from its definition."""
    table = [[i + j if 0 in (i, j) else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            costs = [
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
            ]
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                costs.append(table[i - 2][j - 2] + 1)
            table[i][j] = min(costs)
    return table[-1][-1]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("Lienar", "Linear"),  # a swap
        ("Linar", "Linear"),  # a letter left out
        ("Lineaar", "Linear"),  # a letter too many
        ("Linaer", "Linear"),
        ("Limear", "Linear"),  # another letter
        ("LINEAR", "Linear"),  # case
        ("relu", "ReLU"),
        ("Sigmod", "Sigmoid"),
        ("SoftMax", "Softmax"),
        ("dropuot", "Dropout"),
        ("Tahn", "Tanh"),
    ],
)
def test_a_slip_of_the_finger_finds_the_name(wrong: str, meant: str) -> None:
    assert nearest(wrong, NAMES) == meant


@pytest.mark.parametrize("wrong", ["Transformer", "Conv", "x", "", "LinearLinear", "Lxxxxr"])
def test_a_name_near_none_finds_none(wrong: str) -> None:
    assert nearest(wrong, NAMES) is None


def test_nothing_is_near_when_nothing_is_known() -> None:
    assert nearest("Linear", []) is None


def test_fewer_edits_win() -> None:
    assert nearest("SeLUU", ["ReLU", "SeLU"]) == "SeLU"
    assert nearest("Relu", ["SeLU", "ReLU"]) == "ReLU"


def test_case_decides_between_equals_and_then_the_alphabet() -> None:
    assert nearest("test", ["Test", "test"]) == "test"
    assert nearest("abce", ["abcf", "abcd"]) == "abcd"


@pytest.mark.parametrize("known", [["SeLU", "ReLU"], ["ReLU", "SeLU"]])
def test_the_order_of_the_names_changes_nothing(known: list[str]) -> None:
    assert nearest("XeLU", known) == "ReLU"


@given(WORDS, st.lists(WORDS, max_size=6))
def test_the_name_found_is_one_with_the_fewest_edits_within_a_third_of_the_letters(
    wrong: str, known: list[str]
) -> None:
    distances = [edits(wrong.casefold(), name.casefold()) for name in known]
    budget = max(1, (len(wrong) + 1) // 3) if len(wrong) > 2 else 0
    within = [distance for distance in distances if distance <= budget]
    found = nearest(wrong, known)
    if not within:
        assert found is None
    else:
        assert found in known
        assert edits(wrong.casefold(), found.casefold()) == min(within)


@given(st.sampled_from(NAMES), st.integers(0, 5))
def test_a_swap_of_two_neighbours_in_any_name_is_undone(name: str, at: int) -> None:
    at = min(at, len(name) - 2)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    assert nearest(swapped, NAMES) == name


def test_a_name_as_long_as_a_file_is_answered_at_once() -> None:
    letters = random.Random(0)
    long = "".join(letters.choices("abc", k=100_000))
    known = ["".join(letters.choices("abc", k=100_000)) for _ in range(5)]
    began = time.process_time()  # other tests may run beside it
    assert nearest(long, [*NAMES, *known]) is None
    assert time.process_time() - began < 1


def test_a_long_name_still_finds_itself() -> None:
    assert nearest("A" * 100, ["a" * 100]) == "a" * 100


def test_the_catalogue_knows_what_other_systems_call_an_item() -> None:
    synonyms = {word: item.name for item in registry.ITEMS.values() for word in item.known_as}
    assert synonyms["Dense"] == "Linear"
    for word, name in synonyms.items():
        assert registry.suggest(word) == name
        assert registry.suggest(word.upper()) == name


def test_no_two_items_are_known_by_one_word_and_none_by_another_s_name() -> None:
    words = [word.casefold() for item in registry.ITEMS.values() for word in item.known_as]
    assert len(set(words)) == len(words)
    others = {
        (word.casefold(), item.name)
        for item in registry.ITEMS.values()
        for word in item.known_as
        for other in registry.ITEMS.values()
        if other is not item and word.casefold() == other.name.casefold()
    }
    assert not others


def test_the_catalogue_suggests_among_other_names_too() -> None:
    assert registry.suggest("encodr", ["encoder"]) == "encoder"
    assert registry.suggest("Lienar", ["encoder"]) == "Linear"
    assert registry.suggest("Transformer", ["encoder"]) is None


def test_a_name_that_is_empty_is_never_meant() -> None:
    assert guess("specis", ["", "species"]) == Guess("species", sure=True)
    assert guess("abc", [""]) is None
