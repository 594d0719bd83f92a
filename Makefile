# What can be done here: `make help`. Each target does its own set-up.

VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
IAMD_DATA   ?= ./iamd-data
ARGS        ?=
BENCH_ARGS  ?=
BENCH_USERS ?= 100000
FUZZ_TIME   ?= 60s
ROUNDS      ?= 50
CHAOS       ?= 200
MINUTES     ?= 30
CALLS       ?= 100000

.PHONY: help run build test check bench fuzz crash stackchaos soak model generate setup clean
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build iamd and serve on 127.0.0.1:4566 (ARGS="..." are passed on)
	bin/iamd serve --data $(IAMD_DATA) $(ARGS)

build: ## build bin/iamd, a static program whether or not there is a C compiler here
	CGO_ENABLED=0 go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/iamd ./cmd/iamd

test: ## set up, then every test with the race detector, and each fuzzer for 5 s
	scripts/test

check: ## format, vet, lint, imports, generated code, vulnerabilities
	scripts/check

bench: build ## the machine's limits and ours, as ratios (BENCH_ARGS="-quick -rows 1,3", BENCH_USERS=100000)
	go -C test/bench build -o ../../bin/bench .
	bin/bench -users $(BENCH_USERS) $(BENCH_ARGS)

fuzz: ## each fuzzer for FUZZ_TIME (60s)
	scripts/fuzz $(FUZZ_TIME)

crash: ## kill -9 under write load, ROUNDS times (50)
	CRASH_ROUNDS=$(ROUNDS) go test -count=1 -timeout 0 -v -run Crash ./test/...

stackchaos: ## kill -9 while stacks are made, changed and deleted, CHAOS times (200)
	STACK_CHAOS=$(CHAOS) go test -count=1 -timeout 0 -v -run StackChaos ./test

soak: ## mixed load and restarts for MINUTES (30)
	SOAK_MINUTES=$(MINUTES) go test -count=1 -timeout 0 -v -run Soak ./test/...

model: ## CALLS (100,000) random calls by turns, and as many at once, compared with a plain model of IAM
	MODEL_CALLS=$(CALLS) go test -count=1 -timeout 0 -v -run 'StateMachine|ConcurrentCalls' ./test

generate: ## write internal/shapes from models/, runbooks/schema.json, and COMPAT.md from the registry
	go -C tools/awsgen run . -models ../../models -out ../../internal/shapes
	UPDATE_SCHEMA=1 go test -count=1 -run '^TestSchema' ./internal/runbook
	UPDATE_COMPAT=1 go test -count=1 -run '^TestCompat' ./internal/server

setup: ## install what the tests need and the machine lacks (AWS CLI, the CDK, C compiler)
	scripts/setup

clean: ## remove what was built
	rm -rf bin
