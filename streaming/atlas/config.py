"""The configuration of a project: one JSON file, as NeuralAtlases and its forerunner have it.

Their files are understood as they are: what means something here is taken over, what speaks to
networks goes to the engine that has some, and the rest is accepted and said to mean nothing. Only
what a user gave is ever stored. A default that was written down would look like a wish, and would
outlive the day on which a better one is chosen; that was the old program's trap, as was that what
had been stored won over a file that was named on the command line.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from streaming.atlas.choices import Engine, Flow, MaskFrom, Quality
from streaming.errors import InputError, SettingsError
from streaming.frames import Size

__all__ = ["AtlasConfig", "parsed", "read_config"]

Colour = tuple[int, int, int]

HEX = re.compile("#[0-9A-Fa-f]{6}")
FEW = 4  # names in a note: the files of NeuralAtlases have dozens that say nothing here
MOST_FRAMES = 100  # as NeuralAtlases; memory and time grow with them
# What the forerunner calls it, and what it is called here.
ELSEWHERE = {
    "maximum_number_of_frames": "max_frames",
    "iters_num": "steps",
    "pretrain_iter_number": "pretrain_steps",
    "stop_bootstrapping_iteration": "bootstrapping_steps",
    "stop_global_rigidity": "global_rigidity_steps",
    "samples_batch": "batch_size",
    "alpha_bootstrapping_factor": "alpha_bootstrapping_coeff",
    "alpha_flow_factor": "alpha_flow_coeff",
    "gradient_loss_coeff": "gradient_coeff",
    "global_rigidity_derivative_amount_fg": "global_derivative_amount",
    "number_of_channels_mapping1": "number_of_channels_foreground",
    "number_of_layers_mapping1": "number_of_layers_foreground",
    "number_of_channels_mapping2": "number_of_channels_background",
    "number_of_layers_mapping2": "number_of_layers_background",
}
# Numbers that only networks learn by.
LEARNT = (
    "steps pretrain_steps bootstrapping_steps global_rigidity_steps save_every batch_size "
    "sparsity_batch_size optical_flow_coeff alpha_flow_coeff rgb_coeff rigidity_coeff "
    "sparsity_coeff gradient_coeff scribbles_coeff global_rigidity_coeff_fg "
    "global_rigidity_coeff_bg alpha_bootstrapping_coeff derivative_amount "
    "global_derivative_amount uv_mapping_scale number_of_channels_atlas number_of_channels_alpha "
    "number_of_channels_foreground number_of_channels_background number_of_layers_atlas "
    "number_of_layers_alpha number_of_layers_foreground number_of_layers_background "
    "positional_encoding_num_atlas positional_encoding_num_alpha"
)
LEARNING = frozenset(LEARNT.split())
# Accepted, and without any meaning in this program.
IDLE = (
    "log_every evaluate_every results_folder_name data_folder pretrain_mapping1 pretrain_mapping2 "
    "use_gradient_loss use_positional_encoding_mapping1 use_positional_encoding_mapping2 "
    "number_of_positional_encoding_mapping1 number_of_positional_encoding_mapping2 "
    "global_rigidity_derivative_amount_bg load_checkpoint checkpoint_path "
    "include_global_rigidity_loss add_to_experiment_folder_name"
)
MEANINGLESS = frozenset(IDLE.split())
OWN = (
    "max_frames size resx resy foreground_class foreground_layers engine quality mask_from flow "
    "weights scribble_colours scribble_background scribble_erase"
)
OURS = frozenset(OWN.split())


@dataclass(frozen=True, slots=True)
class AtlasConfig:
    """What a project is fitted with.

    Attributes:
        max_frames: How many frames are taken at most, from the first on.
        size: Size to which frames are scaled, None for their own.
        foreground_class: `anything`, the name of a COCO class, or `modnet`; None where not said.
        foreground_layers: How many foregrounds there are.
        engine: What fits.
        quality: How far.
        mask_from: What tells the foreground from the background.
        flow: What finds motion.
        weights: A file for the network that makes masks, None for the usual place.
        scribble_colours: What marks each foreground, the front one first; None for the order in
            which colours appear.
        scribble_background: What marks background.
        scribble_erase: What marks nothing.
        learning: Numbers for the engine that learns networks, by their names in NeuralAtlases.
        given: What the file said, word for word.
        notes: What a person should know of it whatever fits, in sentences.
    """

    max_frames: int = MOST_FRAMES
    size: Size | None = None
    foreground_class: str | None = None
    foreground_layers: int = 1
    engine: Engine = "grid"
    quality: Quality = "final"
    mask_from: MaskFrom = "auto"
    flow: Flow = "auto"
    weights: Path | None = None
    scribble_colours: tuple[Colour, ...] | None = None
    scribble_background: Colour | None = None
    scribble_erase: Colour | None = None
    learning: Mapping[str, float] = field(default_factory=dict)
    given: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def all_notes(self) -> tuple[str, ...]:
        """What a person should know of it, beside this engine too."""
        given = {ELSEWHERE.get(key, key) for key in self.given}
        idle = sorted((LEARNING - {"steps"}) & given)  # steps say how much hurry there is
        if self.engine != "grid" or not idle:
            return self.notes
        names = ", ".join(idle[:FEW]) + (f" and {len(idle) - FEW} more" if idle[FEW:] else "")
        return (
            *self.notes,
            "accepted; the grid engine has no networks, so what these learn by says nothing to it "
            f"(--engine mlp has): {names}",
        )


def read_config(path: Path) -> AtlasConfig:
    """Read a configuration.

    Args:
        path: A JSON file of this program, of NeuralAtlases or of layered-neural-atlases.

    Raises:
        InputError: It is not there, or is no JSON.
        SettingsError: One of its values is out of range.
    """
    try:
        given = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such configuration; name a JSON file") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no JSON ({error}); mend it, or leave it out") from error
    if not isinstance(given, dict):
        raise InputError(f"{path} is no configuration: wanted {{...}} with a value for each name")
    return parsed(given, path.name)


def parsed(given: Mapping[str, object], name: str) -> AtlasConfig:
    """Understand what a configuration says.

    Args:
        given: Its values by name.
        name: What to call it in messages.

    Raises:
        SettingsError: One of its values is out of range.
    """
    values = {ELSEWHERE.get(key, key): value for key, value in given.items()}
    told = _Told(values, name)
    engine = told.one_of("engine", get_args(Engine), "grid")
    learning = {key: told.number(key) for key in sorted(LEARNING & set(values))}
    weights = told.text("weights")
    return AtlasConfig(
        max_frames=told.whole("max_frames", MOST_FRAMES),
        size=_size(told, values),
        foreground_class=told.text("foreground_class"),
        foreground_layers=told.whole("foreground_layers", 1),
        engine=engine,  # type: ignore[arg-type] # one of its names
        quality=told.one_of("quality", get_args(Quality), "final"),  # type: ignore[arg-type]
        mask_from=told.one_of("mask_from", get_args(MaskFrom), "auto"),  # type: ignore[arg-type]
        flow=told.one_of("flow", get_args(Flow), "auto"),  # type: ignore[arg-type]
        weights=None if weights is None else Path(weights),
        scribble_colours=told.colours("scribble_colours"),
        scribble_background=told.colour("scribble_background"),
        scribble_erase=told.colour("scribble_erase"),
        learning=learning,
        given=dict(given),
        notes=tuple(_notes(given, values, name)),
    )


def _notes(given: Mapping[str, object], values: Mapping[str, object], name: str) -> list[str]:
    known = OURS | LEARNING | MEANINGLESS
    unknown = [key for key in given if ELSEWHERE.get(key, key) not in known]
    idle = sorted(MEANINGLESS & set(values))
    notes = []
    if unknown:
        notes.append(f"{name}: not known, and left alone: {', '.join(unknown)}")
    if idle:
        notes.append(f"{name}: accepted, without a meaning here: {', '.join(idle)}")
    return notes


def _size(told: "_Told", values: Mapping[str, object]) -> Size | None:
    pair = values.get("size")
    if pair is None and ("resx" in values or "resy" in values):
        pair = [values.get("resx"), values.get("resy")]
    if pair is None:
        return None
    sides = []
    if isinstance(pair, list):
        sides = [each for each in pair if type(each) is int and each >= 16]
    if not isinstance(pair, list) or not len(pair) == len(sides) == 2:
        raise told.wrong("size", pair, "[width, height] in pixels, at least 16 each")
    return Size(*sides)


class _Told:
    """Values by name, each with a message where it is none."""

    def __init__(self, values: Mapping[str, object], name: str) -> None:
        self._values = values
        self._name = name

    def wrong(self, key: str, seen: object, wanted: str) -> SettingsError:
        """What to raise."""
        return SettingsError(f"{self._name}: {key} is {json.dumps(seen)}; wanted {wanted}")

    def whole(self, key: str, default: int) -> int:
        """A whole number from 1."""
        value = self._values.get(key, default)
        if type(value) is not int or value < 1:
            raise self.wrong(key, value, "a whole number from 1")
        return value

    def number(self, key: str) -> float:
        """Any number that is not negative."""
        value = self._values[key]
        if type(value) not in (int, float) or not 0 <= value < float("inf"):  # type: ignore[operator]
            raise self.wrong(key, value, "a number from 0")
        return value  # type: ignore[return-value]

    def text(self, key: str) -> str | None:
        """Some text, None where nothing is said."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, value, "a text")
        return value

    def colour(self, key: str) -> Colour | None:
        """A colour, None where nothing is said."""
        value = self._values.get(key)
        return None if value is None else self._rgb(key, value)

    def colours(self, key: str) -> tuple[Colour, ...] | None:
        """Several of them."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, list):
            raise self.wrong(key, value, 'a list of colours, like ["#FF0000", "#00FF00"]')
        return None if value is None else tuple(self._rgb(key, each) for each in value)

    def _rgb(self, key: str, value: object) -> Colour:
        if not isinstance(value, str) or HEX.fullmatch(value) is None:
            raise self.wrong(key, value, "a colour as #RRGGBB")
        red, green, blue = (int(value[each : each + 2], 16) for each in (1, 3, 5))
        return red, green, blue

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self._values.get(key, default)
        if value not in choices:
            raise self.wrong(key, value, f"one of {', '.join(choices)}")
        return str(value)
