package exec_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// applied reads [applied] of an answer to a condition.
func applied(res *backend.Result) bool {
	c := res.Cursor()
	return c.Next()[0] == 1
}

// TestConditionalUpdatesFollowOneAnother: of many concurrent attempts to go
// from a value to the next, exactly one wins each time.
func TestConditionalUpdatesFollowOneAnother(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int PRIMARY KEY, v bigint, l list<bigint>)")
	e.must("INSERT INTO t (p, v) VALUES (1, 0)")
	m := e.prepare("UPDATE t SET v = ?, l = l + ? WHERE p = 1 IF v = ?")
	const goal = 200
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for v := int64(0); v < goal; v++ {
				list := binary.BigEndian.AppendUint32(nil, 1)
				list = binary.BigEndian.AppendUint32(list, 8)
				list = binary.BigEndian.AppendUint64(list, uint64(v))
				res, err := e.db.Modify(t.Context(), m, &backend.Query{
					Values: []backend.Value{bigint(v + 1), {Bytes: list}, bigint(v)},
				})
				if err != nil {
					t.Error(err)
					return
				}
				if applied(res) {
					wins.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if wins.Load() != goal {
		t.Errorf("%d updates applied, want %d", wins.Load(), goal)
	}
	want := "v\n200\n"
	if got := show(e.must("SELECT v FROM t WHERE p = 1"), nil); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	res := e.must("SELECT l FROM t WHERE p = 1")
	c := res.Cursor()
	if n := binary.BigEndian.Uint32(c.Next()); n != goal {
		t.Errorf("the list has %d elements, want %d", n, goal)
	}
}

// TestConditionalBatchesFollowOneAnother: what a conditional batch writes to
// rows that it did not compare is later than what earlier ones wrote there.
func TestConditionalBatchesFollowOneAnother(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int, c int, v bigint, PRIMARY KEY (p, c))")
	e.must("INSERT INTO t (p, c, v) VALUES (1, 0, 0)")
	first := e.prepare("UPDATE t SET v = ? WHERE p = 1 AND c = 0 IF v = ?")
	second := e.prepare("UPDATE t SET v = ? WHERE p = 1 AND c = 1")
	b, err := plan.NewBatch(cql.Logged, []*plan.Modify{first, second}, plan.Attributes{})
	if err != nil {
		t.Fatal(err)
	}
	const goal = 200
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for v := int64(0); v < goal; v++ {
				values := [][]backend.Value{{bigint(v + 1), bigint(v)}, {bigint(v + 1)}}
				if _, err := e.db.Batch(t.Context(), b, values, &backend.Query{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got, want := show(e.must("SELECT c, v FROM t WHERE p = 1"), nil), "c | v\n0 | 200\n1 | 200\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestConditionalInsertOnce: of many concurrent INSERT ... IF NOT EXISTS of one
// key one is applied, and the others answer its row.
func TestConditionalInsertOnce(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p bigint PRIMARY KEY, who bigint)")
	m := e.prepare("INSERT INTO t (p, who) VALUES (?, ?) IF NOT EXISTS")
	for key := range int64(20) {
		var winners sync.Map
		var wg sync.WaitGroup
		for who := range int64(8) {
			wg.Go(func() {
				res, err := e.db.Modify(t.Context(), m, &backend.Query{Values: []backend.Value{bigint(key), bigint(who)}})
				if err != nil {
					t.Error(err)
					return
				}
				if applied(res) {
					winners.Store(who, true)
					return
				}
				c := res.Cursor()
				c.Next()
				if got := int64(binary.BigEndian.Uint64(c.Next())); got != key {
					t.Errorf("answered the row of key %d for %d", got, key)
				}
			})
		}
		wg.Wait()
		n := 0
		winners.Range(func(who, _ any) bool {
			n++
			want := fmt.Sprintf("who\n%d\n", who)
			if got := show(e.must(fmt.Sprintf("SELECT who FROM t WHERE p = %d", key)), nil); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			return true
		})
		if n != 1 {
			t.Errorf("%d inserts of key %d applied", n, key)
		}
	}
}

// TestConditionAfterFutureWrite: a conditional update is later than what it
// read, even if that is from the future, and the clock is not moved by it.
func TestConditionAfterFutureWrite(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int PRIMARY KEY, v int)")
	const future = 1 << 60
	e.must(fmt.Sprintf("INSERT INTO t (p, v) VALUES (1, 1) USING TIMESTAMP %d", int64(future)))
	if !applied(e.must("UPDATE t SET v = 2 WHERE p = 1 IF v = 1")) {
		t.Fatal("not applied")
	}
	want := fmt.Sprintf("v | writetime(v)\n2 | %d\n", int64(future)+1)
	if got := show(e.must("SELECT v, writetime(v) FROM t WHERE p = 1"), nil); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if now := e.store.Now(); now >= future {
		t.Errorf("the clock went to %d", now)
	}
	e.must("INSERT INTO t (p, v) VALUES (2, 1) USING TIMESTAMP 9223372036854775807")
	if !applied(e.must("UPDATE t SET v = 2 WHERE p = 2 IF v = 1")) {
		t.Error("not applied")
	}
}

// TestConditionAfterFutureDeletion: what a conditional statement writes is not
// hidden by an earlier deletion, though that came from a clock ahead of ours.
func TestConditionAfterFutureDeletion(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int, c int, v int, l list<int>, PRIMARY KEY (p, c))")
	e.must("CREATE TABLE one (p int PRIMARY KEY, v int)")
	for i, deletion := range []string{
		"DELETE FROM t USING TIMESTAMP 1152921504606846976 WHERE p = %d",
		"DELETE FROM t USING TIMESTAMP 1152921504606846976 WHERE p = %d AND c > 0",
		"DELETE FROM t USING TIMESTAMP 1152921504606846976 WHERE p = %d AND c = 1",
		"DELETE v, l FROM t USING TIMESTAMP 1152921504606846976 WHERE p = %d AND c = 1",
	} {
		deletion = fmt.Sprintf(deletion, i)
		e.must(deletion)
		if !applied(e.must(fmt.Sprintf("INSERT INTO t (p, c, v, l) VALUES (%d, 1, 2, [3]) IF NOT EXISTS", i))) {
			t.Fatalf("not applied after %s", deletion)
		}
		if got, want := show(e.must(fmt.Sprintf("SELECT v, l FROM t WHERE p = %d", i)), nil), "v | l\n2 | [3]\n"; got != want {
			t.Errorf("%s: got %s, want %s", deletion, got, want)
		}
	}
	e.must("DELETE FROM one USING TIMESTAMP 1152921504606846976 WHERE p = 1")
	e.must("INSERT INTO one (p, v) VALUES (1, 2) IF NOT EXISTS")
	if got, want := show(e.must("SELECT v FROM one WHERE p = 1"), nil), "v\n2\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestListOperationsFollowOneAnother: concurrent operations by index each see
// the list as the one before left it.
func TestListOperationsFollowOneAnother(t *testing.T) {
	e := newMiniEngine(t)
	e.must("CREATE TABLE t (p int PRIMARY KEY, l list<int>)")
	e.must("UPDATE t SET l = [1, 2, 3, 4, 5, 6, 7, 8] WHERE p = 1")
	m := e.prepare("DELETE l[0] FROM t WHERE p = 1")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := e.db.Modify(t.Context(), m, &backend.Query{Consistency: backend.LocalOne}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, want := show(e.must("SELECT l FROM t WHERE p = 1"), nil), "l\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
