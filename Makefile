# make train | app | test | test-all | test-each-backend | test-backends | test-app |
#     fuzz | lint | docs | docs-links | dist | check-dist | gpu-check | saved-models |
#     hand-signs
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --constraint constraints.txt
# In two processes; the tests of a file stay together, for they share what is trained.
PYTEST = $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

.PHONY: train app test test-all test-each-backend test-backends test-app screenshots \
    measure-app fuzz lint docs docs-links dist check-dist gpu-check saved-models \
    hand-signs clean

train: $(VENV)/train
	$(BIN)/python -m ssvae.train --labels 100

app: $(VENV)/app
	$(BIN)/ssvae app

# What takes minutes is left out.
test: $(VENV)/test
	$(PYTEST)

test-all: $(VENV)/test
	$(PYTEST) -m ""

# What a backend may do in another way, on the two that `make test` does not use, and
# models that one backend saved and another opens.
test-each-backend: $(VENV)/test $(VENV)/backends
	KERAS_BACKEND=jax $(PYTEST) -m "each_backend and not slow"
	KERAS_BACKEND=torch $(PYTEST) -m "each_backend and not slow"
	$(PYTEST) -m "slow and each_backend" tests/saving

test-backends: $(VENV)/test $(VENV)/backends
	KERAS_BACKEND=jax $(PYTEST) -m ""
	KERAS_BACKEND=torch $(PYTEST) -m ""

# These three need Chromium: apt-get install chromium.
test-app: $(VENV)/app-test
	$(BIN)/python -m pytest --override-ini addopts= tests/browser

screenshots: $(VENV)/app-test
	$(BIN)/python tests/browser/screenshots.py build/screenshots

measure-app: $(VENV)/app-test
	$(BIN)/python tests/browser/measure.py

fuzz: $(VENV)/test
	$(BIN)/python tests/fuzzing.py

lint: $(VENV)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms \
	    .github/ISSUE_TEMPLATE/*
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff

# The site, build/docs/index.html. Pages and headings that links name must exist.
docs: $(VENV)/docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky docs build/docs

# Links to other sites: needs a network.
docs-links: $(VENV)/docs
	$(BIN)/python -m sphinx --builder linkcheck docs build/links

# Wheels and source distributions of ssvae and ssvae-core.
dist: $(VENV)/release
	rm -rf dist
	$(BIN)/python release/distributions.py dist
	$(BIN)/twine check --strict dist/*

# Each distribution in a fresh environment: it trains, predicts and generates.
check-dist: $(VENV)/release
	$(BIN)/python release/check.py

# With whatever Python has Keras and one of its backends: make gpu-check PYTHON=...
gpu-check:
	$(PYTHON) benchmarks/gpu.py

# Needs Fashion-MNIST: apt-get install dataset-fashion-mnist.
saved-models: $(VENV)/train hand-signs
	$(BIN)/python -m ssvae.train --labels 100 --out saved_models/mnist-100 --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/mnist-100 --unusual fashion-mnist
	$(BIN)/python -m ssvae.train --config configs/fashion.toml --labels 1000 \
	    --out saved_models/fashion-mnist-1000 --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/fashion-mnist-1000 --unusual mnist
	$(BIN)/python -m ssvae.train --config configs/density.toml \
	    --out saved_models/density --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/density --samples 5000
	$(BIN)/python benchmarks/maps.py saved_models/*-100* saved_models/density

# Needs a clone of the photographs, see saved_models/README.md.
hand-signs: $(VENV)/train
	$(BIN)/python -m ssvae.train --dataset Sign-Language-Digits-Dataset/Dataset \
	    --labels 100 --test-fraction 0.2 --out saved_models/hand-signs-100 --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/hand-signs-100 --likelihood-images 100

clean:
	rm -rf $(VENV)

# Each stamp stands for an environment that holds what its name needs.
$(VENV)/train: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable .
	touch $@

$(VENV)/%: $(VENV)/train
	$(INSTALL) --editable .[$*]
	touch $@
