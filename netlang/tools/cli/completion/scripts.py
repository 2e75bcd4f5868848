"""Shells ask what completes a word by these scripts, as click's own do not complete .net files.

Beside the types of click's items they know ``path``: a file, or a folder, which ends in a slash.
The shell quotes it, and puts no space behind a folder.
"""

from __future__ import annotations

from typing import ClassVar

from click.shell_completion import (
    BashComplete,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


class Bash(BashComplete):
    source_template: ClassVar[str] = """\
%(complete_func)s() {
    local IFS=$'\\n' response type value
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \\
        %(complete_var)s=bash_complete "$1")
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            path) compopt -o filenames 2>/dev/null; COMPREPLY+=("$value") ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done <<< "$response"
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Zsh(ZshComplete):
    source_template: ClassVar[str] = ZshComplete.source_template.replace(
        '        elif [[ "$type" == "dir" ]]; then\n',
        """\
        elif [[ "$type" == "path" ]]; then
            local -a how=(-U)
            [[ $key == */ ]] && how+=(-S '')
            # A home's ~ must not be quoted; then zsh quotes nothing, and the rest is quoted here.
            [[ $key == "~"* ]] && how+=(-Q) && key="~${(q)key[2,-1]}"
            compadd "${how[@]}" -- "$key"
        elif [[ "$type" == "dir" ]]; then
""",
    )


class Fish(FishComplete):
    source_template: ClassVar[str] = FishComplete.source_template.replace(
        'string split "," $completion', 'string split -m 1 "," $completion'
    ).replace('$metadata[1] = "plain"', '$metadata[1] = "plain" -o $metadata[1] = "path"')


SHELLS: dict[str, type[ShellComplete]] = {shell.name: shell for shell in (Bash, Zsh, Fish)}


def register() -> None:
    """Let click answer these shells with the scripts above."""
    for shell in SHELLS.values():
        add_completion_class(shell)
