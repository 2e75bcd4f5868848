"""How large a network is once written out, which is counted before that takes long."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.compiler.passes.values import NetworkValue, Repeat, parts_of
from netlang.language.diagnostics.messages.names import NetworkTooLarge
from netlang.language.source import Span

LAYER_LIMIT = 100_000
WORK_LIMIT = 1_000_000
_MANY = 10**18  # counting stops here: repeats of repeats make numbers without an end


def too_large(network: NetworkValue) -> NetworkTooLarge | None:
    """The report of a network that has too many layers or parts, if it has."""
    found = counts(network)
    layers, work = found[network]
    if layers > LAYER_LIMIT:
        return NetworkTooLarge(_most_copies(network, found), layers, LAYER_LIMIT, "layers")
    if work > WORK_LIMIT:
        return NetworkTooLarge(network.span, work, WORK_LIMIT, "parts")
    return None


def counts(network: NetworkValue) -> Mapping[NetworkValue, tuple[int, int]]:
    """How many layers, and how many parts in all, each part of the network has once written out.

    A part that is used often is counted once. There is no recursion, as networks may be deep.
    """
    found: dict[NetworkValue, tuple[int, int]] = {}
    left = [network]
    while left:
        parts: tuple[NetworkValue, ...] = parts_of(left[-1])  # type: ignore[assignment]
        if missing := [part for part in parts if part not in found]:
            left += missing
            continue
        part = left.pop()
        times = part.times if isinstance(part, Repeat) else 1
        layers = sum(found[inner][0] for inner in parts) if parts else 1
        work = 1 + sum(found[inner][1] for inner in parts)
        found[part] = min(times * layers, _MANY), min(times * work, _MANY)
    return found


def _most_copies(network: NetworkValue, found: Mapping[NetworkValue, tuple[int, int]]) -> Span:
    """The repeat with the most copies, on the path to the part with the most layers."""
    span, copies = network.span, 1
    while parts := parts_of(network):
        if isinstance(network, Repeat) and network.times > copies:
            span, copies = network.span, network.times
        network = max(parts, key=lambda part: found[part][0])  # type: ignore[assignment,index]
    return span
