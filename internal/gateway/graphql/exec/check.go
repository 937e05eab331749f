package exec

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// checker checks a document (GraphQL spec §5) and collects its fields. Each
// fragment is checked once, however often it is used.
type checker struct {
	schema   *Schema
	query    *ast.QueryDocument
	places   *places
	failures []*Failure
	// limit is how many more fields may be collected.
	limit int
	// operation, path and used are of the operation or fragment being checked.
	operation *ast.OperationDefinition
	path      []string
}

// fail adds a failure of a type of graphql.validation.ValidationErrorType.
func (c *checker) fail(kind string, at *ast.Position, format string, args ...any) {
	if len(c.failures) >= MaxErrors {
		return
	}
	message := "Validation error of type " + kind + ": " + fmt.Sprintf(format, args...)
	if len(c.path) > 0 {
		message += " @ '" + strings.Join(c.path, "/") + "'"
	}
	c.failures = append(c.failures, failureAt(ValidationError, message, at, c.places))
}

func (c *checker) within(name string, f func()) {
	c.path = append(c.path, name)
	f()
	c.path = c.path[:len(c.path)-1]
}

func (c *checker) document() {
	names := map[string]bool{}
	for _, op := range c.query.Operations {
		if op.Name == "" && len(c.query.Operations) > 1 {
			c.fail("LoneAnonymousOperationViolation", op.Position, "Anonymous operation with other operations.")
		}
		if names[op.Name] {
			c.fail("DuplicateOperationName", op.Position, "There can be only one operation named '%s'", op.Name)
		}
		names[op.Name] = true
	}
	used := map[string]bool{}
	for _, op := range c.query.Operations {
		c.checkOperation(op, used)
	}
	defined := map[string]bool{}
	for _, f := range c.query.Fragments {
		if defined[f.Name] {
			c.fail("DuplicateFragmentName", f.Position, "There can be only one fragment named '%s'", f.Name)
		}
		defined[f.Name] = true
		c.checkFragment(f)
		if !used[f.Name] {
			c.fail("UnusedFragment", f.Position, "Unused fragment '%s'", f.Name)
		}
	}
	c.cycles()
}

// root returns the type of an operation's fields, nil when there is none.
func (c *checker) root(op *ast.OperationDefinition) *ast.Definition {
	switch op.Operation {
	case ast.Query:
		return c.schema.AST.Query
	case ast.Mutation:
		return c.schema.AST.Mutation
	}
	return nil
}

func (c *checker) checkOperation(op *ast.OperationDefinition, used map[string]bool) {
	c.operation, c.path = op, nil
	root := c.root(op)
	if root == nil {
		c.fail("UnknownType", op.Position, "Schema is not configured for %ss.", op.Operation)
		return
	}
	c.variables(op)
	c.directives(op.Directives, location(op.Operation))
	c.selections(root, op.SelectionSet, 1)
	c.usages(op, used)
}

func location(op ast.Operation) ast.DirectiveLocation {
	if op == ast.Mutation {
		return ast.LocationMutation
	}
	return ast.LocationQuery
}

func (c *checker) checkFragment(f *ast.FragmentDefinition) {
	c.operation, c.path = nil, []string{f.Name}
	c.directives(f.Directives, ast.LocationFragmentDefinition)
	if t := c.condition(f.TypeCondition, f.Position); t != nil {
		c.selections(t, f.SelectionSet, 1)
	}
	c.path = nil
}

// condition returns the type of a fragment.
func (c *checker) condition(name string, at *ast.Position) *ast.Definition {
	t := c.schema.AST.Types[name]
	switch {
	case t == nil:
		c.fail("UnknownType", at, "Unknown type '%s'", name)
	case !t.IsCompositeType():
		c.fail("FragmentTypeConditionInvalid", at, "Invalid type for fragment '%s'", name)
		return nil
	}
	return t
}

func (c *checker) selections(parent *ast.Definition, set ast.SelectionSet, depth int) {
	if depth > MaxDepth {
		c.tooDeep(depth)
		return
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			c.field(parent, s, depth)
		case *ast.InlineFragment:
			c.directives(s.Directives, ast.LocationInlineFragment)
			t := parent
			if s.TypeCondition != "" {
				t = c.condition(s.TypeCondition, s.Position)
			}
			if t != nil && c.possible(parent, t, s.Position) {
				c.selections(t, s.SelectionSet, depth+1)
			}
		case *ast.FragmentSpread:
			c.directives(s.Directives, ast.LocationFragmentSpread)
			f := c.query.Fragments.ForName(s.Name)
			if f == nil {
				c.fail("UndefinedFragment", s.Position, "Undefined fragment '%s'", s.Name)
				continue
			}
			if t := c.schema.AST.Types[f.TypeCondition]; t != nil {
				c.possible(parent, t, s.Position)
			}
		}
	}
}

// tooDeep tells once that the document is too deep.
func (c *checker) tooDeep(depth int) {
	for _, f := range c.failures {
		if f.Classification == ExecutionAborted {
			return
		}
	}
	c.failures = append(c.failures, aborted("depth", depth, MaxDepth))
}

// possible reports whether a value of type parent can be one of type t.
func (c *checker) possible(parent, t *ast.Definition, at *ast.Position) bool {
	if parent == t || !parent.IsCompositeType() || !t.IsCompositeType() {
		return true
	}
	for _, a := range c.objects(parent) {
		for _, b := range c.objects(t) {
			if a == b {
				return true
			}
		}
	}
	c.fail("InvalidFragmentType", at, "Fragment cannot be spread here as objects of type '%s' can never be of type '%s'", parent.Name, t.Name)
	return false
}

// objects are the object types that a value of a type can have.
func (c *checker) objects(t *ast.Definition) []*ast.Definition {
	if t.IsAbstractType() {
		return c.schema.AST.PossibleTypes[t.Name]
	}
	return []*ast.Definition{t}
}

func (c *checker) field(parent *ast.Definition, f *ast.Field, depth int) {
	definition := c.definition(parent, f.Name)
	c.within(f.Name, func() {
		if definition == nil {
			c.fail("FieldUndefined", f.Position, "Field '%s' in type '%s' is undefined", f.Name, parent.Name)
			return
		}
		c.directives(f.Directives, ast.LocationField)
		c.arguments(definition.Arguments, f.Arguments, f.Position, "field argument")
		t := c.schema.AST.Types[definition.Type.Name()]
		switch {
		case t == nil:
		case t.IsLeafType() && len(f.SelectionSet) > 0:
			c.fail("SubSelectionNotAllowed", f.Position, "Sub selection not allowed on leaf type %s of field %s", definition.Type, f.Name)
		case !t.IsLeafType() && len(f.SelectionSet) == 0:
			c.fail("SubSelectionRequired", f.Position, "Sub selection required for type %s of field %s", definition.Type, f.Name)
		case !t.IsLeafType():
			c.selections(t, f.SelectionSet, depth+1)
		}
	})
}

// definition returns a field of a type, or nil.
func (c *checker) definition(parent *ast.Definition, name string) *ast.FieldDefinition {
	switch {
	case name == "__typename":
		return typenameField
	case parent == c.schema.AST.Query && name == "__schema":
		return schemaField
	case parent == c.schema.AST.Query && name == "__type":
		return typeField
	case parent.Kind == ast.Union:
		return nil
	}
	return parent.Fields.ForName(name)
}

func (c *checker) directives(list ast.DirectiveList, where ast.DirectiveLocation) {
	seen := map[string]bool{}
	for _, d := range list {
		definition := c.schema.AST.Directives[d.Name]
		switch {
		case definition == nil:
			c.fail("UnknownDirective", d.Position, "Unknown directive %s", d.Name)
			continue
		case !hasLocation(definition, where):
			c.fail("MisplacedDirective", d.Position, "Directive %s not allowed here", d.Name)
		case seen[d.Name] && !definition.IsRepeatable:
			c.fail("DuplicateDirectiveName", d.Position, "Non repeatable directives must be uniquely named within a location. The directive '%s' used on a '%s' is not unique.", d.Name, where)
		}
		seen[d.Name] = true
		c.arguments(definition.Arguments, d.Arguments, d.Position, "directive argument")
	}
}

func hasLocation(d *ast.DirectiveDefinition, where ast.DirectiveLocation) bool {
	for _, l := range d.Locations {
		if l == where {
			return true
		}
	}
	return false
}

func (c *checker) arguments(definitions ast.ArgumentDefinitionList, given ast.ArgumentList, at *ast.Position, what string) {
	seen := map[string]bool{}
	for _, a := range given {
		d := definitions.ForName(a.Name)
		switch {
		case d == nil:
			c.fail("UnknownArgument", a.Position, "Unknown %s %s", what, a.Name)
			continue
		case seen[a.Name]:
			c.fail("DuplicateArgumentNames", a.Position, "There can be only one argument named '%s'", a.Name)
		}
		seen[a.Name] = true
		c.value(d, a)
	}
	for _, d := range definitions {
		if d.Type.NonNull && d.DefaultValue == nil && !seen[d.Name] {
			if what == "field argument" {
				c.fail("MissingFieldArgument", at, "Missing field argument %s", d.Name)
				continue
			}
			c.fail("MissingDirectiveArgument", at, "Missing directive argument %s", d.Name)
		}
	}
}

// cycles refuses fragments that use themselves.
func (c *checker) cycles() {
	c.path = nil
	const (
		open = 1
		done = 2
	)
	state := map[string]int{}
	var visit func(f *ast.FragmentDefinition)
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if f := c.query.Fragments.ForName(s.Name); f != nil {
					visit(f)
				}
			}
		}
	}
	visit = func(f *ast.FragmentDefinition) {
		switch state[f.Name] {
		case open:
			c.fail("FragmentCycle", f.Position, "Fragment cycles found")
		case 0:
			state[f.Name] = open
			walk(f.SelectionSet)
		}
		state[f.Name] = done
	}
	for _, f := range c.query.Fragments {
		visit(f)
	}
}
