# The commands of the README. Each sets up what it needs: a virtual environment, the program
# with its dependencies, and (through the program) the network's weights.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Without bytecode every process of the suite compiles the whole program and its tests anew, which
# is a tenth of the suite's time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve demo test types suite bench browser check clean

serve: $(READY)
	$(BIN)/loopmatte weights fetch
	$(BIN)/loopmatte serve

demo: $(READY) demo/astronaut.mp4
	$(BIN)/loopmatte run demo/astronaut.mp4 --loops 3

demo/astronaut.mp4: | $(READY)
	mkdir -p demo
	$(BIN)/loopmatte demo-clip $@

test: $(READY) browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/loopmatte weights fetch
	$(MAKE) --jobs 2 types suite

# Both at once: each alone leaves a core idle at times.
types: $(READY)
	$(BIN)/mypy

# Three processes for two cores, since the one with the browser waits half the time; tests/conftest.py
# says which tests go together, and in what order. Where threads of their libraries outnumber the
# cores, they spend a twelfth of the time waiting for each other.
suite: $(READY)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder

bench: $(READY)
	$(BIN)/loopmatte weights fetch
	$(BIN)/python -m tests.benchmarks

# Browsers for the tests of the page: Debian's, where packages may be installed unasked. One without
# windows takes half the time; where there is none, the other does its work too. Where none may be
# installed, the tests of the page say why and are skipped; in CI they fail.
browser:
	@has() { command -v $$1 >/dev/null; }; has apt-get || exit 0; \
	wanted=; has chromium-headless-shell || wanted=chromium-headless-shell; \
	has chromium || has chromium-browser || has google-chrome || wanted="chromium $$wanted"; \
	[ "$$wanted" ] || exit 0; \
	if [ "$$(id -u)" = 0 ]; then as='env DEBIAN_FRONTEND=noninteractive'; \
	else as='sudo -n DEBIAN_FRONTEND=noninteractive'; fi; \
	add() { $$as apt-get -qq install --yes --no-install-recommends $$1; }; \
	{ $$as apt-get -qq update; for each in $$wanted; do add $$each; done; \
	} </dev/null >/dev/null 2>&1; \
	has chromium-headless-shell || has chromium || has chromium-browser || has google-chrome || \
	  echo 'chromium could not be installed: no tests in a browser' >&2

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "loopmatte needs Python 3.11 or newer: make PYTHON=python3.x")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) demo build dist *.egg-info
	find server streaming tests -name __pycache__ -prune -exec rm -rf {} +
