package exec

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cell"
)

// Field is a selected field with its fields: all selections of one response key
// in one.
type Field struct {
	// Key is the response key: the alias, or the name.
	Key  string
	Name string
	// Parent is the type that the field is of.
	Parent     *ast.Definition
	Definition *ast.FieldDefinition
	// Fields of the value, when it is an object.
	Fields []*Field
	// Of are the fields by type, when the value is of a union or interface.
	Of map[string][]*Field
	// Position in the document.
	Position *ast.Position
	// Plan belongs to the schema's resolver.
	Plan any

	member    []byte // "key":
	arguments ast.ArgumentList
	// conditions: each is the directives that must all let the field in; one of
	// them must hold. None: the field is always there.
	conditions []conjunction
}

// conjunction is the @skip and @include of one way to a field.
type conjunction []*ast.Directive

// Included reports whether the field is there in this run.
func (f *Field) Included(r *Run) bool {
	if len(f.conditions) == 0 {
		return true
	}
	for _, c := range f.conditions {
		if c.holds(r) {
			return true
		}
	}
	return false
}

func (c conjunction) holds(r *Run) bool {
	for _, d := range c {
		if arg := d.Arguments.ForName("if"); arg != nil && r.Input(arg.Value).IsTrue() == (d.Name == "skip") {
			return false
		}
	}
	return true
}

// Arg returns the value of an argument, or its default.
func (f *Field) Arg(r *Run, name string) Input {
	if a := f.arguments.ForName(name); a != nil {
		if in := r.Input(a.Value); in.Kind() != Absent {
			return in
		}
	}
	if d := f.Definition.Arguments.ForName(name); d != nil && d.DefaultValue != nil {
		return r.Input(d.DefaultValue)
	}
	return Input{}
}

// AppendKey appends "key": with a comma before it, unless it is the first.
func (f *Field) AppendKey(dst []byte, first bool) []byte {
	if !first {
		dst = append(dst, ',')
	}
	return append(dst, f.member...)
}

// conflict says why two selections of one response key can't be one.
func (f *Field) conflict(other *ast.Field) string {
	switch {
	case f.Name != other.Name:
		return f.Key + ": " + f.Name + " and " + other.Name + " are different fields"
	case !sameArguments(f.arguments, other.Arguments):
		return f.Key + ": they have differing arguments"
	}
	return ""
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		y := b.ForName(x.Name)
		if y == nil || x.Value.String() != y.Value.String() {
			return false
		}
	}
	return true
}

func newField(f *ast.Field, parent *ast.Definition, definition *ast.FieldDefinition) *Field {
	made := &Field{Key: f.Alias, Name: f.Name, Parent: parent, Definition: definition, Position: f.Position, arguments: f.Arguments}
	if made.Key == "" {
		made.Key = f.Name
	}
	made.member = append(cell.AppendString(nil, made.Key), ':')
	return made
}
