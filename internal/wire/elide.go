package wire

import (
	"encoding/binary"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/elide"
)

// FormOf tells the form of a statement's value: the one at index, from 0, or of the
// bind variable name, unless that is nil.
type FormOf func(index int, name []byte) elide.Form

// ElideOptions are what an Elider needs to know.
type ElideOptions struct {
	// Limit is the size in bytes past which a value is shortened. Literals, and the
	// strings of a row in JSON, may be as long as keys besides.
	Limit int64
	// Prepared tells of the values of a prepared statement, Text of those of a
	// statement in the text given, of which cuts were left out; it must not keep the
	// text. They may return nil: nothing of them is shortened.
	Prepared func(id []byte) FormOf
	Text     func(text []byte, cuts *elide.Cuts) FormOf
}

// Elider shortens the values and literals of one request (package elide) while it
// is being collected: a QUERY, PREPARE, EXECUTE or BATCH without compression of its
// own. It knows the layout of messages, but refuses none: the bytes of what it does
// not understand pass.
//
// It takes the body as it arrives, in pieces: what is read next has a known length,
// and then step goes on.
type Elider struct {
	opts    ElideOptions
	version Version
	opcode  Opcode
	flagged Flags
	shared  elide.Shared

	way  way
	left int64 // bytes of the field that is read now
	at   int   // where it began in what was kept
	step step  // at its end

	text *elide.Text
	json *elide.JSON

	entries  int // of a BATCH that are still to come
	count    int // of values, or of the custom payload's entries, still to come
	index    int // of the next value
	named    bool
	name     []byte
	form     FormOf
	textAt   int // where the text stands that form is still to be asked of
	textEnd  int // and where it ends, 0 for none
	lengthAt int // where the length of what is shortened stands
	size     int64
	valueAt  int   // where that of a value of several parts does
	parts    int64 // bytes of those still to come
	resume   step  // behind a value that was cut
}

// way is what is done with the bytes of a field.
type way uint8

const (
	keep way = iota
	drop
	throughText
	throughJSON
)

// step goes on behind a field, with what was kept so far.
type step func(e *Elider, out []byte) []byte

// NewElider returns an elider of the body of an envelope with header h.
func NewElider(h Header, opts ElideOptions) *Elider {
	opts.Limit = max(opts.Limit, elide.Least)
	return &Elider{opts: opts, version: h.Version, opcode: h.Opcode, flagged: h.Flags}
}

// Cuts are what was left out, nil for nothing.
func (e *Elider) Cuts() *elide.Cuts { return e.shared.Cuts() }

// Append appends to out, which ends with what was kept so far, what is kept of p,
// the next piece of the body.
func (e *Elider) Append(out, p []byte) []byte {
	if e.step == nil && len(p) > 0 {
		e.begin(out)
	}
	for len(p) > 0 {
		n := min(e.left, int64(len(p)))
		switch piece := p[:n]; e.way {
		case keep:
			out = append(out, piece...)
		case throughText:
			out = e.text.Append(out, piece)
		case throughJSON:
			out = e.json.Append(out, piece)
		}
		p = p[n:]
		e.left -= n
		for e.left == 0 {
			out = e.step(e, out)
		}
	}
	return out
}

func (e *Elider) begin(out []byte) {
	if e.flagged&FlagCustomPayload != 0 {
		e.take(out, 2, (*Elider).payload)
	} else {
		e.message(out)
	}
}

// take reads n bytes, which begin behind out, as they are, and then goes on.
func (e *Elider) take(out []byte, n int64, then step) []byte {
	e.way, e.left, e.at, e.step = keep, n, len(out), then
	return out
}

// rest lets everything else pass.
func (e *Elider) rest(out []byte) []byte { return e.take(out, math.MaxInt64, (*Elider).rest) }

// field is what was read, short and long are it as a [short] and as an [int].
func (e *Elider) field(out []byte) []byte { return out[e.at:] }
func (e *Elider) short(out []byte) int    { return int(binary.BigEndian.Uint16(out[e.at:])) }
func (e *Elider) long(out []byte) int64   { return int64(int32(binary.BigEndian.Uint32(out[e.at:]))) }

// setLength writes the length of what stands behind at to the end.
func setLength(out []byte, at int) {
	binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-4))
}

func (e *Elider) payload(out []byte) []byte {
	e.count = e.short(out)
	return e.payloadEntry(out)
}

func (e *Elider) payloadEntry(out []byte) []byte {
	if e.count == 0 {
		return e.message(out)
	}
	e.count--
	return e.take(out, 2, (*Elider).payloadKey)
}

func (e *Elider) payloadKey(out []byte) []byte {
	return e.take(out, int64(e.short(out)), func(e *Elider, out []byte) []byte {
		return e.take(out, 4, (*Elider).payloadValue)
	})
}

func (e *Elider) payloadValue(out []byte) []byte {
	return e.take(out, max(e.long(out), 0), (*Elider).payloadEntry)
}

// message begins the message behind the custom payload.
func (e *Elider) message(out []byte) []byte {
	switch e.opcode {
	case OpQuery, OpPrepare:
		return e.take(out, 4, (*Elider).statement)
	case OpExecute:
		return e.take(out, 2, (*Elider).statementID)
	case OpBatch:
		return e.take(out, 3, (*Elider).batch)
	}
	return e.rest(out)
}

// batch is behind a BATCH's kind and number of entries.
func (e *Elider) batch(out []byte) []byte {
	e.entries = int(binary.BigEndian.Uint16(out[e.at+1:]))
	return e.entry(out)
}

func (e *Elider) entry(out []byte) []byte {
	if e.entries == 0 {
		return e.rest(out)
	}
	e.entries--
	return e.take(out, 1, (*Elider).entryKind)
}

func (e *Elider) entryKind(out []byte) []byte {
	switch out[e.at] {
	case batchQuery:
		return e.take(out, 4, (*Elider).statement)
	case batchPrepared:
		return e.take(out, 2, (*Elider).statementID)
	}
	return e.rest(out)
}

// statement is behind the length of a statement's text.
func (e *Elider) statement(out []byte) []byte {
	n := e.long(out)
	if n < 0 {
		return e.rest(out)
	}
	e.lengthAt, e.text = e.at, elide.NewText(&e.shared, max(e.opts.Limit, cqltype.MaxPartitionKeyComponent))
	e.take(out, n, (*Elider).statementEnd)
	e.way = throughText
	return out
}

func (e *Elider) statementEnd(out []byte) []byte {
	out = e.text.Finish(out)
	setLength(out, e.lengthAt)
	if e.opcode == OpPrepare {
		return e.rest(out)
	}
	e.form, e.textAt, e.textEnd = nil, e.lengthAt+4, len(out)
	return e.parameters(out)
}

// formIn is the form of the statement's values. A text is asked about when the first
// of its values is large.
func (e *Elider) formIn(out []byte) FormOf {
	if e.textEnd > 0 && e.opts.Text != nil {
		e.form = e.opts.Text(out[e.textAt:e.textEnd], e.shared.Cuts())
	}
	e.textEnd = 0
	return e.form
}

func (e *Elider) statementID(out []byte) []byte {
	return e.take(out, int64(e.short(out)), func(e *Elider, out []byte) []byte {
		e.form, e.textEnd = nil, 0
		if e.opts.Prepared != nil {
			e.form = e.opts.Prepared(e.field(out))
		}
		if e.opcode == OpExecute && e.version >= V5 {
			return e.take(out, 2, (*Elider).resultID)
		}
		return e.parameters(out)
	})
}

func (e *Elider) resultID(out []byte) []byte {
	return e.take(out, int64(e.short(out)), (*Elider).parameters)
}

// parameters begins <query_parameters>, or the values of a BATCH's entry.
func (e *Elider) parameters(out []byte) []byte {
	if e.named = false; e.opcode == OpBatch {
		return e.take(out, 2, (*Elider).values)
	}
	const consistency = 2
	if e.version >= V5 {
		return e.take(out, consistency+4, (*Elider).flags)
	}
	return e.take(out, consistency+1, (*Elider).flags)
}

func (e *Elider) flags(out []byte) []byte {
	flags := out[len(out)-1] // those that matter are in the last byte
	if flags&queryValues == 0 {
		return e.rest(out)
	}
	e.named = flags&queryNamesForValues != 0
	return e.take(out, 2, (*Elider).values)
}

func (e *Elider) values(out []byte) []byte {
	e.count, e.index = e.short(out), 0
	return e.nextValue(out)
}

func (e *Elider) nextValue(out []byte) []byte {
	switch {
	case e.count == 0 && e.opcode == OpBatch:
		return e.entry(out)
	case e.count == 0:
		return e.rest(out)
	}
	e.count--
	if e.named {
		return e.take(out, 2, (*Elider).valueName)
	}
	return e.take(out, 4, (*Elider).value)
}

func (e *Elider) valueName(out []byte) []byte {
	return e.take(out, int64(e.short(out)), func(e *Elider, out []byte) []byte {
		e.name = append(e.name[:0], e.field(out)...)
		return e.take(out, 4, (*Elider).value)
	})
}

// value is behind the length of a value.
func (e *Elider) value(out []byte) []byte {
	n := e.long(out)
	index := e.index
	e.index++
	if n <= e.opts.Limit || e.formIn(out) == nil {
		return e.take(out, max(n, 0), (*Elider).nextValue)
	}
	name := e.name
	if !e.named {
		name = nil
	}
	switch e.form(index, name) {
	case elide.OneValue:
		return e.cut(out, n, (*Elider).nextValue)
	case elide.Elements:
		e.valueAt, e.parts = e.at, n-4
		return e.take(out, 4, (*Elider).part) // behind their number
	case elide.Fields:
		e.valueAt, e.parts = e.at, n
		return e.part(out)
	case elide.Row:
		e.lengthAt, e.json = e.at, elide.NewJSON(&e.shared, max(e.opts.Limit, cqltype.MaxPartitionKeyComponent), 0, nil)
		e.take(out, n, (*Elider).rowEnd)
		e.way = throughJSON
		return out
	}
	return e.take(out, n, (*Elider).nextValue)
}

func (e *Elider) rowEnd(out []byte) []byte {
	out = e.json.Finish(out)
	setLength(out, e.lengthAt)
	return e.nextValue(out)
}

// part begins the next element or field of a value.
func (e *Elider) part(out []byte) []byte {
	if e.parts < 4 { // none, or no whole one
		return e.take(out, e.parts, (*Elider).partsEnd)
	}
	return e.take(out, 4, (*Elider).partLength)
}

func (e *Elider) partLength(out []byte) []byte {
	n := e.long(out)
	e.parts -= 4
	if n > e.parts { // not whole
		return e.take(out, e.parts, (*Elider).partsEnd)
	}
	e.parts -= max(n, 0)
	if n > e.opts.Limit {
		return e.cut(out, n, (*Elider).part)
	}
	return e.take(out, max(n, 0), (*Elider).part)
}

func (e *Elider) partsEnd(out []byte) []byte {
	setLength(out, e.valueAt)
	return e.nextValue(out)
}

// keptOfValue is how much is kept of a value that is cut: where it is a frozen
// collection the number of its elements, and the mark.
const keptOfValue = 4 + elide.MarkSize

// cut keeps the beginning of a value of n bytes.
func (e *Elider) cut(out []byte, n int64, resume step) []byte {
	e.lengthAt, e.size, e.resume = e.at, n, resume
	return e.take(out, keptOfValue, func(e *Elider, out []byte) []byte {
		e.shared.Bytes(e.field(out), e.size)
		setLength(out, e.lengthAt)
		e.take(out, e.size-keptOfValue, func(e *Elider, out []byte) []byte { return e.resume(e, out) })
		e.way = drop
		return out
	})
}
