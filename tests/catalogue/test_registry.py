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
    both = rf"layers\.activations\.ReLU and {__name__}\.Impostor are both called 'ReLU'"
    with pytest.raises(TypeError, match=both):
        registry._by_name([ReLU, Gadget, Impostor])
    assert registry._by_name([ReLU, Gadget, ReLU]) == {"ReLU": ReLU, "Gadget": Gadget}


@pytest.mark.parametrize("kind", ["layer", "loss", "optimizer", "data set", "metric"])
def test_items_of_a_kind_are_all_of_it(kind: str) -> None:
    of_kind = [item for item in registry.ITEMS.values() if item.kind == kind]
    assert of_kind
    assert registry.items(kind) == of_kind
