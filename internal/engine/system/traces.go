package system

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

const (
	// traceTTL is how long a trace is kept at most (trace_type_query_ttl).
	traceTTL = 24 * time.Hour
	// maxTraceBytes bounds the memory of all traces; the oldest make room.
	maxTraceBytes = 8 << 20
	// traceOverhead is what a trace and an event take beside their texts.
	traceOverhead = 256
)

// traces keeps the last traces in memory, oldest first.
type traces struct {
	mu    sync.Mutex
	kept  []*keptTrace
	bytes int
}

// keptTrace is a trace in the form of rows.
type keptTrace struct {
	key     []byte // session_id
	session schema.Row
	events  []schema.Row
	written time.Time
	bytes   int
}

// KeepTrace keeps a trace for system_traces.
func (s *Tables) KeepTrace(t *backend.Trace) {
	k := s.traceRows(t)
	s.traces.mu.Lock()
	defer s.traces.mu.Unlock()
	s.traces.kept = append(s.traces.kept, k)
	s.traces.bytes += k.bytes
	s.traces.trim(k.written)
}

// trim drops what is too old or too much. The caller holds the lock.
func (t *traces) trim(now time.Time) {
	n := 0
	for n < len(t.kept) && (t.bytes > maxTraceBytes || now.Sub(t.kept[n].written) >= traceTTL) {
		t.bytes -= t.kept[n].bytes
		n++
	}
	if n > 0 {
		t.kept = append([]*keptTrace(nil), t.kept[n:]...)
	}
}

// all returns the traces that are still kept.
func (t *traces) all() []*keptTrace {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trim(time.Now())
	return t.kept
}

// traceRows makes the rows of system_traces.sessions and events.
func (s *Tables) traceRows(t *backend.Trace) *keptTrace {
	address := s.options.Address()
	source, port := inet(address.Addr()), schema.Int(int32(address.Port()))
	k := &keptTrace{key: schema.UUID(t.ID), written: time.Now(), bytes: traceOverhead}
	k.session = schema.Row{
		k.key, inetOrNull(t.Client), schema.Text("QUERY"), source, port, schema.Int(micros(t.Duration)),
		schema.TextMap(t.Parameters), schema.Text(t.Request), schema.Bigint(t.Started.UnixMilli()),
	}
	for name, value := range t.Parameters {
		k.bytes += len(name) + len(value)
	}
	last := time.Duration(0)
	for _, e := range t.Events() {
		at := max(e.Elapsed, last+tick) // events of one tick keep their order
		last = at
		k.events = append(k.events, schema.Row{
			k.key, schema.UUID(later(t.ID, at)), schema.Text(e.Activity), source, schema.Int(micros(e.Elapsed)), port, schema.Text(e.Thread),
		})
		k.bytes += traceOverhead + len(e.Activity)
	}
	return k
}

func micros(d time.Duration) int32 { return int32(min(d.Microseconds(), 1<<31-1)) }

func inetOrNull(a netip.Addr) []byte {
	if !a.IsValid() {
		return nil
	}
	return inet(a)
}

// tick is the unit of time of version 1 UUIDs.
const tick = 100 * time.Nanosecond

// later returns the version 1 UUID that is d behind id.
func later(id uuid.UUID, d time.Duration) uuid.UUID {
	ticks := uint64(id.Time()) + uint64(d/tick)
	binary.BigEndian.PutUint32(id[0:], uint32(ticks))
	binary.BigEndian.PutUint16(id[4:], uint16(ticks>>32))
	binary.BigEndian.PutUint16(id[6:], uint16(ticks>>48)&0x0fff|0x1000)
	return id
}

// tracePartitions are the partitions of system_traces.sessions, or of events.
func (s *Tables) tracePartitions(events bool) []partition {
	var all []partition
	for _, k := range s.traces.all() {
		rows := []schema.Row{k.session}
		if events {
			rows = k.events
		}
		if len(rows) > 0 {
			all = append(all, partition{key: k.key, written: k.written, ttl: traceTTL, rows: func() []schema.Row { return rows }})
		}
	}
	return all
}
