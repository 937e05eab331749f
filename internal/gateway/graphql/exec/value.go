package exec

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// value checks the literal of an argument. Variables in it are checked where
// they are defined, used and given.
func (c *checker) value(d *ast.ArgumentDefinition, a *ast.Argument) {
	k := valueChecker{schema: c.schema}
	if k.valid(d.Type, a.Value, 0) {
		return
	}
	shown := k.shown
	if shown == nil {
		shown = a.Value
	}
	c.fail("WrongType", a.Position, "argument '%s%s' with value '%s'%s", d.Name, k.where, javaValue(shown), k.problem)
}

// valueChecker finds the first mistake in one value
// (graphql.validation.ArgumentValidationUtil).
type valueChecker struct {
	schema *Schema
	// noVariables: the value is a default.
	noVariables bool
	variable    string
	// problem is what is wrong, where its place below the argument, and shown the
	// value that the text shows, nil for the argument's.
	problem string
	where   string
	shown   *ast.Value
}

func (k *valueChecker) wrong(shown *ast.Value, format string, args ...any) bool {
	k.problem, k.shown = fmt.Sprintf(format, args...), shown
	return false
}

// valid checks a literal.
func (k *valueChecker) valid(t *ast.Type, v *ast.Value, depth int) bool {
	switch {
	case depth > maxNesting:
		return k.wrong(nil, " is nested too deeply")
	case v.Kind == ast.Variable:
		return !k.noVariables
	case v.Kind == ast.NullValue && t.NonNull:
		return k.wrong(v, " must not be null")
	case v.Kind == ast.NullValue:
		return true
	case t.Elem != nil && v.Kind == ast.ListValue:
		for i, e := range v.Children {
			if !k.valid(t.Elem, e.Value, depth+1) {
				return k.below("["+strconv.Itoa(i)+"]", v)
			}
		}
		return true
	case t.Elem != nil:
		return k.valid(t.Elem, v, depth+1)
	}
	definition := k.schema.AST.Types[t.NamedType]
	switch {
	case definition == nil:
		return true
	case definition.Kind == ast.InputObject:
		return k.object(definition, v, depth)
	case definition.Kind == ast.Enum:
		if v.Kind != ast.EnumValue {
			return k.wrong(v, " is not a valid '%s' - Expected AST type 'EnumValue' but was '%s'.", t.NamedType, javaKind(v))
		}
		if definition.EnumValues.ForName(v.Raw) == nil {
			return k.wrong(v, " is not a valid '%s' - Expected enum literal value not in allowable values -  '%s'.", t.NamedType, javaValue(v))
		}
		return true
	}
	if err := k.schema.check(t.NamedType, Input{literal: v}); err != nil {
		return k.wrong(v, " is not a valid '%s' - %s", t.NamedType, err)
	}
	return true
}

// below adds a step to the place of a mistake.
func (k *valueChecker) below(step string, container *ast.Value) bool {
	k.where = step + k.where
	if k.shown == nil {
		k.shown = container
	}
	return false
}

func (k *valueChecker) object(t *ast.Definition, v *ast.Value, depth int) bool {
	if v.Kind != ast.ObjectValue {
		return k.wrong(nil, " must be an object type")
	}
	var missing []string
	for _, f := range t.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && v.Children.ForName(f.Name) == nil {
			missing = append(missing, f.Name)
		}
	}
	if len(missing) > 0 {
		return k.wrong(nil, " is missing required fields '[%s]'", strings.Join(missing, ", "))
	}
	for _, m := range v.Children {
		f := t.Fields.ForName(m.Name)
		if f == nil {
			return k.wrong(nil, " contains a field not in '%s': '%s'", t.Name, m.Name)
		}
		if !k.valid(f.Type, m.Value, depth+1) {
			return k.below("."+m.Name, v)
		}
	}
	return true
}

// input checks the JSON of a variable and returns what is wrong, "" for nothing.
// The depth of JSON is bounded where it is parsed.
func (k *valueChecker) input(t *ast.Type, in Input, name string) string {
	if !in.Given() {
		if t.NonNull {
			return fmt.Sprintf("Field '%s' of variable '%s' has coerced Null value for NonNull type '%s'", name, k.variable, t)
		}
		return ""
	}
	if t.Elem != nil {
		problem := ""
		_ = in.Elements(func(_ int, e Input) error {
			problem = k.input(t.Elem, e, name)
			if problem != "" {
				return errStop
			}
			return nil
		})
		return problem
	}
	definition := k.schema.AST.Types[t.NamedType]
	if definition.Kind == ast.InputObject {
		return k.inputObject(definition, in)
	}
	if definition.Kind == ast.Enum {
		if in.Kind() != String || definition.EnumValues.ForName(in.Str()) == nil {
			return fmt.Sprintf("Invalid input for Enum '%s'. No value found for name '%s'", t.NamedType, in.Str())
		}
		return ""
	}
	if err := k.schema.check(t.NamedType, in); err != nil {
		return err.Error()
	}
	return ""
}

func (k *valueChecker) inputObject(t *ast.Definition, in Input) string {
	if in.Kind() != Object {
		return fmt.Sprintf("Expected type 'Map' but was '%s'. Variables for input objects must be an instance of type 'Map'.", javaClass(in.Kind()))
	}
	problem := ""
	_ = in.Members(func(name string, v Input) error {
		f := t.Fields.ForName(name)
		if f == nil {
			problem = fmt.Sprintf("The variables input contains a field name '%s' that is not defined for input object type '%s' ", name, t.Name)
		} else {
			problem = k.input(f.Type, v, name)
		}
		if problem != "" {
			return errStop
		}
		return nil
	})
	for _, f := range t.Fields {
		if problem == "" && f.Type.NonNull && f.DefaultValue == nil && in.Member(f.Name).Kind() == Absent {
			problem = fmt.Sprintf("Field '%s' of variable '%s' has coerced Null value for NonNull type '%s'", f.Name, k.variable, f.Type)
		}
	}
	return problem
}
