# Astrolabe. `make run` and `make test` are all a newcomer needs.
GO ?= go
export CGO_ENABLED = 0

.PHONY: build lint test unit
build: ## the binary, bin/astrolabe
	$(GO) build -trimpath -o bin/astrolabe ./cmd/astrolabe

lint: ## gofmt, go vet
	@out=$$(gofmt -l cmd internal userprofile 2>/dev/null); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	$(GO) vet ./...

unit:
	$(GO) test ./...

test: lint unit ## everything that proves the product
