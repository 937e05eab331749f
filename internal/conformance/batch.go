package conformance

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// Batch is a BATCH message of the native protocol.
type Batch struct {
	Kind cql.BatchKind
	// Timestamp of the message when HasTimestamp.
	Timestamp    int64
	HasTimestamp bool
	Entries      []BatchEntry
}

// BatchEntry is a statement of a Batch: prepared when Values are not nil, else
// sent as text.
type BatchEntry struct {
	Statement string
	Values    []Value
}

// batchKinds by their names in @batch.
var batchKinds = map[string]cql.BatchKind{"logged": cql.Logged, "unlogged": cql.Unlogged, "counter": cql.CounterBatch}

// parseBatch reads what stands behind @batch: a kind and perhaps a timestamp.
func parseBatch(text string) (*Batch, error) {
	name, timestamp, timed := strings.Cut(text, " ")
	kind, ok := batchKinds[name]
	if !ok {
		return nil, fmt.Errorf("no kind of batch: %q", name)
	}
	b := &Batch{Kind: kind, HasTimestamp: timed}
	var err error
	if timed {
		b.Timestamp, err = strconv.ParseInt(timestamp, 10, 64)
	}
	return b, err
}

// entryBind stands between an entry of a batch and its values.
const entryBind = " @bind"

// batch is the message that c stands for, nil if it is none.
func (c *Case) batch() (*Batch, error) {
	if c.Batch == nil {
		return nil, nil
	}
	b := *c.Batch
	for _, line := range strings.Split(c.Statement, "\n") {
		e := BatchEntry{Statement: line}
		if i := strings.LastIndex(line, entryBind); i >= 0 {
			values, err := bindValues(strings.TrimSpace(line[i+len(entryBind):]))
			if err != nil {
				return nil, err
			}
			e = BatchEntry{Statement: line[:i], Values: append([]Value{}, values...)}
		}
		b.Entries = append(b.Entries, e)
	}
	return &b, nil
}
