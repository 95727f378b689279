# Needs git, make and Python 3.11 or 3.12. Everything else is installed into $(VENV).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

# As an installer does for a wheel: a checkout starts as fast, also where Python may not write.
COMPILE := $(BIN)/python -m compileall -q compiler simulate schemas protocols

PROCEDURE := protocols/reductive-amination/procedure.yaml
BENCHES := ot2 flex

# Modules of benchmarks/; those of the short form take --short.
BENCHMARKS := speed review schedule
SHORT_BENCHMARKS := speed schedule

.PHONY: help demo test prove lint format bench docs snapshots clean

help:  ## Say what there is to make.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: $(RUN)  ## Compile and simulate the reductive amination on both robots.
	@for bench in $(BENCHES); do \
	    printf '\n== %s: compile ==\n' "$$bench"; \
	    $(BIN)/workup compile $(PROCEDURE) --bench "$$bench" -o "out/reductive-amination-$$bench"; \
	    printf '\n== %s: simulate ==\n' "$$bench"; \
	    $(BIN)/workup simulate "out/reductive-amination-$$bench/plan.json"; \
	done
	@printf '\nThe scripts, plans and prep sheets are in:\n'
	@for bench in $(BENCHES); do printf '  %s\n' "$(CURDIR)/out/reductive-amination-$$bench"; done

test: $(DEV)  ## Run the tests.
	@$(BIN)/python -m pytest -n auto -m "not slow"

prove: $(DEV)  ## Run the long proofs that `make test` leaves out; SHORT=1: some, and the tables.
	$(if $(SHORT),,@$(BIN)/python -m pytest -n auto -m slow || [ $$? -eq 5 ]  # 5: there are none)
	@printf '\n== what the judge finds ==\n'
	@$(BIN)/python -m tests.simulator.proof
	@printf '\n== faults planted into our own scripts ==\n'
	@$(BIN)/python -m tests.mutation.proof $(if $(SHORT),--share 0.05)

lint: $(DEV)  ## Check style and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV)  ## Put the code into shape.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(RUN)  ## Measure speed, and schedules against their bounds; SHORT=1: once each, not judged.
	@$(COMPILE)
	@status=0; for name in $(if $(SHORT),$(SHORT_BENCHMARKS),$(BENCHMARKS)); do \
	    $(BIN)/python -m "benchmarks.$$name" $(if $(SHORT),--short) || status=1; \
	done; exit $$status

docs: $(DEV)  ## Take the pictures of docs/pictures again from a real run (needs chromium).
	@PYTHONPATH=. $(BIN)/python docs/pictures/make.py

snapshots: $(DEV)  ## Write the expected messages of tests/findings again; look at the difference.
	@WORKUP_UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest tests/findings

clean:  ## Remove everything that was built or installed.
	rm -rf .venv build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are newer than pyproject.toml as long as what it asks for is installed.
$(RUN): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; ok = v in ((3, 11), (3, 12)); \
	    ok or sys.exit("Python 3.11 or 3.12 is needed, and this is %d.%d; say PYTHON=..." % v)'
	@echo "Installing into $(VENV); this takes a minute or two, once."
	@$(PYTHON) -m venv $(VENV) || { \
	    echo "Python has no venv module here; on Debian: apt install python3-venv"; exit 1; }
	@$(PIP) install --quiet --editable .
	@$(COMPILE)
	@touch $@

$(DEV): $(RUN)
	@$(PIP) install --quiet --editable '.[dev]'
	@touch $@
