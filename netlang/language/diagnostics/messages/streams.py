"""E0465: a table is streamed, and the file asks for what streams do not have."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message


class NotStreamed(Diagnostic):
    """Rows are not streamed ``what`` the file asks for, and ``why``."""

    code = "E0465"
    what: str
    why: str
    help: str

    def message(self) -> Message:
        return Message(
            title=f"rows are not streamed {self.what}",
            label=self.why,
            helps=self.help,
        )
