"""The name of a part of the network, where it is an argument's value: ``on=encoder``."""

from __future__ import annotations


class PartName(str):
    """A name such as ``encoder``: a string, so that it is a plain value as others are."""

    __slots__ = ()
