"""How far a long command has come, once a second on standard error."""

import time

import typer

EVERY = 1.0  # seconds


class Progress:
    """So many of a whole."""

    def __init__(self, what: str, whole: int) -> None:
        self._what, self._whole = what, whole
        self._done, self._began = 0, time.monotonic()
        self._told = self._began

    def more(self, done: int) -> None:
        """So many more are done."""
        self._done += done
        now = time.monotonic()
        if now - self._told >= EVERY:
            self._told = now
            rate = self._done / (now - self._began)
            left = max(0, self._whole - self._done)
            typer.echo(f"{self._what} {self._done}, {rate:.0f}/s, {left} left", err=True)
