"""When the spectra are as near as they come, an opponent joins that listens for what is missing.

    spectra --(the held-out distance has settled, or STAY_SHARE of the stretch)--> adversarial

In the adversarial phase the encoder stays as it is, so that the latents keep their meaning, and
a checkpoint counts as better than the one before as long as the distance is not much worse:
distance is not what this phase improves.
"""

from rtvae.training.progress import ADVERSARIAL, SPECTRA, Progress
from rtvae.training.schedule import STAY_SHARE, Plan, share_done

WORTH_NOTING = 0.99
SETTLED_SHARE = 0.12
LEAST_SHARE = 0.2
ALLOWED_LOSS_DB = 0.3


def note_distance(at: Progress, plan: Plan, held_out_db: float) -> bool:
    """Take in a held-out distance; return whether these weights are the best so far.

    What has new weights and did not learn yet is not: near as it may be, its new knobs do nothing.
    """
    if at.grown and at.step == 0:
        return False
    if held_out_db < WORTH_NOTING * at.settled_db:
        at.settled_db, at.settled_share = held_out_db, share_done(plan, at)
    if at.phase == ADVERSARIAL:
        better = held_out_db <= at.spectra_db + ALLOWED_LOSS_DB
    else:
        better = held_out_db < at.best_db
    at.best_db = held_out_db if better else at.best_db
    return better


def phase_is_over(at: Progress, plan: Plan) -> bool:
    """Return whether the opponent should join now."""
    if at.phase != SPECTRA or not plan.adversarial:
        return False
    done = share_done(plan, at)
    settled = done >= LEAST_SHARE and done - at.settled_share >= SETTLED_SHARE
    return settled or done >= STAY_SHARE


def enter_adversarial(at: Progress) -> None:
    """Begin the second phase."""
    at.phase, at.phase_step, at.spectra_db = ADVERSARIAL, at.step, at.best_db
