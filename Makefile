# Needs make and Python 3.11 or newer; everything else goes into .venv.
PYTHON ?= python3
TESTFLAGS ?=
SWEEPFLAGS ?=

BIN := .venv/bin
READY := .venv/.ready
VSCODE := editors/vscode

.PHONY: help demo test test-editors lint bench faults fuzz docs vsix lock

help:
	@echo "make demo    check the prompts in samples/"
	@echo "make test    run the tests (TESTFLAGS='-n auto -k name' is handed to pytest)"
	@echo "make lint    style, types, import contracts"
	@echo "make vsix    build editors/vscode/promptls.vsix (needs npm)"
	@echo "make test-editors   drive the real editors; what cannot be had is skipped, and fails under CI"
	@echo "make bench   measure speed and memory"
	@echo "make faults  kill, damage and lock the index and the history a hundred times (about 20 minutes)"
	@echo "make fuzz    ask every feature everywhere, and compare random files with the references (about 15 minutes)"
	@echo "make docs    renew what is generated: rules/README.md, the settings and snippets of editors/vscode"
	@echo "make lock    renew requirements.lock (needs uv)"

demo: $(READY)
	@echo "== samples/: prompts to learn from. Nothing should be wrong with them. =="
	@$(BIN)/promptls check $(filter-out samples/broken/,$(wildcard samples/*/ samples/*.prompt))
	@echo
	@echo "== samples/broken/: one common mistake each, and what promptls says about it. =="
	@$(BIN)/promptls check --exit-zero samples/broken

test: $(READY)
	$(BIN)/python -m pytest $(TESTFLAGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(READY)
	$(BIN)/python tests/bench/run.py

faults: $(READY)
	FAULT_RUNS=100 $(BIN)/python -m pytest tests/store/test_faults.py tests/store/test_history_faults.py -v -s $(TESTFLAGS)

# SWEEPFLAGS='--variants 20 --seconds 60' looks at less.
fuzz: $(READY)
	$(BIN)/python tests/ide/sweep.py $(SWEEPFLAGS)
	$(BIN)/python tests/syntax/fuzz_handlebars.py
	$(BIN)/python tests/language/fuzz_render.py
	$(BIN)/python tests/ide/fuzz_formatting.py

test-editors: $(READY)
	$(BIN)/python -m pytest tests/editors $(TESTFLAGS)

vsix: $(READY) $(VSCODE)/node_modules/.ready
	$(BIN)/python $(VSCODE)/scripts/bundle.py
	cp CHANGELOG.md LICENSE $(VSCODE)
	npm --prefix $(VSCODE) run --silent check
	npm --prefix $(VSCODE) run --silent build
	cd $(VSCODE) && npx --no-install vsce package --no-dependencies --allow-missing-repository --out promptls.vsix

$(VSCODE)/node_modules/.ready: $(VSCODE)/package-lock.json
	npm ci --prefix $(VSCODE) --no-audit --no-fund
	@touch $@

# By way of a file, so that a failure leaves the page as it was.
docs: $(READY)
	$(BIN)/python -m promptls.lint.documentation > rules/README.new
	@mv rules/README.new rules/README.md
	$(BIN)/python -m promptls.lint.pack_model > rules/pack.new
	@mv rules/pack.new rules/pack.schema.json
	$(BIN)/python $(VSCODE)/scripts/generate.py

# The lock holds hashes and neither addresses nor host names, and fits every supported Python.
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--output-file requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "promptls needs Python 3.11 or newer, and '$(PYTHON)' is not: try make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up .venv; this happens once and takes about a minute."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
