package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// The kinds of an entry of a BATCH.
const (
	batchQuery    = 0
	batchPrepared = 1
)

// maxBatchKind is COUNTER, the last of the kinds of batch.
const maxBatchKind = 2

// Batch is a BATCH message (native_protocol_v5.spec §4.1.7).
type Batch struct {
	// Kind is 0 logged, 1 unlogged, 2 counter.
	Kind    uint8
	Entries []BatchEntry
	// Params holds what applies to the whole batch; its Values mean nothing.
	Params QueryParams

	values []Value // of all entries, in order
}

// BatchEntry is one statement of a Batch: prepared when ID is not nil, else Text.
type BatchEntry struct {
	ID   []byte
	Text string
	// from and to delimit the entry's values in Batch.values.
	from, to int
}

// Values returns the bound values of entry i.
func (m *Batch) Values(i int) []Value {
	e := m.Entries[i]
	return m.values[e.from:e.to:e.to]
}

// Add appends an entry with its values.
func (m *Batch) Add(e BatchEntry, values ...Value) {
	e.from = len(m.values)
	m.values = append(m.values, values...)
	e.to = len(m.values)
	m.Entries = append(m.Entries, e)
}

// Reset empties m and keeps its memory for the next Decode.
func (m *Batch) Reset() {
	clear(m.Entries)
	clear(m.values)
	m.Kind, m.Entries, m.values = 0, kept(m.Entries), kept(m.values)
	m.Params.reset()
}

// Decode decodes the body of a BATCH into m, whose slices are reused.
func (m *Batch) Decode(body []byte, v Version) *cqlerr.Error {
	r := NewReader(body, v)
	m.Reset()
	m.Kind = r.Byte()
	for range int(r.Short()) {
		m.decodeEntry(&r)
		if r.err != nil {
			return r.err
		}
	}
	r.queryParams(&m.Params)
	if m.Kind > maxBatchKind {
		r.fail("Invalid BATCH message type %d", int8(m.Kind))
	}
	return r.err
}

func (m *Batch) decodeEntry(r *Reader) {
	e := BatchEntry{from: len(m.values)}
	switch kind := r.Byte(); {
	case r.err != nil:
		return
	case kind == batchQuery:
		e.Text = r.LongString()
	case kind == batchPrepared:
		e.ID = r.ShortBytes()
	default:
		r.fail("Invalid query kind in BATCH messages. Must be 0 or 1 but got %d", int8(kind))
		return
	}
	m.values = r.values(m.values)
	e.to = len(m.values)
	m.Entries = append(m.Entries, e)
}

// AppendBody appends the message's body.
func (m *Batch) AppendBody(dst []byte, v Version) []byte {
	dst = AppendShort(append(dst, m.Kind), uint16(len(m.Entries)))
	for i, e := range m.Entries {
		if e.ID != nil {
			dst = AppendShortBytes(append(dst, batchPrepared), e.ID)
		} else {
			dst = AppendLongString(append(dst, batchQuery), e.Text)
		}
		values := m.Values(i)
		dst = AppendShort(dst, uint16(len(values)))
		for _, value := range values {
			dst = AppendValue(dst, value)
		}
	}
	return m.Params.append(dst, v)
}
