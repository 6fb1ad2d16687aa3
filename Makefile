# `make lab` opens the lectures in JupyterLab; `make test` runs every check. Each makes what it needs, once, in .venv.
.SUFFIXES:
.DEFAULT_GOAL := help
.PHONY: help lab test check unit vitest pytest notebooks bench dev watch clean distclean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
NPM := $(CURDIR)/$(BIN)/python $(CURDIR)/tools/node.py npm

# Where `make lab` puts the lectures, and what it hands to JupyterLab: make lab ARGS="--no-browser --port 8899"
COURSE := course
ARGS :=

# How many processes the unit tests share.
PROCESSES := auto

PACKAGING := pyproject.toml hatch_build.py
TOOL_VERSIONS := tools/constraints.txt
FRONT_END := $(shell find widgets/src -type f 2>/dev/null) widgets/build.mjs widgets/budgets.json widgets/package.json widgets/package-lock.json

help:
	@echo "make lab        open the lectures in JupyterLab; ARGS=\"--no-browser --port 8899\" is handed on"
	@echo "make test       every check: linters, vitest, pytest, the notebooks, the widgets in a real browser"
	@echo "make check      only the linters and type checkers"
	@echo "make unit       only the quick Python tests"
	@echo "make vitest     only the front end's tests"
	@echo "make notebooks  execute the lectures' text sources into notebooks; ONLY=03 for one"
	@echo "make bench      time stepgrad beside its peers"
	@echo "make dev        install everything for working on stepgrad"
	@echo "make watch      bundle the front end at every change"
	@echo "make clean      remove what was built;  make distclean  also the environments"

# ------------------------------------------------------------- the commands

lab: $(VENV)/.lab
	@$(BIN)/stepgrad lab $(COURSE) $(ARGS)

test: check vitest pytest

check: $(VENV)/.test widgets/node_modules/.installed
	@echo "Checking the Python code with ruff and mypy"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@echo "Checking the front end with tsc and biome"
	@cd widgets && $(NPM) run --silent check

unit: $(VENV)/.test
	@$(BIN)/pytest -q -m "not browser and not slow"

vitest: widgets/node_modules/.installed
	@echo "Testing the front end"
	@cd widgets && $(NPM) run --silent test

# Unit and golden tests and the lectures' cells, a file at a time on each processor, with one thread each, for threads that
# outnumber processors wait for one another; then the browser by itself, for it is timed.
pytest: $(VENV)/.test $(VENV)/.bundle
	@chromium=$$($(BIN)/python tools/browser.py --ensure) || exit 1; failed=0; \
	echo "Testing the package and the lectures"; \
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q -m "not browser" -n $(PROCESSES) --dist loadfile --nbval --nbval-current-env tests $(wildcard notebooks/lectures) || failed=1; \
	echo "Testing the widgets in a browser"; \
	STEPGRAD_CHROMIUM="$$chromium" $(BIN)/pytest -m browser tests/browser || failed=1; \
	exit $$failed

notebooks: $(VENV)/.test $(VENV)/.bundle
	@$(BIN)/python tools/lectures.py build $(ONLY)

# The peers are heavy and each brings its own threads: they have an environment of their own.
bench: $(VENV)-bench/.bench
	@mkdir -p benchmarks/results
	@$(VENV)-bench/bin/python -m benchmarks --json benchmarks/results/latest.json $(ARGS)

dev: $(VENV)/.test $(VENV)/.bundle
	@$(PIP) --constraint $(TOOL_VERSIONS) --editable ".[dev]"
	@echo "Ready. Try: make unit, make vitest, make check, make lab; with make watch running, ANYWIDGET_HMR=1 make lab shows changes at once."

watch: widgets/node_modules/.installed
	@cd widgets && $(NPM) run --silent watch

clean:
	rm -rf build dist .stamps .hypothesis .mypy_cache .pytest_cache .ruff_cache $(VENV)/.bundle $(VENV)/.lab $(VENV)/.test
	rm -f src/stepgrad/widgets/static/*.js src/stepgrad/widgets/static/*.css
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean
	rm -rf $(VENV) $(VENV)-bench .node widgets/node_modules

# --------------------------------------------------- what they need, made once

$(VENV)/.made:
	@python=$$(sh tools/find_python.sh) && echo "Creating $(VENV) with $$($$python --version)" && $$python -m venv $(VENV)
	@touch $@

$(VENV)/.lab: $(VENV)/.made $(PACKAGING) $(FRONT_END)
	@echo "Installing stepgrad and JupyterLab into $(VENV) (about a minute the first time)"
	@$(PIP) --editable ".[lab]"
	@touch $@

$(VENV)/.test: $(VENV)/.made $(PACKAGING) $(TOOL_VERSIONS) | $(VENV)/.bundle
	@echo "Installing stepgrad and what its tests need into $(VENV) (about a minute the first time)"
	@$(PIP) --constraint $(TOOL_VERSIONS) --editable ".[test]"
	@touch $@

widgets/node_modules/.installed: $(VENV)/.made widgets/package.json widgets/package-lock.json
	@echo "Installing the front end's tools"
	@cd widgets && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/.bundle: widgets/node_modules/.installed $(FRONT_END)
	@echo "Building the front end"
	@cd widgets && $(NPM) run --silent build
	@touch $@

$(VENV)-bench/.bench: $(PACKAGING)
	@python=$$(sh tools/find_python.sh) && $$python -m venv $(VENV)-bench
	@echo "Installing stepgrad and its peers into $(VENV)-bench (several minutes the first time)"
	@$(VENV)-bench/bin/python -m pip install -qq --disable-pip-version-check --editable ".[bench]"
	@touch $@
