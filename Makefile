# One-line targets. PYTHON: interpreter of the virtual environment made by `make venv`; CORES: for the workflow.
VENV ?= .venv
CORES ?= all
PYTHON ?= python3
# Arguments of pip for torch, such as the index of its CPU builds (README).
TORCH_ARGS ?=
# The run whose results docs/ shows.
RUN ?= results/laptop
# Tests of test-rounding.
ROUNDING ?= $(addprefix tests/lofi/,field models solvers)
PLAIN_SNAKEMAKE = $(VENV)/bin/python -m snakemake
SNAKEMAKE = PYTHONPATH=workflow/logger $(PLAIN_SNAKEMAKE) --logger lofi --cores $(CORES)

# The report opens on workflow/report/workflow.rst instead of the graph of rules.
LOOK = --report-metadata "$(CURDIR)/workflow/report/first_page.yaml" --report-stylesheet "$(CURDIR)/workflow/report/report.css"

PRODUCTS = paper paper_runtimes paper_results_page runtimes results_page opening verdicts check_models # of everything

.PHONY: run paper smoke paper-plan dag docs ship-priors results-page test test-rounding test-paper test-slurm lint package venv unlock clean

run: venv ## simulate, train, score, map, draw; then results/laptop/report.html
	$(SNAKEMAKE)
	$(PLAIN_SNAKEMAKE) --report "$(CURDIR)/results/laptop/report.html" $(LOOK) --quiet all
	@echo "Done: open results/laptop/report.html; tables, figures and FITS files are beside it."

paper: venv ## every figure and table of the paper, verdicts on its claims, results/laptop/report.html; hours
	$(SNAKEMAKE) paper

smoke: venv ## every rule of `make run` in three minutes
	$(SNAKEMAKE) --configfile config/smoke.yaml

paper-plan: venv ## what the published setting would run
	$(SNAKEMAKE) --configfile config/paper.yaml --dry-run --quiet rules host

dag: venv ## docs/images/dag.png, the rules of all figures and tables; needs graphviz
	$(PLAIN_SNAKEMAKE) paper --rulegraph dot --nolock --quiet all \
		| gvpr -c 'N {if ($(foreach rule,$(PRODUCTS),$$.label == "$(rule)" ||) 0) delete($$G, $$); else $$.color = "black"}' \
		| tred | dot -Grankdir=LR -Granksep=0.35 -Gnodesep=0.12 -Nheight=0.25 -Gdpi=130 -Npenwidth=1 -Epenwidth=1 -Tpng -o docs/images/dag.png

docs: venv ## the documentation as a site: build/docs/index.html; a broken link or a missing docstring stops it
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[docs]'
	$(VENV)/bin/ruff check --quiet --select D100,D101,D103,D104 lofi simulations workflow
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --quiet --strict

ship-priors: venv ## lofi/priors: the networks that come with the package, trained from seeds where RUN lacks them
	$(SNAKEMAKE) priors --directory "$(RUN)"
	$(VENV)/bin/python -m workflow.ship_priors "$(RUN)"/priors/*

results-page: venv ## docs/results.md, docs/scoreboard.md and the pictures of docs/ from the run in RUN
	$(VENV)/bin/python docs/from_run.py "$(RUN)"

test: venv
	$(VENV)/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-paper: venv ## the whole paper at smoke scale, killed and resumed once; some minutes
	$(VENV)/bin/python -m pytest tests/paper

test-rounding: venv ## the networks and solvers with each instruction set of this processor, one and two threads
	for set in default $$(grep -ow 'avx2\|avx512f' /proc/cpuinfo | sort -u | sed 's/f$$//'); do for threads in 1 2; do \
		OMP_WAIT_POLICY=PASSIVE ATEN_CPU_CAPABILITY=$$set OMP_NUM_THREADS=$$threads $(VENV)/bin/python -m pytest $(ROUNDING) \
		|| exit 1; done; done

test-slurm: venv ## the workflow through a real SLURM of this machine, as root; about ten minutes
	$(VENV)/bin/python -m pytest tests/slurm

lint: venv
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/snakefmt --check Snakefile workflow/Snakefile workflow/rules
	$(PLAIN_SNAKEMAKE) --lint

package: ## dist/: the wheel and the source archive of a release; checks them and CITATION.cff
	rm -rf build dist
	$(PYTHON) -m venv $(VENV)/tools
	$(VENV)/tools/bin/pip install --quiet --disable-pip-version-check build twine cffconvert
	$(VENV)/tools/bin/python -m build
	$(VENV)/tools/bin/twine check --strict dist/*
	$(VENV)/tools/bin/cffconvert --validate

venv: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-compile $(TORCH_ARGS) torch==2.13.0
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-compile -c requirements.lock -e '.[workflow,test]'
	$(VENV)/bin/python -m compileall -qq -j 0 $(VENV)/lib || true # some files are no Python 3; without, twice the time to load torch
	touch $@

unlock: ## after a kill -9 or a power cut, when no other run of this scale is active
	$(PLAIN_SNAKEMAKE) --unlock

clean:
	rm -rf results .snakemake
