"""What makes a Python process fit for real time, where the system allows it.

Each step is best effort: what is refused is said once, and the sound plays all the same.
"""

import ctypes
import gc
import os
import sys
import warnings

import numpy as np

SWITCH_INTERVAL_S = 1e-4
PRIORITY = 70

_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_TINY = np.float32(1e-40)


def settle_process(paced: bool) -> list[str]:
    """Settle the process before its stream opens; call when everything is loaded.

    The collector is frozen and stopped: a collection stops every thread. A short switch interval
    lets the audio thread have the interpreter within 0.1 ms. Warnings are not printed: printing
    from the audio thread would wait for a file. `paced` also locks memory.
    Returns what was refused, as sentences.
    """
    warnings.simplefilter("ignore")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.disable()
    if paced and sys.platform.startswith("linux") and not _lock_memory():
        return [
            "Memory could not be locked, so a busy machine may cause dropouts; "
            "raise the memlock limit (ulimit -l) for this user."
        ]
    return []


def raise_priority() -> bool:
    """Ask for real-time priority for the calling thread; return whether it has it now."""
    if not hasattr(os, "sched_setscheduler"):
        return False
    try:
        if os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR):
            return True  # JACK gave it already; its choice of priority is the right one
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True


def priority() -> int:
    """Return the calling thread's real-time priority, 0 where it has none."""
    try:
        return os.sched_getparam(0).sched_priority
    except (AttributeError, OSError):
        return 0


def take_priority_below(audio_priority: int) -> bool:
    """Ask for the priority just below the audio thread's, for a thread that works for it.

    Returns whether the calling thread has real-time priority now; where the audio thread has
    none, neither has its helper.
    """
    if audio_priority <= 1:
        return False
    try:
        wanted = os.sched_param(audio_priority - 1)
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, wanted)
    except OSError:
        return False
    return True


def stay_on_processor(wanted: str) -> str:
    """Keep the calling thread on one processor, by its number; return why not, or "".

    Only when asked for: left alone, the system moves a real-time thread away from a processor that
    another one holds. It pays where a processor has been set aside for nothing else.
    """
    try:
        os.sched_setaffinity(0, {int(wanted)})
    except (AttributeError, OSError, ValueError, OverflowError):
        return NO_PROCESSOR.format(wanted=wanted[:20])
    return ""


PROCESSOR_VARIABLE = "RTVAE_PROCESSOR"

NO_PROCESSOR = (
    "The audio thread cannot be kept on processor {wanted}; set "
    f"{PROCESSOR_VARIABLE} to the number of one that this system gives it, or leave it out."
)

NO_PRIORITY = (
    "Real-time priority was refused, so a busy machine may cause dropouts; "
    "raise the rtprio limit for this user, or use a larger block size."
)


def denormals_are_kept() -> bool:
    """Whether the calling thread's processor computes with denormal numbers.

    Then a fade to silence costs up to a hundred times the usual; it should take them for zero.
    """
    return bool(np.any(np.full(8, _TINY, np.float32) * np.float32(1.0)))


DENORMALS_KEPT = (
    "Denormal numbers are not flushed to zero where the model runs, so silence may cost more than "
    "sound; please report this machine."
)


def _lock_memory() -> bool:
    import resource  # only where there is mlockall

    soft_limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    unlimited = soft_limit == resource.RLIM_INFINITY or os.geteuid() == 0
    try:
        lock = ctypes.CDLL(None, use_errno=True).mlockall
    except (OSError, AttributeError):
        return False
    if lock(_MCL_CURRENT) != 0:
        return False
    # With a limit, locking everything to come would let a later allocation fail. Pages to come
    # are locked once they are used: filled at once, as without ONFAULT, each allocation and each
    # thread's stack would hold the interpreter for milliseconds while a model is loaded.
    return not unlimited or bool(lock(_MCL_FUTURE | _MCL_ONFAULT) == 0)
