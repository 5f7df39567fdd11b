"""How the networks are shaped and trained: the published values, by their published names."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from streaming.errors import SettingsError

__all__ = ["MlpSettings"]


@dataclass(frozen=True, slots=True)
class MlpSettings:
    """What a training run is told. The names are those of the configuration files.

    Attributes:
        steps: Of training, whatever came before in a checkpoint included.
        pretrain_steps: Times the number of frames, in which each map learns to change nothing.
        bootstrapping_steps: In which mattes are held to the given ones.
        global_rigidity_steps: In which far pixels keep their distance, too.
        save_every: Steps between checkpoints.
        batch_size: Pixels per step.
        sparsity_batch_size: Texels per step that are pulled to black, several foregrounds only.
        uv_mapping_scale: Share of its square that a picture fills in an atlas at first.
        derivative_amount: Pixels over which a map keeps lengths and angles.
        global_derivative_amount: The same for `global_rigidity_steps`.
        learning_rate: Adam's.
        seed: Of everything that is drawn.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
    """

    steps: int = 400_000
    pretrain_steps: int = 100
    bootstrapping_steps: int = 10_000
    global_rigidity_steps: int = 5_000
    save_every: int = 1_000
    batch_size: int = 10_000
    sparsity_batch_size: int = 8_000
    rgb_coeff: float = 5_000.0
    gradient_coeff: float = 1_000.0
    rigidity_coeff: float = 5.0
    global_rigidity_coeff_fg: float = 5.0
    global_rigidity_coeff_bg: float = 50.0
    optical_flow_coeff: float = 5.0
    alpha_flow_coeff: float = 50.0
    sparsity_coeff: float = 1_000.0
    alpha_bootstrapping_coeff: float = 2_000.0
    uv_mapping_scale: float = 0.8
    derivative_amount: int = 1
    global_derivative_amount: int = 100
    number_of_channels_atlas: int = 256
    number_of_channels_alpha: int = 256
    number_of_channels_foreground: int = 256
    number_of_channels_background: int = 256
    number_of_layers_atlas: int = 8
    number_of_layers_alpha: int = 8
    number_of_layers_foreground: int = 6
    number_of_layers_background: int = 4
    positional_encoding_num_atlas: int = 10
    positional_encoding_num_alpha: int = 5
    learning_rate: float = 1e-4
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        positive = ("steps", "save_every", "batch_size", "derivative_amount", "learning_rate")
        for name in (*positive, "global_derivative_amount", "sparsity_batch_size"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} is {getattr(self, name)}; wanted more than 0")
        if not 0 < self.uv_mapping_scale <= 1:
            raise SettingsError(
                f"uv_mapping_scale is {self.uv_mapping_scale}; wanted more than 0, at most 1: "
                "a map's values lie between -1 and 1"
            )

    @classmethod
    def of(cls, learning: Mapping[str, float], *, device: str = "auto") -> "MlpSettings":
        """Settings from the numbers of a configuration; names that mean nothing here are left out.

        Raises:
            SettingsError: A number is out of range.
        """
        whole = {each.name: isinstance(each.default, int) for each in fields(cls)}
        taken = {
            name: int(value) if whole[name] else float(value)
            for name, value in learning.items()
            if name in whole
        }
        return cls(**{**taken, "device": device})  # type: ignore[arg-type]
