"""Whether a `linkages` command line is one that the command would take: read by its own parser, and not run."""

import shlex
from functools import cache
from typing import Any

import typer
from typer.core import TyperGroup

from services.cli import app

(_Refused,) = typer.BadParameter.__bases__  # any misuse of a command; typer gives it no name of its own


@cache
def _linkages() -> Any:
    return typer.main.get_command(app)


def fault_in(line: str | list[str]) -> str | None:
    """What is wrong with the words after `linkages`; None: nothing."""
    words = shlex.split(line) if isinstance(line, str) else list(line)
    command = _linkages()
    context = typer.Context(command, info_name="linkages")
    while isinstance(command, TyperGroup):
        if not words or (found := command.get_command(context, words[0])) is None:
            return f"there is no command {' '.join(words[:1]) or '(none)'} in {context.command_path}"
        command, name = found, words.pop(0)
        context = typer.Context(command, info_name=name, parent=context)
    try:
        command.make_context(context.info_name, words, parent=context.parent)
    except _Refused as error:
        return f"{context.command_path}: {error.format_message()}"
    return None
