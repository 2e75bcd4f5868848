"""In which order definitions can be evaluated, whatever order they stand in."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.language.syntax.ast import Definition, Name

CYCLE_LIMIT = 20  # more are not reported: each takes time to find, and mending one shows the next


def evaluation_order(
    definitions: Mapping[str, Definition],
) -> tuple[list[str], list[list[tuple[str, Name]]]]:
    """Names in an order in which each comes after those it uses, and the cycles found.

    A cycle is a list of (definition, the name in it that leads on). Depth-first, without
    recursion: a file can chain a hundred thousand definitions.
    """
    uses = {
        name: [used for used in definition.free_names if used.name in definitions]
        for name, definition in definitions.items()
    }
    order: list[str] = []
    cycles: list[list[tuple[str, Name]]] = []
    state: dict[str, int] = {}  # 1: on the path, 2: done
    for root in definitions:
        if root in state:
            continue
        path = [(root, iter(uses[root]))]
        led: list[Name] = []  # led[i] took path[i] to path[i + 1]
        state[root] = 1
        while path:
            name, rest = path[-1]
            used = next(rest, None)
            if used is None:
                state[name] = 2
                order.append(name)
                path.pop()
                if led:
                    led.pop()
            elif used.name not in state:
                state[used.name] = 1
                led.append(used)
                path.append((used.name, iter(uses[used.name])))
            elif state[used.name] == 1 and len(cycles) < CYCLE_LIMIT:
                start = next(i for i, (other, _) in enumerate(path) if other == used.name)
                members = [other for other, _ in path[start:]]
                cycles.append(list(zip(members, [*led[start:], used], strict=True)))
    return order, cycles
