# `make lab` opens the notebooks; `make test` tests them. Each target first installs what it needs.

VENV ?= .venv
DIR ?= work
PORT ?= 8888
BROWSER ?= yes
SUBMISSIONS ?= submissions
OUT ?= grades
DATA ?= classroom
MXNET ?= build/mxnet
# The environment's Python, or the first suitable one on PATH; PYTHON=python3.12 sets another
ifndef PYTHON
PYTHON := $(shell made=$$(sed -n 's/^executable = //p' "$(VENV)/pyvenv.cfg" 2>/dev/null); \
    for p in "$$made" python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9; do \
    "$$p" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo "$$p" && exit; done; echo python3)
endif
BIN = "$(VENV)/bin"
PY = $(BIN)/python
GROUPS = lab
# If the home is read-only, programs keep their settings in the clone
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/build/home
$(shell mkdir -p build/home)
endif
MAKEFLAGS += --no-print-directory

.PHONY: $(MAKECMDGOALS) assignments
.NOTPARALLEL:
help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile
# with-grade-test installs the groups lab, grade and test; setup.cfg lists the groups
with-%:
	@command -v "$(PYTHON)" >/dev/null || { echo "d2lconv: no $(PYTHON) here: install Python 3.13" >&2; exit 1; }
	@"$(PYTHON)" tools/install "$(VENV)" lab $(subst -, ,$*)

install: $(GROUPS:%=with-%)  ## install packages (GROUPS="lab test grade hub site bench scale"); the other commands do this first
lab: with-lab  ## open your copies of the notebooks in JupyterLab (DIR=work, PORT=8888, BROWSER=no, LAB_ARGS=...)
	@$(PY) tools/lab/lab.py "$(DIR)" $(PORT) $(if $(filter no,$(BROWSER)),--no-browser) $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB_ARGS)
try: with-lab  ## run the visible tests on your saved notebook, as the grader does (FILE=assignments/release/6.3/6.3.ipynb)
	@$(PY) -m tools.grader.trial "$(FILE)"
clean:  ## remove everything that these commands have made
	rm -rf "$(VENV)" build dist d2lconv.egg-info

# For teachers and developers
test: SUITE =  ## run the tests and every cell of every notebook (about a minute)
test-slow: SUITE = -m slow -o python_files="test_*.py slow_*.py" tests tools --ignore=tools/grader/tests  ## run the tests that start other programs, and rerun every cell
test-grading: SUITE = -m slow tools/grader/tests  ## run the grader on wrong, broken and hostile submissions
test-colab: SUITE = -n0 -s -m machine tests/test_colab.py  ## run the notebooks with Colab's package versions (needs python3.13, some minutes)
test-scale: SUITE = -n0 -m machine tools/grader/tests/test_scale.py  ## grade with Slurm and GNU parallel, and check the other engines' files (needs slurmctld, slurmd, munge, parallel, root)
test-hub: SUITE = -n0 -m machine tools/hub/tests  ## test a running hub: isolation between students, recovery after a crash (needs root, bubblewrap, npm)
test-browser: SUITE = --dist=loadscope -m "not machine" tests/browser tests/test_binder.py  ## test the site and the notebooks in Chromium (needs chromium, some minutes)
test test-grading test-colab: with-grade-test
test-scale: with-grade-test-scale
test-slow: with-grade-test-hub
test-hub: with-grade-test-hub build/proxy/ready
test-browser: with-grade-test-site site
test test-slow test-grading test-colab test-scale test-hub test-browser:
	$(PY) -m pytest $(SUITE)
test-mxnet:  ## compare MXNet's own tests on Python 3.11 and 3.13 (MXNET=sources of MXNet 1.9.1)
	for minor in 11 13; do $(MAKE) install GROUPS="lab test" VENV=build/python3.$$minor PYTHON=python3.$$minor && \
	    build/python3.$$minor/bin/python tools/mxnet_today/tests/upstream.py run "$(MXNET)" build/mxnet-3.$$minor.json || exit; done
	build/python3.13/bin/python tools/mxnet_today/tests/upstream.py compare build/mxnet-3.11.json build/mxnet-3.13.json

address:  ## put your repository's address into every link (URL=https://github.com/you/course)
	@"$(PYTHON)" -m tools.publish.contents $(URL)
colab: with-lab  ## write notebooks for Google Colab to build/colab
	$(PY) -m tools.publish.colab build/colab
site: build/npm/ready with-site  ## build the site in build/site, from the stored notebooks
	rm -rf build/site build/doctrees build/static
	$(PY) -m sphinx --quiet --fail-on-warning --keep-going -d build/doctrees docs build/site
	@echo "open build/site/index.html"

lint: with-grade-test  ## check the code and the notebooks with ruff, and the types with mypy
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(PY) -m mypy
nbdime: with-lab  ## make `git diff` show only changed cells, without outputs (`git diff --no-ext-diff` shows everything)
	$(PY) -m pip install --quiet nbdime==4.0.2
	git config diff.jupyternotebook.command '"$(abspath $(VENV))/bin/git-nbdiffdriver" diff --ignore-outputs --ignore-details'
	echo '*.ipynb diff=jupyternotebook' >>"$$(git rev-parse --git-path info/attributes)"
notebooks: with-lab  ## run the notebooks in fresh kernels, store their outputs, and update README's table
	$(PY) tools/publish/run_notebooks.py notebooks/*.ipynb
	$(PY) -m tools.publish.contents
pictures: with-grade-test  ## redraw README's picture and the baseline pictures of the tests
	$(PY) -m tools.pictures
bench: with-bench  ## time corr2d against torch, SciPy and OpenCV (installs them)
	$(PY) docs/speed/corr2d.py

assignments: with-grade  ## generate assignments/release from assignments/source
	$(PY) -m nbgrader generate_assignment '*' --CourseDirectory.root="$(CURDIR)/assignments" --force --no-db --log-level=ERROR
handout: assignments  ## write the students' archive, without solutions, to build/handout.tar.gz
	$(PY) tools/publish/handout.py build/handout.tar.gz
grade: with-grade  ## grade a folder of submissions (SUBMISSIONS=folder, OUT=grades, JOBS=..., CLASS=..., BY_HAND=..., LMS=..., SANDBOX=...)
	$(PY) -m tools.grader run "$(SUBMISSIONS)" --out "$(OUT)" $(SANDBOX:%=--sandbox=%) \
	    $(JOBS:%=--jobs=%) $(LMS:%=--lms=%) $(if $(CLASS),--class-list "$(CLASS)") $(if $(BY_HAND),--by-hand "$(BY_HAND)")
hub: build/proxy/ready with-grade-hub  ## start a JupyterHub for a class (CLASS=table, DATA=classroom, PORT=, CERT=, KEY=, IDLE=3600, SANDBOX=none)
	@$(PY) -m tools.hub --data "$(DATA)" $(if $(CLASS),--class-list "$(CLASS)") $(SANDBOX:%=--sandbox=%) $(IDLE:%=--idle=%) \
	    $(if $(filter file,$(origin PORT)),,--port $(PORT)) $(if $(CERT),--cert "$(CERT)") $(if $(KEY),--key "$(KEY)")
hand-back: with-grade-hub  ## copy the pages from make grade to the hub's students (OUT=grades, DATA=classroom)
	@$(PY) -m tools.hub.hand_back "$(OUT)" "$(DATA)"

check:  ## run every check that a change has to pass (SANDBOX=bwrap: skip none of the grader's tests)
	$(MAKE) lint test
	case "$$(uname -m)" in x86_64) DNNL_MAX_CPU_ISA=SSE41 $(MAKE) test;; esac  # as on an older processor
	$(MAKE) test-slow wheel test-grading
wheel: with-grade-test  ## build the wheel and the sdist, and test the wheel in a separate environment
	rm -rf dist build/wheel-venv
	$(PY) -m build --no-isolation
	$(PY) -m venv build/wheel-venv
	build/wheel-venv/bin/pip install --quiet dist/*.whl
	cd build && wheel-venv/bin/python -I ../tests/smoke.py
release: assignments with-grade-test  ## make a release: version, changelog, wheel, handout, commit and tag (VERSION=1.1.0)
	$(PY) tools/publish/release.py "$(VERSION)"

# Resolve all groups and Pythons together, then write each group's share
COMPILE = $(BIN)/uv pip compile --quiet --universal --no-annotate --no-header --python-version 3.9 setup.cfg
pins: OTHERS = test grade hub site bench scale
pins: with-lab  ## pin the versions of all groups in setup.cfg, for all Pythons (UPGRADE= keeps the current ones)
	rm -rf build/pins && mkdir -p build/pins
	cat tools/install/pins/*.txt | sort -u > build/pins/all
	$(COMPILE) $(if $(filter undefined,$(origin UPGRADE)),--upgrade) --all-extras --output-file build/pins/all
	for group in lab $(OTHERS); do $(COMPILE) --extra lab --extra $$group --constraint build/pins/all --output-file build/pins/$$group || exit; done
	cp build/pins/lab tools/install/pins/lab.txt
	for group in $(OTHERS); do grep -vxFf build/pins/lab build/pins/$$group > tools/install/pins/$$group.txt; done

# Packages for Node.js: KaTeX for the site, and the hub's proxy
build/npm/ready: docs/package.json
build/proxy/ready: tools/hub/package.json
build/npm/ready build/proxy/ready:
	@command -v npm >/dev/null || { echo "d2lconv: no npm here: install Node.js 18 or later, with npm" >&2; exit 1; }
	@mkdir -p $(@D) && cp $< $(@D)
	@npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

