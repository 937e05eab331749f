package native

import (
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The reading goroutine runs reads that are quick itself: to hand one to a worker,
// and to write its answer alone, costs more than the read of a few rows. While it
// does, what else its client has sent waits, so a read must be known to be quick:
// one of a row by its whole key is, one of rows of a partition when those before
// it were.

// inline reports whether the reading goroutine runs st itself.
func (st *statement) inline() bool { return st.pointRead || st.pace != nil && st.pace.quick() }

// pace is how quick the executions of a statement were lately. It is safe for
// concurrent use.
type pace struct {
	// trials is how many more executions must be quick before the next is thought
	// to be.
	trials atomic.Int32
}

const (
	// quickRead is the most time that a quick execution takes: several times what
	// handing it over would cost.
	quickRead = 50 * time.Microsecond
	// trialsFirst is for a new statement; trialsEach for each quickRead that an
	// execution took, so that one that is slow at times is seldom run inline; there
	// are no more than maxTrials.
	trialsFirst = 16
	trialsEach  = 16
	maxTrials   = 4096
)

func newPace() *pace {
	p := new(pace)
	p.trials.Store(trialsFirst)
	return p
}

func (p *pace) quick() bool { return p.trials.Load() <= 0 }

// note notes how long an execution took.
func (p *pace) note(took time.Duration) {
	n := p.trials.Load()
	switch {
	case took > quickRead:
		more := int32(min(took/quickRead, maxTrials)) * trialsEach
		p.trials.Store(min(max(n, 0)+more, maxTrials))
	case n > 0:
		p.trials.Store(n - 1) // others may do so, too: it is an estimate
	}
}

// pointRead reports whether s reads at most one row of t: every column of the
// primary key is compared with one value.
func pointRead(s *cql.Select, t *schema.Table) bool {
	if t == nil || t.Virtual || s.AllowFiltering || len(s.Where) != len(t.PartitionKey)+len(t.Clustering) {
		return false
	}
	for i := range s.Where {
		if !equalsValue(&s.Where[i]) {
			return false
		}
		c := t.Columns[s.Where[i].Columns[0]]
		if c == nil || c.Kind != schema.PartitionKey && c.Kind != schema.Clustering {
			return false
		}
	}
	return true
}

// partitionRead reports whether s reads rows of one partition of t by their
// clustering columns alone.
func partitionRead(s *cql.Select, t *schema.Table) bool {
	if t == nil || t.Virtual || s.AllowFiltering {
		return false
	}
	fixed := 0 // columns of the partition key that are compared with a value
	for i := range s.Where {
		r := &s.Where[i]
		for _, name := range r.Columns {
			switch c := t.Columns[name]; {
			case c == nil:
				return false
			case c.Kind == schema.PartitionKey && equalsValue(r):
				fixed++
			case c.Kind != schema.Clustering:
				return false
			}
		}
	}
	return fixed == len(t.PartitionKey)
}

// equalsValue: r compares one column with one value.
func equalsValue(r *cql.Relation) bool {
	return r.Kind == cql.SingleColumn && r.Op == cql.Eq && r.Element == nil && r.Value != nil
}
