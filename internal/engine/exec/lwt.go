package exec

import (
	"bytes"
	"context"
	"math"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// request is a conditional statement or batch while it runs: what is to be
// compared, in which rows of the one partition, and what to write then
// (org.apache.cassandra.cql3.statements.CQL3CasRequest).
type request struct {
	w         *writer
	parts     []casPart
	batch     bool
	partition []byte
	// static is the condition on the static row, rows those on rows, in clustering order.
	static *rowCondition
	rows   []*rowCondition
	serial backend.Consistency
	// found holds the rows that were read.
	found found
}

// casPart is one modification of a request.
type casPart struct {
	part
	// row is the clustering key; nil for the partition or its static row.
	row [][]byte
	// slices are what a DELETE of ranges deletes.
	slices  []store.Slice
	isRange bool
}

// errNoPartition is Cassandra's error for a condition on no partition at all, such as
// that of k = 1 AND token(k) > token(1).
var errNoPartition = cqlerr.New(cqlerr.ServerError, "java.lang.IndexOutOfBoundsException: Index 0 out of bounds for length 0")

// conditional runs modifications of which at least one has a condition: all if
// every condition holds, else none. The answer's rows are as Cassandra's
// (ModificationStatement.buildCasResultSet).
func (db *DB) conditional(ctx context.Context, parts []part, batch bool, q *backend.Query) (*backend.Result, error) {
	start := time.Now()
	w := db.newWriter(q)
	defer w.release()
	w.cas = true
	r := &request{w: w, batch: batch, serial: q.SerialConsistency}
	for _, p := range parts {
		if err := r.add(p); err != nil {
			return nil, err
		}
	}
	if len(r.parts) == 0 {
		return nil, errNoPartition
	}
	if err := checkSerialConsistency(q); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w.hold(r.partition)
	q.Trace.Event(backend.TraceRead, "Reading existing values for CAS precondition")
	if err := r.read(); err != nil {
		return nil, err
	}
	applied, err := r.applies()
	if err != nil {
		return nil, w.warn(err)
	}
	if !applied {
		q.Trace.Event(backend.TraceWrite, "CAS precondition does not match current values")
		return r.refusal()
	}
	if db.Available != nil {
		if err := db.Available(q.Consistency, r.parts[0].m.Table); err != nil {
			return nil, err
		}
	}
	q.Trace.Event(backend.TraceWrite, "CAS precondition is met; proposing client-requested updates")
	if err := r.write(); err != nil {
		return nil, w.warn(err)
	}
	if err := w.checkTerms(); err != nil {
		return nil, w.warn(err)
	}
	if err := w.commit(); err != nil {
		return nil, err
	}
	db.Measures.Write(r.parts[0].m.Table.Storage, start)
	q.Trace.Event(backend.TraceWrite, "CAS applied successfully")
	result := appliedResult(r.parts[0].m.Table)
	result.Warnings = w.warnings
	return result, nil
}

// add takes a modification into the request.
func (r *request) add(p part) error {
	w, m := r.w, p.m
	if err := w.bind(p); err != nil {
		return err
	}
	partitions, err := m.Partitions(&w.env)
	if err != nil {
		return err
	}
	if m.PartitionIn && r.batch {
		return cqlerr.Invalidf("Batch with conditions cannot span multiple partitions (you cannot use IN on the partition key)")
	}
	if m.PartitionIn || len(partitions) != 1 {
		return m.CheckConditional()
	}
	switch {
	case r.partition == nil:
		r.partition = bytes.Clone(partitions[0])
	case !bytes.Equal(r.partition, partitions[0]):
		return cqlerr.Invalidf("Batch with conditions cannot span multiple partitions")
	}
	if err := m.CheckClusteringIn(); err != nil {
		return err
	}
	c := casPart{part: p, isRange: m.IsRange()}
	if c.isRange {
		if c.slices, err = m.Slices(&w.env); err != nil {
			return err
		}
	} else {
		rows, err := m.Rows(&w.env)
		if err != nil || len(rows) != 1 {
			return err
		}
		c.row = rows[0]
	}
	r.parts = append(r.parts, c)
	return r.addConditions(m, c.row)
}

// checkSerialConsistency checks the consistency levels of a conditional
// statement (ConsistencyLevel.validateForCas and validateForCasCommit). A serial
// consistency that is not given is SERIAL.
func checkSerialConsistency(q *backend.Query) error {
	switch q.SerialConsistency {
	case 0, backend.Serial, backend.LocalSerial:
	default:
		return cqlerr.Invalidf("Invalid consistency for conditional update. Must be one of SERIAL or LOCAL_SERIAL")
	}
	name := ""
	switch q.Consistency {
	case backend.Serial:
		name = "SERIAL"
	case backend.LocalSerial:
		name = "LOCAL_SERIAL"
	default:
		return nil
	}
	return cqlerr.Invalidf("%s is not supported as conditional update commit consistency. Use ANY if you mean "+
		"\"make sure it is accepted but I don't care how many replicas commit it for non-SERIAL reads\"", name)
}

// write writes all parts at one time, which is later than all that was read and
// than all conditional writes of the partition before. As in Cassandra (PartitionUpdate.updateAllTimestamp) deletions of the partition
// and of ranges are a microsecond earlier, so that other parts' rows survive.
func (r *request) write() error {
	w := r.w
	w.ts = w.db.Store.Now() // of after the lock was taken
	if r.found.latest >= w.ts && r.found.latest < math.MaxInt64 {
		w.ts = r.found.latest + 1
	}
	w.rangeTS = w.ts - 1
	for i := range r.parts {
		p := &r.parts[i]
		if err := w.bind(p.part); err != nil {
			return err
		}
		if err := w.expiry(); err != nil {
			return err
		}
		if p.isRange {
			if err := w.deleteRanges([][]byte{r.partition}, p.slices); err != nil {
				return err
			}
			continue
		}
		if err := w.write(r.partition, p.row); err != nil {
			return err
		}
	}
	return nil
}

// wholeRow reports whether m's condition is on the row's existence.
func wholeRow(m *plan.Modify) bool { return m.IfExists || m.IfNotExists }
