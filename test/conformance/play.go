package conformance

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// Play plays the files of this directory that match pattern on the server at
// address, logging in with token.
func Play(t *testing.T, pattern, address, token string) {
	files, err := filepath.Glob(filepath.Join(harness.Root(), "test", "conformance", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		file, err := conformance.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			if !alone(file) {
				t.Parallel() // some cases wait
			}
			session, err := Connect(address, token)
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			file.Check(t, path, session)
		})
	}
}

// alone reports whether f must not run beside others: the pages of a DESCRIBE
// end with an error when the schema changes between them, and roles are the
// same for all keyspaces.
func alone(f *conformance.File) bool {
	for _, c := range f.Cases {
		if c.User != "" || c.PageSize > 0 && strings.HasPrefix(strings.ToUpper(c.Statement), "DESC") {
			return true
		}
	}
	return false
}
