"""What an engine has been asked to play, until it has answered; and what the next one starts with.

The engine answers in the order in which it was asked, except that a request which waited may be
replaced by a later one: then it names it. What an engine that died had not answered is lost. A
change, which brings values with it, is a scene with a number, and its end is told: it plays or not.
"""

from collections.abc import Mapping, Sequence

from rtvae.host.child import Message


def change(model: str, blend: str | None, values: Mapping[str, float], number: int) -> Message:
    """Return the request to change to one model or two, by path, and to their values."""
    return {
        "do": "change",
        "model": model,
        "blend": blend,
        "number": number,
        "values": dict(values),
    }


def prepare(lineups: Sequence[tuple[str, str | None]]) -> Message:
    """Return the request to have these ready, one model or two each by path, and no others."""
    return {"do": "prepare", "lineups": [list(lineup) for lineup in lineups]}


class Requests:
    """Keeps `start`, the first message to every engine, true to what plays."""

    def __init__(self, start: Message) -> None:
        self._start = start
        self._open: list[Message] = []
        self._scenes: list[tuple[int, bool]] = []
        self._ahead: Message = {}

    def add(self, command: Message) -> None:
        """A load, a change or something to prepare is asked for."""
        if command["do"] == "prepare":
            self._ahead = command
        else:
            self._open.append(command)

    def for_new_engine(self) -> list[Message]:
        """Return what an engine that has become ready has to be told."""
        return [*self._open, *([self._ahead] if self._ahead else [])]

    def scenes(self) -> list[tuple[int, bool]]:
        """Return the scenes that ended since the last call, by number, and whether they play."""
        scenes, self._scenes = self._scenes, []
        return scenes

    def loaded(self, told: Message) -> str:
        """The first that was asked for plays now; return the sentence to say."""
        command = self._open.pop(0) if self._open else {}
        if command:
            self.plays(command)
        model, second = told.get("model"), told.get("beside")
        if command.get("do") == "change":
            return ""  # who asked for a scene has more to say of it
        if command.get("beside") is not True:
            return f"Now playing model {model}."
        if second is None:
            return f"Model {model} plays alone again."
        return f"Model {second} is beside {model}; blend fades between them."

    def plays(self, command: Message) -> None:
        """Remember for the next engine what plays now."""
        if command["do"] == "prepare":
            self._ahead = command
            return
        model = command["model"]
        if command["do"] == "change":
            self._start.update(model=model, blend=command["blend"], dry=False)
            self._scenes.append((command["number"], True))
        elif command.get("beside"):
            self._start.update(blend=model)
        else:
            self._start.update(model=model, dry=False)

    def refused(self) -> None:
        """The first that was asked for cannot be."""
        if self._open:
            self._give_up(self._open.pop(0))

    def replaced(self, told: Message) -> None:
        """A request that waited gives way to a later one."""
        # The last of equal ones, so that the order of the answers still fits.
        for k in reversed(range(len(self._open))):
            if _is(self._open[k], told):
                self._give_up(self._open.pop(k))
                return

    def lose(self) -> None:
        """The engine is gone, and what it had not answered with it."""
        while self._open:
            self._give_up(self._open.pop(0))

    def _give_up(self, command: Message) -> None:
        if command["do"] == "change":
            self._scenes.append((command["number"], False))


def _is(command: Message, told: Message) -> bool:
    if "scene" in told:
        return bool(command.get("number") == told["scene"])
    same_place = (command.get("beside") is True) == (told.get("beside") is True)
    return command["do"] == "load" and command["model"] == told.get("model") and same_place
