# Moodreel: `make run` starts it, `make test` tests it. Both work in a fresh clone with Python 3.11 or later.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench clean

run: $(VENV)/.run    ## the processor and the dashboard on 127.0.0.1:8501, until Ctrl-C
	@$(BIN)/python -m processor models list
	@exec $(BIN)/python -m processor up

test: check          ## every test: the fast ones, then those with a service or browser, then the slow ones
	$(BIN)/python -m pytest -n auto --dist loadfile
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "e2e and not slow" --reruns 1
	$(BIN)/python -m pytest -n auto --dist worksteal -m slow --reruns 1

check: $(VENV)/.dev  ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

bench: $(VENV)/.dev  ## analysis beside decoding alone, on this machine
	@$(BIN)/python -m bench

clean:               ## remove the environment and caches; data/ stays
	rm -rf $(VENV) .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.run: requirements.txt constraints.txt | $(BIN)/pip
	$(BIN)/pip install --quiet --requirement requirements.txt --constraint constraints.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet --requirement requirements-dev.txt --constraint constraints.txt
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Moodreel needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Name another: make run PYTHON=python3.12")'
	@echo "Making the environment in $(VENV): a few minutes, once."
	$(PYTHON) -m venv $(VENV)
