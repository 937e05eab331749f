package schemafirst

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

// mapOperations maps the fields of Query and Mutation to statements.
func (m *Model) mapOperations() {
	for _, f := range m.types["Query"].Fields {
		m.mapQuery(f)
	}
	if mutations := m.types["Mutation"]; mutations != nil {
		for _, f := range mutations.Fields {
			m.mapMutation(f)
		}
	}
}

// tableOf returns the table entity that a type is, or nil.
func (m *Model) tableOf(t *ast.Type) *entity {
	if e := m.entities[t.NamedType]; e != nil && !e.udt {
		return e
	}
	return nil
}

// shapeOf reads the type of an operation.
func (m *Model) shapeOf(t *ast.Type) (s shape) {
	if t.Elem != nil {
		s = m.shapeOf(t.Elem)
		s.list = true
		return s
	}
	if s.entity = m.tableOf(t); s.entity != nil {
		return s
	}
	if t.NamedType == "Boolean" {
		s.boolean = true
		return s
	}
	payload := m.payloads[t.NamedType]
	if payload == nil {
		return s
	}
	s.payload = payload.Name
	for _, f := range payload.Fields {
		inner := f.Type
		if inner.Elem != nil {
			inner = inner.Elem
		}
		switch e := m.tableOf(inner); {
		case e != nil:
			s.entity, s.entityField, s.entityList = e, f.Name, f.Type.Elem != nil
		case f.Name == "applied":
			s.appliedField = f.Name
		case f.Name == "pagingState":
			s.pageField = f.Name
		}
	}
	return s
}

func (m *Model) mapQuery(f *ast.FieldDefinition) {
	q := &query{name: f.Name, returns: m.shapeOf(f.Type), options: defaults()}
	if q.returns.entity == nil {
		m.problem(f.Position, "Query %s: return type must reference an entity that maps to a table", f.Name)
		return
	}
	if d := f.Directives.ForName("cql_select"); d != nil {
		m.consistency(d, &q.options)
		if size, err := strconv.Atoi(text(d, "pageSize")); err == nil && size > 0 {
			q.options.PageSize = size
		}
		if limit, err := strconv.Atoi(text(d, "limit")); err == nil && limit > 0 {
			q.limit = limit
		}
	}
	before := len(m.Problems)
	q.pageArg = m.annotated(f, "cql_pagingState", "String")
	for _, a := range f.Arguments {
		if a.Directives.ForName("cql_pagingState") != nil || m.misplaced(f, a, "SELECT", "cql_if", "cql_increment") {
			continue
		}
		if c, ok := m.condition(f, a, q.returns.entity, "cql_where"); ok {
			q.conditions = append(q.conditions, c)
		}
	}
	if len(m.Problems) > before {
		return
	}
	if problem := restricted(q.returns.entity, q.conditions, true); problem != "" {
		m.problem(f.Position, "Operation %s: %s", f.Name, problem)
		return
	}
	m.queries[f.Name] = q
}

// annotated finds the argument that has a directive: at most one may have it, and
// of one of these types. "" is none.
func (m *Model) annotated(f *ast.FieldDefinition, directive string, types ...string) (name string) {
	for _, a := range f.Arguments {
		switch {
		case a.Directives.ForName(directive) == nil:
		case !slices.Contains(types, nullable(a.Type)) && len(types) == 1:
			m.problem(a.Position, "Query %s: argument %s annotated with @%s must have type %s", f.Name, a.Name, directive, types[0])
		case !slices.Contains(types, nullable(a.Type)):
			m.problem(a.Position, "Query %s: argument %s annotated with @%s must have one of the types [%s]", f.Name, a.Name, directive, strings.Join(types, ", "))
		case name != "":
			m.problem(a.Position, "Query %s: @%s can be used on at most one argument (found %s and %s)", f.Name, directive, name, a.Name)
		default:
			name = a.Name
		}
	}
	return name
}

// misplaced reports whether an argument has a directive that operations of a kind
// can't have.
func (m *Model) misplaced(f *ast.FieldDefinition, a *ast.ArgumentDefinition, kind string, directives ...string) bool {
	for _, name := range directives {
		if a.Directives.ForName(name) != nil {
			m.problem(a.Position, "Operation %s: @%s is not allowed on %s arguments (%s)", f.Name, name, kind, a.Name)
			return true
		}
	}
	return false
}

func (m *Model) consistency(d *ast.Directive, o *statement.Options) {
	if level, ok := statement.Consistencies[text(d, "consistencyLevel")]; ok {
		o.Consistency = level
	}
	if level, ok := statement.Consistencies[text(d, "serialConsistency")]; ok {
		o.SerialConsistency = level
	}
}

// condition reads an argument that restricts a field.
func (m *Model) condition(f *ast.FieldDefinition, a *ast.ArgumentDefinition, e *entity, directive string) (c condition, ok bool) {
	d := a.Directives.ForName(directive)
	c = condition{argument: a.Name, op: "EQ"}
	name := a.Name
	if given := text(d, "field"); given != "" {
		name = given
	}
	if op := text(d, "predicate"); op != "" {
		c.op = op
	}
	if c.field = e.byName[name]; c.field == nil {
		m.problem(f.Position, "Operation %s: could not find field %s in type %s", f.Name, name, e.name)
		return c, false
	}
	if directive == "cql_where" && !m.allowed(f, a, e, c) {
		return c, false
	}
	return c, m.typeFits(f, a, e, c)
}

// allowed checks that a field can be restricted so.
func (m *Model) allowed(f *ast.FieldDefinition, a *ast.ArgumentDefinition, e *entity, c condition) bool {
	kind, predicates := "", []string(nil)
	switch {
	case c.field.partition:
		kind, predicates = "partition key field", []string{"EQ", "IN"}
	case c.field.clustering:
		kind, predicates = "clustering field", []string{"EQ", "IN", "LT", "LTE", "GT", "GTE"}
	case c.field.index != nil:
		kind, predicates = "indexed field", []string{"EQ", "IN", "LT", "LTE", "GT", "GTE", "CONTAINS"}
	default:
		m.problem(a.Position, "Operation %s: non-primary key argument %s must be indexed in order to use it in a condition", f.Name, a.Name)
		return false
	}
	if !slices.Contains(predicates, c.op) {
		m.problem(a.Position, "Operation %s: predicate %s is not supported for %s %s (expected one of: %s)", f.Name, c.op, kind, c.field.name, strings.Join(predicates, ", "))
		return false
	}
	return true
}

// typeFits checks the type of an argument against the field that it is for.
func (m *Model) typeFits(f *ast.FieldDefinition, a *ast.ArgumentDefinition, e *entity, c condition) bool {
	wanted, what := m.inputType(c.field.gql), ""
	switch c.op {
	case "IN":
		wanted = "[" + wanted + "]"
	case "CONTAINS":
		if c.field.gql.Elem == nil {
			m.problem(a.Position, "Operation %s: predicate CONTAINS is not supported for field %s, which is no list", f.Name, c.field.name)
			return false
		}
		wanted, what = m.inputType(c.field.gql.Elem), "element type of "
	}
	if nullable(a.Type) == wanted {
		return true
	}
	m.problem(a.Position, "Operation %s: expected argument %s to have type %s to match %s%s.%s", f.Name, a.Name, wanted, what, e.name, c.field.name)
	return false
}

// inputType is the input type that stands for a type, without its non-nulls.
func (m *Model) inputType(t *ast.Type) string {
	if t.Elem != nil {
		return "[" + m.inputType(t.Elem) + "]"
	}
	if e := m.entities[t.NamedType]; e != nil && e.input != "" {
		return e.input
	}
	return t.NamedType
}

// nullable is a type without its non-nulls.
func nullable(t *ast.Type) string { return strings.ReplaceAll(t.String(), "!", "") }

// restricted says what is wrong with the conditions of a statement, "" for
// nothing. Only queries can use indexes.
func restricted(e *entity, conditions []condition, indexes bool) string {
	has := func(f *field) bool {
		return slices.ContainsFunc(conditions, func(c condition) bool { return c.field == f })
	}
	exact := func(f *field) bool {
		return slices.ContainsFunc(conditions, func(c condition) bool { return c.field == f && (c.op == "EQ" || c.op == "IN") })
	}
	present := 0
	for _, f := range e.partition {
		if has(f) {
			present++
		}
	}
	indexed := indexes && slices.ContainsFunc(conditions, func(c condition) bool { return !c.field.isKey() })
	switch {
	case indexed && present != 0 && present != len(e.partition):
		return "when an indexed field is present, either none or all of the partition key fields must be present (expected " + names(e.partition) + ")."
	case !indexed && present != len(e.partition):
		return "every partition key field of type " + e.name + " must be present (expected: " + names(e.partition) + ")."
	}
	for i, f := range e.clustering {
		if exact(f) {
			continue
		}
		var offending []*field
		for _, later := range e.clustering[i+1:] {
			if has(later) {
				offending = append(offending, later)
			}
		}
		if len(offending) > 0 {
			return "clustering field " + f.name + " is not restricted by EQ or IN, so no other clustering field after it can be restricted (offending: " + names(offending) + ")."
		}
	}
	return ""
}

func names(fields []*field) string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.name
	}
	return strings.Join(list, ", ")
}

// timeToLive reads the ttl of a directive: seconds, or a duration of ISO 8601.
func (m *Model) timeToLive(f *ast.FieldDefinition, given string) (seconds int64, ok bool) {
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil {
		d, bad := cqltype.ParseDuration(given)
		if bad != nil || !strings.HasPrefix(strings.TrimPrefix(given, "-"), "P") || d.Months != 0 {
			m.problem(f.Position, "Mutation %s: can't parse TTL '%s' (expected an integer or ISO-8601 duration string)", f.Name, given)
			return 0, false
		}
		if d.Nanos%int64(time.Second) != 0 {
			m.problem(f.Position, "Mutation %s: TTL's minimum granularity is seconds (got '%s')", f.Name, given)
			return 0, false
		}
		n = int64(d.Days)*86_400 + d.Nanos/int64(time.Second)
	}
	if n < 0 || n > math.MaxInt32 {
		m.problem(f.Position, "Mutation %s: TTL must between 0 and 2^31 - 1 seconds", f.Name)
		return 0, false
	}
	return n, true
}
