package where

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
)

// The limits of one where.
const (
	// MaxConditions bounds the conditions.
	MaxConditions = 100
	// MaxList bounds the values of $in and $nin.
	MaxList = 1000
)

// Errors about the whole of where.
var (
	errJSON      = errors.New("The `where` parameter expects a valid JSON object representing search criteria.")
	errNotObject = errors.New("Search was expecting a JSON object as input.")
	errCondition = errors.New("A filter operation and value resolved as invalid.")
)

var operators = map[string]Operator{
	"$eq": Eq, "$ne": Ne, "$lt": Lt, "$lte": Lte, "$gt": Gt, "$gte": Gte, "$in": In, "$nin": Nin, "$exists": Exists,
}

// parser reads one where.
type parser struct {
	below path.Pattern
	count int
}

// Parse reads a where. Its paths are below the path given. An empty text is no
// condition. Errors are refusals in the words of the API.
func Parse(text string, below path.Pattern) (Expr, error) {
	if text == "" {
		return And{}, nil
	}
	v, err := cell.Parse([]byte(text), cell.Options{Prefix: true})
	if err != nil {
		return nil, errJSON
	}
	if v.Kind() != cell.Object {
		return nil, errNotObject
	}
	p := parser{below: below}
	all, err := p.object(v, false)
	return And(all), err
}

// object reads the members of one object: expressions that all hold, or, when
// negated, their opposites.
func (p *parser) object(v cell.Value, negate bool) ([]Expr, error) {
	var all []Expr
	for m := v.Members(); m.Next(); {
		var e Expr
		var err error
		switch name := string(m.Key(nil)); name {
		case "$or", "$and":
			e, err = p.several(name, m.Value, negate)
		case "$not":
			e, err = p.not(m.Value, negate)
		default:
			var conditions []Expr
			if conditions, err = p.field(name, m.Value, negate); err == nil {
				all = append(all, conditions...)
			}
		}
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	return all, nil
}

// several reads the array of $or and $and. Each condition in it stands for
// itself, as in the reference, even those of one object.
func (p *parser) several(name string, v cell.Value, negate bool) (Expr, error) {
	if v.Kind() != cell.Array {
		return nil, fmt.Errorf("The %s requires an array json node as value.", name)
	}
	var all []Expr
	for e := v.Elements(); e.Next(); {
		if e.Value.Kind() != cell.Object {
			return nil, errCondition
		}
		some, err := p.object(e.Value, negate)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if len(all) == 0 && name == "$or" { // a 500 of the reference
		return nil, errCondition
	}
	if (name == "$or") != negate {
		return Or(all), nil
	}
	return And(all), nil
}

func (p *parser) not(v cell.Value, negate bool) (Expr, error) {
	if v.Kind() != cell.Object {
		return nil, errors.New("The $not operator requires a json object as value.")
	}
	all, err := p.object(v, !negate)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 {
		return nil, errors.New("The $not operator requires exactly one child expression.")
	}
	return all[0], nil
}

// field reads the conditions of one path.
func (p *parser) field(name string, v cell.Value, negate bool) ([]Expr, error) {
	pattern, err := path.DottedPattern(name)
	if err != nil {
		return nil, err
	}
	if len(p.below)+len(pattern) > path.MaxDepth {
		return nil, path.ErrDepth
	}
	pattern = append(p.below[:len(p.below):len(p.below)], pattern...)
	if v.Kind() != cell.Object {
		return nil, errCondition
	}
	var conditions []*Condition
	hint, hinted := 0.0, false
	for m := v.Members(); m.Next(); {
		op := string(m.Key(nil))
		if op == "$selectivity" {
			if m.Value.Kind() != cell.Number {
				return nil, fmt.Errorf("Selectivity hint does not support the provided value %s (expecting a number)", m.Value)
			}
			hint, _ = strconv.ParseFloat(string(m.Value), 64)
			hinted = true
			continue
		}
		c, err := condition(op, m.Value)
		if err != nil {
			return nil, err
		}
		if p.count++; p.count > MaxConditions {
			return nil, fmt.Errorf("A search has at most %d conditions.", MaxConditions)
		}
		c.Path = pattern
		conditions = append(conditions, c)
	}
	if err := check(path.Unescape(pattern[len(pattern)-1].String()), conditions, hinted); err != nil {
		return nil, err
	}
	all := make([]Expr, len(conditions))
	for i, c := range conditions {
		c.Selectivity, c.HasHint = hint, hinted
		if negate {
			c.Op = negated[c.Op]
		}
		all[i] = c
	}
	return all, nil
}

// check refuses conditions of one field that can't stand together.
func check(field string, conditions []*Condition, hinted bool) error {
	var kinds []string
	for _, c := range conditions {
		kind, ok := kindNames[c.Value.Kind]
		if !ok || c.Op == In || c.Op == Nin || c.Op == Exists || c.Op == NotExists {
			continue
		}
		if len(kinds) == 0 || !strings.Contains(strings.Join(kinds, " "), kind) {
			kinds = append(kinds, kind)
		}
	}
	switch {
	case len(kinds) > 1:
		return fmt.Errorf("Filter conditions for field '%s' imply incompatible types: %s", field, strings.Join(kinds, ", "))
	case hinted && len(conditions) > 1:
		return fmt.Errorf(`Specifying multiple filter conditions in the same JSON block with a selectivity hint is not supported. Combine them using "$and" to disambiguate. Related field: '%s')`, field)
	case hinted && len(conditions) == 0:
		return fmt.Errorf("Field '%s' has a selectivity hint but no condition", field)
	}
	return nil
}

var kindNames = map[shred.Kind]string{shred.Text: "String", shred.Number: "Double", shred.Bool: "Boolean"}

// condition reads one operator and its value.
func condition(op string, v cell.Value) (*Condition, error) {
	operator, ok := operators[op]
	if !ok {
		return nil, fmt.Errorf("Operation '%s' is not supported.", op)
	}
	unsupported := func() error {
		return fmt.Errorf("Operation '%s' does not support the provided value %s.", op, appendPretty(nil, v, 0))
	}
	c := &Condition{Op: operator}
	switch operator {
	case Exists:
		if v.Kind() != cell.Bool {
			return nil, unsupported()
		}
		if !v.IsTrue() {
			c.Op = NotExists
		}
	case In, Nin:
		if v.Kind() != cell.Array {
			return nil, unsupported()
		}
		return c, c.list(op, v)
	default:
		value, ok := valueOf(v)
		if !ok || value.Kind == shred.Null {
			return nil, unsupported()
		}
		c.Value = value
	}
	return c, nil
}

func (c *Condition) list(op string, v cell.Value) error {
	for e := v.Elements(); e.Next(); {
		value, ok := valueOf(e.Value)
		if !ok {
			kind := "OBJECT"
			if e.Value.Kind() == cell.Array {
				kind = "ARRAY"
			}
			return fmt.Errorf("Operation %s was not expecting a list containing a %s node type.", op, kind)
		}
		if len(c.List) == MaxList {
			return fmt.Errorf("Operation %s takes at most %d values.", op, MaxList)
		}
		c.List = append(c.List, value)
	}
	if len(c.List) == 0 {
		return fmt.Errorf("Operation %s was expecting a non-empty list", op)
	}
	return nil
}

// valueOf returns a scalar as a value.
func valueOf(v cell.Value) (Value, bool) {
	switch v.Kind() {
	case cell.Null:
		return Value{}, true
	case cell.String:
		return Value{Kind: shred.Text, Text: string(v.Text(nil))}, true
	case cell.Number:
		f, _ := strconv.ParseFloat(string(v), 64)
		return Value{Kind: shred.Number, Number: f + 0}, true // no -0
	case cell.Bool:
		return Value{Kind: shred.Bool, Bool: v.IsTrue()}, true
	}
	return Value{}, false
}

// appendPretty appends a value as Jackson prints it prettily: objects with a
// line a member, arrays on one line.
func appendPretty(dst []byte, v cell.Value, depth int) []byte {
	switch v.Kind() {
	case cell.Object:
		first := true
		for m := v.Members(); m.Next(); {
			dst = append(dst, map[bool]string{true: "{\n", false: ",\n"}[first]...)
			first = false
			dst = append(dst, strings.Repeat("  ", depth+1)...)
			dst = append(cell.AppendString(dst, m.Key(nil)), " : "...)
			dst = appendPretty(dst, m.Value, depth+1)
		}
		if first {
			return append(dst, "{ }"...)
		}
		dst = append(dst, '\n')
		return append(append(dst, strings.Repeat("  ", depth)...), '}')
	case cell.Array:
		first := true
		for e := v.Elements(); e.Next(); {
			dst = append(dst, map[bool]string{true: "[ ", false: ", "}[first]...)
			first = false
			dst = appendPretty(dst, e.Value, depth+1)
		}
		if first {
			return append(dst, "[ ]"...)
		}
		return append(dst, " ]"...)
	}
	return append(dst, v...)
}
