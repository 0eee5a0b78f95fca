# `make` prints the targets. Every target sets itself up in .venv: it needs a Python of at least 3.11 with pip, nothing else.
# Set-up is repeated only when pyproject.toml or constraints.txt changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

WORKERS ?= auto
OLDEST := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c '$(OLDEST)' >/dev/null 2>&1 && echo "$$p" && break; done)

BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
PYTEST := $(ONE_THREAD) $(BIN)/python -m pytest

.PHONY: help demo test lint types fast slow bench zoo docs clean

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: .venv/.base ## install in .venv, measure the shipped class counts, print the table and where the page is
	@$(BIN)/triaxis demo

test: lint types fast slow ## everything that must pass: lint, types, the fast tests, then the slow and browser tests

lint: .venv/.dev ## ruff
	$(BIN)/ruff check .

types: .venv/.dev ## mypy, strict, over src
	$(BIN)/mypy

fast: .venv/.dev ## the fast tests only
	$(PYTEST) -n $(WORKERS) --maxprocesses 4 -m "not slow and not browser"

slow: .venv/.dev ## the slow and the browser tests only
	$(PYTEST) -n $(WORKERS) --maxprocesses 2 -m "slow or browser" --durations 10

bench: .venv/.dev ## the benchmarks of docs/benchmarks.md
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(ONE_THREAD) $(BIN)/python "$$script" || exit 1; done

zoo: .venv/.dev ## train the zoo again (eight minutes on two cores) and compare it with what ships
	$(BIN)/triaxis lab zoo --seed 0 --out triaxis-zoo
	$(BIN)/python -m tests.lab.reproduction triaxis-zoo

docs: .venv/.dev ## run every snippet of README.md and docs/, and check that each flag, table and column has its page
	$(PYTEST) tests/test_docs.py

clean: ## remove .venv, caches and build output
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +

# A Python without ensurepip (Debian without python3-venv) still works: its own pip fills the environment.
.venv/.made:
	@test -n "$(PYTHON)" || { echo "triaxis needs Python 3.11 or newer; found: $$(python3 --version 2>&1). \
	Install one, then: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c '$(OLDEST)' || { echo "triaxis needs Python 3.11 or newer, got: $$("$(PYTHON)" --version 2>&1)" >&2; exit 1; }
	@echo "setting up .venv with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv .venv >/dev/null 2>&1 || { "$(PYTHON)" -m venv --clear --without-pip .venv \
	&& "$(PYTHON)" -m pip --quiet --python $(BIN)/python install pip; }
	@touch $@

.venv/.base: .venv/.made pyproject.toml constraints.txt
	@echo "installing triaxis in .venv (a minute the first time)"
	@$(INSTALL) -e .
	@touch $@

.venv/.dev: .venv/.made pyproject.toml constraints.txt
	@echo "installing triaxis and what its tests need in .venv, torch among it (some minutes the first time)"
	@$(INSTALL) -e '.[dev,all]'
	@touch .venv/.base $@
