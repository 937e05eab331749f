package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// The kinds of RESULT (native_protocol_v5.spec §4.2.5).
const (
	ResultVoid         = 1
	ResultRows         = 2
	ResultSetKeyspace  = 3
	ResultPrepared     = 4
	ResultSchemaChange = 5
)

// Void is a RESULT without anything.
type Void struct{}

// AppendBody appends the message's body.
func (Void) AppendBody(dst []byte, _ Version) []byte { return AppendInt(dst, ResultVoid) }

// SetKeyspace is the RESULT of USE.
type SetKeyspace struct{ Keyspace string }

// AppendBody appends the message's body.
func (m *SetKeyspace) AppendBody(dst []byte, _ Version) []byte {
	return AppendString(AppendInt(dst, ResultSetKeyspace), m.Keyspace)
}

// SchemaChangeResult is the RESULT of a schema statement.
type SchemaChangeResult struct{ SchemaChange }

// AppendBody appends the message's body.
func (m *SchemaChangeResult) AppendBody(dst []byte, v Version) []byte {
	return m.append(AppendInt(dst, ResultSchemaChange), v)
}

// Empty is a message without a body: READY.
type Empty struct{}

// AppendBody appends nothing.
func (Empty) AppendBody(dst []byte, _ Version) []byte { return dst }

// Result is a decoded RESULT, for clients; the field of its Kind is set.
type Result struct {
	Kind         int32
	Rows         RowsResult
	Prepared     PreparedResult
	Keyspace     string
	SchemaChange SchemaChange
}

// DecodeResult decodes the body of a RESULT.
func DecodeResult(body []byte, v Version) (Result, *cqlerr.Error) {
	r := NewReader(body, v)
	m := Result{Kind: r.Int()}
	switch m.Kind {
	case ResultVoid:
	case ResultRows:
		m.Rows = r.rowsResult()
	case ResultSetKeyspace:
		m.Keyspace = r.String()
	case ResultPrepared:
		m.Prepared = r.preparedResult()
	case ResultSchemaChange:
		m.SchemaChange = r.schemaChange()
	default:
		r.fail("Unknown kind id %d in RESULT message", m.Kind)
	}
	return m, r.err
}
