# Everything runs in .venv, made from the hashed requirements. `make help` lists what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Tests run with a random hash seed, so that an order by accident shows; repeat one with SEED=.
SEED ?= $(shell od -An -N2 -tu2 /dev/urandom | tr -d ' ')
WORKERS ?= 3
# Narrow a run with ARGS=, as in: make test ARGS="tests/text -k fold"
ARGS ?=

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	--no-header --no-annotate --no-emit-index-url --no-config $(if $(UPGRADE),--upgrade) pyproject.toml requirements/build.in

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.demo ## Install, then play three days of a small shop
	@$(BIN)/ecsync demo

# Databases of tests fsync a great deal: in memory where there is room, else where temporary files go.
FAST_TMP := $(shell room=$$(df -Pk /dev/shm 2>/dev/null | awk 'NR==2 {print $$4}'); \
	if [ -w /dev/shm ] && [ "$${room:-0}" -gt 4000000 ]; then echo /dev/shm; else echo "$${TMPDIR:-/tmp}"; fi)

.PHONY: test
test: $(VENV)/.test ## Run the tests (ARGS=... narrows them, SEED=... repeats an order)
	@echo "PYTHONHASHSEED=$(SEED)"
	@TMPDIR=$(FAST_TMP) PYTHONHASHSEED=$(SEED) $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow and not long" --ignore tests/browser $(ARGS)

.PHONY: test-slow
test-slow: $(VENV)/.test ## Run on PostgreSQL, and at more points, what `make test` shows on SQLite
	@echo "PYTHONHASHSEED=$(SEED)"
	@TMPDIR=$(FAST_TMP) PYTHONHASHSEED=$(SEED) $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "slow and not long" --ignore tests/browser $(ARGS)

# Every long run draws new random numbers; LONG_SEED= repeats one, LONG_SCALE= makes it larger or smaller.
LONG_SEED ?= $(SEED)
LONG_SCALE ?= 1
FIGURES ?= build/figures

.PHONY: test-long
test-long: $(VENV)/.test ## Run the tests that take minutes or hours, add up their figures, then the mutation testing
	@echo "PYTHONHASHSEED=$(SEED) LONG_SEED=$(LONG_SEED)"
	@rm -f $(FIGURES)/faults.json
	@TMPDIR=$(FAST_TMP) PYTHONHASHSEED=$(SEED) ECSYNC_LONG_SEED=$(LONG_SEED) ECSYNC_LONG_SCALE=$(LONG_SCALE) \
		ECSYNC_FIGURES=$(abspath $(FIGURES)) $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m long \
		--timeout 7200 --ignore tests/browser $(ARGS); status=$$?; \
		$(BIN)/python tools/fault_table.py $(FIGURES); exit $$status
	@$(if $(ARGS),,$(MAKE) --no-print-directory mutation)

# Mutants per module (0: every one), and what draws them; it goes on where a stopped run of the same code was.
MUTANTS ?= 60
MUTATION_SEED ?= 2026

.PHONY: mutation
mutation: $(VENV)/.test ## Make the code wrong in small ways, and see whether a test notices (MUTANTS=0 takes every way)
	@TMPDIR=$(FAST_TMP) PYTHONHASHSEED=0 PYTHONPATH=tools $(BIN)/python -m mutation --sample $(MUTANTS) --seed $(MUTATION_SEED) $(ARGS)

.PHONY: test-wheel
test-wheel: $(VENV)/.test ## Install the wheel into an empty environment and play the demo from there
	@TMPDIR=$(FAST_TMP) $(BIN)/python -m pytest -q -m long tests/packaging $(ARGS)

# A browser is the system's own. Where we may install one, we do; else we say what is missing.
BROWSER_PACKAGES := chromium chromium-driver fonts-noto-cjk

.PHONY: browser
browser:
	@if command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1 \
		&& fc-list :lang=ja 2>/dev/null | grep -q .; then exit 0; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing $(BROWSER_PACKAGES) ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(BROWSER_PACKAGES) >/dev/null; \
	else \
		echo "The browser tests need Chromium, chromedriver and a Japanese font." >&2; \
		echo "On Debian: apt-get install --no-install-recommends $(BROWSER_PACKAGES)" >&2; exit 1; \
	fi

.PHONY: test-browser
test-browser: browser $(VENV)/.browser ## Open the HTML report in a real browser
	@TMPDIR=$(FAST_TMP) $(BIN)/python -m pytest -q -m browser tests/browser $(ARGS)

.PHONY: lint
lint: $(VENV)/.dev ## Check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict
	@$(BIN)/lint-imports

# What `make bench` runs, quickest first.
ONLY ?= $(filter $(basename $(notdir $(wildcard bench/*.py))),start_up usual_night publish_stock order_lines)

.PHONY: bench
bench: $(VENV)/.test ## Measure (ONLY="order_lines ..." names some, ARGS=... goes to them)
	@missed=0; for name in $(ONLY); do echo "== $$name"; $(BIN)/python "bench/$$name.py" $(ARGS) || missed=1; done; exit $$missed

.PHONY: catalogue
catalogue: $(VENV)/.test ## Collect the texts of src into the catalogues, and compile them
	@$(BIN)/python tools/catalogue.py

.PHONY: docs
docs: $(VENV)/.test ## Write docs/commands.md, docs/bad-input.md and docs/partners.md anew
	@$(BIN)/python tools/command_reference.py
	@$(BIN)/python tools/bad_input_page.py
	@$(BIN)/python tools/partners_page.py

.PHONY: lock
lock: $(VENV)/.dev ## Write requirements/*.txt anew (UPGRADE=1 takes newer releases)
	@$(LOCK) --extra dev --output-file requirements/dev.txt
	@$(LOCK) --extra test --constraint requirements/dev.txt --output-file requirements/test.txt
	@$(LOCK) --extra demo --constraint requirements/dev.txt --output-file requirements/demo.txt
	@$(LOCK) --extra browser --constraint requirements/dev.txt --output-file requirements/browser.txt

.PHONY: clean
clean: ## Remove the virtual environment and the tools' caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "ecsync needs Python 3.11 or newer, and '$(PYTHON)' is not that." >&2; \
		echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments: its modules venv and ensurepip are missing." >&2; \
		echo "On Debian and Ubuntu they come with the package python3-venv." >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# A stamp per set of requirements, so that a second run installs nothing.
$(VENV)/.%: requirements/%.txt pyproject.toml $(VENV)/pyvenv.cfg
	@echo "Installing requirements/$*.txt ..."
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/$*.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
