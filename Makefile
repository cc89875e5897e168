# Every target sets up what it needs; `make test` is what CI runs.
VENV := .venv
BIN := $(VENV)/bin
.PHONY: setup dev run test lint fmt bench fuzz clean chaos soak

setup: $(VENV)/.base
dev: $(VENV)/.dev

$(VENV)/.base: requirements/base.txt pyproject.toml scripts/setup
	@scripts/setup base

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@scripts/setup dev

$(VENV)/.fuzz: requirements/fuzz.txt $(VENV)/.dev
	@scripts/setup fuzz

# Tests with a real Mailman are skipped where it cannot be installed; the line says why.
$(VENV)-mailman/.mailman: requirements/mailman.txt scripts/setup
	@scripts/setup mailman || echo "tests with a real Mailman are skipped"

run: setup
	@$(BIN)/listward demo --directory var/demo

lint: dev
	@$(BIN)/ruff check src tests bench scripts
	@$(BIN)/ruff format --check src tests bench scripts
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fmt: dev
	@$(BIN)/ruff check --fix-only --quiet src tests bench scripts
	@$(BIN)/ruff format src tests bench scripts

test: dev $(VENV)-mailman/.mailman
	@scripts/test

# Writes docs/benchmarks.md, within twenty minutes; `make bench QUICK=1` takes some minutes and only prints.
bench: dev
	@scripts/system-packages rivals || echo "rivals that could not be installed are left out"
	@$(BIN)/python -m bench $(if $(QUICK),--quick)

# Hostile mail of every size against a running gateway, the properties with fresh draws, then each parser in turn.
fuzz: $(VENV)/.fuzz
	@$(BIN)/pytest -q -m long tests/conformance
	@$(BIN)/pytest -q -m hypothesis --hypothesis-profile=fuzz -n 2
	@$(BIN)/python tests/fuzz/run.py --seconds $(or $(SECONDS),600)

# Breaks everything around a running gateway: make chaos MESSAGES=20000 SEED=7. With PAGE=docs/reliability.md its figures
# go there.
chaos: dev
	@scripts/chaos --messages $(or $(MESSAGES),5000) $(if $(SEED),--seed $(SEED)) $(if $(PAGE),--page $(PAGE)) $(CHAOS)

# Steady mail, and whether anything grows: make soak MINUTES=60 PAGE=docs/reliability.md
soak: dev
	@scripts/soak --minutes $(or $(MINUTES),10) $(if $(PAGE),--page $(PAGE))

clean:
	rm -rf $(VENV) .venv-mailman .mypy_cache .ruff_cache
