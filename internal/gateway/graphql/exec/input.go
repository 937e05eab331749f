package exec

import (
	"bytes"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cell"
)

// Kind is what an input value is.
type Kind uint8

// The kinds of input. Absent is a variable that was not given, or an argument
// that is not there.
const (
	Absent Kind = iota
	Null
	Bool
	Int
	Float
	String
	Enum
	List
	Object
)

// Input is the value of an argument or a part of it: a literal of the document,
// or the JSON of a variable. The zero value is Absent.
type Input struct {
	literal *ast.Value
	json    cell.Value
	run     *Run // whose variables literal may have
}

// JSON returns an input of checked JSON text.
func JSON(v cell.Value) Input { return Input{json: v} }

// Input returns the value of a literal or variable in this run.
func (r *Run) Input(v *ast.Value) Input {
	if v == nil {
		return Input{}
	}
	if v.Kind == ast.Variable {
		return r.variable(v.Raw)
	}
	return Input{literal: v, run: r}
}

func (r *Run) variable(name string) Input {
	if r == nil || r.Document == nil {
		return Input{}
	}
	for i, d := range r.Document.Operation.VariableDefinitions {
		if d.Variable == name && i < len(r.variables) {
			return r.variables[i]
		}
	}
	return Input{}
}

// IsLiteral reports whether in is of the document itself.
func (in Input) IsLiteral() bool { return in.literal != nil }

// Kind returns the kind of in.
func (in Input) Kind() Kind {
	if in.literal != nil {
		return literalKinds[in.literal.Kind]
	}
	if in.json == nil {
		return Absent
	}
	switch in.json.Kind() {
	case cell.Null:
		return Null
	case cell.Bool:
		return Bool
	case cell.String:
		return String
	case cell.Array:
		return List
	case cell.Object:
		return Object
	}
	if bytes.ContainsAny(in.json, ".eE") {
		return Float
	}
	return Int
}

var literalKinds = [...]Kind{
	ast.Variable: Absent, ast.IntValue: Int, ast.FloatValue: Float, ast.StringValue: String, ast.BlockValue: String,
	ast.BooleanValue: Bool, ast.NullValue: Null, ast.EnumValue: Enum, ast.ListValue: List, ast.ObjectValue: Object,
}

// Given reports whether in is there and not null.
func (in Input) Given() bool { return in.Kind() > Null }

// Text is what a string holds, or the text of a number, name or boolean.
func (in Input) Text() []byte {
	if in.literal != nil {
		return []byte(in.literal.Raw)
	}
	if in.json.Kind() == cell.String {
		return in.json.Text(nil)
	}
	return in.json
}

// Str is Text as a string.
func (in Input) Str() string {
	if in.literal != nil {
		return in.literal.Raw
	}
	if in.json == nil {
		return ""
	}
	return string(in.Text())
}

// IsTrue reports whether in is the boolean true.
func (in Input) IsTrue() bool { return in.Kind() == Bool && string(in.Text()) == "true" }

// Elements calls each for the elements of a list. A single value stands for a
// list of one (GraphQL spec §3.11).
func (in Input) Elements(each func(i int, e Input) error) error {
	if in.Kind() != List {
		return each(0, in)
	}
	if in.literal != nil {
		for i, c := range in.literal.Children {
			if err := each(i, in.run.Input(c.Value)); err != nil {
				return err
			}
		}
		return nil
	}
	i := 0
	for e := in.json.Elements(); e.Next(); i++ {
		if err := each(i, Input{json: e.Value}); err != nil {
			return err
		}
	}
	return nil
}

// Members calls each for the members of an object that are given.
func (in Input) Members(each func(name string, v Input) error) error {
	if in.literal != nil {
		for _, c := range in.literal.Children {
			v := in.run.Input(c.Value)
			if v.Kind() == Absent {
				continue
			}
			if err := each(c.Name, v); err != nil {
				return err
			}
		}
		return nil
	}
	if in.Kind() != Object {
		return nil
	}
	for m := in.json.Members(); m.Next(); {
		if err := each(string(m.Key(nil)), Input{json: m.Value}); err != nil {
			return err
		}
	}
	return nil
}

// Member returns a member of an object, Absent when it is not there.
func (in Input) Member(name string) Input {
	var found Input
	if in.Kind() != Object {
		return found
	}
	_ = in.Members(func(n string, v Input) error { // each never fails
		if n == name {
			found = v
		}
		return nil
	})
	return found
}

// Texts are the elements of a list of strings or names.
func (in Input) Texts() []string {
	if !in.Given() {
		return nil
	}
	texts := []string{}
	_ = in.Elements(func(_ int, e Input) error { // each never fails
		texts = append(texts, e.Str())
		return nil
	})
	return texts
}
