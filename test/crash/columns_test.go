package crash

import (
	"fmt"
	"testing"
)

// kept is how many of its columns a columnWriter leaves.
const kept = 6

// columnWriter adds columns to a table, fills and indexes them, and drops old ones.
type columnWriter struct{ numbered }

func (w *columnWriter) write(c *client) error {
	i := w.next()
	err := c.exec(fmt.Sprintf(`ALTER TABLE crash.altered ADD v%d int`, i))
	if err == nil {
		err = c.exec(fmt.Sprintf(`INSERT INTO crash.altered (id, v%d) VALUES (1, %d)`, i, i))
	}
	if err == nil && i%3 == 0 {
		err = c.exec(fmt.Sprintf(`CREATE INDEX altered%d ON crash.altered (v%d)`, i, i))
	}
	if err == nil && i > kept {
		// Columns with an index can't be dropped; indexes that go by themselves neither.
		if old := i - kept; old%3 == 0 {
			err = c.exec(fmt.Sprintf(`DROP INDEX IF EXISTS crash.altered%d`, old))
		}
		if err == nil {
			err = c.exec(fmt.Sprintf(`ALTER TABLE crash.altered DROP IF EXISTS v%d`, i-kept))
		}
	}
	return w.done(i, err)
}

func (w *columnWriter) check(t *testing.T, c *client, all bool) {
	columns := map[string]bool{}
	ctx, cancel := c.timeout()
	defer cancel()
	iter := c.session.Query(`SELECT column_name FROM system_schema.columns WHERE keyspace_name = 'crash' AND table_name = 'altered'`).IterContext(ctx)
	for name := ""; iter.Scan(&name); {
		columns[name] = true
	}
	if err := iter.Close(); err != nil {
		t.Fatal(err)
	}
	w.each(all, func(i int) {
		name := fmt.Sprintf("v%d", i)
		if w.failed[i] || i > w.tried {
			return
		}
		if dropper := i + kept; dropper <= w.tried {
			if columns[name] && !w.failed[dropper] {
				t.Errorf("column %s was dropped and is back", name)
			}
			return
		}
		if !columns[name] {
			t.Errorf("column %s was added and is lost", name)
			return
		}
		var v int
		if found, err := c.scan(`SELECT `+name+` FROM crash.altered WHERE id = 1`, nil, &v); err != nil || !found || v != i {
			t.Errorf("column %s: found %v with %d, %v", name, found, v, err)
		}
		if i%3 == 0 {
			if found, err := c.scan(`SELECT id FROM crash.altered WHERE `+name+` = ?`, []any{i}, &v); err != nil || !found {
				t.Errorf("index on %s: found %v, %v", name, found, err)
			}
		}
	})
}
