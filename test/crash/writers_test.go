package crash

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// writer writes one kind of thing, again and again, and knows what it was
// answered.
type writer interface {
	// write makes the next write; after an error it is unknown whether it was done.
	write(c *client) error
	// check compares what is stored with what was acknowledged: what has been
	// written since the last check, or all of it.
	check(t *testing.T, c *client, all bool)
	acknowledged() int
	// mistakes are the answers that were wrong.
	mistakes() []error
}

func newWriters() []writer {
	return []writer{
		&batchWriter{id: 1}, &batchWriter{id: 2},
		&counterWriter{id: 1},
		&registerWriter{id: 1},
		&uniqueWriter{},
		&restWriter{id: 1}, &restWriter{id: 2},
		&tableWriter{}, &columnWriter{},
		&ttlWriter{id: 1}, &countersWriter{}, &indexWriter{},
	}
}

// numbered counts writes that are numbered from 1: tried is the last one begun.
// A number that is not in failed was acknowledged.
type numbered struct {
	tried   int
	failed  map[int]bool
	checked int
	// wrong are answers that a living server must not give.
	wrong []error
}

// wrongAnswer is an answer that contradicts what was acknowledged.
type wrongAnswer struct{ error }

func wrongf(format string, args ...any) error { return wrongAnswer{fmt.Errorf(format, args...)} }

// note keeps err if the server has answered it. The connection's end is no answer.
func (n *numbered) note(err error) error {
	var wrong wrongAnswer
	var refused gocql.RequestError
	if errors.As(err, &wrong) || errors.As(err, &refused) {
		n.wrong = append(n.wrong, err)
	}
	return err
}

// next begins a write; done ends it.
func (n *numbered) next() int {
	n.tried++
	return n.tried
}

func (n *numbered) done(i int, err error) error {
	if err != nil {
		if n.failed == nil {
			n.failed = map[int]bool{}
		}
		n.failed[i] = true
	}
	return n.note(err)
}

func (n *numbered) mistakes() []error { return n.wrong }

func (n *numbered) acknowledged() int { return n.tried - len(n.failed) }

// each calls f for the numbers to check, the one after the last included: it
// was never tried.
func (n *numbered) each(all bool, f func(i int)) {
	from := n.checked + 1
	if all {
		from = 1
	}
	for i := from; i <= n.tried+1; i++ {
		f(i)
	}
	n.checked = n.tried
}

// must reports a number that should be there and is not, or the other way round.
func (n *numbered) must(t *testing.T, what string, i int, found bool) {
	t.Helper()
	switch {
	case !found && i <= n.tried && !n.failed[i]:
		t.Errorf("%s %d was acknowledged and is lost", what, i)
	case found && i > n.tried:
		t.Errorf("%s %d was never written and is there", what, i)
	}
}

// batchWriter writes logged batches over two tables and two partitions.
type batchWriter struct {
	id int
	numbered
}

func (w *batchWriter) write(c *client) error {
	i := w.next()
	ctx, cancel := c.timeout()
	defer cancel()
	b := c.session.Batch(gocql.LoggedBatch)
	text := strings.Repeat("x", i%500)
	b.Query(`INSERT INTO crash.left (writer, n, v) VALUES (?, ?, ?)`, w.id, i, text)
	b.Query(`INSERT INTO crash.right (id, v, tags) VALUES (?, ?, ?)`, w.key(i), text, []string{"a", "b"})
	b.Query(`UPDATE crash.right SET tags = tags + {'c'} WHERE id = ?`, w.key(i))
	return w.done(i, b.ExecContext(ctx))
}

func (w *batchWriter) key(i int) string { return fmt.Sprintf("%d/%d", w.id, i) }

func (w *batchWriter) check(t *testing.T, c *client, all bool) {
	w.each(all, func(i int) {
		var left, right string
		var tags []string
		foundLeft, err := c.scan(`SELECT v FROM crash.left WHERE writer = ? AND n = ?`, []any{w.id, i}, &left)
		if err != nil {
			t.Fatal(err)
		}
		foundRight, err := c.scan(`SELECT v, tags FROM crash.right WHERE id = ?`, []any{w.key(i)}, &right, &tags)
		if err != nil {
			t.Fatal(err)
		}
		if foundLeft != foundRight || foundLeft && (left != right || len(left) != i%500 || len(tags) != 3) {
			t.Errorf("batch %s is half there: %v %q, %v %q %v", w.key(i), foundLeft, left, foundRight, right, tags)
		}
		w.must(t, "batch", i, foundLeft && foundRight)
	})
}

// counterWriter increments one counter.
type counterWriter struct {
	id int
	numbered
}

func (w *counterWriter) write(c *client) error {
	return w.done(w.next(), c.exec(`UPDATE crash.counts SET n = n + 1 WHERE id = ?`, w.id))
}

func (w *counterWriter) check(t *testing.T, c *client, _ bool) {
	var n int
	if _, err := c.scan(`SELECT n FROM crash.counts WHERE id = ?`, []any{w.id}, &n); err != nil {
		t.Fatal(err)
	}
	if n < w.acknowledged() || n > w.tried {
		t.Errorf("counter is %d, %d increments were acknowledged, %d tried", n, w.acknowledged(), w.tried)
	}
}

// registerWriter moves one row from value to value by compare and set.
type registerWriter struct {
	id int
	numbered
	// value is the last one known to be stored, unsure one that may be.
	value, unsure int
}

func (w *registerWriter) write(c *client) error {
	i := w.next()
	statement, values := `UPDATE crash.registers SET v = ? WHERE id = ? IF v = ?`, []any{i, w.id, w.value}
	if w.value == 0 {
		statement, values = `INSERT INTO crash.registers (v, id) VALUES (?, ?) IF NOT EXISTS`, values[:2]
	}
	ctx, cancel := c.timeout()
	defer cancel()
	applied, err := c.session.Query(statement, values...).MapScanCASContext(ctx, map[string]any{})
	if err == nil && !applied {
		err = wrongf("register %d is not %d", w.id, w.value)
	}
	if err == nil {
		w.value = i
	} else {
		w.unsure = i
	}
	return w.done(i, err)
}

func (w *registerWriter) check(t *testing.T, c *client, _ bool) {
	var v int
	if _, err := c.scan(`SELECT v FROM crash.registers WHERE id = ?`, []any{w.id}, &v); err != nil {
		t.Fatal(err)
	}
	if v != w.value && v != w.unsure {
		t.Errorf("register is %d; %d was acknowledged last, %d tried", v, w.value, w.unsure)
	}
	w.value, w.unsure = v, v
}

// uniqueWriter claims names with IF NOT EXISTS, each twice: the second claim
// must see the first.
type uniqueWriter struct{ numbered }

func (w *uniqueWriter) write(c *client) error {
	i := w.next()
	for claim := range 2 {
		ctx, cancel := c.timeout()
		applied, err := c.session.Query(`INSERT INTO crash.right (id, v) VALUES (?, ?) IF NOT EXISTS`, w.key(i), fmt.Sprint(claim)).MapScanCASContext(ctx, map[string]any{})
		cancel()
		if err == nil && applied != (claim == 0) {
			err = wrongf("claim %d of %s: applied is %v", claim, w.key(i), applied)
		}
		if err != nil && claim == 0 {
			return w.done(i, err)
		}
		if err != nil {
			return w.note(err)
		}
	}
	return nil
}

func (w *uniqueWriter) key(i int) string { return fmt.Sprintf("unique/%d", i) }

func (w *uniqueWriter) check(t *testing.T, c *client, all bool) {
	w.each(all, func(i int) {
		var v string
		found, err := c.scan(`SELECT v FROM crash.right WHERE id = ?`, []any{w.key(i)}, &v)
		if err != nil {
			t.Fatal(err)
		}
		if found && v != "0" {
			t.Errorf("%s was claimed by %s", w.key(i), v)
		}
		w.must(t, "claim", i, found)
	})
}

// restWriter posts rows over REST, changes each, and deletes every fifth.
type restWriter struct {
	id int
	numbered
}

func (w *restWriter) key(i int) string { return fmt.Sprintf("%d-%d", w.id, i) }

func (w *restWriter) deleted(i int) bool { return i%5 == 0 }

func (w *restWriter) write(c *client) error {
	i := w.next()
	err := c.expect(http.StatusCreated, http.MethodPost, "/v2/keyspaces/crash/rest", map[string]any{"id": w.key(i), "v": 1})
	if err == nil {
		err = c.expect(http.StatusOK, http.MethodPut, "/v2/keyspaces/crash/rest/"+w.key(i), map[string]any{"v": i})
	}
	if err == nil && w.deleted(i) {
		err = c.expect(http.StatusNoContent, http.MethodDelete, "/v2/keyspaces/crash/rest/"+w.key(i), nil)
	}
	return w.done(i, err)
}

func (w *restWriter) check(t *testing.T, c *client, all bool) {
	w.each(all, func(i int) {
		status, text, err := c.rest(http.MethodGet, "/v2/keyspaces/crash/rest/"+w.key(i)+"?raw=true", nil)
		if err != nil {
			t.Fatal(err)
		}
		var rows []struct{ V int }
		if status == http.StatusOK {
			if err := json.Unmarshal(text, &rows); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		} else if status != http.StatusNotFound {
			t.Fatalf("row %s: %d %s", w.key(i), status, text)
		}
		if w.failed[i] || i > w.tried {
			if i > w.tried && len(rows) != 0 {
				t.Errorf("row %s was never written and is there", w.key(i))
			}
			return
		}
		switch {
		case w.deleted(i) && len(rows) != 0:
			t.Errorf("row %s was deleted and is back: %s", w.key(i), text)
		case !w.deleted(i) && (len(rows) != 1 || rows[0].V != i):
			t.Errorf("row %s: %d %s", w.key(i), status, text)
		}
	})
}

// tableWriter creates tables, each with a row.
type tableWriter struct{ numbered }

func (w *tableWriter) write(c *client) error {
	i := w.next()
	err := c.exec(fmt.Sprintf(`CREATE TABLE crash.made%d (id int PRIMARY KEY, v int)`, i))
	if err == nil {
		err = c.exec(fmt.Sprintf(`INSERT INTO crash.made%d (id, v) VALUES (1, %d)`, i, i))
	}
	if err == nil && i > 10 {
		// Keep the schema small; a dropped table must stay dropped.
		err = c.exec(fmt.Sprintf(`DROP TABLE IF EXISTS crash.made%d`, i-10))
	}
	return w.done(i, err)
}

func (w *tableWriter) check(t *testing.T, c *client, all bool) {
	made := map[string]bool{}
	ctx, cancel := c.timeout()
	defer cancel()
	iter := c.session.Query(`SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'crash'`).IterContext(ctx)
	for name := ""; iter.Scan(&name); {
		made[name] = true
	}
	if err := iter.Close(); err != nil {
		t.Fatal(err)
	}
	w.each(all, func(i int) {
		name := fmt.Sprintf("made%d", i)
		if w.failed[i] || i > w.tried {
			return
		}
		if dropper := i + 10; dropper <= w.tried {
			if made[name] && !w.failed[dropper] {
				t.Errorf("table %s was dropped and is back", name)
			}
			return
		}
		if !made[name] {
			t.Errorf("table %s was created and is lost", name)
			return
		}
		var v int
		if found, err := c.scan(`SELECT v FROM crash.`+name+` WHERE id = 1`, nil, &v); err != nil || !found || v != i {
			t.Errorf("table %s: row found %v with %d, %v", name, found, v, err)
		}
	})
}
