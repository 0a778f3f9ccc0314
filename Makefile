# Two commands: `make start` and `make test`. Everything lives in .venv of this checkout.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
LAB ?= defend-your-runs
BIN := .venv/bin
# Set on some machines; it makes every interpreter compile everything again at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: start test panel lint unit integration packaging hostile fuzz faults validate benchmarks site site-serve site-zensical reference lock z2jh clean

start: .venv/runtime-ready
	@! panel/npm --can || $(MAKE) --no-print-directory panel || echo "The panel could not be built: the lab starts without it."
	@$(BIN)/mlops start $(LAB)

test: lint unit integration packaging

lint: .venv/dev-ready panel
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m mlops_labs.site --check
	@panel/npm run --silent lint

unit: .venv/dev-ready
	$(BIN)/pytest tests/unit

# A third of the hostile submissions and of the labs' further cases, another one each day; `make hostile` and
# `make validate` take all.
integration: .venv/dev-ready panel
	MLOPS_THIRD=$(or $(THIRD),$(shell date +%j | sed 's/^0*//')) $(BIN)/pytest tests/integration --durations=40 --durations-min=10

packaging: .venv/dev-ready panel
	$(BIN)/pytest tests/packaging

# The learner's panel in JupyterLab: what is built is in mlops_labs/panel/labextensions, for images and wheels.
PANEL := mlops_labs/panel/labextensions/mlops-labs-panel/package.json
panel: $(PANEL)

$(PANEL): panel/node_modules/.package-lock.json panel/tsconfig.json $(wildcard panel/src/* panel/style/* panel/schema/*)
	@echo "Building JupyterLab's panel for labs ..."
	@panel/npm run --silent build
	@touch $@

panel/node_modules/.package-lock.json: panel/package.json panel/package-lock.json panel/.npmrc
	@echo "Installing what the panel is built with (about 400 MB, once) ..."
	@panel/npm ci --silent
	@touch $@

# Every hostile submission among honest ones, through the real batch; only some with ONLY="mlflow kernel/".
hostile: .venv/dev-ready
	MLOPS_HOSTILE="$(ONLY)" $(BIN)/pytest tests/integration/test_hostile_batch.py

# The fuzz tests of `make unit`, searching a hundred times as long.
fuzz: .venv/dev-ready
	HYPOTHESIS_PROFILE=long $(BIN)/pytest tests/unit -k fuzz

# Each accident of the platform twenty times, at random moments: about an hour and a quarter.
faults: .venv/dev-ready
	MLOPS_FAULT_REPEATS=$(or $(REPEATS),20) $(BIN)/pytest tests/integration/test_faults.py

# Every case of every lab; `make test` runs some of the wrong ones.
validate: .venv/runtime-ready
	$(BIN)/mlops lab validate

# The static site in build/site; it works from there, from a subpath and from a server.
site: .venv/dev-ready
	$(BIN)/python -m mlops_labs.site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

site-serve: site
	@echo "The site is at http://127.0.0.1:8001; Ctrl-C ends it."
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site 8001

# Another generator reads the same Markdown; nothing depends on it yet.
site-zensical: .venv/dev-ready
	sed 's#: build/site-source#: site-source#; s#: build/site$$#: site-zensical#' mkdocs.yml > build/zensical.yml
	$(BIN)/zensical build --config-file build/zensical.yml

# docs/reference/ from the code; `make lint` tells when it is out of date.
reference: .venv/dev-ready
	$(BIN)/python -m mlops_labs.site --reference

benchmarks: .venv/dev-ready
	$(BIN)/python -m benchmarks

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Python 3.11 is needed. Install it, or run: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv .venv

# --no-deps: the lock is complete, and leaves out one package on purpose (requirements/overrides.txt).
.venv/runtime-ready: .venv/bin/python requirements/runtime.txt requirements/build.txt pyproject.toml
	@echo "Installing the packages (about 800 MB, once) ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# What labs on production need: the lock of the image that has the same, without what is here already.
OPS := sandbox/images/ops
.venv/ops-ready: .venv/runtime-ready $(OPS)/requirements.txt $(OPS)/npm.txt
	@echo "Installing what labs on production need (about 190 MB, once) ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r $(OPS)/requirements.txt
	@$(BIN)/python -m sandbox.npm
	@$(BIN)/python -m sandbox.evidently_mend
	@touch $@

# What a class on JupyterHub needs; see docs/how-to/class-hub.md.
.venv/hub-ready: .venv/runtime-ready requirements/hub.txt
	@echo "Installing JupyterHub and its proxy (about 60 MB, once) ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/hub.txt
	@touch $@

.venv/dev-ready: .venv/ops-ready .venv/hub-ready requirements/dev.txt
	@echo "Installing the tools for development ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

# Needs uv. The locks hold hashes and no addresses, so any mirror serves.
UV_LOCK := uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-find-links --no-header
lock:
	$(UV_LOCK) --override requirements/overrides.txt pyproject.toml -o requirements/runtime.txt
	$(UV_LOCK) requirements/build.in -o requirements/build.txt
	$(UV_LOCK) --override requirements/overrides.txt requirements/dev.in -o requirements/dev.txt
	$(UV_LOCK) --override requirements/overrides.txt -c requirements/runtime.txt \
		sandbox/images/lab/requirements.in -o sandbox/images/lab/requirements.txt
	$(UV_LOCK) --override requirements/overrides.txt -c requirements/runtime.txt \
		$$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' sandbox/images/lab/requirements.txt) \
		$(OPS)/requirements.in -o $(OPS)/requirements.txt
	$(UV_LOCK) --override requirements/overrides.txt -c requirements/runtime.txt -c $(OPS)/requirements.txt \
		$$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements/runtime.txt) \
		requirements/hub.in -o requirements/hub.txt
	$(UV_LOCK) --override requirements/overrides.txt -c requirements/runtime.txt -c requirements/hub.txt -c $(OPS)/requirements.txt \
		$$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' sandbox/images/lab/requirements.txt) \
		sandbox/images/hub/requirements.in -o sandbox/images/hub/requirements.txt

# Validates and renders the values for Kubernetes with Helm; CHART is a folder or archive of the chart, or a name that
# Helm knows, e.g. make z2jh CHART=jupyterhub/jupyterhub
z2jh:
	helm template class $(or $(CHART),$(error name the chart: make z2jh CHART=jupyterhub/jupyterhub)) --values deploy/z2jh/values.yaml

clean:
	rm -rf .venv build dist panel/node_modules panel/lib mlops_labs/panel/labextensions .mypy_cache .ruff_cache .pytest_cache
