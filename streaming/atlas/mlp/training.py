"""The networks of a clip trained, from the start or from where a checkpoint left off.

First each map learns to change nothing, for no frame looks like its atlas by chance. Then follow
the published phases: far rigidity and given mattes at first, then without the one, then without
the other. What draws the batches is kept in the checkpoint, so a run that was stopped goes on
exactly as if it had not been.
"""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from streaming.atlas.mlp.checkpoint import Stand, load_checkpoint, save_checkpoint
from streaming.atlas.mlp.clip import Clip
from streaming.atlas.mlp.losses import terms
from streaming.atlas.mlp.networks import Networks
from streaming.atlas.mlp.settings import MlpSettings
from streaming.errors import InputError

__all__ = ["Training"]

Progress = Callable[[str, float], object]
TOLD = 50  # steps between two words of progress


class Training:
    """Networks that learn one clip.

    Args:
        clip: What they learn.
        layers: How many foregrounds it has.
        settings: How.
        checkpoint: Where their state is kept, and taken from where there is one.

    Raises:
        InputError: The checkpoint is damaged or of something else.
    """

    def __init__(self, clip: Clip, layers: int, settings: MlpSettings, checkpoint: Path) -> None:
        self._clip, self._settings, self._path = clip, settings, checkpoint
        self.networks = Networks(settings, layers, clip.device)
        self._drawer = torch.Generator(clip.device).manual_seed(settings.seed)
        groups = [{"params": list(each.parameters())} for each in self.networks.each()]
        self._optimiser = torch.optim.Adam(groups, lr=settings.learning_rate)
        self.step, self.seconds = 0, 0.0
        self.resumed = checkpoint.is_file()
        if self.resumed:
            self._take(load_checkpoint(checkpoint, self.networks, self._optimiser, clip.size))
        self._begun = time.monotonic() - self.seconds

    def run(self, progress: Progress) -> float:
        """Train until the wanted number of steps is done, and keep the result.

        Returns:
            The last step's loss; nan where there was nothing left to do.

        Raises:
            InputError: The loss is no number any more.
            OutputError: A checkpoint cannot be written.
        """
        if not self.resumed:
            self.begin(progress)
        loss = torch.tensor(float("nan"))
        while self.step < self._settings.steps:
            loss = self.advance()
            if self.step % TOLD == 0 or self.step == self._settings.steps:
                self._check(loss)
                progress(
                    f"step {self.step} of {self._settings.steps}, loss {float(loss):.1f}",
                    self.step / self._settings.steps,
                )
            if self.step % self._settings.save_every == 0:
                self.keep()
        self.keep()
        return float(loss)

    def begin(self, progress: Progress) -> None:
        """Teach every map to change nothing; all foregrounds' begin alike."""
        networks = self.networks
        last = networks.layers
        maps = [networks.map(0), networks.map(last)]
        rounds = self._settings.pretrain_steps * self._clip.count
        for number, each in enumerate(maps):
            self._straighten(each, rounds)
            progress("start from unmoved pictures", (number + 1) / len(maps))
        for layer in range(1, last):
            networks.map(layer).load_state_dict(maps[0].state_dict())

    def advance(self) -> torch.Tensor:
        """One step; its loss, on the device."""
        batch = self._clip.drawn(self._settings.batch_size, self._drawer)
        made = terms(
            self.networks, self._clip, batch, self._settings, self.step, self._drawer
        ).total()
        self._optimiser.zero_grad(set_to_none=True)
        made.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self.step += 1
        return made.detach()

    def keep(self) -> None:
        """Write the checkpoint.

        Raises:
            OutputError: It cannot be written.
        """
        self.seconds = time.monotonic() - self._begun
        stand = Stand(self.step, self._drawer.get_state(), self.seconds)
        save_checkpoint(self._path, self.networks, self._optimiser, stand, self._clip.size)

    def _take(self, stand: Stand) -> None:
        self.step, self.seconds = stand.step, stand.seconds
        if stand.drawn is not None:
            self._drawer.set_state(stand.drawn)

    def _straighten(self, network: nn.Module, rounds: int) -> None:
        optimiser = torch.optim.Adam(network.parameters(), lr=self._settings.learning_rate)
        for _ in range(rounds):
            drawn = self._clip.drawn(self._settings.batch_size, self._drawer)
            seen = self._clip.normal(drawn.xyt)
            wanted = seen[:, :2] * self._settings.uv_mapping_scale
            off = (torch.tanh(network(seen)) - wanted).norm(dim=1).mean()
            optimiser.zero_grad(set_to_none=True)
            off.backward()
            optimiser.step()

    def _check(self, loss: torch.Tensor) -> None:
        if not torch.isfinite(loss):
            raise InputError(
                f"the loss is {float(loss)} at step {self.step}: the coefficients of the "
                f"configuration do not work for this clip; {self._path} holds the last good state"
            )
