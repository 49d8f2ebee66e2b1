# Two commands do everything on a machine with Python 3.11+, git and make:
#   make demo   the main job on a real embedded help desk
#   make test   the gates and the tests
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
export DEMO_PORT DEMO_HELPDESK_PORT DESK

.PHONY: demo test check unit format conformance clients races tours services conformance-tools client-tools browser-tools bench docs clean

demo: $(VENV)/.demo
	@$(BIN)/python -m helpdesk_demo.demo $(ARGS)

test: check unit conformance

check: $(VENV)/.dev
	@scripts/check

unit: $(VENV)/.dev
	@scripts/test $(ARGS)

conformance: $(VENV)/.dev
	@$(BIN)/pytest -q tests/conformance

clients: $(VENV)/.dev
	@$(BIN)/pytest -q -n auto tests/clients tests/oidc

races: $(VENV)/.dev
	@$(BIN)/pytest -q tests/races

tours: $(VENV)/.dev
	@$(BIN)/pytest -q -n auto tests/demo tests/browser

# PostgreSQL and Chromium, where they are missing. Tests that need them skip and say so, on CI they fail.
services:
	@scripts/services

# What the two above need; without it they skip and say so.
conformance-tools: $(VENV)/.dev
	@scripts/node-tools tests/conformance

client-tools: $(VENV)/.dev
	@scripts/client-tools

browser-tools: $(VENV)/.dev
	@scripts/node-tools tests/browser

bench: $(VENV)/.dev
	@scripts/bench $(ARGS)

docs: $(VENV)/.dev
	@$(BIN)/zensical build --strict

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix-only -q src tests benchmarks; $(BIN)/ruff format -q src tests benchmarks

$(VENV)/.demo: requirements/bootstrap.txt requirements/demo.txt
	@scripts/install demo "$(PYTHON)"

$(VENV)/.dev: requirements/bootstrap.txt requirements/dev.txt
	@scripts/install dev "$(PYTHON)"

clean:
	rm -rf $(VENV) .venvs .demo site dist .coverage* htmlcov
