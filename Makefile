# Every task of a developer or of CI, one target each; `make` alone lists them.
#
# .venv holds exactly what a lock file names, checked by hash. A stamp inside it says which lock was installed, so
# nothing is installed twice: only an edited lock file or pyproject.toml makes the next target install again.
#
#   ARGS=...     goes to the tool a target runs:  make test ARGS='-k shuffled -x'
#   JOBS=N       test processes (default 2; each one that needs a store starts its own)
#   HEADWATER_TESTS_REQUIRE_ALL=1   lets a test fail, not skip, for want of a server (Neo4j, RabbitMQ, Redis), as CI does
#   PYTHON=...   the interpreter for .venv, 3.11 or newer:  make demo PYTHON=python3.12

VENV    := .venv
BIN     := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEV     := $(VENV)/.installed-dev
JOBS    ?= 2
PYTHON  ?=
ARGS    ?=

# uv is used where it works (a shim of a version manager may exist and not work), else venv and pip.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv)
ifneq ($(UV),)
NEWEST := >=3.11
venv   = $(UV) venv --quiet --clear --python "$(1)" $(VENV)
pip    = $(UV) pip install --quiet --python $(BIN)/python
else
venv   = "$(1)" -m venv --clear $(VENV)
pip    = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

PYTEST := $(BIN)/python -m pytest
QUICK := -m "not slow and not soak and not neo4j and not services and not emitters"

# Each file is one process's. The longest come first, so that none is left alone with one at the end.
SPREAD = -n $(JOBS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help demo install test test-full test-emitters check bench docs format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## install what the service needs and start it with recorded events
	$(BIN)/headwater demo $(ARGS)

install: $(DEV) ## install what development needs

test: $(DEV) ## run the tests that need nothing outside this checkout
	$(PYTEST) tests/e2e tests/store tests/unit tests/architecture $(SPREAD) $(QUICK) $(ARGS)

test-full: $(DEV) ## run every test, also those that are slow or need Neo4j or other services
	$(PYTEST) tests/e2e tests/store tests/unit tests/architecture $(SPREAD) -m "not emitters" $(ARGS)

test-emitters: $(DEV) ## install dbt, Airflow, Spark and Dagster (once, 0.9 GB) and run them against the service
	$(PYTEST) tests/emitters -m emitters $(ARGS)

check: $(DEV) ## lint, formatting, types, import layers, and that docs and schemas are up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) tests/architecture -q $(QUICK)

bench: $(DEV) ## run the benchmarks; ARGS chooses and sizes them
	$(BIN)/python -m tests.benchmarks $(ARGS)

docs: $(DEV) ## write the generated parts of the documentation and the GraphQL SDL again
	$(BIN)/python -m catalog.docs $(ARGS)

format: $(DEV) ## format the code and apply safe lint fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## resolve the dependencies again into both lock files (needs uv; ARGS=--upgrade takes newer versions)
	@test -n "$(UV)" || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	$(call compile,requirements.lock,--group build)
	$(call compile,requirements-dev.lock,--group build --group dev --constraints requirements.lock)

clean: ## remove .venv, caches and built files; data directories stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

# The development lock contains the runtime lock, so it satisfies both stamps.
$(DEV): requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock)
	@touch $(RUNTIME) $@

# Without a fitting interpreter on the machine, uv may still know where to get one.
$(BIN)/python:
	@python='$(if $(PYTHON),,$(NEWEST))'; \
	for candidate in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  found=$$($(or $(PYTHON),python3) --version 2>&1 | tail -n 1); \
	  echo "Headwater needs Python 3.11 or newer; '$(or $(PYTHON),python3)' says: $$found" >&2; \
	  echo "Install one, or name it: make $(firstword $(MAKECMDGOALS)) PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$python"; \
	$(call venv,$$python)

# The project itself is built by the locked hatchling (--no-build-isolation), so nothing unpinned is fetched.
define install
	@echo "Installing $(1) into $(VENV)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || test -n "$(UV)" || $(BIN)/python -m ensurepip >/dev/null
	@$(pip) --require-hashes --requirement $(1)
	@$(pip) --no-deps --no-build-isolation --editable .
endef

define compile
	$(UV) pip compile pyproject.toml $(2) --universal --python-version 3.11 --generate-hashes --quiet \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --output-file $(1) $(ARGS)
endef
