package crash

import (
	"testing"
	"time"
)

const (
	longTTL  = 100_000
	shortTTL = 1
	// settled is when a row of shortTTL is gone for sure.
	settled = 3 * time.Second
)

// ttlWriter writes rows in pairs: one that lives long, one that expires soon.
type ttlWriter struct {
	id int
	numbered
	// at is when each number was written at the latest.
	at []time.Time
}

func (w *ttlWriter) write(c *client) error {
	i := w.next()
	err := c.exec(`BEGIN BATCH INSERT INTO crash.expiring (writer, n, short, v) VALUES (?, ?, false, ?) USING TTL 100000;
		INSERT INTO crash.expiring (writer, n, short, v) VALUES (?, ?, true, ?) USING TTL 1; APPLY BATCH`, w.id, i, i, w.id, i, i)
	w.at = append(w.at, time.Now())
	return w.done(i, err)
}

func (w *ttlWriter) check(t *testing.T, c *client, all bool) {
	w.each(all, func(i int) {
		var v, ttl int
		found, err := c.scan(`SELECT v, ttl(v) FROM crash.expiring WHERE writer = ? AND n = ? AND short = false`, []any{w.id, i}, &v, &ttl)
		if err != nil {
			t.Fatal(err)
		}
		if found && (v != i || ttl <= 0 || ttl > longTTL) {
			t.Errorf("row %d is %d with a TTL of %d", i, v, ttl)
		}
		w.must(t, "row with a TTL", i, found)
		asked := time.Now()
		found, err = c.scan(`SELECT v, ttl(v) FROM crash.expiring WHERE writer = ? AND n = ? AND short = true`, []any{w.id, i}, &v, &ttl)
		if err != nil {
			t.Fatal(err)
		}
		if found && (i > w.tried || asked.Sub(w.at[i-1]) > settled || ttl > shortTTL) {
			t.Errorf("row %d should have expired", i)
		}
	})
}
