# make train | app | test | test-backends | test-app | fuzz | lint | gpu-check |
#     saved-models
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: train app test test-backends test-app screenshots measure-app fuzz lint \
    gpu-check saved-models clean

train: $(VENV)/train
	$(BIN)/python -m ssvae.train --labels 100

app: $(VENV)/train
	$(BIN)/streamlit run app/streamlit_app.py

test: $(VENV)/test
	$(BIN)/python -m pytest

test-backends: $(VENV)/backends
	KERAS_BACKEND=jax $(BIN)/python -m pytest
	KERAS_BACKEND=torch $(BIN)/python -m pytest

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

# With whatever Python has Keras and one of its backends: make gpu-check PYTHON=...
gpu-check:
	$(PYTHON) benchmarks/gpu.py

# Needs Fashion-MNIST: apt-get install dataset-fashion-mnist.
saved-models: $(VENV)/train
	$(BIN)/python -m ssvae.train --labels 100 --out saved_models/mnist-100 --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/mnist-100 --unusual fashion-mnist
	$(BIN)/python -m ssvae.train --config configs/fashion.toml --labels 1000 \
	    --out saved_models/fashion-mnist-1000 --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/fashion-mnist-1000 --unusual mnist
	$(BIN)/python -m ssvae.train --config configs/density.toml \
	    --out saved_models/density --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/density --samples 5000

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
