"""How an engine came to its end, in an error or in words."""

import signal

from rtvae import errors
from rtvae.errors import EngineError, RtvaeError
from rtvae.host.child import Message


def error_of(message: Message) -> RtvaeError:
    """Return the error that an engine's "failed" speaks of; EngineError for what is not known."""
    kind = getattr(errors, str(message.get("kind")), None)
    known = isinstance(kind, type) and issubclass(kind, RtvaeError)
    sentence = str(message.get("sentence") or "The engine failed without saying why.")
    return kind(sentence) if known and kind is not None else EngineError(sentence)


def cause(status: int) -> str:
    """Return an exit status in words: SIGSEGV rather than -11."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
