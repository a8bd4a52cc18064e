# make demo and make test set up what they need; everything lands in .venv and build/.

PYTHON ?= python3
BIN := .venv/bin
BENCH = PYTHONPATH=build/bench/python:benchmarks $(BIN)/python
PROGRAMS = build/bench/benchmarks/bench
LOGGER = $(PROGRAMS)_workspace_logging
CPP = $(shell git ls-files --cached --others --exclude-standard '*.hpp' '*.cpp')

.PHONY: demo test test-all setup build asan tsan bench format lint clean

demo:
	@$(PYTHON) tools/setup.py demo
	@$(BIN)/python examples/california_housing/run.py

test:
	@$(PYTHON) tools/setup.py test
	@$(BIN)/python tools/run_tests.py

test-all:
	@$(PYTHON) tools/setup.py all
	@$(BIN)/python tools/run_tests.py --all

setup build:
	@$(PYTHON) tools/setup.py test

# The C++ tests under a sanitizer.
asan tsan:
	@$(PYTHON) tools/setup.py test
	@cmake --preset $@ -G Ninja > /dev/null
	@cmake --build build/$@
	@ctest --test-dir build/$@ -LE 'long|install|rooms' --output-on-failure -j $$(nproc)

bench:
	@$(PYTHON) tools/setup.py bench
	@cmake --preset bench -G Ninja -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python > /dev/null
	@cmake --build build/bench
	@test -d build/peers || $(BIN)/python -m venv build/peers
	@build/peers/bin/pip install --quiet -r requirements/peers.txt
	@test -d build/peers_inference || $(BIN)/python -m venv build/peers_inference
	@build/peers_inference/bin/pip install --quiet --no-deps -r requirements/inference.txt
	@for program in $(PROGRAMS)_*; do $$program || exit 1; done
	@$(BENCH) benchmarks/store/interaction_log.py $(LOGGER) --json build/bench/interaction_log.json
	@$(BENCH) benchmarks/store/queries.py $(LOGGER) --json build/bench/queries.json
	@$(BENCH) benchmarks/store/registry.py --json build/bench/registry.json
	@$(BENCH) benchmarks/stats/drift.py --json build/bench/drift.json
	@$(BENCH) benchmarks/inference/classical.py --peers build/peers_inference --json build/bench/classical.json
	@for script in overhead mlp pipeline loading; do $(BENCH) benchmarks/inference/$$script.py --json build/bench/$$script.json || exit 1; done
	@$(BENCH) benchmarks/inference/libtorch.py $(PROGRAMS)_torch_predict --json build/bench/libtorch.json
	@$(BENCH) benchmarks/stats/growth.py --json build/bench/growth.json
	@PYTHONPATH=build/bench/python:benchmarks build/peers/bin/python benchmarks/stats/profiles.py $(PROGRAMS)_stats_sketch $(PROGRAMS)_stats_feed --seeds 20 --json build/bench/profiles.json

format:
	@$(PYTHON) tools/setup.py lint
	@$(BIN)/clang-format -i $(CPP)
	@$(BIN)/ruff format python tests tools examples
	@$(BIN)/ruff check --fix python tests tools examples

lint:
	@$(PYTHON) tools/setup.py lint
	@$(PYTHON) tools/check_includes.py
	@$(PYTHON) tools/check_clocks.py
	@$(BIN)/clang-format --dry-run --Werror $(CPP)
	@$(BIN)/ruff format --check python tests tools examples
	@$(BIN)/ruff check python tests tools examples
	@$(BIN)/mypy

clean:
	rm -rf build
