# Needs make and Python 3.11 or newer; everything else is installed below this folder, nothing on the system.
PYTHON ?= python3
PORT ?= 0
.DEFAULT_GOAL := help
.PHONY: help run test check format lock reconcile admin redrive clean
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/shared/python

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: .venv/.synced .tools/ministack/.synced ## the whole cloud on this machine, until Ctrl-C (PORT=4566 to choose its port)
	@exec .venv/bin/python -m local --port $(PORT)

test: .venv/.synced .tools/ministack/.synced ## every test
	@.venv/bin/pytest $(PYTEST)

check: .venv/.synced .tools/sam/.synced ## what CI runs before the tests: style, types, template, locks
	@ruff check .
	@ruff format --check --quiet .
	@mypy
	@cfn-lint
	@SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1 .tools/sam/bin/sam validate --lint
	@python -m local.locks --check

format: .venv/.synced ## let ruff put the code in order
	@ruff check --fix --quiet . ; ruff format --quiet .

lock: .venv/.synced ## compile the hash-locked requirements from pyproject.toml
	@python -m local.locks

reconcile: .venv/.synced ## prove on a stack's table that the promises hold (STACK=… for a deployed one)
	@python -m operations.reconcile --stack "$(STACK)"

admin: .venv/.synced ## make the first operator (EMAIL=…, STACK=… for a deployed stack)
	@python -m operations.admin --email "$(EMAIL)" --stack "$(STACK)"

redrive: .venv/.synced ## put failed messages back (QUEUE=KeyGeneration|KeyDelivery|MailEvents, STACK=…)
	@python -m operations.redrive --queue "$(QUEUE)" --stack "$(STACK)"

clean: ## forget the local stack's state and everything built
	@rm -rf .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- environments: this project's own, and one for each tool that pins its own botocore ---

.venv/.synced: requirements/uv.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@echo "setting up .venv …"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@.venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements/uv.txt requirements/dev.txt
	@touch $@

.tools/%/.synced: requirements/%.txt .venv/.synced
	@echo "setting up .tools/$* …"
	@test -x .tools/$*/bin/python || .venv/bin/python -m venv --without-pip .tools/$*
	@.venv/bin/uv pip sync --quiet --require-hashes --python .tools/$*/bin/python requirements/$*.txt
	@touch $@
