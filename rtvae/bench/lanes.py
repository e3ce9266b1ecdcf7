"""Which models are measured beside each other: ours as it plays, ONNX Runtime, CUDA, the peers."""

from dataclasses import dataclass

from rtvae.bench.figures import CUDA_LANE, MOVING, OURS, REFERENCE
from rtvae.bench.peers import TITLES, Peers
from rtvae.model.admit import Admitted
from rtvae.model.live import LiveModel
from rtvae.model.load import load_admitted, on_cuda
from rtvae.model.ort import CUDA, OrtModel

EXECUTOR_TITLES = {
    "native": "rtvae, native",
    "onnxruntime": "rtvae, onnxruntime",
    CUDA: "rtvae, CUDA graphs in onnxruntime",
}


@dataclass(frozen=True)
class Lanes:
    """`ours` is what plays live and `moved` the same again; `others` have a name each.

    `notes` say why the model runs in ONNX Runtime, where that is not what was wished for, and why
    there is no lane for a CUDA device.
    """

    ours: LiveModel
    moved: LiveModel
    others: dict[str, LiveModel]
    titles: dict[str, str]
    notes: tuple[str, ...]


def lanes_of(admitted: Admitted, found: Peers) -> Lanes:
    """Load everything that runs in this process."""
    ours, moved = load_admitted(admitted), load_admitted(admitted)
    others = dict(found.models)
    title = EXECUTOR_TITLES.get(ours.executor, "rtvae")
    titles = {OURS: title, MOVING: f"{title}, knobs moving"}
    if ours.executor == "native":
        reference = OrtModel(admitted.folder, admitted.card)
        reference.warm_up()
        others = {REFERENCE: reference, **others}
        titles[REFERENCE] = EXECUTOR_TITLES["onnxruntime"]
    notes = [ours.executor_note]
    if ours.executor != CUDA:
        there, reason = on_cuda(admitted)
        if there is None:
            notes.append(f"There is no lane for CUDA: {reason}.")
        else:
            others[CUDA_LANE] = there
            titles[CUDA_LANE] = EXECUTOR_TITLES[CUDA]
    titles |= {name: TITLES[name] for name in found.models}
    return Lanes(ours, moved, others, titles, tuple(filter(None, notes)))
