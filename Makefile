# `make demo` and `make test` need nothing but Python 3.11 and this file; the rest is for developers.
PYTHON ?= python3.11
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.installed

# Tests read many modules: what was compiled once serves the next run, and the processes that tests start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo test check test-slow bench format clean

install: $(STAMP)

$(STAMP): pyproject.toml hatch_build.py $(wildcard crm_sheets/locale/*/LC_MESSAGES/*.po)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m compileall -q crm_sheets  # as pip does with what is not editable: a command starts in half the time
	$(BIN)/python -c "import pathlib; pathlib.Path('$(STAMP)').touch()"

demo: install
	$(BIN)/crm-sheets demo --dir demo --again

test: install
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow"

test-slow: install
	$(BIN)/python -m pytest -n auto --dist loadfile -m slow

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
