package schemafirst

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// kindPrefixes tell what a mutation does that does not say so.
var kindPrefixes = []struct{ prefix, kind string }{
	{"insert", "INSERT"}, {"create", "INSERT"}, {"bulk", "INSERT"}, {"update", "UPDATE"}, {"delete", "DELETE"}, {"remove", "DELETE"},
}

// kindOf finds out what a mutation does: its directive, else its name.
func (m *Model) kindOf(f *ast.FieldDefinition) (kind string, d *ast.Directive) {
	for _, name := range []string{"INSERT", "UPDATE", "DELETE"} {
		if d := f.Directives.ForName("cql_" + strings.ToLower(name)); d != nil {
			return name, d
		}
	}
	for _, p := range kindPrefixes {
		if strings.HasPrefix(f.Name, p.prefix) {
			m.info(f.Position, "Mutation %s: mapping to a CQL %s because it starts with '%s'", f.Name, p.kind, p.prefix)
			return p.kind, nil
		}
	}
	m.problem(f.Position, "Mutation %s: could not infer mutation kind (either use one of the mutation directives @cql_insert, @cql_update or @cql_delete, or name your operation with a recognized prefix)", f.Name)
	return "", nil
}

func (m *Model) mapMutation(f *ast.FieldDefinition) {
	kind, d := m.kindOf(f)
	if kind == "" {
		return
	}
	c := &mutation{name: f.Name, kind: kind, returns: m.shapeOf(f.Type), options: defaults()}
	m.consistency(d, &c.options)
	name, suffix := "ifExists", "IfExists"
	if kind == "INSERT" {
		name, suffix = "ifNotExists", "IfNotExists"
	}
	c.conditional = flag(d, name)
	if text(d, name) == "" && strings.HasSuffix(f.Name, suffix) {
		m.info(f.Position, "Mutation %s: setting the '%s' flag implicitly because the name follows the naming convention.", f.Name, name)
		c.conditional = true
	}
	if ttl := text(d, "ttl"); ttl != "" {
		if c.ttl, c.hasTTL = m.timeToLive(f, ttl); !c.hasTTL {
			return
		}
	}
	before := len(m.Problems)
	if kind == "INSERT" && len(f.Arguments) > 2 {
		m.problem(f.Position, "Mutation %s: inserts can't have more than two arguments: entity input and optionally a value with cql_timestamp directive", f.Name)
		return
	}
	c.timestampArg = m.annotated(f, "cql_timestamp", "String", "BigInt")
	var arguments ast.ArgumentDefinitionList
	for _, a := range f.Arguments {
		if a.Directives.ForName("cql_timestamp") == nil {
			arguments = append(arguments, a)
		}
	}
	switch {
	case kind == "INSERT":
		m.mapInsert(f, c, arguments)
	case len(arguments) > 0 && m.inputs[arguments[0].Type.Name()] != nil && m.byEntity(arguments):
		m.mapByEntity(f, c, arguments)
	default:
		m.mapByFields(f, c, d, arguments)
	}
	if len(m.Problems) == before {
		m.changes[f.Name] = c
	}
}

func (m *Model) mapInsert(f *ast.FieldDefinition, c *mutation, arguments ast.ArgumentDefinitionList) {
	if len(arguments) == 0 {
		m.problem(f.Position, "Mutation %s: inserts must take the entity input type as the first argument", f.Name)
		return
	}
	a := arguments[0]
	c.entity, c.entityArg, c.list = m.inputs[a.Type.Name()], a.Name, a.Type.Elem != nil
	switch {
	case c.entity == nil || c.entity.udt:
		m.problem(f.Position, "Mutation %s: inserts must take the entity input type as the first argument", f.Name)
	case len(arguments) > 1:
		m.problem(arguments[1].Position, "Mutation %s: if you provided two arguments, the second one must be annotated with cql_timestamp directive.", f.Name)
	case c.list && !c.returns.list:
		m.problem(f.Position, "Mutation %s: invalid return type. For bulk inserts, expected list of %s. (or a list of Booleans, or of payloads)", f.Name, c.entity.name)
	case !c.list && c.returns.list, c.returns.entity == nil && !c.returns.boolean && c.returns.payload == "", c.returns.entity != nil && c.returns.entity != c.entity:
		m.problem(f.Position, "Mutation %s: invalid return type. For inserts, expected %s, Boolean, or a payload with such a field.", f.Name, c.entity.name)
	}
}

// byEntity reports whether the first argument is a whole entity: no directive
// gives it another meaning.
func (m *Model) byEntity(arguments ast.ArgumentDefinitionList) bool {
	return len(arguments) == 1 || !slices.ContainsFunc(arguments[:1], func(a *ast.ArgumentDefinition) bool {
		return a.Directives.ForName("cql_where") != nil || a.Directives.ForName("cql_if") != nil || a.Directives.ForName("cql_increment") != nil
	})
}

func (m *Model) mapByEntity(f *ast.FieldDefinition, c *mutation, arguments ast.ArgumentDefinitionList) {
	a := arguments[0]
	c.entity, c.entityArg = m.inputs[a.Type.Name()], a.Name
	if a.Type.Elem != nil {
		m.problem(a.Position, "Mutation %s: only inserts can take a list of %s", f.Name, c.entity.name)
	}
	for _, a := range arguments[1:] {
		if a.Directives.ForName("cql_if") == nil {
			m.problem(a.Position, "Mutation %s: if an entity argument is given, the others must be annotated with @cql_if (found %s)", f.Name, a.Name)
			continue
		}
		if condition, ok := m.condition(f, a, c.entity, "cql_if"); ok {
			c.ifs = append(c.ifs, condition)
		}
	}
	m.checkReturn(f, c)
}

// checkReturn checks the type of an update or delete.
func (m *Model) checkReturn(f *ast.FieldDefinition, c *mutation) {
	if !c.returns.boolean && (c.returns.payload == "" || c.returns.list) {
		m.problem(f.Position, "Mutation %s: invalid return type. Expected Boolean, or a payload with fields 'applied' and the entity.", f.Name)
	}
}

// mapByFields maps an update or delete whose arguments are fields.
func (m *Model) mapByFields(f *ast.FieldDefinition, c *mutation, d *ast.Directive, arguments ast.ArgumentDefinitionList) {
	c.entity = c.returns.entity
	if target := text(d, "targetEntity"); target != "" {
		if c.entity = m.entities[target]; c.entity == nil || c.entity.udt {
			m.problem(f.Position, "Mutation %s: unknown entity %s (from '@cql_%s.targetEntity')", f.Name, target, strings.ToLower(c.kind))
			return
		}
	}
	if c.entity == nil {
		m.problem(f.Position, "Mutation %s: %ss must take the entity input type as the first argument, or the entity must be given by the return type or the targetEntity of the directive", f.Name, strings.ToLower(c.kind))
		return
	}
	before := len(m.Problems)
	for _, a := range arguments {
		m.mapArgument(f, c, a)
	}
	m.checkReturn(f, c)
	if len(m.Problems) > before {
		return
	}
	problem := restricted(c.entity, c.where, false)
	if c.kind == "UPDATE" {
		problem = wholeKey(c.entity, c.where)
	}
	if problem != "" {
		m.problem(f.Position, "Operation %s: %s", f.Name, problem)
	}
	if c.conditional || len(c.ifs) > 0 {
		for _, w := range c.where {
			if w.op == "IN" {
				m.problem(f.Position, "Operation %s: IN predicates on primary key fields are not allowed if there are @cql_if conditions (%s)", f.Name, w.argument)
			}
		}
	}
}

// wholeKey says what is wrong with the conditions of an update.
func wholeKey(e *entity, conditions []condition) string {
	for _, f := range e.primary() {
		if !slices.ContainsFunc(conditions, func(c condition) bool { return c.field == f && (c.op == "EQ" || c.op == "IN") }) {
			return "all of the primary key fields must be restricted by EQ or IN predicates (expected " + names(e.primary()) + ")."
		}
	}
	return ""
}

func (m *Model) mapArgument(f *ast.FieldDefinition, c *mutation, a *ast.ArgumentDefinition) {
	var found []string
	for _, name := range []string{"cql_where", "cql_if", "cql_increment"} {
		if a.Directives.ForName(name) != nil {
			found = append(found, "@"+name)
		}
	}
	if len(found) > 1 {
		m.problem(a.Position, "Operation %s: argument %s can only use one of %s", f.Name, a.Name, strings.Join(found, ","))
		return
	}
	if c.kind == "DELETE" && m.misplaced(f, a, c.kind, "cql_increment") {
		return
	}
	switch {
	case a.Directives.ForName("cql_increment") != nil:
		m.mapIncrement(f, c, a)
	case a.Directives.ForName("cql_if") != nil:
		if condition, ok := m.condition(f, a, c.entity, "cql_if"); ok {
			c.ifs = append(c.ifs, condition)
		}
	case a.Directives.ForName("cql_where") == nil && c.kind == "UPDATE" && c.entity.byName[a.Name] != nil && !c.entity.byName[a.Name].isKey():
		set := condition{argument: a.Name, field: c.entity.byName[a.Name], op: "EQ"}
		if m.typeFits(f, a, c.entity, set) {
			c.sets = append(c.sets, set)
		}
	default:
		condition, ok := m.condition(f, a, c.entity, "cql_where")
		if ok && !condition.field.isKey() {
			m.problem(a.Position, "Operation %s: only primary key fields can be restricted in a mutation (found %s)", f.Name, condition.field.name)
			ok = false
		}
		if ok {
			c.where = append(c.where, condition)
		}
	}
}

// counterIncrements are the types of what is added to a counter.
var counterIncrements = []string{"Int", "BigInt", "Counter"}

func (m *Model) mapIncrement(f *ast.FieldDefinition, c *mutation, a *ast.ArgumentDefinition) {
	d := a.Directives.ForName("cql_increment")
	name := a.Name
	if given := text(d, "field"); given != "" {
		name = given
	}
	target := c.entity.byName[name]
	switch {
	case target == nil:
		m.problem(a.Position, "Operation %s: could not find field %s in type %s", f.Name, name, c.entity.name)
	case target.isKey():
		m.problem(a.Position, "Operation %s: @cql_increment is not allowed on UPDATE primary key arguments (%s)", f.Name, a.Name)
	case target.codec.Type.Kind != cqltype.Counter && !target.codec.Type.IsCollection():
		m.problem(a.Position, "Operation %s: @cql_increment can only be applied to counter or collection fields", f.Name)
	case flag(d, "prepend") && target.codec.Type.Kind != cqltype.List:
		m.problem(a.Position, "Operation %s: @cql_increment.prepend can only be applied to list fields", f.Name)
	case target.codec.Type.Kind == cqltype.Counter && !slices.Contains(counterIncrements, nullable(a.Type)):
		m.problem(a.Position, "Operation %s: expected argument %s to have a valid counter increment type (one of: %s)", f.Name, a.Name, strings.Join(counterIncrements, ", "))
	default:
		if target.codec.Type.Kind == cqltype.Counter || m.typeFits(f, a, c.entity, condition{argument: a.Name, field: target, op: "EQ"}) {
			c.increments = append(c.increments, increment{a.Name, target, flag(d, "prepend")})
		}
	}
}
