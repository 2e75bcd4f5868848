"""The table of the catalogue: what is in it, and that a name means one item."""

from __future__ import annotations

import pytest

from netlang.catalogue import registry
from netlang.catalogue.items import Item
from netlang.catalogue.layers import ReLU


class Gadget(Item):
    """An item of a kind and in a file of its own."""

    kind = "gadget"


class Impostor(Item, name="ReLU"):
    kind = "gadget"


def test_items_declared_elsewhere_are_not_in_the_catalogue() -> None:
    assert "Gadget" not in registry.ITEMS
    assert registry.ITEMS["ReLU"] is ReLU


def test_two_items_of_one_name_are_refused_with_both_places() -> None:
    both = rf"layers\.activations\.rectifiers\.ReLU and {__name__}\.Impostor are both called 'ReLU'"
    with pytest.raises(TypeError, match=both):
        registry._by_name([ReLU, Gadget, Impostor])
    assert registry._by_name([ReLU, Gadget, ReLU]) == {"ReLU": ReLU, "Gadget": Gadget}


def named(name: str = "Gizmo", known_as: tuple[str, ...] = ()) -> type[Item]:
    return type("Gizmo", (Gadget,), {}, name=name, known_as=known_as)


@pytest.mark.parametrize(
    ("items", "word", "other"),
    [
        ([named("MLP")], "MLP", "a block of std.net"),
        ([named(known_as=("MLP",))], "MLP", "a block of std.net"),
        ([ReLU, named(known_as=("ReLU",))], "ReLU", "layers.activations.rectifiers.ReLU"),
        ([named(known_as=("ReLU",)), ReLU], "ReLU", "Gizmo"),
        ([named("A", ("Both",)), named("B", ("Both",))], "Both", "Gizmo"),
    ],
)
def test_a_name_or_a_synonym_that_means_another_thing_is_refused(
    items: list[type[Item]], word: str, other: str
) -> None:
    with pytest.raises(TypeError, match=rf"{other} and .* are both called '{word}'"):
        registry._by_name(items)


@pytest.mark.parametrize("kind", ["layer", "loss", "optimizer", "data set", "metric"])
def test_items_of_a_kind_are_all_of_it(kind: str) -> None:
    of_kind = [item for item in registry.ITEMS.values() if item.kind == kind]
    assert of_kind
    assert registry.items(kind) == of_kind
