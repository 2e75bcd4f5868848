"""E0449: a network that cannot have several members."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message


class MembersAlike(Diagnostic):
    """The network has no linear layer, which is where its ``members`` differ."""

    code = "E0449"
    members: int

    def message(self) -> Message:
        return Message(
            title=f"{self.members} members of this network would all be the same",
            label="they differ in the factors of linear layers, and it has none",
            helps="end the network in a `Linear`, or leave `members` out",
        )
