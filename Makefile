# Two commands on a fresh machine with Python 3.11+ and make: `make book`, `make test`.
# Without make: see "Without make (Windows)" in README.md.
PYTHON ?= python3
BIN = .venv/bin
HANDBOOK = $(BIN)/handbook

.PHONY: help book serve lab notebooks check test bench bench-statistics fuzz clean setup

help:            ## what this file can do
	@sed -n 's/^\([a-z-]*\): .*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup:           ## make .venv and install what is locked (done by the others)
	@$(PYTHON) scripts/bootstrap.py

book: setup      ## build the book into _build/html
	@$(HANDBOOK) book

serve: setup     ## show the built book in a browser, on this machine only
	@$(HANDBOOK) serve

lab: setup       ## open the notebooks in JupyterLab
	@$(HANDBOOK) lab

notebooks: setup ## execute the notebooks in place
	@$(HANDBOOK) notebooks

check: setup     ## lint, and check that everything generated is up to date
	@$(HANDBOOK) check

test: setup      ## run every test
	@$(HANDBOOK) test

bench: setup     ## measure importing, --help and drawing (minutes; not part of the tests)
	@$(BIN)/python scripts/bench.py

bench-statistics: setup ## measure the statistics on public data (minutes; needs $REAL_DATASETS)
	@$(BIN)/python scripts/bench_statistics.py

fuzz: setup      ## damage samples of every export at random for five minutes
	@$(BIN)/python tests/fuzz/fuzz.py

clean:           ## remove what was built (stores and your copies in work/ stay)
	@if [ -x $(HANDBOOK) ]; then $(HANDBOOK) clean; else rm -rf _build; fi
