# Every target sets itself up: a fresh clone needs only Python (3.11, 3.12 or 3.13) and a package index.
#   make run      the demo: the bot against an exchange on this machine (ARGS="--for 60s" is passed on)
#   make test     the quick tests, on every core (ARGS="tests/model -k book" is passed on)
#   make test-all every test, each as deep as it goes
#   make test-rest  of that what `make test` leaves out: the slow ones, properties at full depth, real processes
#   make test-public  read-only checks against the real venue, for whoever has a network
#   make sim      the simulator: 100 market-hours, 500 plans, every planted bug (10 minutes); sim-full: three times that and more
#   make kills    200 real kill -9 of the real bot, and faults over real sockets (half an hour)
#   make soak     HOURS=8: as much simulation, as many kills, and a real bot watched for leaks, as fit into so many hours
#   make series   a five-minute market of the real bot rolls to its next window (five minutes)
#   make honest   what naive makers earn on the simulated markets, against recorded days (three minutes)
#   make check    ruff, mypy --strict, the import rule
#   make bench    the speed figures of the README
SHELL := /bin/sh
.DEFAULT_GOAL := run

ARGS ?=
HOURS ?= 8
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && { echo $$python; break; }; done)
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PIP := .venv/bin/python -m pip --disable-pip-version-check -qq
READY := .venv/.ready
SPREAD := --numprocesses=auto --maxprocesses=8 --dist=worksteal
# Without byte code every worker compiles all tests anew (8 s of processor each), and every process that they start the bot.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-all test-rest test-public sim sim-full kills soak check bench lock series honest

run: $(READY)
	@exec .venv/bin/python -m actors run config.yaml $(ARGS)

test: $(READY)
	@.venv/bin/python -m pytest $(SPREAD) --hypothesis-profile=quick -m "not slow and not process" $(ARGS)

# What shares the cores comes first, then what happens in real time and mostly waits, a few at a time.
test-all: $(READY)
	@.venv/bin/python -m pytest $(SPREAD) -m "not process"
	@.venv/bin/python -m pytest --numprocesses=3 --dist=worksteal -m process

test-rest: $(READY)
	@.venv/bin/python -m pytest $(SPREAD) -m "(slow or hypothesis) and not process"
	@.venv/bin/python -m pytest --numprocesses=3 --dist=worksteal -m process

test-public: $(READY)
	@.venv/bin/python -m pytest -m public -rs tests/public $(ARGS)

sim: $(READY)
	@.venv/bin/python -m tests.faults.sim $(ARGS)

sim-full: $(READY)
	@.venv/bin/python -m tests.faults.sim --hours 300 --plans 2000 --gate 200 --faults 100 --points 50 $(ARGS)

check: $(READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python -m pytest tests/test_imports.py tests/test_layout.py

bench: $(READY)
	@.venv/bin/python -m tests.bench $(ARGS)

# Waits for a five-minute window of the wall clock to end.
series: $(READY)
	@.venv/bin/python -m tests.process.series

honest: $(READY)
	@.venv/bin/python -m tests.simulated.honesty $(ARGS)

kills: $(READY)
	@.venv/bin/python -m tests.process.kills $(ARGS)

soak: $(READY)
	@.venv/bin/python -m tests.process.soak --hours $(HOURS) $(ARGS)

# The build backend is in the lock too, so that nothing is ever installed without its hash being checked.
$(READY): requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what requirements.lock names into .venv (once; a minute or two) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(SUITABLE)' || { \
		echo "make: needs Python 3.11, 3.12 or 3.13 with the venv module; found: $$(python3 --version 2>&1)."; \
		echo "      Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make run PYTHON=/path/to/python3.12"; \
		exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

# Writes requirements.lock anew from pyproject.toml: hashes for every platform, no address of an index.
lock:
	python3 -m venv build/lock
	build/lock/bin/pip install --quiet pip-tools
	PIP_CONFIG_FILE=/dev/null build/lock/bin/pip-compile --quiet --generate-hashes --extra test --strip-extras \
		--build-deps-for editable --allow-unsafe --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml
