package wire

import "github.com/astrolabe-db/astrolabe/internal/cqlerr"

// The targets of a SchemaChange.
const (
	TargetKeyspace  = "KEYSPACE"
	TargetTable     = "TABLE"
	TargetType      = "TYPE"
	TargetFunction  = "FUNCTION"
	TargetAggregate = "AGGREGATE"
)

// SchemaChange is a <schema_change>: the body of a SCHEMA_CHANGE event behind
// its type, and of a RESULT of kind Schema_change (native_protocol_v5.spec §4.2.5.5).
type SchemaChange struct {
	// Change is CREATED, UPDATED or DROPPED.
	Change string
	// Target is one of the Target constants.
	Target   string
	Keyspace string
	// Name is empty for a keyspace.
	Name string
	// Args are the argument types of a function or aggregate.
	Args []string
}

// append appends the change as version v has it. Version 3 knows no functions:
// there their keyspace is said to be updated (Event.SchemaChange.serializeEvent).
func (c *SchemaChange) append(dst []byte, v Version) []byte {
	callable := c.Target == TargetFunction || c.Target == TargetAggregate
	if callable && v < V4 {
		dst = AppendString(AppendString(dst, "UPDATED"), TargetKeyspace)
		return AppendString(dst, c.Keyspace)
	}
	dst = AppendString(AppendString(dst, c.Change), c.Target)
	dst = AppendString(dst, c.Keyspace)
	if c.Target == TargetKeyspace {
		return dst
	}
	dst = AppendString(dst, c.Name)
	if callable {
		dst = AppendStrings(dst, c.Args)
	}
	return dst
}

// schemaChange reads a <schema_change>.
func (r *Reader) schemaChange() SchemaChange {
	c := SchemaChange{Change: r.String(), Target: r.String(), Keyspace: r.String()}
	if c.Target == TargetKeyspace {
		return c
	}
	c.Name = r.String()
	if c.Target == TargetFunction || c.Target == TargetAggregate {
		c.Args = r.Strings()
	}
	return c
}

// SchemaChangeEventBody is the body of an EVENT of type SCHEMA_CHANGE.
type SchemaChangeEventBody struct{ SchemaChange }

// AppendBody appends the message's body.
func (m *SchemaChangeEventBody) AppendBody(dst []byte, v Version) []byte {
	return m.append(AppendString(dst, "SCHEMA_CHANGE"), v)
}

// DecodeSchemaChangeEvent decodes the body of an EVENT of type SCHEMA_CHANGE.
func DecodeSchemaChangeEvent(body []byte, v Version) (SchemaChange, *cqlerr.Error) {
	r := NewReader(body, v)
	if kind := r.String(); kind != "SCHEMA_CHANGE" {
		r.fail("Unexpected event type %q", kind)
	}
	c := r.schemaChange()
	return c, r.err
}
