package migrate_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/migrate"
)

// flaky is a target that times out now and then, having written or not, and
// that stops the migration after a while.
type flaky struct {
	backend.Backend
	mu     sync.Mutex
	random *rand.Rand
	left   int
	kill   context.CancelFunc
}

// fate decides what happens to one write.
func (f *flaky) fate() (write bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left <= 0 {
		f.kill()
	}
	switch f.random.IntN(80) {
	case 0:
		return true, cqlerr.New(cqlerr.WriteTimeout, "timed out, but written")
	case 1:
		return false, cqlerr.New(cqlerr.WriteTimeout, "timed out, not written")
	case 2:
		return false, cqlerr.New(cqlerr.Unavailable, "unavailable")
	case 3:
		return true, errors.New("connection lost, but written")
	}
	return true, nil
}

// Execute implements backend.Backend.
func (f *flaky) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	switch p.Statement.(type) {
	case *cql.Insert, *cql.Update:
	default:
		return f.Backend.Execute(ctx, p, q)
	}
	write, fate := f.fate()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !write {
		return nil, fate
	}
	r, err := f.Backend.Execute(ctx, p, q)
	return r, errors.Join(err, fate)
}

// ExecuteBatch implements backend.Backend.
func (f *flaky) ExecuteBatch(ctx context.Context, b *backend.Batch) (*backend.Result, error) {
	write, fate := f.fate()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !write {
		return nil, fate
	}
	r, err := f.Backend.ExecuteBatch(ctx, b)
	return r, errors.Join(err, fate)
}

// TestResume stops migrations again and again, on a target that also times out,
// and starts them anew each time. In the end the target holds what the source
// holds: nothing twice, nothing missing.
func TestResume(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			resume(t, seed)
		})
	}
}

func resume(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	from, to := t.TempDir(), t.TempDir()
	e := open(t, from)
	fill(t, e, random)
	bootstrap(t, e)
	closeAll(t, e)

	var report *migrate.Report
	runs := 0
	for ; report == nil; runs++ {
		source, target := openSource(t, from), open(t, to)
		ctx, cancel := context.WithCancel(t.Context())
		f := &flaky{Backend: target, random: random, left: 20 + random.IntN(100+300*runs), kill: cancel}
		o := options(source, target)
		o.Target, o.Concurrency = f, 16
		var err error
		report, err = migrate.Run(ctx, o)
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		cancel()
		closeAll(t, source, target)
	}
	if runs < 3 {
		t.Errorf("only %d runs: nothing was resumed", runs)
	}
	if !report.Agrees() {
		t.Errorf("after %d runs: %+v", runs, report)
	}
	if diff := cmp.Diff(dumpDir(t, from), dumpDir(t, to)); diff != "" {
		t.Errorf("source and target differ after %d runs:\n%s", runs, diff)
	}
}

// fill writes rows of all kinds at random.
func fill(t *testing.T, e *engine.Engine, random *rand.Rand) {
	run(t, e, `
		CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
		CREATE TABLE k.rows (p int, c int, s text static, v text, m map<int, int>, l list<int>, PRIMARY KEY (p, c));
		CREATE TABLE k.counters (p int, c int, n counter, o counter, PRIMARY KEY (p, c));`)
	integer := func(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(random.IntN(n))) }
	statements := []string{
		"INSERT INTO k.rows (p, c, v) VALUES (?, ?, 'inserted') USING TIMESTAMP %d AND TTL %d",
		"UPDATE k.rows USING TIMESTAMP %d AND TTL %d SET v = 'updated' WHERE p = ? AND c = ?",
		"UPDATE k.rows USING TIMESTAMP %d AND TTL %d SET m[?] = ?, m[7] = 7 WHERE p = 5 AND c = 5",
		"UPDATE k.rows USING TIMESTAMP %d AND TTL %d SET m[3] = 3, l = l + [1, 2, 3] WHERE p = ? AND c = ?",
		"UPDATE k.rows USING TIMESTAMP %d AND TTL %d SET l = [9] + l WHERE p = ? AND c = ?",
		"UPDATE k.rows USING TIMESTAMP %d AND TTL %d SET l = l + [4] WHERE p = ? AND c = 1",
		"UPDATE k.counters SET n = n + 3, o = o - 2 WHERE p = ? AND c = ?",
		"UPDATE k.rows USING TIMESTAMP %d AND TTL %d SET s = 'static' WHERE p = ?",
	}
	for range 1000 {
		text := statements[random.IntN(len(statements))]
		if slices.Contains([]byte(text), '%') {
			text = fmt.Sprintf(text, 1+random.IntN(1000), []int{0, 0, 50_000, 100_000}[random.IntN(4)])
		}
		var values [][]byte
		for range count(text, '?') {
			values = append(values, integer(30))
		}
		if err := execute(t.Context(), e, text, values...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func count(s string, c byte) int {
	n := 0
	for i := range len(s) {
		if s[i] == c {
			n++
		}
	}
	return n
}

// TestRefusals are the migrations that are not begun.
func TestRefusals(t *testing.T) {
	from := t.TempDir()
	e := open(t, from)
	run(t, e, "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}; CREATE TABLE k.t (k int PRIMARY KEY); INSERT INTO k.t (k) VALUES (1)")
	if _, err := engine.OpenSource(from, nil); !errors.Is(err, engine.ErrLocked) {
		t.Errorf("opening a source that is in use: %v", err)
	}
	closeAll(t, e)

	to := t.TempDir()
	target := open(t, to)
	defer target.Close()
	run(t, target, "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}; CREATE TABLE k.t (k int PRIMARY KEY)")
	source := openSource(t, from)
	if _, err := migrate.Run(t.Context(), options(source, target)); !errors.Is(err, migrate.ErrTableExists) {
		t.Errorf("onto a table that exists: %v", err)
	}
	run(t, target, "DROP TABLE k.t")
	if r, err := migrate.Run(t.Context(), options(source, target)); err != nil || !r.Agrees() {
		t.Fatalf("%+v, %v", r, err)
	}
	// Again: nothing to do but to compare.
	if r, err := migrate.Run(t.Context(), options(source, target)); err != nil || !r.Agrees() {
		t.Fatalf("%+v, %v", r, err)
	}
	// Whatever is changed on the target shows.
	run(t, target, "INSERT INTO k.t (k) VALUES (2)")
	if r, err := migrate.Run(t.Context(), options(source, target)); err != nil || r.Agrees() || r.Tables[0].TargetRows != 2 {
		t.Errorf("a row too many: %+v, %v", r, err)
	}
	closeAll(t, source)

	e = open(t, from)
	run(t, e, "DELETE FROM k.t WHERE k = 1")
	closeAll(t, e)
	source = openSource(t, from)
	defer source.Close()
	if _, err := migrate.Run(t.Context(), options(source, target)); !errors.Is(err, migrate.ErrSourceChanged) {
		t.Errorf("the source was written to: %v", err)
	}
	o := options(source, target)
	o.Restart = true
	if r, err := migrate.Run(t.Context(), o); err != nil || !r.Agrees() || r.Tables[0].TargetRows != 0 {
		t.Errorf("begun anew: %+v, %v", r, err)
	}
}
