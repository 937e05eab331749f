package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// listIndexes is GET …/tables/{table}/indexes: rows of system_schema.indexes,
// never in an envelope.
func listIndexes(c *call) error {
	t, err := c.definition(http.StatusBadRequest)
	if err != nil {
		return err
	}
	var indexes []*schema.Index
	for _, index := range t.Indexes {
		indexes = append(indexes, index)
	}
	slices.SortFunc(indexes, func(a, b *schema.Index) int { return strings.Compare(a.Name, b.Name) })
	c.out = appendList(c.out, indexes, func(dst []byte, index *schema.Index) []byte {
		dst = append(dst, `{"keyspace_name":`...)
		dst = cell.AppendString(dst, t.Keyspace)
		dst = append(dst, `,"table_name":`...)
		dst = cell.AppendString(dst, t.Name)
		dst = append(dst, `,"index_name":`...)
		dst = cell.AppendString(dst, index.Name)
		dst = append(dst, `,"kind":`...)
		dst = cell.AppendString(dst, index.Kind)
		dst = append(dst, `,"options":`...)
		return append(c.appendOptions(dst, index.Options), '}')
	})
	return c.answer(http.StatusOK)
}

// appendOptions appends a map<text, text> in the form that the request wants.
func (c *call) appendOptions(dst []byte, options map[string]string) []byte {
	names := make([]string, 0, len(options))
	for name := range options {
		names = append(names, name)
	}
	slices.Sort(names)
	if c.v1 || !c.decode.CompactMaps {
		return appendList(dst, names, func(dst []byte, name string) []byte {
			dst = append(dst, `{"key":`...)
			dst = cell.AppendString(dst, name)
			dst = append(dst, `,"value":`...)
			return append(cell.AppendString(dst, options[name]), '}')
		})
	}
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(cell.AppendString(dst, name), ':')
		dst = cell.AppendString(dst, options[name])
	}
	return append(dst, '}')
}

// newIndex is the body of POST …/indexes.
type newIndex struct {
	column, name, class string
	kind                cql.IndexTargetKind
	options             []cql.PropertyEntry
	hasOptions          bool
	ifNotExists         bool
}

// indexKinds are the values of "kind".
var indexKinds = map[string]cql.IndexTargetKind{
	"KEYS": cql.IndexKeys, "VALUES": cql.IndexValues, "ENTRIES": cql.IndexEntries, "FULL": cql.IndexFull,
}

// createIndex is POST …/tables/{table}/indexes.
func createIndex(c *call) error {
	def, err := c.readIndex()
	if err != nil {
		return err
	}
	t, err := c.definition(http.StatusBadRequest)
	if err != nil {
		return c.pick(err, notFound("Table '%s' not found in keyspace.", c.target.Name))
	}
	switch {
	case t.Columns[def.column] == nil && c.v1:
		return notFound("Column '%s' not found in table.", def.column)
	case t.Columns[def.column] == nil:
		return notFound("Column '%s' not found in table '%s'", def.column, t.Name)
	case c.v1 && t.Columns[def.column].Type.Kind != cqltype.Map && def.kind == cql.IndexKeys:
		return badRequest("Bad request: Indexing keys can only be used with a map")
	case c.v1 && t.Columns[def.column].Type.Kind != cqltype.Map && def.kind == cql.IndexEntries:
		return badRequest("Bad request: Indexing entries can only be used with a map")
	case def.class == "" && def.hasOptions:
		return badRequest("Index 'type' must be specified if 'options' are specified")
	}
	_, err = c.run(&cql.CreateIndex{
		Name: cql.QualifiedName{Name: def.name}, Table: c.target, IfNotExists: def.ifNotExists,
		Custom: def.class != "", Class: def.class, HasUsing: def.class != "", Options: def.options,
		Targets: []cql.IndexTargetDef{{Kind: def.kind, Column: def.column}},
	})
	if err != nil {
		return c.alreadyV1(err, "An index named %s already exists", def.name)
	}
	return c.succeeded(http.StatusCreated)
}

// readIndex reads {column, name, type, kind, options, ifNotExists}.
func (c *call) readIndex() (*newIndex, error) {
	body, err := c.typedBody()
	if err != nil {
		return nil, err
	}
	def, hasColumn := &newIndex{}, false
	err = objectOf(body, func(name string, v cell.Value) (err error) {
		switch name {
		case "column":
			hasColumn = v.Kind() != cell.Null
			def.column, err = textOf(v)
		case "name":
			def.name, err = textOf(v)
		case "type":
			def.class, err = textOf(v)
		case "kind":
			def.kind, err = indexKind(v)
		case "options":
			def.hasOptions = v.Kind() != cell.Null
			err = objectOf(v, func(name string, v cell.Value) error {
				value, err := textOf(v)
				def.options = append(def.options, cql.PropertyEntry{Key: name, Value: value})
				return err
			})
		case "ifNotExists":
			def.ifNotExists, err = boolOf(v)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case c.v1 && strings.TrimSpace(def.column) == "":
		if !hasColumn {
			def.column = "null"
		}
		return nil, badRequest("Column name ('%s') cannot be empty/null.", def.column)
	case !hasColumn: // two rules are broken at once
		return nil, badRequest("Request invalid: IndexAddRequest.column must be provided, must not be null.")
	case strings.TrimSpace(def.column) == "":
		return nil, badRequest("Request invalid: IndexAddRequest.column must be provided.")
	}
	return def, nil
}

// indexKind reads "kind". One that there is not is a 400 without a body.
func indexKind(v cell.Value) (cql.IndexTargetKind, error) {
	text, err := textOf(v)
	if err != nil || text == "" {
		return cql.IndexSimple, err
	}
	kind, ok := indexKinds[text]
	if !ok {
		return 0, &failure{Status: http.StatusBadRequest, Description: "unknown index kind " + text, Bare: true}
	}
	return kind, nil
}

// dropIndex is DELETE …/tables/{table}/indexes/{index}.
func dropIndex(c *call) error {
	t, err := c.definition(http.StatusBadRequest)
	if err != nil {
		return c.pick(err, notFound("Table '%s' not found in keyspace.", c.target.Name))
	}
	name := cql.QualifiedName{Keyspace: c.target.Keyspace, Name: c.r.PathValue("index")}
	if c.v1 && t.Indexes[name.Name] == nil && !c.params.ifExists {
		return notFound("Index '%s' not found.", name.Name)
	}
	if _, err := c.run(&cql.DropIndex{Index: name, IfExists: c.params.ifExists}); err != nil {
		return err
	}
	return c.write(http.StatusNoContent, nil)
}
