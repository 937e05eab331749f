# Astrolabe. `make run` and `make test` are all a newcomer needs: they install
# what they use (Go modules, npm packages, drivers, a Chromium) by themselves.

GO      ?= go
VERSION ?= 0.1.0
export CGO_ENABLED = 0
# One set of flags for all of it, so that nothing is compiled twice. Vet is a part
# of lint, which needs no second time with each test.
export GOFLAGS += -trimpath
GOTEST := $(GO) test -vet=off

# Downloads are patient, and tried again: no mirror always answers.
export npm_config_fetch_retries = 5
export npm_config_fetch_retry_mintimeout = 2000
export npm_config_fetch_retry_maxtimeout = 30000
export npm_config_fetch_timeout = 60000
retry = n=1; until $(1); do \
  if [ $$n -ge 4 ]; then echo "still failing after $$n tries: $(1)" >&2; exit 1; fi; \
  echo "try $$n failed, again in $$((n * 10)) s: $(1)" >&2; sleep $$((n * 10)); n=$$((n + 1)); done

CONSOLE := web/console
APP     := userprofile/web
APIDOCS := web/apidocs
PAGES   := $(CONSOLE) $(APP) $(APIDOCS)
sources  = $(shell find $(1) -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -print)

.PHONY: packages modules ahead soak test-cluster screenshots run build web test lint unit web-test system drivers crash e2e bench bench-documents fuzz fuzz-rest proto conformance differential chromium clean

run: build ## build everything and start the demo
	bin/astrolabe demo

build: web ## the binary, bin/astrolabe
	$(GO) build -ldflags '-s -w -X main.version=$(VERSION)' -o bin/astrolabe ./cmd/astrolabe

web: $(PAGES:%=%/dist/index.html) ## the pages that the binary embeds

$(CONSOLE)/dist/index.html: $(CONSOLE)/node_modules/.installed $(call sources,$(CONSOLE))
	cd $(CONSOLE) && npm run --silent build
	@touch $@

$(APP)/dist/index.html: $(APP)/node_modules/.installed $(call sources,$(APP))
	cd $(APP) && npm run --silent build
	@touch $@

$(APIDOCS)/dist/index.html: $(APIDOCS)/node_modules/.installed $(call sources,$(APIDOCS))
	cd $(APIDOCS) && npm run --silent build
	@touch $@

%/node_modules/.installed: %/package-lock.json
	@cd $* && $(call retry,npm ci --no-audit --no-fund --loglevel=error)
	@touch $@

test: ## everything that proves the product
	@$(MAKE) --no-print-directory modules
	@$(MAKE) --no-print-directory -j3 lint ahead packages
	@$(MAKE) --no-print-directory -j2 web
	@$(MAKE) --no-print-directory build unit web-test system
	@echo "all tests passed"

packages: $(PAGES:%=%/node_modules/.installed) ## npm's packages for the pages

modules: ## the Go modules of all that is built, fetched
	@$(call retry,$(GO) mod download)
	@cd test && $(call retry,$(GO) mod download)

# What fails here is tried again by the test that needs it, and told there.
ahead: ## what the tests of the system use, fetched while others compile
	-@$(MAKE) --no-print-directory chromium
	-@cd test && $(GO) run ./install/all

bin/staticcheck: go.mod
	$(GO) build -o $@ honnef.co/go/tools/cmd/staticcheck

lint: bin/staticcheck ## gofmt, go vet, staticcheck over both modules
	@out=$$(find cmd internal userprofile web test \( -name node_modules -o -name .cache \) -prune -o -name '*.go' -print | xargs gofmt -l); [ -z "$$out" ] || { echo "not gofmt-ed: $$out"; exit 1; }
	$(GO) vet ./... && bin/staticcheck ./...
	cd test && $(GO) vet -tags cluster ./... && ../bin/staticcheck -tags cluster ./...

unit: ## tests of the packages
	$(GOTEST) -timeout 30m ./...

web-test: $(CONSOLE)/node_modules/.installed $(APP)/node_modules/.installed ## tests of the pages' code
	cd $(CONSOLE) && npm test --silent
	cd $(APP) && npm test --silent

system: build chromium ## the binary with real drivers, kill -9, a real browser
	cd test && $(GOTEST) -count=1 -timeout 18m ./gateway ./drivers ./...

drivers: build chromium ## real drivers only
	cd test && $(GOTEST) -timeout 18m -count=1 -v ./drivers

crash: build ## kill -9 only, for longer
	cd test && CRASH_SECONDS=$${CRASH_SECONDS:-60} $(GOTEST) -timeout 18m -count=1 -v ./crash

test-cluster: build ## three Cassandra nodes, some of which are killed; takes minutes and 4 GB
	cd test && $(GOTEST) -tags cluster -timeout 30m -count=1 -v ./cluster

e2e: build chromium ## the browser only
	cd test && $(GOTEST) -timeout 18m -count=1 -v ./e2e

chromium:
	@command -v chromium >/dev/null || { $(call retry,apt-get $(APT) update -qq && apt-get $(APT) install -y -qq chromium); }

APT := -o Acquire::Retries=5 -o Acquire::http::Timeout=60 -o DPkg::Lock::Timeout=300

bench: build ## against a real Cassandra; writes docs/benchmarks.md
	cd test && $(GO) run ./bench

DOCUMENTS ?= 1000000
bench-documents: build ## documents against REST, and searches among DOCUMENTS of them; prints figures
	cd test && $(GO) run ./bench -documents $(DOCUMENTS)

FUZZTIME ?= 30s
fuzz: ## each fuzz target for FUZZTIME
	@for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$pkg || exit 1; done; done

fuzz-rest: build ## made-up calls of the REST and Document APIs, by their OpenAPI documents
	cd test && $(GO) run ./fuzzrest $(FUZZREST)

PROTO  := internal/gateway/grpc/proto
PROTOC := $(CURDIR)/test/.cache/protoc
proto: ## the Go code of the gRPC API's .proto files, which is committed
	python3 -m venv $(PROTOC) && $(PROTOC)/bin/pip install -q grpcio-tools==1.85.0 googleapis-common-protos
	GOBIN=$(PROTOC)/bin $(GO) install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
	GOBIN=$(PROTOC)/bin $(GO) install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
	cd $(PROTO) && PATH="$(PROTOC)/bin:$$PATH" $(PROTOC)/bin/python -m grpc_tools.protoc -I. \
	  -I"$$($(PROTOC)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
	  --go_out=. --go-grpc_out=. --go_opt=$(PROTO_OPTIONS) --go-grpc_opt=$(PROTO_OPTIONS) query.proto stargate.proto

comma := ,
PROTO_GO      := github.com/astrolabe-db/astrolabe/$(PROTO)
PROTO_OPTIONS := paths=source_relative$(comma)Mquery.proto=$(PROTO_GO)$(comma)Mstargate.proto=$(PROTO_GO)

soak: build ## mixed load, slow and broken clients among it, for TIME (10m): memory must stay flat
	cd test && $(GO) run ./soak -time $(or $(TIME),10m)

conformance: ## record answers from a real Cassandra
	cd test && $(GO) run ./conformance/record && $(GO) run ./conformance/record -auth && $(GO) test ./guardrails -run Cassandra -rewrite -count=1

SEED ?= 1
differential: build ## random programs on the binary and on a real Cassandra, from SEED on for TIME
	cd test && $(GO) run ./differential -time $(or $(TIME),5m) -seed $(SEED) -length 150

clean:
	rm -rf bin $(CONSOLE)/node_modules $(APP)/node_modules $(APIDOCS)/node_modules test/.cache

screenshots: build chromium ## the pictures of the README, from the real thing
	cd test && SCREENSHOTS=$(CURDIR)/docs/images $(GOTEST) -count=1 ./e2e
