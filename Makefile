# Each target sets up what it needs, says what it does, and can be repeated.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test lint bench deploy clean

UV := $(CURDIR)/.tools/uv-command
RUN := $(UV) run --frozen --no-sync
SAM := $(UV) tool run --python "$$(sh infra/python.sh)" --from aws-sam-cli==1.170.0 sam
STACK ?= regulars
export UV
export LIGHT_ARCHITECTURE ?= arm64

help:  ## What there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup:  ## uv, Python 3.13 and the locked packages
	@sh infra/setup.sh

build: setup  ## Build every function's artefact (LIGHT_ARCHITECTURE=x86_64 for this machine)
	@$(SAM) build --parameter-overrides LightArchitecture=$(LIGHT_ARCHITECTURE)

deploy: build  ## Deploy into the AWS account of your credentials (STACK=name)
	@$(SAM) deploy --stack-name $(STACK) --parameter-overrides LightArchitecture=$(LIGHT_ARCHITECTURE)

# sam build calls these, one for each function of template.yaml.
build-%Function:
	@$(RUN) python -m infra.build $(shell echo $* | tr A-Z a-z) $(ARTIFACTS_DIR)
