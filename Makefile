# Aisle: everything a newcomer runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8050
export CACHE_DIR ?= cache
export TF_CPP_MIN_LOG_LEVEL ?= 3
export KERAS_BACKEND ?= tensorflow
UV := 0.13.9
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

bench: $(VENV)/.bench  ## measure speed, memory, size and quality (see benchmarks/README.md)
	@$(BIN)/python -m benchmarks

screenshots: $(VENV)/.dev $(VENV)/.browser  ## take the README's pictures again
	@$(BIN)/python -m docs.screenshots

lint: $(VENV)/.dev $(VENV)/audit.txt  ## linter, formatter check, type checker, import rules; licences where PyPI can be asked
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

# Strict, because without it an audit that could look nothing up says that it found nothing.
define AUDIT
$(BIN)/pip install --quiet uv==$(UV) \
	&& $(BIN)/uv run --isolated --no-project --with-requirements requirements.txt --with pip-licenses==$(PIP_LICENSES) \
		pip-licenses --order=license --format=markdown \
	&& $(BIN)/uv tool run pip-audit@$(PIP_AUDIT) --strict --disable-pip --require-hashes --requirement requirements.txt
endef

audit: | $(VENV)/.made  ## licences and known vulnerabilities of what is deployed (asks PyPI)
	@$(AUDIT)

# For lint: asked anew only when the requirements change, and never a reason to fail, because what the world finds must not break
# a tree that hasn't changed. In CI `make audit` runs by itself, and fails.
$(VENV)/audit.txt: requirements.txt | $(VENV)/.made
	@($(AUDIT)) > $@ 2>&1 || echo "make audit found something, or can't ask PyPI from here; $@ has what it says."

lock: $(VENV)/.dev  ## pin what pyproject.toml needs, by version and hash
	@$(BIN)/pip install --quiet uv==$(UV)
	@extras=; for extra in "" precompute dev bench; do \
		name=requirements$${extra:+-$$extra}.txt; \
		extras="$$extras $${extra:+--extra $$extra}"; \
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

$(VENV)/.bench: requirements-bench.txt | $(VENV)/.dev
	@echo "Installing what benchmarks measure with (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

$(VENV)/.browser: | $(VENV)/.dev
	@sh tests/browser/install.sh $(BIN)/python
	@touch $@
