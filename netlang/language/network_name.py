"""The name of a network, where it is an argument's value: ``tied=wte``."""

from __future__ import annotations


class NetworkName(str):
    """A name such as ``wte``: a string, so that it is a plain value as others are."""

    __slots__ = ()
