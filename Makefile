# make train | test | test-backends | lint | saved-models
PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: train test test-backends lint saved-models clean

train: $(VENV)/train
	$(BIN)/python -m ssvae.train --labels 100

test: $(VENV)/test
	$(BIN)/python -m pytest

test-backends: $(VENV)/backends
	KERAS_BACKEND=jax $(BIN)/python -m pytest
	KERAS_BACKEND=torch $(BIN)/python -m pytest

lint: $(VENV)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

saved-models: $(VENV)/train
	$(BIN)/python -m ssvae.train --labels 100 --out saved_models/mnist-100 --overwrite
	$(BIN)/python -m ssvae.evaluate saved_models/mnist-100

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
