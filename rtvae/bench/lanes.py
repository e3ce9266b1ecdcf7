"""Which models are measured beside each other: ours as it plays, ONNX Runtime, the peers."""

from dataclasses import dataclass

from rtvae.bench.figures import MOVING, OURS, REFERENCE
from rtvae.bench.peers import TITLES, Peers
from rtvae.model.admit import Admitted
from rtvae.model.live import LiveModel
from rtvae.model.load import load_admitted
from rtvae.model.ort import OrtModel

EXECUTOR_TITLES = {"native": "rtvae, native", "onnxruntime": "rtvae, onnxruntime"}


@dataclass(frozen=True)
class Lanes:
    """`ours` is what plays live and `moved` the same again; `others` have a name each.

    `note` says why the model runs in ONNX Runtime, where that is not what was wished for.
    """

    ours: LiveModel
    moved: LiveModel
    others: dict[str, LiveModel]
    titles: dict[str, str]
    note: str


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
    titles |= {name: TITLES[name] for name in found.models}
    return Lanes(ours, moved, others, titles, ours.executor_note)
