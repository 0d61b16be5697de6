# Needs python3 (3.11 to 3.14), make, and a way to the Python package index. Everything else is fetched into .venv.
.DEFAULT_GOAL := help
.PHONY: help setup run demo test check lint bench lock clean

BIN := .venv/bin
# Where the benchmarks find their labelled rows: make bench DATA=/elsewhere
DATA ?= ../shared/data

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: .venv/installed ## make .venv, install the locked packages, fetch the speech model
	@bin/speech-model

.venv/installed: requirements.lock pyproject.toml bin/setup
	@bin/setup

run: setup ## start the line: web, worker and schedule; Ctrl-C stops all of it; make run PORT=8080 for another port
	@exec $(BIN)/referline up $(if $(PORT),--port $(PORT))

demo: setup ## play a text conversation and a call by audio only through the real doors, and show what came of them
	@exec $(BIN)/referline demo

lint: setup ## style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

test: setup ## the whole test suite
	$(BIN)/pytest -n auto --dist loadfile

check: lint test ## what .ci/run runs: style, types, import contracts (tests/architecture), tests

bench: setup ## measure, into bench/results; fails when a goal is missed, after all of it was measured
	@status=0; \
	for one in "evaluate --data $(DATA)" "answers --data $(DATA)" "documents --data $(DATA)" "simulate --data $(DATA)" turn_cost calls "speech --data $(DATA)"; do \
		echo "== bench.$$one"; $(BIN)/python -m bench.$$one || status=1; \
	done; exit $$status

lock: setup ## write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade --quiet -o requirements.lock

clean: ## remove .venv and caches; what the line has recorded (var/) stays
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
