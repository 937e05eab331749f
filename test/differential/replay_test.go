package main

import (
	"path/filepath"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/test/harness"
	"github.com/astrolabe-db/astrolabe/test/native"
)

// TestCorpus replays the differences that were found, and mended, on our binary.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("corpus/*.cql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	server := harness.Start(t, "serve", t.TempDir())
	s, err := native.Connect(server.CQL, server.Token)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, path := range files {
		file, err := conformance.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		err = file.Play(t.Context(), s, func(r conformance.Result) {
			if !r.Agrees() {
				t.Errorf("%s:%d: %s\nCassandra:\n%s\ngot:\n%s", path, r.Case.Line, r.Case.Statement, r.Case.Answer, r.Got)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
