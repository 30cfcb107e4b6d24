# Every command of the portal. Needs only Python 3.11 or newer with pip; the rest goes into .venv and .tools.
PYTHON := $(firstword $(shell command -v python3) $(shell command -v python3.14) $(shell command -v python3.13) $(shell command -v python3.12) $(shell command -v python3.11) python3)
BOOTSTRAP := portal/stack/bootstrap.py
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check trial format

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

run: ## start the portal with everything it needs: PORT=8000 DEMO=1 DATA_DIR=var
	@$(PYTHON) $(BOOTSTRAP) run

test: ## the whole suite; ARGS="tests/samples -k ledger" narrows it
	@$(PYTHON) $(BOOTSTRAP) test $(ARGS)

check: ## format, lint, types, import contracts, migrations, translations, generated docs, deployment
	@$(PYTHON) $(BOOTSTRAP) check $(ARGS)

format: ## rewrite what `make check` would complain about in code and templates
	@$(PYTHON) $(BOOTSTRAP) format

trial: ## the long figures, each with the control that must fire; ARGS=name runs one
	@$(PYTHON) $(BOOTSTRAP) trial $(ARGS)
