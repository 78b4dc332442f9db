# Aisle: everything a newcomer runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8050
export CACHE_DIR ?= cache
export TF_CPP_MIN_LOG_LEVEL ?= 3
export KERAS_BACKEND ?= tensorflow
PIP_AUDIT := 2.10.1
PIP_LICENSES := 5.5.0

.DEFAULT_GOAL := help
.PHONY: help run test setup precompute demo bench screenshots lint audit lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.dashboard  ## serve the lookup tables in CACHE_DIR (cache/) on PORT (8050)
	@$(BIN)/python -m dashboard

test: $(VENV)/.dev $(VENV)/.browser lint  ## lint, type-check and run every test
	@$(BIN)/python -m pytest

setup: $(VENV)/.dev  ## install everything into .venv

precompute: $(VENV)/.dev  ## rebuild the demo shop's lookup tables, and measure them
	@$(BIN)/python -m precompute build demo/shop/shop.toml --cache cache --work .work/demo
	@$(BIN)/python -m precompute evaluate demo/shop/shop.toml --cache cache --work .work/demo

demo: $(VENV)/.dev  ## draw the demo shop again from its seed
	@$(BIN)/python -m demo

bench: $(VENV)/.dev  ## measure speed, memory and quality (see benchmarks/README.md)
	@$(BIN)/python -m benchmarks

screenshots: $(VENV)/.dev $(VENV)/.browser  ## take the README's pictures again
	@$(BIN)/python -m docs.screenshots

lint: $(VENV)/.dev  ## linter, formatter check, type checker and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

audit: | $(VENV)/.made  ## licences and known vulnerabilities of what is deployed (asks PyPI)
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv run --isolated --no-project --with-requirements requirements.txt --with pip-licenses==$(PIP_LICENSES) \
		pip-licenses --order=license --format=markdown
# Strict, because without it an audit that could look nothing up says that it found nothing.
	@$(BIN)/uv tool run pip-audit@$(PIP_AUDIT) --strict --disable-pip --require-hashes --requirement requirements.txt

lock: $(VENV)/.dev  ## pin what pyproject.toml needs, by version and hash
	@$(BIN)/pip install --quiet uv
	@for extra in "" precompute dev; do \
		name=requirements$${extra:+-$$extra}.txt; \
		if [ "$$extra" = dev ]; then extras="--extra precompute --extra dev"; else extras="$${extra:+--extra $$extra}"; fi; \
		$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-header \
			--no-emit-find-links --generate-hashes --annotation-style line $$extras --output-file $$name; \
	done

clean:  ## remove .venv and every intermediate result (not the lookup tables)
	rm -rf $(VENV) .work

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit("Aisle needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "Making .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.dashboard: requirements.txt | $(VENV)/.made
	@echo "Installing the dashboard (once, a minute or so) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/.made
	@echo "Installing precompute and the test tools (once, a few minutes) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.dashboard

$(VENV)/.browser: | $(VENV)/.dev
	@sh tests/browser/install.sh $(BIN)/python
	@touch $@
