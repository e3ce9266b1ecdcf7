"""Settings with everything on that bends latents, for tests of all of it together."""

from rtvae.control.parameters import MODULATOR_KINDS


def everything(latents: int = 4) -> dict[str, float]:
    """Changes by parameter name: every feature of latent control at once, sound still moderate."""
    changes: dict[str, float] = {
        "variation": 0.3,
        "diffusion": 0.2,
        "diffusion_colour": 0.6,
        "feedback": 0.4,
        "feedback_ms": 30.0,
        "generate": 0.3,
        "looper": 1.0,
        "leash": 0.7,
        "tempo_bpm": 133.0,
        "latent.1.offset": 0.5,
        "latent.2.scale": 1.5,
        "latent.2.invert": 1.0,
        "latent.3.clamp": 1.0,
    }
    for k in range(8):
        changes[f"mod.{k + 1}.kind"] = 1.0 + k % (len(MODULATOR_KINDS) - 1)
        changes[f"mod.{k + 1}.rate_hz"] = 1.0 + 1.7 * k
        changes[f"mod.{k + 1}.beats"] = float(k % 3)
        changes[f"mod.{k + 1}.shape"] = float(k % 5)
        changes[f"mod.{k + 1}.smooth_ms"] = 10.0 * (k % 2)
        changes[f"mod.{k + 1}.to.{k % latents + 1}"] = 0.5
        for step in range(8):
            changes[f"mod.{k + 1}.step.{step + 1}"] = (step * 5 % 8) / 8.0 - 0.5
    return changes
