package main

import (
	"fmt"
	"runtime"
)

// version is set by the linker (-X main.version=...).
var version = "0.1.0-dev"

type versionCommand struct{}

// Run prints the version of the product and of what it speaks.
func (versionCommand) Run(s *streams) error {
	_, err := fmt.Fprintf(s.out, "astrolabe %s (CQL 3.4.7, native protocol v3 v4 v5, %s %s/%s)\n",
		version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
