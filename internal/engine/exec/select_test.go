package exec_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

func wantError(t *testing.T, err error, code cqlerr.Code, message string) {
	t.Helper()
	var e *cqlerr.Error
	if !errors.As(err, &e) || e.Code != code || e.Message != message {
		t.Errorf("got %v, want %04x: %s", err, code, message)
	}
}

// TestPagingStateOfOtherQuery gives a query the state of another.
func TestPagingStateOfOtherQuery(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (k int PRIMARY KEY, v int)")
	e.must("CREATE TABLE u (k int PRIMARY KEY, v int)")
	for _, text := range []string{"INSERT INTO t (k) VALUES (1)", "INSERT INTO t (k) VALUES (2)", "INSERT INTO t (k) VALUES (3)"} {
		e.must(text)
	}
	first, err := e.query("SELECT k FROM t", &backend.Query{Consistency: backend.One, PageSize: 1})
	if err != nil || first.PagingState == nil {
		t.Fatalf("%+v, %v", first, err)
	}
	q := &backend.Query{Consistency: backend.One, PageSize: 1, PagingState: first.PagingState}
	for _, text := range []string{
		"SELECT k FROM u", "SELECT k FROM t WHERE k > 0 ALLOW FILTERING", "SELECT DISTINCT k FROM t", "SELECT k FROM t WHERE k IN (1, 2)",
	} {
		_, err := e.query(text, q)
		wantError(t, err, cqlerr.Protocol, "Invalid value for the paging state")
	}
	// What is selected of the rows does not matter, nor does the plan.
	if _, err := e.query("SELECT v, k FROM t", q); err != nil {
		t.Error(err)
	}
	// Bind values do.
	value := func(n uint32) []backend.Value {
		return []backend.Value{{Bytes: binary.BigEndian.AppendUint32(nil, n)}}
	}
	const text = "SELECT k FROM t WHERE k >= ? ALLOW FILTERING"
	first, err = e.query(text, &backend.Query{Consistency: backend.One, PageSize: 1, Values: value(1)})
	if err != nil {
		t.Fatal(err)
	}
	q.PagingState, q.Values = first.PagingState, value(1)
	if _, err := e.query(text, q); err != nil {
		t.Error(err)
	}
	q.Values = value(2)
	_, err = e.query(text, q)
	wantError(t, err, cqlerr.Protocol, "Invalid value for the paging state")
}

// TestNowInSeconds reads with clocks of the client's own
// (native_protocol_v5.spec §4.1.4 now_in_seconds).
func TestNowInSeconds(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (k int PRIMARY KEY, v int)")
	e.must("INSERT INTO t (k, v) VALUES (1, 2) USING TTL 1000")
	now := int32(time.Now().Unix())
	ttl := func(at int32) (rows int, ttl uint32) {
		res, err := e.query("SELECT ttl(v) FROM t WHERE k = 1", &backend.Query{Consistency: backend.One, HasNowInSeconds: true, NowInSeconds: at})
		if err != nil {
			t.Fatal(err)
		}
		if res.RowCount == 0 {
			return 0, 0
		}
		c := res.Cursor()
		return res.RowCount, binary.BigEndian.Uint32(c.Next())
	}
	if rows, left := ttl(now + 400); rows != 1 || left < 590 || left > 601 {
		t.Errorf("after 400 of 1000 seconds: %d rows, ttl %d", rows, left)
	}
	if rows, _ := ttl(now + 1010); rows != 0 {
		t.Errorf("after the TTL: %d rows", rows)
	}
}

// TestReadAtAny reads at a consistency level that is for writes
// (ConsistencyLevel.validateForRead).
func TestReadAtAny(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (k int PRIMARY KEY)")
	_, err := e.query("SELECT * FROM t", &backend.Query{Consistency: backend.Any})
	wantError(t, err, cqlerr.Invalid, "ANY ConsistencyLevel is only supported for writes")
}

// TestSelectCanceled ends a long read when its client is gone.
func TestSelectCanceled(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int, c int, PRIMARY KEY (p, c))")
	p := e.prepareSelect(t, "SELECT count(*) FROM t")
	insert := "BEGIN UNLOGGED BATCH "
	for c := range 3000 {
		insert += "INSERT INTO t (p, c) VALUES (1, " + strconv.Itoa(c) + ") "
	}
	e.must(insert + "APPLY BATCH")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.db.Select(ctx, p, &backend.Query{Consistency: backend.One}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestSelectConcurrent runs one plan from many goroutines: runs are pooled and
// must not meet.
func TestSelectConcurrent(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (k int PRIMARY KEY, v text, s set<int>)")
	const keys = 50
	for k := range keys {
		n := strconv.Itoa(k)
		e.must("INSERT INTO t (k, v, s) VALUES (" + n + ", 'value " + n + "', {" + n + "})")
	}
	p := e.prepareSelect(t, "SELECT v, s, k FROM t WHERE k = ?")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 {
				k := (i*7 + g) % keys
				q := &backend.Query{Consistency: backend.One, Values: []backend.Value{{Bytes: binary.BigEndian.AppendUint32(nil, uint32(k))}}}
				res, err := e.db.Select(t.Context(), p, q)
				if err != nil || res.RowCount != 1 {
					t.Errorf("%d: %+v %v", k, res, err)
					return
				}
				c := res.Cursor()
				if v := string(c.Next()); v != "value "+strconv.Itoa(k) {
					t.Errorf("%d: v is %q", k, v)
				}
				if s := c.Next(); int(binary.BigEndian.Uint32(s[len(s)-4:])) != k {
					t.Errorf("%d: s is %x", k, s)
				}
				if got := int(binary.BigEndian.Uint32(c.Next())); got != k {
					t.Errorf("%d: k is %d", k, got)
				}
			}
		})
	}
	wg.Wait()
}

// TestTombstoneLimit reads over more tombstones than one page may
// (tombstone_failure_threshold of cassandra.yaml).
func TestTombstoneLimit(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int, c int, PRIMARY KEY (p, c))")
	for from := 0; int64(from) <= guardrail.Cassandra().Tombstones.Fail; from += 1000 {
		var batch strings.Builder
		batch.WriteString("BEGIN UNLOGGED BATCH ")
		for c := range 1000 {
			batch.WriteString("DELETE FROM t WHERE p = 1 AND c = " + strconv.Itoa(from+c) + " ")
		}
		e.must(batch.String() + "APPLY BATCH")
	}
	_, err := e.query("SELECT * FROM t WHERE p = 1", &backend.Query{Consistency: backend.One})
	var failure *cqlerr.Error
	if !errors.As(err, &failure) || failure.Code != cqlerr.ReadFailure || failure.Consistency != uint16(backend.One) || len(failure.Failures) != 1 {
		t.Errorf("got %v", err)
	}
	if _, err := e.query("SELECT count(*) FROM t WHERE p = 1", &backend.Query{Consistency: backend.One}); err != nil {
		t.Error(err)
	}
}

// TestStaleEntriesGo finds that a read through an index removes the entries that
// no row backs any more, and only those.
func TestStaleEntriesGo(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int, c int, v int, PRIMARY KEY (p, c))")
	e.must("CREATE INDEX by_v ON t (v)")
	for _, text := range []string{
		"INSERT INTO t (p, c, v) VALUES (1, 1, 7)", "INSERT INTO t (p, c, v) VALUES (1, 2, 7)", "INSERT INTO t (p, c, v) VALUES (2, 1, 7)",
		"UPDATE t SET v = 8 WHERE p = 1 AND c = 1", "DELETE FROM t WHERE p = 2",
	} {
		e.must(text)
	}
	table := e.catalog.Snapshot().Table(caseKeyspace, "t")
	entries := func() (n int) {
		r := e.store.NewReader()
		ix := index.Of(table)[0]
		it := r.Index(ix.ID, ix.AppendCell(nil, nil, []byte{0, 0, 0, 7}), nil)
		for it.Next() {
			n++
		}
		if err := errors.Join(it.Err(), it.Close(), r.Close()); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := entries(); n != 3 {
		t.Fatalf("%d entries written", n)
	}
	if res := e.must("SELECT c FROM t WHERE v = 7"); res.RowCount != 1 {
		t.Errorf("%d rows", res.RowCount)
	}
	if n := entries(); n != 1 {
		t.Errorf("%d entries left of 1 row", n)
	}
}
