"""The opponent learns to tell recordings from bad copies and objects to those more than to good."""

import torch

from rtvae.training.discriminator import Discriminator, loss_of_opponent, losses_of_player


def _sound(seed: int) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    return 0.1 * torch.randn(4, 4096, generator=source)


def _dull(sound: torch.Tensor) -> torch.Tensor:
    return (sound + sound.roll(1, 1)) / 2


def test_it_learns_to_tell_and_then_objects_more_to_a_bad_copy() -> None:
    torch.manual_seed(1)
    network = Discriminator()
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    start = float(loss_of_opponent(network(_sound(0), _dull(_sound(0)))).detach())
    for step in range(30):
        loss = loss_of_opponent(network(_sound(step), _dull(_sound(step))))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.6 * start
    with torch.no_grad():
        bad = losses_of_player(network(_sound(99), _dull(_sound(99))))
        good = losses_of_player(network(_sound(99), _sound(99)))
    assert bad[0] > 1.2 * good[0]
    assert bad[1] > 0.1
    assert good[1] == 0.0


def test_a_whisper_counts_like_a_shout() -> None:
    torch.manual_seed(1)
    network = Discriminator()
    wanted, played = _sound(1), _dull(_sound(1))
    with torch.no_grad():
        loud = losses_of_player(network(3 * wanted, 3 * played))
        soft = losses_of_player(network(0.3 * wanted, 0.3 * played))
    torch.testing.assert_close(loud, soft, rtol=0.05, atol=0.0)


def test_the_mean_over_a_batch_is_that_over_its_parts() -> None:
    torch.manual_seed(1)
    network = Discriminator()
    wanted, played = _sound(1) * torch.tensor([[1.0], [0.1], [3.0], [0.01]]), _dull(_sound(2))
    with torch.no_grad():
        whole = torch.stack(losses_of_player(network(wanted, played)))
        parts = [
            torch.stack(losses_of_player(network(wanted[k : k + 2], played[k : k + 2])))
            for k in (0, 2)
        ]
    torch.testing.assert_close(whole, torch.stack(parts).mean(0), rtol=1e-4, atol=0.0)
