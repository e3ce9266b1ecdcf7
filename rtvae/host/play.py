"""`rtvae play` from start to end: what to play is found out, then a session runs until it ends.

    dead hosts' remains -> preset, models -> plan -> session { engine, window, MIDI } -> stats

Everything that can be wrong with the request is found before anything starts to sound.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from rich.console import Console as Terminal

from rtvae import paths
from rtvae.control.osc_addresses import DEFAULT_HOST, parse_endpoint
from rtvae.control.routes import Route
from rtvae.errors import UsageError
from rtvae.host.autosave import Autosave
from rtvae.host.beginning import find_beginning
from rtvae.host.console import Console
from rtvae.host.devices import survey
from rtvae.host.live_session import LiveSession
from rtvae.host.midi_hub import MidiHub
from rtvae.host.midi_keeper import Ports
from rtvae.host.midi_maps import load_maps
from rtvae.host.notes import Note
from rtvae.host.part import Backstage, Part
from rtvae.host.places import Places
from rtvae.host.plan import SOUND_SUFFIXES, Plan, PlayRequest, make_plan
from rtvae.host.preset_files import own_folders
from rtvae.host.recorded import folder_for, require_room
from rtvae.host.run_watch import heard_aside
from rtvae.host.session import clean_up_after_dead_hosts, session
from rtvae.host.settings import Settings
from rtvae.host.shows import Shows
from rtvae.host.snapshots import Snapshots
from rtvae.host.stats import write_stats
from rtvae.host.status_line import StatusLine
from rtvae.io.performance import SOUND_SUFFIX
from rtvae.link.control_block import ControlWriter
from rtvae.link.session_memory import open_control
from rtvae.model.admit import admit
from rtvae.model.library import find_model, list_models

AUTOSAVES = "autosave"


def play(request: PlayRequest) -> int:
    """Play until the input ends, the time is up, the window is closed or Ctrl-C is pressed.

    Returns the exit status. Raises RtvaeError with what is wrong with the request or the machine.
    """
    status_line = StatusLine(Terminal(stderr=True, highlight=False))
    for sentence in clean_up_after_dead_hosts():
        status_line.say(Note(sentence))
    check_recording(request)
    places = Places(paths.models_dir(), paths.presets_dir(), own_folders())
    autosaves = paths.state_dir() / AUTOSAVES
    begin = find_beginning(request, places, _find, autosaves)
    model, second = begin.model, begin.second
    with session() as folder, heard_aside(model, folder) as (model, watch):
        admitted = admit(model)
        if second is not None:
            admit(second)
        if request.record:
            card = admitted.card
            place = folder_for(request.record_to)
            require_room(place, card.sample_rate_hz, card.hop_frames, card.latent_count)
        plan = make_plan(
            request,
            has_screen=has_screen(),
            has_devices=lambda: survey().playable,
            recording=paths.bundled_recording,
        )
        greeting = [Note(plan.sentence)] if plan.sentence else []
        attributes = [latent.attribute for latent in admitted.card.latents]
        greeting += begin.about(attributes, admitted.card.name)
        if watch is not None:
            greeting.append(Note("New exports of this run are played as they come."))
        console = Console(Settings(ControlWriter(open_control(folder))))
        console.know_latents(attributes)
        values = begin.values(attributes)
        console.set(values, "preset")
        osc = open_osc(request)
        autosave = partial(Autosave, autosaves, goes_on=begin.left)
        shows = partial(
            Shows,
            places=places,
            begin=begin.standing,
            values=values,
            restored=begin.left is not None,
            autosave=autosave if request.driver != "file" else None,
        )
        live = LiveSession(
            folder,
            start=start_message(request, plan, model, second),
            console=console,
            midi=partial(make_midi, request.midi, begin.standing.preset.midi),
            status_line=status_line,
            window=plan.window,
            preset=begin.standing.preset.name,
            models=[entry.name for entry in list_models(paths.models_dir())],
            greeting=greeting,
            find_model=_find,
            parts=[Snapshots, shows, *([] if osc is None else [osc])],
            watch=watch,
            waits=plan.waits,
            record_to=request.record_to,
            record=request.record,
        )
        try:
            stats = live.run()
        finally:
            status_line.close()
    if plan.to_file:
        status_line.say(Note(f"The result is in {stats['output']}."))
    if request.stats is not None:
        write_stats(request.stats, {"driver": plan.driver, **stats})
    return 0


def start_message(
    request: PlayRequest, plan: Plan, model: Path, second: Path | None = None
) -> dict[str, Any]:
    """Return the first message to an engine."""
    return {
        "do": "start",
        "model": str(model.resolve()),
        "blend": str(second.resolve()) if second is not None else None,
        "driver": plan.driver,
        "input": plan.input,
        "output": plan.output,
        "sample_rate_hz": request.sample_rate_hz,
        "block_size": request.block_size or 0,
        "input_channels": _listed(request.input_channels),
        "output_channels": _listed(request.output_channels),
        "loop": plan.loop,
        "duration_s": request.duration_s,
        "dry": False,
        "buffered": request.buffered,
    }


def check_recording(request: PlayRequest) -> None:
    """Raise UsageError unless what --record asks for can be."""
    to = request.record_to
    if request.record and request.driver == "file":
        raise UsageError(
            "--record keeps what is played in real time, and --driver file is faster; "
            "use --driver dummy."
        )
    other = to is not None and to.suffix.lower() in SOUND_SUFFIXES and to.suffix.lower() != ".w64"
    if to is not None and other and not os.path.isdir(to):
        raise UsageError(
            f"--record writes NAME.w64 and NAME.rtvp; leave the {to.suffix} of {to.name} away."
        )
    try:
        os.stat(f"{to}{SOUND_SUFFIX}")
    except FileNotFoundError:
        pass
    except OSError as error:  # the name is too long, or a file stands in the place of a folder
        raise UsageError(
            f"--record {to} cannot be written ({error.strerror}); choose another name."
        ) from error


def make_midi(
    wanted: tuple[str, ...],
    routes: Sequence[Route],
    stage: Backstage,
    hear: Callable[[list[int]], None],
) -> MidiHub:
    """Return what plays by MIDI: from the wanted ports, or else from every controller there is."""
    maps, faults = load_maps(paths.presets_dir(), paths.config_dir())
    for sentence in faults:
        stage.note(Note(sentence, "warning"))
    return MidiHub(stage, open_ports, wanted or None, routes, maps, hear)


def open_ports() -> Ports:
    """Return the machine's MIDI ports."""
    # rtmidi takes its time to load, and only who plays needs it.
    from rtvae.io.midi_port_watch import MidiPorts

    # It is given back only what it has opened.
    return cast(Ports, MidiPorts())


def open_osc(request: PlayRequest) -> Callable[[Backstage], Part] | None:
    """Open the OSC port that was asked for; return what makes a part of it, None for no port.

    Raises UsageError and OscError.
    """
    if request.osc is None and request.osc_to is None:
        return None
    from rtvae.host.osc_part import OscPart
    from rtvae.io.osc import OscPort, find

    to = find(*parse_endpoint(request.osc_to, "--osc-to")) if request.osc_to is not None else None
    if request.osc is not None:
        host, number = parse_endpoint(request.osc, "--osc")
    else:  # who only streams needs no port that others know
        host, number = (DEFAULT_HOST if to is None or to[0] == DEFAULT_HOST else ""), 0
    port = OscPort(host, number)
    obeys = request.osc is not None
    return lambda backstage: OscPart(backstage, port, to, request.osc_rate_hz, obeys=obeys)


def has_screen() -> bool:
    """Whether a window can be seen here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _find(name: str) -> Path:
    return find_model(name, paths.models_dir())


def _listed(channels: tuple[int, ...] | None) -> list[int] | None:
    return None if channels is None else list(channels)
