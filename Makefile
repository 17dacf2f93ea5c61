# `make lab` opens the course, `make test` proves it; both install what they need, once.

VENV ?= .venv
DIR ?= work
PORT ?= 8888
BROWSER ?= yes
LAB_ARGS ?=
SUBMISSIONS ?= submissions
OUT ?= grades
SANDBOX ?=
JOBS ?=
LMS ?=
CLASS ?=
BY_HAND ?=
DATA ?= classroom
CERT ?=
KEY ?=
IDLE ?=
MXNET ?= build/mxnet
UPGRADE ?= --upgrade
URL ?=
AUTHOR ?=
# The environment's Python, or the first here that the course runs on; PYTHON=python3.12 takes another.
ifndef PYTHON
PYTHON := $(shell for p in $$(sed -n 's/^executable = //p' $(VENV)/pyvenv.cfg 2>/dev/null) python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9; do \
    $$p -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
    && echo $$p && exit; done; echo python3)
endif
# Each half of the Pythons has pins of its own: d2l and MXNet ask for versions of the past, which
# end with Python 3.11. Every pin is there, so nothing is resolved and nobody is asked.
PINS := $(shell $(PYTHON) -c 'import sys; print("3.9-3.11" if sys.version_info < (3, 12) else "3.12-3.14")')
BIN = $(VENV)/bin
READY = $(VENV)/ready
# It notes where the environment was made: moved or copied with its folder, it is made anew.
HERE := $(abspath $(VENV))
MOVED := $(filter-out same,$(shell [ "$$(cat '$(READY)' 2>/dev/null)" = '$(HERE)' ] && echo same || echo moved))
# $(1): what pip is to install. On a terminal it shows how far it is; why it fails is said in one line.
pip = @$(BIN)/python -m pip install $$([ -t 2 ] || echo --quiet) --disable-pip-version-check --no-deps $(1) \
    2>$(VENV)/pip.log || $(PYTHON) tools/install/preflight.py --why $(VENV)/pip.log
SITE_READY = $(VENV)/site-ready
NPM_READY = build/npm/ready
PROXY_READY = build/proxy/ready

.PHONY: $(if $(MOVED),$(READY)) help install lab test test-slow test-mxnet test-colab test-grading test-scale test-hub test-browser address colab lint notebooks pictures bench assignments handout grade hub hand-back check \
    site wheel pins clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

install: $(READY)  ## install what the course needs, which the other targets do too

lab: $(READY)  ## open your copy of the notebooks in JupyterLab (DIR=work, PORT=8888, BROWSER=no, LAB_ARGS=...)
	@$(BIN)/python tools/lab/lab.py "$(DIR)" $(PORT) $(if $(filter no,$(BROWSER)),--no-browser) \
	    $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB_ARGS)

test: $(READY)  ## run the tests and every cell of every notebook, in about a minute
	$(BIN)/python -m pytest

test-slow: $(READY)  ## run the tests that start programs of their own, and every cell once more
	$(BIN)/python -m pytest -m slow tests

test-grading: $(READY)  ## run the grader over wrong, broken and hostile submissions
	$(BIN)/python -m pytest -m slow tools/grader/tests

test-scale: $(VENV)/scale-ready  ## grade with Slurm and GNU parallel, and check the other engines' files (needs slurmctld, slurmd, munge, parallel, root)
	$(BIN)/python -m pytest -n0 -m machine tools/grader/tests/test_scale.py

test-hub: $(VENV)/hub-ready $(PROXY_READY)  ## try a hub that runs: what students may not do, and what is there after a crash (needs root, bubblewrap, npm)
	$(BIN)/python -m pytest -n0 -m machine tools/hub/tests

# Each with the pins of its half: MXNet without help, and with it
test-mxnet:  ## compare MXNet's own tests on Python 3.11 and 3.13 (MXNET=sources of MXNet 1.9.1)
	$(MAKE) install VENV=build/python3.11 PYTHON=python3.11
	$(MAKE) install VENV=build/python3.13 PYTHON=python3.13
	build/python3.11/bin/python tools/mxnet_today/own_tests.py $(MXNET) build/mxnet-3.11.json
	build/python3.13/bin/python tools/mxnet_today/own_tests.py $(MXNET) build/mxnet-3.13.json
	build/python3.13/bin/python tools/mxnet_today/own_tests.py --compare build/mxnet-3.11.json build/mxnet-3.13.json

test-colab: $(READY)  ## run the notebooks among Colab's versions (needs python3.13, some minutes)
	$(BIN)/python -m pytest -n0 -s -m machine tests/test_colab.py

address:  ## say where the repository lies, in every link at once (URL=https://github.com/you/course, AUTHOR=...)
	@$(PYTHON) tools/publish/address.py $(URL) $(AUTHOR:%=--author="%")

colab: $(READY)  ## write the notebooks for Google Colab into build/colab
	$(BIN)/python -m tools.publish.colab build/colab

site: $(SITE_READY) $(NPM_READY)  ## build the site from the stored notebooks into build/site
	rm -rf build/site build/doctrees build/static
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -d build/doctrees docs build/site
	@echo "open build/site/index.html"

test-browser: site  ## try the site and the notebooks in Chromium (needs chromium, some minutes)
	$(BIN)/python -m pytest --dist=loadscope -m "not machine" tests/browser tests/test_binder.py

lint: $(READY)  ## check the code and the notebooks with ruff, and the types with mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

notebooks: $(READY)  ## run the notebooks from a fresh kernel and store their outputs
	$(BIN)/python tools/publish/run_notebooks.py notebooks/*.ipynb

pictures: $(READY)  ## draw the README's picture and those that the tests compare with
	$(BIN)/python -m tools.pictures

bench: $(VENV)/bench-ready  ## time corr2d beside torch, SciPy and OpenCV (installs them)
	$(BIN)/python docs/speed/corr2d.py | tee docs/speed/corr2d.txt

assignments: $(READY)  ## make the students' assignments from assignments/source
	$(BIN)/nbgrader generate_assignment '*' --CourseDirectory.root="$(CURDIR)/assignments" \
	    --force --no-db --log-level=ERROR

handout: assignments  ## write the archive that students get, without solutions, into build/handout.tar.gz
	$(BIN)/python tools/publish/handout.py build/handout.tar.gz

grade: $(READY)  ## grade a folder of submissions (SUBMISSIONS=folder, OUT=grades, JOBS=..., CLASS=..., BY_HAND=...)
	$(BIN)/python -m tools.grader "$(SUBMISSIONS)" --out "$(OUT)" $(SANDBOX:%=--sandbox=%) \
	    $(JOBS:%=--jobs=%) $(LMS:%=--lms=%) $(if $(CLASS),--class-list "$(CLASS)") $(if $(BY_HAND),--by-hand "$(BY_HAND)")

# PORT is that of `make lab` unless it is given
hub: $(VENV)/hub-ready $(PROXY_READY)  ## start a JupyterHub for a class (CLASS=table, DATA=classroom, PORT=, CERT=, KEY=, IDLE=3600, SANDBOX=none)
	@$(BIN)/python -m tools.hub --data "$(DATA)" $(if $(CLASS),--class-list "$(CLASS)") $(SANDBOX:%=--sandbox=%) \
	    $(if $(filter file,$(origin PORT)),,--port $(PORT)) $(if $(CERT),--cert "$(CERT)") $(if $(KEY),--key "$(KEY)") \
	    $(IDLE:%=--idle=%)

hand-back: $(READY)  ## give the pages of make grade to the hub's students (OUT=grades, DATA=classroom)
	@$(BIN)/python -m tools.hub.hand_back "$(OUT)" "$(DATA)"

check:  ## run all that a change has to pass on one machine (SANDBOX=bwrap: no test of the grader is skipped)
	$(MAKE) lint
	$(MAKE) test
	case "$$(uname -m)" in x86_64) DNNL_MAX_CPU_ISA=SSE41 $(MAKE) test;; esac  # as on an older processor
	$(MAKE) test-slow
	$(MAKE) wheel
	$(MAKE) test-grading

wheel: $(READY)  ## build wheel and sdist, and try the wheel in an environment of its own
	rm -rf dist build/wheel-venv
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m venv build/wheel-venv
	build/wheel-venv/bin/pip install --quiet dist/*.whl
	cd build && wheel-venv/bin/python -I ../tests/smoke.py

PIN = uv pip compile --no-python-downloads --universal --no-annotate --no-header
PAST = --python-version 3.9 --fork-strategy fewest
TODAY = --python-version 3.12 --override tools/install/pins/unpinned.txt
COURSE = --extra notebooks --extra assignments --extra test
# $(1): a half of the Pythons; $(2): how to resolve for it; $(3): what it takes besides.
# First all extras together, then the part that each target installs.
define pin
	cat tools/install/pins/*$(1).txt | sort -u > build/pins-$(1).txt
	$(PIN) $(UPGRADE) --all-extras --output-file build/pins-$(1).txt $(2) setup.cfg $(3)
	$(PIN) $(COURSE) --constraint build/pins-$(1).txt --output-file tools/install/pins/$(1).txt $(2) setup.cfg $(3)
	$(PIN) --extra site --constraint build/pins-$(1).txt --output-file tools/install/pins/site-$(1).txt $(2) setup.cfg
	$(PIN) --extra scale --constraint build/pins-$(1).txt --output-file tools/install/pins/scale-$(1).txt $(2) setup.cfg
	$(PIN) --extra hub --constraint build/pins-$(1).txt --output-file tools/install/pins/hub-$(1).txt $(2) setup.cfg
	$(PIN) --extra benchmarks --constraint build/pins-$(1).txt --output-file tools/install/pins/benchmarks-$(1).txt $(2) setup.cfg
endef
pins:  ## resolve all extras of setup.cfg together, for all platforms and Pythons (needs uv; UPGRADE= keeps versions)
	mkdir -p build
	$(call pin,3.9-3.11,$(PAST),)
	$(call pin,3.12-3.14,$(TODAY),tools/install/pins/unpinned.txt)

clean:  ## remove what these targets made
	rm -rf $(VENV) build dist d2lconv.egg-info

$(VENV)/scale-ready: $(READY) tools/install/pins/scale-$(PINS).txt
	$(call pip,--requirement tools/install/pins/scale-$(PINS).txt)
	touch $@

$(VENV)/hub-ready: $(READY) tools/install/pins/hub-$(PINS).txt
	$(call pip,--requirement tools/install/pins/hub-$(PINS).txt)
	touch $@

$(VENV)/bench-ready: $(READY) tools/install/pins/benchmarks-$(PINS).txt
	$(call pip,--requirement tools/install/pins/benchmarks-$(PINS).txt)
	touch $@

$(READY): tools/install/pins/$(PINS).txt setup.cfg setup.py pyproject.toml tools/install/preflight.py
	@command -v $(PYTHON) >/dev/null || { echo "d2lconv: no $(PYTHON) here: install Python 3.13" >&2; exit 1; }
	@$(PYTHON) tools/install/preflight.py $(VENV)
	@$(PYTHON) -m venv $(if $(MOVED),$(if $(wildcard $(READY)),--clear)) $(VENV)
	$(call pip,"$$(grep '^pip==' tools/install/pins/$(PINS).txt)")
	$(call pip,--requirement tools/install/pins/$(PINS).txt)
	$(call pip,--no-build-isolation --editable .)
	@$(BIN)/python -m mxnet_today.arm
	@$(BIN)/python -c 'import matplotlib.font_manager'  # builds the font cache, which else warns in a notebook
	@echo '$(HERE)' >$(READY)
	@echo "d2lconv: installed in $(VENV)"

# What only the site and its tests need; the notebooks do without it.
$(SITE_READY): tools/install/pins/site-$(PINS).txt $(READY)
	$(call pip,--requirement tools/install/pins/site-$(PINS).txt)
	touch $(SITE_READY)

# What is made for Node.js: for the site, and the hub's proxy
$(NPM_READY): docs/package.json
$(PROXY_READY): tools/hub/package.json
$(NPM_READY) $(PROXY_READY):
	@command -v npm >/dev/null || { echo "d2lconv: no npm here: install Node.js 18 or later, with npm" >&2; exit 1; }
	@mkdir -p $(@D)
	@cp $< $(@D)
	@npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@
