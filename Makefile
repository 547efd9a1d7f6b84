# Each target sets up what it needs, says what it does, and can be repeated.
.DEFAULT_GOAL := help
.PHONY: help setup build sbom audit picture hooks demo test upgrade-test spark-test tuning-test lint bench deploy serve invoke clean

UV := $(CURDIR)/.tools/uv
RUN := $(UV) run --frozen --no-sync
SAM := $(UV) tool run --python "$$(sh infra/python.sh)" --from aws-sam-cli==1.170.0 sam
STAGE ?= prod
BUILT := .aws-sam/built-for-this-machine
# The stage's own parameters: one said on the command line would else replace them all, and one left out keeps its last value.
STAGED = $(RUN) python -c 'import sys, tomllib; found = tomllib.load(open("samconfig.toml", "rb")).get("$(STAGE)") or sys.exit("samconfig.toml has no stage $(STAGE)."); print(*found["deploy"]["parameters"]["parameter_overrides"])'
export UV
export LIGHT_ARCHITECTURE ?= arm64

help:  ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup:  ## uv, Python 3.13 and the locked packages
	@sh infra/setup.sh

build: setup  ## Build every function's artefact (LIGHT_ARCHITECTURE=x86_64 for this machine)
	@rm -f $(BUILT)
	@$(SAM) build --parameter-overrides LightArchitecture=$(LIGHT_ARCHITECTURE)

sbom: setup  ## The bill of materials of each artefact that is built, as CycloneDX, into .aws-sam/bom
	@$(RUN) python -m infra.supply.bom

audit: setup  ## Known vulnerabilities of what is locked, by the package index (FLAGS=--allow-unaudited where it may be away)
	@$(RUN) python -m infra.supply.audit $(FLAGS)

picture: setup  ## Draw the architecture into the README, as template.yaml has it
	@$(RUN) python -m infra.picture

deploy: build  ## Deploy into the AWS account of your credentials (STAGE=prod|dev of samconfig.toml, STACK=another name, FLAGS=of sam)
	@staged=$$($(STAGED)) && $(SAM) deploy --config-env $(STAGE) $(if $(STACK),--stack-name $(STACK)) $(FLAGS) \
		--parameter-overrides $$staged LightArchitecture=$(LIGHT_ARCHITECTURE)

serve:  ## The built functions behind `sam local start-api`, which needs Docker; on port 3000
	@$(SAM) local start-api --parameter-overrides LightArchitecture=x86_64

invoke:  ## A built function on an event behind `sam local invoke`, which needs Docker (EVENT=tests/events/..., FLAGS=of sam)
	@$(SAM) local invoke $$(basename $$(dirname $(EVENT)) | awk '{print toupper(substr($$0, 1, 1)) substr($$0, 2)}')Function \
		--event $(EVENT) --parameter-overrides LightArchitecture=x86_64 $(FLAGS)

# sam build calls these, one for each function of template.yaml.
build-%Function:
	@$(RUN) python -m infra.build $(shell echo $* | tr A-Z a-z) $(ARTIFACTS_DIR)

# The artefacts for the local stack, rebuilt only when something they are made of has changed, or `make build` made others.
SOURCES := $(shell find functions shared training -name '*.py' -o -name '*.json' -o -path '*/sentiment/head/*' | grep -v __pycache__) template.yaml uv.lock infra/build.py infra/carried.py infra/deferred.py infra/descriptions.py infra/sentiment.py

$(BUILT): $(SOURCES)
	@$(MAKE) --no-print-directory build LIGHT_ARCHITECTURE=x86_64
	@touch $@

demo: setup $(BUILT)  ## The main job on real data, on this machine: a shop with live recommendations
	@$(RUN) regulars demo

test: setup $(BUILT)  ## All tests
	@sh infra/chromium.sh
	@sh infra/node.sh
	@$(RUN) pytest --numprocesses auto --dist loadscope --no-loadscope-reorder

upgrade-test: setup $(BUILT)  ## Upgrade and rollback with data in it, from the release before (PREVIOUS=a commit) and back; ten minutes
	@sh tests/upgrade/previous.sh $(PREVIOUS)
	@UPGRADE_TEST=1 $(RUN) pytest tests/upgrade

# An environment of its own, since pyspark is 470 MB that nothing else needs; the packages are hard links into uv's cache.
spark-test: setup  ## The tests of training on Spark, with pyspark and Java
	@sh infra/java.sh
	@UV_PROJECT_ENVIRONMENT=.venv-spark $(UV) sync --frozen --quiet --extra spark --python "$$(sh infra/python.sh)"
	@.venv-spark/bin/python -c "import pyspark"
	@.venv-spark/bin/pytest tests/training/test_spark.py

tuning-test: setup  ## The tests of what the encoder's branch is learned with, with jax
	@UV_PROJECT_ENVIRONMENT=.venv-tuning $(UV) sync --frozen --quiet --group sentiment-tuning --python "$$(sh infra/python.sh)"
	@.venv-tuning/bin/pytest tests/training/sentiment/test_tuning.py

lint: setup  ## ruff, mypy, sam validate
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy
	@for template in template.yaml infra/*.yaml; do AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint --template $$template || exit 1; done

hooks: setup  ## Let git look at every commit, by .pre-commit-config.yaml
	@$(RUN) pre-commit install

bench: setup $(BUILT)  ## Measure: training, serving, artefacts
	@$(RUN) python -m tests.bench

clean:  ## Remove whatever the targets made: environment, artefacts, the local stack's state
	rm -rf .venv .venv-spark .venv-tuning .tools .aws-sam .regulars .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/sdks/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
