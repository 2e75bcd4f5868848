"""Programs that start at once: each is a fork of one process that has imported what they need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

# It forks for each line that it reads, and answers with how that process ended.
_SERVER = """
import json, os, signal, sys
import matplotlib.pyplot, netlang.tools.cli.commands.compare, netlang.tools.cli.commands.run, torch

for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if not child:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
os.chdir(asked["folder"])
os.environ.clear()
os.environ.update(asked["environment"])
for number, (file, flags) in enumerate(asked["streams"]):
    os.dup2(os.open(file, flags), number)
signal.alarm(60)
sys.argv = ["-c", *asked["arguments"]]
exec(asked["code"])
"""


class Forks:
    """``run`` runs Python code in a fork, as ``subprocess.run`` runs ``python -c`` with it.

    Two differ: what was imported need not be once more, and a fork ends after a minute.
    """

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(
            [sys.executable, "-c", _SERVER], stdin=pipe, stdout=pipe, text=True
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.communicate()

    def run(
        self, code: str, arguments: Sequence[str], environment: Mapping[str, str], place: Path
    ) -> subprocess.CompletedProcess[str]:
        """The code with these arguments, in this folder; ``place`` is one for what it prints."""
        files = [place / name for name in ("stdout", "stderr")]
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        asked = {
            "code": code,
            "arguments": arguments,
            "environment": {**environment},
            "folder": os.getcwd(),
            "streams": [(os.devnull, os.O_RDONLY), *((str(file), write) for file in files)],
        }
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps(asked), file=self._server.stdin, flush=True)
        status = int(self._server.stdout.readline())
        return subprocess.CompletedProcess(code, status, *(file.read_text() for file in files))
