package crash

import (
	"fmt"
	"slices"
	"testing"
)

// indexed is how many rows an indexWriter changes again and again.
const indexed = 11

// indexWriter changes and deletes rows with an indexed value and an indexed set.
// Values are never used twice.
type indexWriter struct {
	numbered
	// last is each row's number as written last, 0 when deleted; before those that
	// it may have too, for a write was not acknowledged.
	last   [indexed]int
	before [indexed][]int
}

func (w *indexWriter) write(c *client) error {
	i := w.next()
	row, value := i%indexed, i
	var err error
	if i%5 == 0 {
		value = 0
		err = c.exec(`DELETE FROM crash.indexed WHERE id = ?`, row)
	} else {
		err = c.exec(`UPDATE crash.indexed SET v = ?, tags = ? WHERE id = ?`, i, []string{fmt.Sprint(i), "all"}, row)
	}
	if err != nil {
		w.before[row] = append(w.before[row], value)
	} else {
		w.last[row], w.before[row] = value, nil
	}
	return w.done(i, err)
}

func (w *indexWriter) check(t *testing.T, c *client, _ bool) {
	for row := range indexed {
		var v int
		if _, err := c.scan(`SELECT v FROM crash.indexed WHERE id = ?`, []any{row}, &v); err != nil {
			t.Fatal(err)
		}
		if v != w.last[row] && !slices.Contains(w.before[row], v) {
			t.Errorf("row %d is %d, %d was acknowledged last, %v tried", row, v, w.last[row], w.before[row])
		}
		for _, candidate := range append([]int{w.last[row]}, w.before[row]...) {
			if candidate == 0 {
				continue
			}
			w.agrees(t, c, row, candidate, candidate == v)
		}
		w.last[row], w.before[row] = v, nil
	}
}

// agrees checks that the indexes find a row by a value if and only if it has it.
func (w *indexWriter) agrees(t *testing.T, c *client, row, value int, has bool) {
	t.Helper()
	for statement, by := range map[string]any{
		`SELECT id FROM crash.indexed WHERE v = ?`:           value,
		`SELECT id FROM crash.indexed WHERE tags CONTAINS ?`: fmt.Sprint(value),
	} {
		id := -1
		found, err := c.scan(statement, []any{by}, &id)
		if err != nil {
			t.Fatal(err)
		}
		if found != has || found && id != row {
			t.Errorf("%s finds %v: row %d, which has %d: %v", statement, found, id, value, has)
		}
	}
}
