"""Keeps a window open beside the sound, and lets it go without disturbing anything else.

A window that dies is opened again; after the third death within a minute it stays closed and the
terminal's status line takes over. What closing a window means is what its user said: the end of
the session, or of the window alone, which can then be called for.
"""

import time
from collections.abc import Callable, Mapping

from rtvae.host.child import Child, Message
from rtvae.host.notes import Note
from rtvae.host.watch import CrashHistory

DEATHS_ALLOWED = 2
QUIT_S = 0.5
AWAY = (
    "The window is closed and the sound goes on; `rtvae window` opens it again, Ctrl-C ends "
    "the session."
)


class WindowKeeper:
    """Runs one window after another. Call `step` many times a second; it does not wait.

    `spawn` makes the process, on the screen that it is given (none is the host's own); with `opens`
    the first at once. `closed` says that the user closed window and session, `given_up` that it
    died too often; `reopened` counts.
    """

    def __init__(
        self,
        spawn: Callable[[Mapping[str, str]], Child],
        opens: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.closed = False
        self.given_up = False
        self.reopened = 0
        self._away = False
        self._spawn = spawn
        self._clock = clock
        self._screen: Mapping[str, str] = {}
        self._deaths = CrashHistory()
        self._info: Message = {}
        self._child: Child | None = spawn(self._screen) if opens else None

    @property
    def pid(self) -> int | None:
        """The window's process number while there is one."""
        return self._child.pid if self._child is not None else None

    def open(self, screen: Mapping[str, str]) -> None:
        """Open a window on a screen, or bring the one that is open to the front."""
        if self._child is not None and not self._away:
            self._tell({"front": True})
            return
        if self._child is not None:
            self._child.kill()
        self._away = self.given_up = False
        self._deaths = CrashHistory()
        self._screen = screen
        self._start()

    def step(self) -> tuple[list[Message], list[Note]]:
        """Look after the window; return its edits and what the player should know."""
        child = self._child
        if child is None:
            return [], []
        status = child.exit_status()
        messages = child.heard()
        self.closed = self.closed or any(message.get("closed") for message in messages)
        self._away = self._away or any(message.get("away") for message in messages)
        if status is None:
            return messages, []
        child.kill()
        self._child = None
        if self._away:
            return messages, [Note(AWAY)]
        return messages, [] if self.closed else [self._died()]

    def show(self, info: Message) -> None:
        """Tell the window what is playing; a window that comes back is told again."""
        if info != self._info:
            self._info = info
            self._tell({"info": info})

    def say(self, note: Note) -> None:
        """Show a sentence in the window."""
        self._tell({"message": note.sentence, "level": note.level})

    def stop(self) -> None:
        """Ask the window to close, wait a little, kill it."""
        if self._child is not None:
            self._tell({"quit": True})
            self._child.wait(QUIT_S)
            self._child.kill()
            self._child = None

    def _tell(self, message: Message) -> None:
        if self._child is not None:
            self._child.tell(message)

    def _start(self) -> None:
        self._child = self._spawn(self._screen)
        self._tell({"info": self._info})

    def _died(self) -> Note:
        if self._deaths.crashed(self._clock()) > DEATHS_ALLOWED:
            self.given_up = True
            return Note("The window died three times within a minute and stays closed.", "error")
        self.reopened += 1
        self._start()
        return Note("The window died and is opened again; the sound went on.", "warning")
