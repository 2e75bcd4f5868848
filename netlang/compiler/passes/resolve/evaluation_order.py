"""The order in which definitions can be evaluated: each after those that it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlang.language.syntax.ast import Definition, Name

CYCLE_LIMIT = 20  # more are not described, as that takes time; mending one shows the next


def evaluation_order(
    uses: Mapping[Definition, Sequence[tuple[Definition, Name]]],
) -> tuple[list[Definition], list[list[tuple[Definition, Name]]], dict[Definition, Name]]:
    """Definitions in an order in which each comes after those it uses, and the cycles found.

    ``uses`` are the definitions that each uses, and the names in it that lead there. A cycle is a
    list of (definition, the name in it that leads on). Last come the definitions that lead back to
    themselves: one of each cycle, and the name that closes it. Depth-first, without recursion: a
    file can chain a hundred thousand definitions.
    """
    order: list[Definition] = []
    cycles: list[list[tuple[Definition, Name]]] = []
    closed: dict[Definition, Name] = {}
    state: dict[Definition, int] = {}  # 1: on the path, 2: done
    for root in uses:
        if root in state:
            continue
        path = [(root, iter(uses[root]))]
        led: list[Name] = []  # led[i] took path[i] to path[i + 1]
        state[root] = 1
        while path:
            definition, rest = path[-1]
            link = next(rest, None)
            if link is None:
                state[definition] = 2
                order.append(definition)
                path.pop()
                if led:
                    led.pop()
                continue
            used, name = link
            if used not in state:
                state[used] = 1
                led.append(name)
                path.append((used, iter(uses[used])))
            elif state[used] == 1:
                closed[used] = name
                if len(cycles) == CYCLE_LIMIT:
                    continue
                start = next(i for i, (other, _) in enumerate(path) if other == used)
                members = [other for other, _ in path[start:]]
                cycles.append(list(zip(members, [*led[start:], name], strict=True)))
    return order, cycles, closed
