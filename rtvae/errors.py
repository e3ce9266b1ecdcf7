"""Everything that can go wrong, by what the person in front of it can do about it.

    RtvaeError                  any fault with a one-sentence cause and remedy
    +-- UsageError              the command line asks for something that cannot be
    +-- ModelError              a model folder is missing, damaged, foreign or refused
    |   +-- ExportRefused       a trained model failed the export gate; nothing was written
    +-- PresetError             a preset file is unreadable or invalid; nothing was applied
    +-- AudioFileError          a sound file cannot be read or written
    +-- PerformanceError        a performance cannot be recorded, read or played back
    +-- DeviceError             an audio device cannot be opened
    |   +-- NoDeviceError       there is no audio device (or PortAudio itself is missing)
    |   +-- DeviceBusyError     the device is there, another program holds it
    +-- MidiError               a MIDI port cannot be opened
    +-- OscError                an OSC port cannot be opened
    +-- EngineError             the engine process did not start or stopped answering
    +-- CorpusError             a folder of recordings cannot serve for training
    +-- TrainingError           a training cannot go on
    +-- SetupError              the installation is incomplete

The text of each is one sentence that names the cause and the remedy: the command line prints it
as it is and exits with `exit_status`.
"""


class RtvaeError(Exception):
    """A fault with one clear sentence for its user."""

    exit_status = 1


class UsageError(RtvaeError):
    """The command line asks for something that cannot be done."""

    exit_status = 2


class ModelError(RtvaeError):
    """A model folder is missing, damaged, of another format, or refused by admission."""


class ExportRefused(ModelError):
    """A trained model failed the export gate; nothing was written."""


class PresetError(RtvaeError):
    """A preset file is unreadable or invalid; nothing of it was applied."""


class AudioFileError(RtvaeError):
    """A sound file cannot be read or written."""


class PerformanceError(RtvaeError):
    """A performance cannot be recorded, read or played back."""


class DeviceError(RtvaeError):
    """An audio device cannot be opened as asked."""


class NoDeviceError(DeviceError):
    """There is no audio device at all."""


class DeviceBusyError(DeviceError):
    """The device exists and another program holds it."""


class MidiError(RtvaeError):
    """A MIDI port cannot be found or opened."""


class OscError(RtvaeError):
    """An OSC port cannot be opened."""


class EngineError(RtvaeError):
    """The engine process did not start or stopped answering."""


class CorpusError(RtvaeError):
    """A folder of recordings cannot serve for training."""


class TrainingError(RtvaeError):
    """A training cannot go on; its last checkpoint is whole."""


class SetupError(RtvaeError):
    """The installation is incomplete or contradicts itself."""
