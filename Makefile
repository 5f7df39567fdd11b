# The commands of the README. Each sets up what it needs: a virtual environment, the program
# with its dependencies, and (through the program) the network's weights.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: serve demo test bench check clean

serve: $(READY)
	$(BIN)/loopmatte weights fetch
	$(BIN)/loopmatte serve

demo: $(READY) demo/astronaut.mp4
	$(BIN)/loopmatte run demo/astronaut.mp4 --loops 3

demo/astronaut.mp4: | $(READY)
	mkdir -p demo
	$(BIN)/loopmatte demo-clip $@

test: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/loopmatte weights fetch
	$(BIN)/pytest

bench: $(READY)
	$(BIN)/loopmatte weights fetch
	$(BIN)/python -m tests.benchmarks

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "loopmatte needs Python 3.11 or newer: make PYTHON=python3.x")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) demo build dist *.egg-info
