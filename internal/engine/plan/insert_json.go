package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// InsertJSON reads the values of an INSERT JSON at execution, when its JSON is
// a bind marker (org.apache.cassandra.cql3.Json).
type InsertJSON struct {
	text Term
	// columns of the table, in the order SELECT * shows them.
	columns []*schema.Column
	// absent is the value of columns that the JSON does not name: null, or unset
	// with DEFAULT UNSET.
	absent backend.Value
}

// jsonTerm is the value that an INSERT JSON ? has for one column.
type jsonTerm struct {
	column int
	typ    *cqltype.Type
}

func (t *jsonTerm) Type() *cqltype.Type { return t.typ }

func (t *jsonTerm) Eval(env *Env) (backend.Value, error) { return env.JSON[t.column], nil }

// insertJSON prepares JSON '...' or JSON ?: every column of the table has a
// value. The answer holds those of key columns.
func (c *Context) insertJSON(m *Modify, s *cql.Insert) (map[*schema.Column]Term, error) {
	j := &InsertJSON{columns: m.Table.InOrder(), absent: backend.Value{Unset: s.JSONUnset}}
	r := Receiver{Keyspace: m.Table.Keyspace, Table: m.Table.Name, Name: "[json]", Type: cqltype.TypeText}
	var err error
	if j.text, err = c.Term(s.JSON, r); err != nil {
		return nil, err
	}
	term := func(i int) Term { return &jsonTerm{column: i, typ: j.columns[i].Type} }
	if text, ok := Constant(j.text); ok {
		values, err := j.parse(text.Bytes, nil)
		if err != nil {
			return nil, err
		}
		term = func(i int) Term { return &constTerm{typ: j.columns[i].Type, value: values[i]} }
	} else {
		m.JSON = j
	}
	keys := make(map[*schema.Column]Term)
	for i, col := range j.columns {
		if col.Kind == schema.PartitionKey || col.Kind == schema.Clustering {
			keys[col] = term(i)
			continue
		}
		o, err := setTerm(col, term(i))
		if err != nil {
			return nil, err
		}
		m.add(o)
	}
	return keys, nil
}

// Values appends the value of each column to dst, for Env.JSON.
func (j *InsertJSON) Values(dst []backend.Value, env *Env) ([]backend.Value, error) {
	text, err := j.text.Eval(env)
	if err != nil {
		return nil, err
	}
	if text.Bytes == nil && !text.Unset {
		return nil, cqlerr.Invalidf("Got null for INSERT JSON values")
	}
	return j.parse(text.Bytes, dst)
}

// parse reads a JSON object with a member per column (Json.parseJson). The
// last of several members of one name counts.
func (j *InsertJSON) parse(text []byte, dst []backend.Value) ([]backend.Value, error) {
	if err := cqltype.TypeText.Validate(text); err != nil {
		return nil, err
	}
	base := len(dst)
	for range j.columns {
		dst = append(dst, j.absent)
	}
	names, texts, err := cqltype.JSONObject(text)
	switch {
	case err != nil:
		return nil, cqlerr.Invalidf("Could not decode JSON string as a map: %s. (String was: %s)", err, text)
	case names == nil:
		return nil, cqlerr.Invalidf("Got null for INSERT JSON values")
	}
	members := jsonMembers{values: make([][]byte, len(j.columns))}
	for i, name := range names {
		j.member(&members, cqltype.FoldJSONName(name), texts[i])
	}
	return dst, j.decode(dst[base:], &members)
}

// jsonMembers are the members of a JSON object: a value per column, nil where
// there is none, and the first name that is no column's.
type jsonMembers struct {
	values   [][]byte
	unknown  string
	mistaken bool
}

func (j *InsertJSON) member(m *jsonMembers, column string, value []byte) {
	i := slices.IndexFunc(j.columns, func(c *schema.Column) bool { return c.Name == column })
	switch {
	case i >= 0:
		m.values[i] = value
	case !m.mistaken:
		m.unknown, m.mistaken = column, true
	}
}

// decode decodes the members. When several are wrong, the first one in the
// order of Cassandra's columns is reported.
func (j *InsertJSON) decode(dst []backend.Value, m *jsonMembers) (err error) {
	wrong := -1
	for i, col := range j.columns {
		if m.values[i] == nil {
			continue
		}
		wire, e := col.Type.FromJSON(m.values[i])
		if e != nil && (wrong < 0 || j.hashedBefore(col, j.columns[wrong])) {
			wrong, err = i, jsonValueError(col, e)
		}
		dst[i] = backend.Value{Bytes: wire}
	}
	if err == nil && m.mistaken {
		err = cqlerr.Invalidf("JSON values map contains unrecognized column: %s", m.unknown)
	}
	return err
}

// hashedBefore reports whether a comes before b in TableMetadata.columns, a
// java.util.HashMap by name that has grown with the table.
func (j *InsertJSON) hashedBefore(a, b *schema.Column) bool {
	return compareHashed(a.Name, b.Name, len(j.columns)) < 0
}

// jsonValueError names the column, as Cassandra does but for what
// DurationType throws.
func jsonValueError(col *schema.Column, err error) error {
	if cqltype.IsDurationFault(err) {
		return err
	}
	return cqlerr.Invalidf("Error decoding JSON value for %s: %s", col.Name, cqlerr.From(err).Message)
}
