package schemafirst

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// mapTypes maps object types to tables and user types.
func (m *Model) mapTypes() {
	for _, d := range m.document.Definitions {
		switch {
		case d.Kind != ast.Object || d.Name == "Query" || d.Name == "Mutation" || d.Name == "Subscription":
		case d.Directives.ForName("cql_payload") != nil:
			m.payloads[d.Name] = d
		default:
			m.newEntity(d)
		}
	}
	for _, e := range m.order {
		if e.udt {
			m.mapFields(e)
		}
	}
	for _, e := range m.order {
		if !e.udt {
			m.mapFields(e)
			m.mapKey(e)
		}
	}
}

func (m *Model) newEntity(d *ast.Definition) {
	e := &entity{name: d.Name, cqlName: d.Name, definition: d, byName: map[string]*field{}, isKey: d.Directives.ForName("key") != nil}
	if directive := d.Directives.ForName("cql_entity"); directive != nil {
		if name := text(directive, "name"); name != "" {
			e.cqlName = name
		}
		e.udt = text(directive, "target") == "UDT"
	}
	e.table = cql.QualifiedName{Keyspace: m.Keyspace, Name: e.cqlName}
	if in := d.Directives.ForName("cql_input"); in != nil {
		e.input = inputName(d, in)
		if text(in, "name") == "" {
			m.info(d.Position, "%s: using '%s' as the input type name since @cql_input doesn't have an argument", d.Name, e.input)
		}
		m.inputs[e.input] = e
	}
	m.entities[d.Name] = e
	m.order = append(m.order, e)
}

func (m *Model) mapFields(e *entity) {
	if e.fields != nil {
		return
	}
	e.fields = []*field{}
	for i, d := range e.definition.Fields {
		column := d.Directives.ForName("cql_column")
		f := &field{name: d.Name, cqlName: d.Name, gql: d.Type, at: i, position: d.Position, partition: flag(column, "partitionKey")}
		if name := text(column, "name"); name != "" {
			f.cqlName = name
		}
		if order := text(column, "clusteringOrder"); order != "" {
			f.clustering, f.desc = true, order == "DESC"
		}
		codec, err := m.codec(d.Type, false)
		if hint := text(column, "typeHint"); hint != "" && err == nil {
			codec, err = m.hinted(codec, hint)
		}
		if err != nil {
			m.problem(d.Position, "Field %s.%s: %s", e.name, d.Name, err)
			continue
		}
		f.codec = codec
		if e.udt && codec.Type.Kind == cqltype.UDT { // CQL has no others within a user type
			f.freeze()
		}
		e.fields = append(e.fields, f)
		e.byName[f.name] = f
		f.at = len(e.fields) - 1
		m.mapIndex(e, f, d.Directives.ForName("cql_index"))
	}
	if e.udt {
		e.cqlType = &cqltype.Type{Kind: cqltype.UDT, Keyspace: m.Keyspace, Name: e.cqlName}
		for _, f := range e.fields {
			e.cqlType.FieldNames = append(e.cqlType.FieldNames, f.cqlName)
			e.cqlType.Elems = append(e.cqlType.Elems, f.codec.Type)
		}
	}
}

func (m *Model) mapIndex(e *entity, f *field, d *ast.Directive) {
	if d == nil {
		return
	}
	f.index = &index{name: text(d, "name"), class: text(d, "class")}
	if f.index.name == "" {
		f.index.name = e.cqlName + "_" + f.cqlName + "_idx"
	}
	list := f.codec.Type.IsCollection()
	switch target := text(d, "target"); target {
	case "":
		if list {
			f.index.target = cql.IndexValues
		}
	case "VALUES", "KEYS", "ENTRIES", "FULL":
		if !list {
			m.problem(f.position, "Field %s.%s: index target %s can only be used with a list", e.name, f.name, target)
		}
		f.index.target = map[string]cql.IndexTargetKind{"VALUES": cql.IndexValues, "KEYS": cql.IndexKeys, "ENTRIES": cql.IndexEntries, "FULL": cql.IndexFull}[target]
	}
	for part := range strings.SplitSeq(text(d, "options"), ",") {
		if name, option, ok := strings.Cut(part, ":"); ok {
			f.index.options = append(f.index.options, cql.PropertyEntry{Key: strings.Trim(strings.TrimSpace(name), "'"), Value: strings.Trim(strings.TrimSpace(option), "'")})
		}
	}
}

// mapKey finds the primary key of a table.
func (m *Model) mapKey(e *entity) {
	for _, f := range e.fields {
		if f.partition {
			e.partition = append(e.partition, f)
		}
	}
	if len(e.partition) == 0 && len(e.fields) > 0 {
		if first := e.fields[0]; first.gql.Elem == nil && isID(first.gql.NamedType) {
			m.info(first.position, "%s: using %s as the partition key, because it has type %s and no other fields are annotated", e.name, first.name, first.gql.NamedType)
			first.partition = true
			e.partition = append(e.partition, first)
		}
	}
	if len(e.partition) == 0 {
		m.problem(e.definition.Position, "%s must have at least one partition key field (use scalar type ID, Uuid or TimeUuid for the first field, or annotate your fields with @cql_column(partitionKey: true))", e.name)
		return
	}
	for _, f := range e.fields {
		if f.clustering && !f.partition {
			e.clustering = append(e.clustering, f)
		}
		if f.isKey() {
			f.generated = f.gql.Elem == nil && isID(f.gql.NamedType)
			f.freeze()
		}
	}
	if key := e.definition.Directives.ForName("key"); key != nil && text(key, "fields") != "" {
		m.checkKey(e, text(key, "fields"))
	}
}

func (f *field) freeze() {
	frozen := *f.codec
	frozen.Type = f.codec.Type.AsFrozen()
	f.codec = &frozen
}

func isID(name string) bool { return name == "ID" || name == "Uuid" || name == "TimeUuid" }

func (m *Model) checkKey(e *entity, fields string) {
	names := strings.Fields(fields)
	same := len(names) == len(e.primary())
	for _, name := range names {
		f := e.byName[name]
		same = same && f != nil && f.isKey()
	}
	if !same {
		m.problem(e.definition.Position, "%s: if @key.fields is present, it must be the primary key of the type", e.name)
	}
}
