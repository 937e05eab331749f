package crash

import "testing"

// counters is how many counters a countersWriter has.
const counters = 7

// countersWriter increments two counters of different partitions in one batch.
// It knows of each how often it was incremented for sure, and how often perhaps.
type countersWriter struct {
	numbered
	sure, unsure [counters]int
}

func (w *countersWriter) write(c *client) error {
	i := w.next()
	a, b := i%counters, (i+1)%counters
	err := c.exec(`BEGIN COUNTER BATCH UPDATE crash.pairs SET n = n + 1 WHERE id = ?; UPDATE crash.pairs SET n = n + 1 WHERE id = ?; APPLY BATCH`, a, b)
	for _, k := range []int{a, b} {
		if err == nil {
			w.sure[k]++
		} else {
			w.unsure[k]++
		}
	}
	return w.done(i, err)
}

func (w *countersWriter) check(t *testing.T, c *client, _ bool) {
	sum := 0
	for k := range counters {
		var n int
		if _, err := c.scan(`SELECT n FROM crash.pairs WHERE id = ?`, []any{k}, &n); err != nil {
			t.Fatal(err)
		}
		if n < w.sure[k] || n > w.sure[k]+w.unsure[k] {
			t.Errorf("counter %d is %d; %d increments were acknowledged, %d more tried", k, n, w.sure[k], w.unsure[k])
		}
		sum += n
		// What the crash has decided is known from now on.
		w.sure[k], w.unsure[k] = n, 0
	}
	if sum%2 != 0 {
		t.Errorf("the counters add up to %d: half of a batch was done", sum)
	}
}
