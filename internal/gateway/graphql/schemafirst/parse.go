package schemafirst

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/value"
)

// MaxSchema bounds the text of a schema, in bytes, and maxTokens its tokens.
const (
	MaxSchema = 1 << 20
	maxTokens = 100_000
)

// Parse maps the text of a schema. A text that is no schema at all is returned as
// problems of kind InvalidSyntax with no model.
func Parse(keyspace, text string) (*Model, []Problem) {
	if len(text) > MaxSchema {
		return nil, []Problem{{Kind: "InvalidSyntax", Message: fmt.Sprintf("the schema is longer than %d bytes", MaxSchema)}}
	}
	document, err := parser.ParseSchemaWithLimit(&ast.Source{Input: text}, maxTokens)
	if err != nil {
		return nil, []Problem{syntaxProblem(text, err)}
	}
	m := &Model{Keyspace: keyspace, document: document, types: map[string]*ast.Definition{}, entities: map[string]*entity{},
		inputs: map[string]*entity{}, payloads: map[string]*ast.Definition{}, queries: map[string]*query{}, changes: map[string]*mutation{}}
	var invalid []Problem
	for _, d := range document.Definitions {
		if m.types[d.Name] != nil {
			invalid = append(invalid, problemAt("InvalidSchema", d.Position, "tried to redefine existing '%s' type", d.Name))
		}
		m.types[d.Name] = d
	}
	invalid = append(invalid, m.checkReferences()...)
	if len(invalid) > 0 {
		return nil, invalid
	}
	m.mapTypes()
	if len(m.Problems) == 0 {
		m.mapOperations()
	}
	return m, nil
}

func problemAt(kind string, at *ast.Position, format string, args ...any) Problem {
	p := Problem{Kind: kind, Message: fmt.Sprintf(format, args...)}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	return p
}

// syntaxProblem puts gqlparser's error into the words of the reference: one that
// begins like a document of operations is told to be that.
func syntaxProblem(text string, err error) Problem {
	p := Problem{Kind: "InvalidSyntax", Message: err.Error()}
	var e *gqlerror.Error
	if errors.As(err, &e) {
		p.Message = "Invalid Syntax : " + e.Message
		if len(e.Locations) > 0 {
			p.Line, p.Column = e.Locations[0].Line, e.Locations[0].Column
			if looksLikeOperation(text, p.Line, p.Column) {
				p.Message = "The schema definition text contains a non schema definition language (SDL) element 'OperationDefinition'"
			}
		}
	}
	return p
}

// looksLikeOperation reports whether an operation begins where a definition was
// expected.
func looksLikeOperation(text string, line, column int) bool {
	lines := strings.SplitAfter(text, "\n")
	if line < 1 || line > len(lines) || column < 1 || column > len(lines[line-1]) {
		return false
	}
	rest := lines[line-1][column-1:]
	for _, word := range []string{"{", "query", "mutation", "subscription"} {
		if strings.HasPrefix(rest, word) {
			return true
		}
	}
	// `type Foo { id ID }`: a field without its colon, which the reference's grammar
	// takes for a type without fields and an operation.
	before := strings.Join(lines[:line-1], "") + lines[line-1][:column-1]
	return strings.LastIndexByte(before, '{') > strings.LastIndexByte(before, '}') && !strings.Contains(before[strings.LastIndexByte(before, '{'):], ":")
}

// scalars are the scalar types of schemas, beside those of GraphQL.
func isScalar(name string) bool {
	_, ok := value.Kinds[name]
	return ok
}

// checkReferences finds types that there are not.
func (m *Model) checkReferences() (problems []Problem) {
	check := func(t *ast.Type, at *ast.Position, where string) {
		// An input type that @cql_input makes may be named before it is made.
		if name := t.Name(); !isScalar(name) && m.types[name] == nil && !m.isGeneratedInput(name) {
			problems = append(problems, problemAt("InvalidSchema", at, "The %s type '%s' is not present when resolving type", where, name))
		}
	}
	if m.types["Query"] == nil {
		problems = append(problems, problemAt("InvalidSchema", nil, "A schema MUST have a 'query' operation defined"))
	}
	for _, d := range m.document.Definitions {
		for _, f := range d.Fields {
			check(f.Type, f.Position, "field")
			for _, a := range f.Arguments {
				check(a.Type, a.Position, "argument")
			}
		}
	}
	return problems
}

func (m *Model) isGeneratedInput(name string) bool {
	for _, d := range m.document.Definitions {
		if in := d.Directives.ForName("cql_input"); in != nil && inputName(d, in) == name {
			return true
		}
	}
	return false
}

func inputName(d *ast.Definition, in *ast.Directive) string {
	if name := text(in, "name"); name != "" {
		return name
	}
	return d.Name + "Input"
}

// text, flag and word read an argument of a directive.
func text(d *ast.Directive, name string) string {
	if d == nil {
		return ""
	}
	if a := d.Arguments.ForName(name); a != nil && a.Value.Kind != ast.NullValue {
		return a.Value.Raw
	}
	return ""
}

func flag(d *ast.Directive, name string) bool { return text(d, name) == "true" }

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

// codec returns the codec of a GraphQL type; what is within a list or a user type
// is frozen.
func (m *Model) codec(t *ast.Type, nested bool) (*value.Codec, error) {
	if t.Elem != nil {
		elem, err := m.codec(t.Elem, true)
		if err != nil {
			return nil, err
		}
		return &value.Codec{Type: cqltype.NewList(elem.Type, nested), Elems: []*value.Codec{elem}}, nil
	}
	if kind, ok := value.Kinds[t.NamedType]; ok {
		c := *value.Scalar(cqltype.Native(kind.String()))
		return &c, nil
	}
	if e := m.entities[t.NamedType]; e != nil {
		if !e.udt {
			return nil, fmt.Errorf("can't map type '%s': it is not a UDT", t.NamedType)
		}
		m.mapFields(e)
		if e.cqlType == nil {
			return nil, fmt.Errorf("type '%s' contains itself", t.NamedType)
		}
		c := &value.Codec{Type: e.cqlType, Object: e.name}
		if nested {
			c.Type = e.cqlType.AsFrozen()
		}
		for _, f := range e.fields {
			c.Elems, c.Fields = append(c.Elems, f.codec), append(c.Fields, f.name)
		}
		return c, nil
	}
	if d := m.types[t.NamedType]; d != nil && d.Kind == ast.Enum {
		c := *value.Scalar(cqltype.TypeText)
		return &c, nil
	}
	return nil, fmt.Errorf("can't map type '%s' to CQL", t.NamedType)
}

// hinted returns a codec whose CQL type is the one that a hint says.
func (m *Model) hinted(c *value.Codec, hint string) (*value.Codec, error) {
	t, err := cqltype.ParseString(hint, func(_, name string) *cqltype.Type {
		for _, e := range m.order {
			if e.udt && strings.EqualFold(e.cqlName, name) {
				m.mapFields(e)
				return e.cqlType
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("invalid type hint '%s': %w", hint, err)
	}
	return recast(c, t)
}

// recast returns c for another CQL type of the same form.
func recast(c *value.Codec, t *cqltype.Type) (*value.Codec, error) {
	made := *c
	made.Type = t
	if len(c.Elems) == 0 {
		if len(t.Elems) > 0 {
			return nil, fmt.Errorf("invalid type hint '%s': the GraphQL type is a scalar", t)
		}
		return &made, nil
	}
	if c.Object != "" {
		return &made, nil
	}
	if len(t.Elems) != 1 {
		return nil, fmt.Errorf("invalid type hint '%s': expected a list or set", t)
	}
	elem, err := recast(c.Elems[0], t.Elems[0])
	made.Elems = []*value.Codec{elem}
	return &made, err
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
			frozen := *f.codec
			frozen.Type = f.codec.Type.AsFrozen()
			f.codec = &frozen
		}
	}
	if key := e.definition.Directives.ForName("key"); key != nil && text(key, "fields") != "" {
		m.checkKey(e, text(key, "fields"))
	}
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
