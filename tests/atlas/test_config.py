"""A configuration: whose keys are understood, what wins, and what is said of the rest."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from streaming.atlas.config import AtlasConfig, parsed, read_config
from streaming.errors import InputError, SettingsError
from streaming.frames import Size

NEURAL = {
    "max_frames": 70, "size": [768, 432], "foreground_class": "bird", "foreground_layers": 2,
    "log_every": 0, "save_every": 100, "evaluate_every": 10000, "batch_size": 10000,
    "sparsity_batch_size": 8000, "optical_flow_coeff": 5.0, "alpha_flow_coeff": 49.0,
    "rgb_coeff": 5000, "rigidity_coeff": 1.0, "sparsity_coeff": 1000.0, "gradient_coeff": 1000,
    "scribbles_coeff": 10000, "global_rigidity_coeff_fg": 5.0, "global_rigidity_coeff_bg": 50.0,
    "alpha_bootstrapping_coeff": 2000.0, "derivative_amount": 1, "global_derivative_amount": 100,
    "uv_mapping_scale": 0.8, "number_of_channels_atlas": 256, "number_of_layers_atlas": 8,
    "positional_encoding_num_atlas": 10, "number_of_channels_alpha": 256,
    "number_of_layers_alpha": 8, "positional_encoding_num_alpha": 5,
    "number_of_channels_foreground": 256, "number_of_layers_foreground": 6,
    "number_of_channels_background": 256, "number_of_layers_background": 4,
}  # fmt: skip
LAYERED = {
    "results_folder_name": "results", "maximum_number_of_frames": 50, "resx": 640, "resy": 360,
    "iters_num": 400000, "samples_batch": 10000, "data_folder": "data/blackswan",
    "pretrain_mapping1": True, "alpha_bootstrapping_factor": 2000.0, "alpha_flow_factor": 49.0,
    "stop_bootstrapping_iteration": 10000, "number_of_channels_mapping1": 256,
    "number_of_layers_mapping2": 4, "gradient_loss_coeff": 1000, "use_gradient_loss": True,
    "use_positional_encoding_mapping1": False, "number_of_positional_encoding_mapping2": 2,
    "pretrain_iter_number": 100, "load_checkpoint": False, "checkpoint_path": "x",
    "include_global_rigidity_loss": True, "global_rigidity_derivative_amount_fg": 100,
    "global_rigidity_derivative_amount_bg": 100, "stop_global_rigidity": 5000,
    "add_to_experiment_folder_name": "_",
}  # fmt: skip


def test_a_file_of_neural_atlases_is_understood() -> None:
    config = parsed(NEURAL, "c.json")
    assert (config.max_frames, config.size) == (70, Size(768, 432))
    assert (config.foreground_class, config.foreground_layers) == ("bird", 2)
    assert config.learning["alpha_flow_coeff"] == 49.0
    assert not any("not known" in each for each in config.notes)
    assert any("log_every" in each and "without a meaning" in each for each in config.notes)


def test_a_file_of_its_forerunner_is_understood() -> None:
    config = parsed(LAYERED, "c.json")
    assert (config.max_frames, config.size) == (50, Size(640, 360))
    assert config.learning["steps"] == 400000
    assert config.learning["alpha_bootstrapping_coeff"] == 2000.0
    assert not any("not known" in each for each in config.notes)


def test_networks_numbers_mean_nothing_to_a_grid_and_something_to_networks() -> None:
    told = {"batch_size": 500}
    config = parsed(told, "c")
    assert any("no networks" in each for each in config.all_notes)
    assert parsed({**told, "engine": "mlp"}, "c").all_notes == ()
    assert replace(config, engine="mlp").all_notes == ()
    assert parsed({"iters_num": 300}, "c").all_notes == ()
    (said,) = parsed(NEURAL, "c").all_notes[1:]
    assert said.endswith("derivative_amount and 22 more")


def test_the_order_of_foregrounds_can_be_said() -> None:
    told = {"scribble_colours": ["#FF8000", "#0000ff"], "scribble_background": "#FFFFFF"}
    config = parsed(told, "c")
    assert config.scribble_colours == ((255, 128, 0), (0, 0, 255))
    assert (config.scribble_background, config.scribble_erase) == ((255, 255, 255), None)


def test_unknown_keys_are_told_and_kept() -> None:
    config = parsed({"colour_of_the_sky": "blue"}, "c.json")
    assert "colour_of_the_sky" in config.notes[0]
    assert config.given == {"colour_of_the_sky": "blue"}


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"max_frames": 0}, "whole number"),
        ({"max_frames": "70"}, "whole number"),
        ({"size": [768]}, "width, height"),
        ({"size": [768, 4.5]}, "width, height"),
        ({"resx": 640}, "width, height"),
        ({"foreground_layers": True}, "whole number"),
        ({"engine": "magic"}, "one of grid, mlp"),
        ({"rgb_coeff": -1}, "number from 0"),
        ({"foreground_class": 3}, "a text"),
        ({"scribble_colours": "red"}, "a list of colours"),
        ({"scribble_erase": "red"}, "#RRGGBB"),
    ],
)
def test_what_is_out_of_range_says_what_was_wanted(told: dict[str, object], wanted: str) -> None:
    with pytest.raises(SettingsError, match=wanted):
        parsed(told, "c.json")


def test_what_is_no_configuration_says_so(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    for text in ("{", "[]"):
        path.write_text(text)
        with pytest.raises(InputError, match=r"c\.json"):
            read_config(path)
    with pytest.raises(InputError, match="no such"):
        read_config(tmp_path / "gone.json")
    path.write_text(json.dumps({}))
    assert read_config(path) == AtlasConfig()
