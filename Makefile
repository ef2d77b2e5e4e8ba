# The commands of the project; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
BIN := $(VENV)/bin
PINS := pins/dev.txt
export NO_MKDOCS_2_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: env ## build the site and serve it with live reload (PORT=8000)
	$(BIN)/mkdocs serve --livereload --dev-addr 127.0.0.1:$(PORT)

test: env ## run every test, those of the pages included
	$(BIN)/pytest

site: env ## build the site strictly, into site/
	$(BIN)/mkdocs build --strict

lint: env ## check style, spelling and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

pins: env ## resolve the pinned versions again
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet --output-file $(PINS)

# The environment is made again when the contents of the pins change, and only then.
env:
	@cmp -s $(PINS) $(VENV)/pins.txt || { \
	  echo "making $(VENV) from $(PINS)" && $(PYTHON) -m venv --clear $(VENV) && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $(PINS) && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . && \
	  cp $(PINS) $(VENV)/pins.txt; }

.PHONY: help serve test site lint pins env
.DEFAULT_GOAL := help
