package conformance

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// Play plays the files of this directory that match pattern on the server at
// address, logging in with token. Files named in but are skipped, as what that
// server leaves to others.
func Play(t *testing.T, pattern, address, token string, but ...string) {
	t.Helper()
	for _, f := range read(t, pattern) {
		if slices.Contains(but, filepath.Base(f.path)) {
			t.Logf("%s: not what this server answers for", filepath.Base(f.path))
			continue
		}
		f.play(t, address, token)
	}
}

// manyTables is how many tables make a keyspace one that PlayOnce leaves there.
const manyTables = 20

// PlayOnce is Play on a gateway in front of a Cassandra that is thrown away
// afterwards. Keyspaces with many tables stay there, for a Cassandra takes long to
// drop one, and keeps all other changes of the schema waiting for so long; they come
// last, for the more of a schema there is the longer takes each change of it. Cases
// that damage the node, or that it answers only at the end of its patience, are left
// out.
func PlayOnce(t *testing.T, pattern, address, token string) {
	t.Helper()
	var few, many []played
	for _, f := range read(t, pattern) {
		f.Cases = slices.DeleteFunc(f.Cases, func(c *conformance.Case) bool { return damages(c) || timesOut(c) })
		if f.Keep = tables(f.File) > manyTables; f.Keep {
			many = append(many, f)
		} else {
			few = append(few, f)
		}
	}
	together := func(name string, files []played) {
		t.Run(name, func(t *testing.T) {
			for _, f := range files {
				f.play(t, address, token)
			}
		})
	}
	together("few tables", few)
	together("many tables", many)
}

// played is a file and where it is.
type played struct {
	*conformance.File
	path string
}

func read(t *testing.T, pattern string) (files []played) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(harness.Root(), "test", "conformance", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		file, err := conformance.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, played{file, path})
	}
	return files
}

// play plays a file as a subtest.
func (f played) play(t *testing.T, address, token string) {
	t.Run(filepath.Base(f.path), func(t *testing.T) {
		if !alone(f.File) {
			t.Parallel() // some cases wait
		}
		session, err := Connect(address, token)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		f.Check(t, f.path, session)
	})
}

// tables is how many tables a file creates.
func tables(f *conformance.File) (n int) {
	for _, c := range f.Cases {
		if strings.HasPrefix(strings.ToUpper(c.Statement), "CREATE TABLE") {
			n++
		}
	}
	return n
}

// damages reports whether a case is a search by a vector that Cassandra 5.0 fails
// on. It releases the index of an SSTable once too often then, if there is one
// already, and the next search on it never ends: QueryViewBuilder.build tries again
// and again to get hold of that index, and takes a processor for it.
func damages(c *conformance.Case) bool {
	return strings.HasPrefix(c.Answer, "ERR 0x1300") && strings.Contains(c.Statement, " ANN OF ")
}

// timesOut reports whether a case is a write that Cassandra has no other answer to
// than a timeout: on some counters of dense tables.
func timesOut(c *conformance.Case) bool { return strings.HasPrefix(c.Answer, "ERR 0x1100") }

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
