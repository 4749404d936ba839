# Two commands set up everything: `make demo` for users, `make test` for developers and CI.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Else each of the hundreds of processes that the tests start would compile pyrhi anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-quick coverage kernels lint types docs bench fuzz clean

KERNELS := $(wildcard pyrhi/imagej/*.pxd pyrhi/io/*.pxd pyrhi/io/*/*.pxd)

# Compiled anew where a kernel changed.
$(VENV)/.stamp-demo: pyproject.toml hatch_build.py $(KERNELS) $(KERNELS:.pxd=.py)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.stamp-test: $(VENV)/.stamp-demo
	$(BIN)/python -m pip install --quiet --editable ".[all]" --group test
	touch $@

$(VENV)/.stamp-docs: $(VENV)/.stamp-demo
	$(BIN)/python -m pip install --quiet --group docs
	touch $@

# Windows, a browser and a JDK for the tests; installed where a command is missing.
$(VENV)/.stamp-system: tests/system-packages.txt $(VENV)/.stamp-demo
	@missing=$$(grep -v '^#' $< | while read -r command package; do \
	  command -v "$$command" >/dev/null || echo "$$package"; done); \
	if [ -n "$$missing" ]; then \
	  apt-get update --quiet=2 && DEBIAN_FRONTEND=noninteractive \
	  apt-get install --quiet=2 --yes --no-install-recommends $$missing || \
	  { echo "make test needs these packages; install them as root:" $$missing >&2; exit 1; }; \
	fi
	touch $@

demo: $(VENV)/.stamp-demo
	$(BIN)/pyrhi demo

lint: $(VENV)/.stamp-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.stamp-test
	$(BIN)/mypy

COVERAGE ?=
test: $(VENV)/.stamp-test $(VENV)/.stamp-docs $(VENV)/.stamp-system
	# Each uses one core; what one says stays together.
	$(MAKE) --jobs 2 --output-sync=target --no-print-directory docs types lint
	# Fetches the jars before two workers would do so at the same time.
	$(BIN)/pyrhi doctor
	cd tests && ../$(BIN)/python -c "from rigs.scijava import needed_jars; needed_jars()"
	$(BIN)/pytest -n 2 --dist loadfile $(if $(COVERAGE),--cov --cov-report=term)
	$(MAKE) kernels

# The kernels as plain Python: the same results, and coverage that sees them. Thresholds have none.
kernels: $(VENV)/.stamp-test
	rm -rf build/uncompiled && mkdir -p build/uncompiled
	cp -r pyrhi tests conftest.py pyproject.toml build/uncompiled
	find build/uncompiled -name '*.so' -delete
	cd build/uncompiled && PYTHONPATH=$$PWD ../../$(BIN)/pytest -n 2 --dist worksteal \
	  tests/imagej tests/batch/test_quick.py pyrhi/imagej --ignore tests/imagej/thresholds \
	  $(if $(COVERAGE),--cov=pyrhi.imagej --cov-report=term) -p no:cacheprovider

# All tests, and which lines they run: half as long again.
coverage:
	$(MAKE) test COVERAGE=1

# The daily loop: pure Python, no Java, no browser, no cluster.
test-quick: $(VENV)/.stamp-test
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

# The site, with every link and anchor checked.
docs: $(VENV)/.stamp-docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --nitpicky docs build/site

# The long fuzzing: seconds for each reader.
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.stamp-test
	$(BIN)/python tests/fuzz/fuzz_readers.py --seconds $(FUZZ_SECONDS)

bench: $(VENV)/.stamp-test
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build pyrhi-demo
	find pyrhi -name '*.so' -delete
