# The commands of the platform. `make help` lists them; README.md explains the settings.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

# The PostgreSQL that checks and the bench use: any account that may create databases.
POSTGRES_URL ?= postgresql://postgres@127.0.0.1:5432/postgres
# Test processes at a time.
JOBS ?= 2
# What part of the full torture is run.
SHARE ?= 1
# Where `make backup` writes to.
TARGET ?= backup-$(shell date +%Y%m%d-%H%M%S).tar

CATALOGUES := $(wildcard app/translations/*/LC_MESSAGES/messages.po)

##@ Use

.PHONY: help
help: ## List these commands
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ready ## Install what is missing, bring the database up to date, serve on PORT (8080)
	@$(PY) -m tools.serve --with-parent

.PHONY: ready
ready: $(VENV)/.runtime assets words ## Install and build what running needs, without running

.PHONY: backup
backup: $(VENV)/.runtime ## Write database and files to TARGET, also while users work
	@$(BIN)/flask --app run platform backup "$(TARGET)"

##@ Develop

.PHONY: test
test: development ## Run all tests (SQLite, or the PostgreSQL of DATABASE_URL)
	$(BIN)/pytest -n $(JOBS)

.PHONY: fmt
fmt: $(VENV)/.development ## Format the sources and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: translations
translations: $(VENV)/.development ## Bring the catalogues up to date with the sources
	$(PY) -m tools.translations update

.PHONY: clean
clean: ## Remove what was built; data in var/ stays
	rm -rf $(VENV) node_modules build app/static/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find app -name '*.mo' -delete
	find app tests tools migrations -name __pycache__ -type d -prune -exec rm -rf {} +

##@ Check

.PHONY: check
check: lint types imports check-translations check-migrations test-sqlite test-postgresql test-browser ## Everything that must hold before a change goes in
	@echo "All checks passed."

.PHONY: lint
lint: $(VENV)/.development ## Format and lint rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: types
types: $(VENV)/.development ## Types
	$(BIN)/mypy

.PHONY: imports
imports: $(VENV)/.development ## Direction of imports between packages
	$(BIN)/lint-imports

.PHONY: check-translations
check-translations: $(VENV)/.development ## Nothing untranslated, doubtful or out of date
	$(PY) -m tools.translations check

.PHONY: check-migrations
check-migrations: development ## Up, down and up again with data, and no drift from the models, on both databases
	$(PY) -m tools.check_migrations
	DATABASE_URL="$(POSTGRES_URL)" $(PY) -m tools.check_migrations

.PHONY: test-sqlite
test-sqlite: development ## Tests without a browser, on SQLite
	DATABASE_URL= $(BIN)/pytest -n $(JOBS) -m "not browser"

.PHONY: test-postgresql
test-postgresql: development ## Tests without a browser, on PostgreSQL
	DATABASE_URL="$(POSTGRES_URL)" $(BIN)/pytest -n $(JOBS) -m "not browser"

.PHONY: test-browser
# Tracebacks as Python writes them: to parse sources inside Playwright's greenlets can end the interpreter's parser.
test-browser: development ## Tests in a browser, on SQLite; one that fails is tried once more, and named
	DATABASE_URL= $(BIN)/pytest -n $(JOBS) -m browser --reruns 1 -rR --tb=native

.PHONY: bench
bench: development $(VENV)/.bench ## Measure speed against the figures that were promised (20,000 enterprises x 36 months)
	POSTGRES_URL="$(POSTGRES_URL)" $(PY) -m tools.bench

.PHONY: torture
torture: development ## Races, kills, locks and wild input, SHARE=0.1 for a tenth
	$(PY) -m tools.torture --share "$(SHARE)" --server "$(POSTGRES_URL)"

# ---- what the commands above need -------------------------------------------------------------------------------

.PHONY: development
development: $(VENV)/.development words
	@$(PY) tools/assets.py --dev

.PHONY: assets
assets: $(VENV)/.runtime
	@$(PY) tools/assets.py

.PHONY: words
words: $(CATALOGUES:.po=.mo)

%.mo: %.po tools/translations.py $(VENV)/.runtime
	@$(PY) -m tools.translations compile
	@touch $@

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 run" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module is needed (Debian: python3-venv)." >&2; exit 1; }

$(VENV)/.runtime: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt requirements-s3.txt $(VENV)/.runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@
