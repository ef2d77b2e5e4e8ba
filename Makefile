# The commands of the project; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
BIN := $(VENV)/bin
FRAMEWORKS := .venv-frameworks
export NO_MKDOCS_2_WARNING := 1

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: env ## build the site and serve it with live reload (PORT=8000)
	$(BIN)/mkdocs serve --dirty --livereload --dev-addr 127.0.0.1:$(PORT)

test: env ## run every test, those of the pages included, on two cores
	$(BIN)/pytest -n 2

update: env ## write anew what the pages show from code, and list what to read again
	$(BIN)/pytest --update-docs docs README.md deconvlib $$(grep -rlE '[(, ]generated[,)]' tests --include='test_*.py')

site: env ## build the site strictly, into site/
	$(BIN)/mkdocs build --strict

live: env ## fetch Python for the page, once (about 80 MB): blocks of the site can then be run and edited in it
	$(BIN)/python -m docs_tools.live.fetch $(if $(FROM),--from $(FROM))

live-test: env live ## run every block of every page in a browser, by clicking
	LIVE_PAGES=all $(BIN)/pytest tests/test_live.py

mutants: env ## change the package, one place at a time: does a test notice? (ONLY="deconvlib.geometry*" for a part)
	$(BIN)/pip install --quiet mutmut==3.8.1
	PYTHONPATH= $(BIN)/mutmut run $(ONLY)
	$(BIN)/mutmut results

SEED ?= $(shell date +%s)
fuzz: env ## the laws on many more random cases, and random calls under stress, for minutes (SEED=7 EXAMPLES=3000 MINUTES=2)
	EXAMPLES=$(or $(EXAMPLES),3000) $(BIN)/pytest --hypothesis-profile=fuzz --hypothesis-seed=$(SEED) $$(grep -l '@given' tests/*.py)
	PYTHONPATH=. $(BIN)/python benchmarks/fuzz.py $(MINUTES)

SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema
lint: env ## check style, formatting, spelling, types, and the workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/zizmor --quiet --offline --persona auditor .github
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(SCHEMA) vendor.github-issue-forms .github/ISSUE_TEMPLATE/wrong-answer.yml .github/ISSUE_TEMPLATE/unclear-page.yml
	$(SCHEMA) vendor.citation-file-format CITATION.cff

conformance: env-frameworks ## ask every framework the published grid, and run the pages' blocks of all frameworks
	$(FRAMEWORKS)/bin/python -m benchmarks.conformance
	$(FRAMEWORKS)/bin/pytest docs tests/test_conformance.py tests/test_frameworks_live.py tests/test_explorer_frameworks.py tests/test_terminal.py

RESOLVE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header --quiet --upgrade
pins: env ## resolve the pinned versions again
	$(BIN)/pip install --quiet uv
	$(RESOLVE) pyproject.toml --group dev --output-file pins/dev.txt
	$(RESOLVE) pyproject.toml --group frameworks --constraint pins/dev.txt --no-emit-package torch --output-file pins/frameworks.txt
	echo $(TORCH) | $(RESOLVE) - --no-config --constraint pins/frameworks.txt --output-file pins/torch.txt

audit: env ## ask for known vulnerabilities of the pinned packages (asks a service on the network)
	$(BIN)/pip install --quiet pip-audit
	$(BIN)/pip-audit --strict --requirement pins/dev.txt --require-hashes --disable-pip

release: env ## tag this version and push the tag: the workflow builds, tests and publishes it
	git diff --quiet HEAD
	$(BIN)/pytest tests/test_packaging.py
	git tag --annotate "v$$($(BIN)/hatchling version)" --message "Version $$($(BIN)/hatchling version)"
	git push origin "v$$($(BIN)/hatchling version)"

bench: env-frameworks ## time the fast method against every framework (LAYERS="toy conv3s1" for some)
	PYTHONPATH=. $(FRAMEWORKS)/bin/python benchmarks/bench.py $(LAYERS)

# An environment is made again when the contents of its pins change, and only then: directory, pins, what else to install.
define environment
	@cat $(2) | cmp -s - $(1)/pins.txt || { \
	  echo "making $(1) from $(2)" && $(PYTHON) -m venv --clear $(1) && \
	  $(1)/bin/$(INSTALL) --require-hashes --requirement $(firstword $(2)) && \
	  $(if $(3),{ $(3); } &&) \
	  $(1)/bin/$(INSTALL) --no-deps --no-build-isolation --editable . && \
	  cat $(2) > $(1)/pins.txt; }
endef
INSTALL := pip install --quiet --disable-pip-version-check

env:
	$(call environment,$(VENV),pins/dev.txt)

# torch comes last and alone.  On Linux its build for CPUs is the one to have, where pip is configured to find it; it has
# a version of its own (+cpu), so a hash of its own, and may be an older one.  Elsewhere it is what the registry has, which
# runs without a GPU as well; on Linux it brings the libraries of CUDA along (5 GB).
TORCH := torch==2.14.1
env-frameworks:
	$(call environment,$(FRAMEWORKS),pins/frameworks.txt pins/torch-cpu.txt pins/torch.txt,\
	  $(FRAMEWORKS)/bin/$(INSTALL) --no-deps --require-hashes --requirement pins/torch-cpu.txt 2>/dev/null || \
	  $(FRAMEWORKS)/bin/$(INSTALL) --require-hashes --requirement pins/torch.txt)

.PHONY: audit fuzz release help serve live live-test test update bench conformance site lint mutants pins env env-frameworks
.DEFAULT_GOAL := help
