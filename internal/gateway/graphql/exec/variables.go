package exec

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cell"
)

// variables checks the definitions of an operation's variables.
func (c *checker) variables(op *ast.OperationDefinition) {
	seen := map[string]bool{}
	for _, v := range op.VariableDefinitions {
		if seen[v.Variable] {
			c.fail("DuplicateVariableName", v.Position, "There can be only one variable named '%s'", v.Variable)
		}
		seen[v.Variable] = true
		t := c.schema.AST.Types[v.Type.Name()]
		switch {
		case t == nil:
			c.fail("UnknownType", v.Position, "Unknown type %s", v.Type.Name())
		case !t.IsInputType():
			c.fail("NonInputTypeOnVariable", v.Position, "Input variable %s type %s is not an input type", v.Variable, v.Type)
		case v.DefaultValue != nil:
			k := valueChecker{schema: c.schema, noVariables: true}
			if !k.valid(v.Type, v.DefaultValue, 0) {
				c.fail("BadValueForDefaultArg", v.Position, "Bad default value %s for type %s", javaValue(v.DefaultValue), v.Type)
			}
		}
	}
}

// usages checks where an operation's variables are used, through fragments too,
// and which fragments it uses.
func (c *checker) usages(op *ast.OperationDefinition, fragments map[string]bool) {
	u := &usageWalk{checker: c, op: op, used: map[string]bool{}, visited: map[string]bool{}}
	for _, d := range op.Directives {
		u.directive(d)
	}
	u.set(c.root(op), op.SelectionSet)
	for name := range u.visited {
		fragments[name] = true
	}
	for _, v := range op.VariableDefinitions {
		if !u.used[v.Variable] {
			c.fail("UnusedVariable", v.Position, "Unused variable %s", v.Variable)
		}
	}
}

// usageWalk visits each fragment once for an operation.
type usageWalk struct {
	checker *checker
	op      *ast.OperationDefinition
	used    map[string]bool
	visited map[string]bool
}

func (u *usageWalk) set(parent *ast.Definition, set ast.SelectionSet) {
	types := u.checker.schema.AST.Types
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			var definition *ast.FieldDefinition
			if parent != nil {
				definition = u.checker.definition(parent, s.Name)
			}
			u.each(s.Directives)
			if definition != nil {
				u.arguments(definition.Arguments, s.Arguments)
				u.set(types[definition.Type.Name()], s.SelectionSet)
			}
		case *ast.InlineFragment:
			u.each(s.Directives)
			t := parent
			if s.TypeCondition != "" {
				t = types[s.TypeCondition]
			}
			u.set(t, s.SelectionSet)
		case *ast.FragmentSpread:
			u.each(s.Directives)
			f := u.checker.query.Fragments.ForName(s.Name)
			if f == nil || u.visited[f.Name] {
				continue
			}
			u.visited[f.Name] = true
			u.each(f.Directives)
			u.set(types[f.TypeCondition], f.SelectionSet)
		}
	}
}

func (u *usageWalk) each(list ast.DirectiveList) {
	for _, d := range list {
		u.directive(d)
	}
}

func (u *usageWalk) directive(d *ast.Directive) {
	if definition := u.checker.schema.AST.Directives[d.Name]; definition != nil {
		u.arguments(definition.Arguments, d.Arguments)
	}
}

func (u *usageWalk) arguments(definitions ast.ArgumentDefinitionList, given ast.ArgumentList) {
	for _, a := range given {
		if d := definitions.ForName(a.Name); d != nil {
			u.value(d.Type, a.Value, d.DefaultValue != nil)
		}
	}
}

// value checks the variables of a value that is to be of type t.
func (u *usageWalk) value(t *ast.Type, v *ast.Value, hasDefault bool) {
	switch v.Kind {
	case ast.Variable:
		u.variable(t, v, hasDefault)
	case ast.ListValue:
		if t.Elem != nil {
			t = t.Elem
		}
		for _, e := range v.Children {
			u.value(t, e.Value, false)
		}
	case ast.ObjectValue:
		for t.Elem != nil {
			t = t.Elem
		}
		definition := u.checker.schema.AST.Types[t.NamedType]
		if definition == nil {
			return
		}
		for _, m := range v.Children {
			if f := definition.Fields.ForName(m.Name); f != nil {
				u.value(f.Type, m.Value, f.DefaultValue != nil)
			}
		}
	}
}

func (u *usageWalk) variable(t *ast.Type, v *ast.Value, hasDefault bool) {
	d := u.op.VariableDefinitions.ForName(v.Raw)
	if d == nil {
		u.checker.fail("UndefinedVariable", v.Position, "Undefined variable %s", v.Raw)
		return
	}
	u.used[v.Raw] = true
	given := *d.Type
	if d.DefaultValue != nil && d.DefaultValue.Kind != ast.NullValue {
		given.NonNull = true
	}
	wanted := *t
	if hasDefault {
		wanted.NonNull = false
	}
	if !fits(&given, &wanted) {
		u.checker.fail("VariableTypeMismatch", v.Position, "Variable type '%s' doesn't match expected type '%s'", d.Type, t)
	}
}

// fits reports whether a variable of a type may be where another is wanted.
func fits(given, wanted *ast.Type) bool {
	if wanted.NonNull && !given.NonNull {
		return false
	}
	if wanted.Elem != nil {
		if given.Elem != nil {
			return fits(given.Elem, wanted.Elem)
		}
		return fits(given, wanted.Elem) // one value for a list
	}
	return given.Elem == nil && given.NamedType == wanted.NamedType
}

// bind gives the run its variables, an object or nil. Those of other names are
// no mistake.
func (r *Run) bind(variables cell.Value) *Failure {
	definitions := r.Document.Operation.VariableDefinitions
	if len(definitions) == 0 {
		return nil
	}
	r.variables = append(r.variables[:0], make([]Input, len(definitions))...)
	if variables != nil && variables.Kind() == cell.Object {
		for m := variables.Members(); m.Next(); {
			name := m.Key(nil)
			for i, d := range definitions {
				if d.Variable == string(name) {
					r.variables[i] = Input{json: m.Value}
				}
			}
		}
	}
	for i, d := range definitions {
		if r.variables[i].Kind() == Absent && d.DefaultValue != nil {
			r.variables[i] = Input{literal: d.DefaultValue, run: r}
			continue
		}
		in := r.variables[i]
		if in.Kind() <= Null {
			if d.Type.NonNull {
				return r.badVariable(d, fmt.Sprintf("Variable '%s' has coerced Null value for NonNull type '%s'", d.Variable, d.Type))
			}
			continue
		}
		k := valueChecker{schema: r.Schema, variable: d.Variable}
		if problem := k.input(d.Type, in, d.Variable); problem != "" {
			return r.badVariable(d, problem)
		}
	}
	return nil
}

func (r *Run) badVariable(d *ast.VariableDefinition, problem string) *Failure {
	return failureAt(ValidationError, fmt.Sprintf("Variable '%s' has an invalid value: %s", d.Variable, problem), d.Position, r.Document.places)
}
