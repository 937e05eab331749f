package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/test/differential/generate"
)

// TestCrash runs random programs on a disk that is copied, while a statement
// runs, as a power cut would leave it: with a random part of what was not
// synced. What was acknowledged before is there, exactly; the statement that
// was running has happened or not.
func TestCrash(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { crashProgram(t, seed) })
	}
}

func crashProgram(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	fs := vfs.NewCrashableMem()
	e := openOn(t, fs)
	defer closeEngine(t, e)
	s := conformance.NewSession(e)
	if err := create(t.Context(), s, "crash"); err != nil {
		t.Fatal(err)
	}
	before := dump(t, s)
	crashes := 0
	for _, c := range generate.Program(seed, 120) {
		if strings.HasPrefix(c.Statement, "SELECT") {
			continue
		}
		r, err := c.Request()
		if err != nil {
			t.Fatal(err)
		}
		var disk *vfs.MemFS
		crash := rng.IntN(4) == 0
		copied := make(chan struct{})
		wait := time.Duration(rng.IntN(300)) * time.Microsecond
		cfg := vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng}
		go func() {
			defer close(copied)
			if crash {
				time.Sleep(wait)
				disk = fs.CrashClone(cfg)
			}
		}()
		_, err = s.Run(t.Context(), r)
		<-copied
		if err != nil && !strings.Contains(err.Error(), "bind") {
			t.Fatalf("%s: %v", c.Statement, err)
		}
		after := dump(t, s)
		if crash {
			crashes++
			if got := dumpOf(t, disk); got != before && got != after {
				t.Fatalf("crash while %s\nstate:\n%s\nbefore:\n%s\nafter:\n%s", c.Statement, got, before, after)
			}
		}
		before = after
	}
	if crashes == 0 {
		t.Error("nothing crashed")
	}
}

func openOn(t *testing.T, fs *vfs.MemFS) *engine.Engine {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: "data", FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func closeEngine(t *testing.T, e *engine.Engine) {
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// dumpOf is what an engine finds on a disk.
func dumpOf(t *testing.T, fs *vfs.MemFS) string {
	t.Helper()
	e := openOn(t, fs)
	defer closeEngine(t, e)
	s := conformance.NewSession(e)
	if _, err := s.Run(t.Context(), conformance.Request{Statement: "USE crash"}); err != nil {
		t.Fatal(err)
	}
	return dump(t, s)
}

// dumpTime is when dumps are read: before anything of a program expires.
const dumpTime = 1_900_000_000

// dump is the schema and all rows of the keyspace.
func dump(t *testing.T, s conformance.Session) string {
	t.Helper()
	var b strings.Builder
	ask := func(statement string) *conformance.Answer {
		a, err := s.Run(context.Background(), conformance.Request{Statement: statement, Now: dumpTime, HasNow: true})
		if err != nil || a.Err != nil {
			t.Fatalf("%s: %v, %v", statement, err, a)
		}
		return a
	}
	b.WriteString(ask("DESCRIBE KEYSPACE crash").Format(&conformance.Case{}))
	for _, row := range ask("SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'crash'").Rows {
		fmt.Fprintf(&b, "\n%s\n%s", row[0], ask("SELECT * FROM crash."+string(row[0])).Format(&conformance.Case{}))
	}
	return b.String()
}
