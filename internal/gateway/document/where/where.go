// Package where reads and applies conditions on documents: the parameter where
// of the Document API.
//
//	where JSON --Parse--> Expr, $not pushed down to the conditions
//	Expr + the leaves of a document --Matches--> yes or no
//
// Which conditions a store can answer by itself is the door's business.
package where

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
)

// Operator is a comparison.
type Operator uint8

// The operators.
const (
	Eq Operator = iota
	Ne
	Lt
	Lte
	Gt
	Gte
	In
	Nin
	Exists
	NotExists
)

// names are the operators in messages and profiles.
var names = [...]string{"EQ", "NE", "LT", "LTE", "GT", "GTE", "IN", "NIN", "EXISTS", "EXISTS"}

// String is the operator's name as profiles have it.
func (o Operator) String() string { return names[o] }

// negated are the operators that say the opposite.
var negated = [...]Operator{Eq: Ne, Ne: Eq, Lt: Gte, Gte: Lt, Gt: Lte, Lte: Gt, In: Nin, Nin: In, Exists: NotExists, NotExists: Exists}

// Negative reports whether documents without the field match.
func (o Operator) Negative() bool { return o == Ne || o == Nin || o == NotExists }

// Value is a value of a condition. Its Kind is Null, Text, Number or Bool.
type Value struct {
	Kind   shred.Kind
	Text   string
	Number float64
	Bool   bool
}

// Expr is a condition or several. The concrete types are And, Or and *Condition.
type Expr interface {
	// Matches reports whether a document with these leaves fulfils it.
	Matches(leaves []shred.Leaf) bool
}

// And is fulfilled when all are; an empty one always is.
type And []Expr

// Or is fulfilled when one is; an empty one never is.
type Or []Expr

// Condition is one comparison of one field.
type Condition struct {
	Path path.Pattern
	Op   Operator
	// Value is what the field is compared with; List with In and Nin.
	Value Value
	List  []Value
	// Selectivity is the client's hint, from 0 (few match) to 1, if HasHint.
	Selectivity float64
	HasHint     bool
}

// Matches implements Expr.
func (a And) Matches(leaves []shred.Leaf) bool {
	for _, e := range a {
		if !e.Matches(leaves) {
			return false
		}
	}
	return true
}

// Matches implements Expr.
func (o Or) Matches(leaves []shred.Leaf) bool {
	for _, e := range o {
		if e.Matches(leaves) {
			return true
		}
	}
	return false
}

// Matches implements Expr: one leaf at the path fulfils the condition; if it is
// a negative one, all leaves there do.
func (c *Condition) Matches(leaves []shred.Leaf) bool {
	negative := c.Op.Negative()
	for i := range leaves {
		if c.OnPath(&leaves[i]) && c.Test(&leaves[i]) != negative {
			return !negative
		}
	}
	return negative
}

// OnPath reports whether l is at the condition's path. The last segment of the
// path is a name or index; wildcards have no meaning in it.
func (c *Condition) OnPath(l *shred.Leaf) bool {
	last := len(c.Path) - 1
	return len(l.Path) == len(c.Path) && c.Field() == string(l.Path[last]) && c.Path[:last].MatchesPrefix(l.Path)
}

// Field is the stored form of the path's last segment.
func (c *Condition) Field() string { return path.Unescape(c.Path[len(c.Path)-1].String()) }

// Test reports whether a leaf at the condition's path fulfils it.
func (c *Condition) Test(l *shred.Leaf) bool {
	switch c.Op {
	case Exists:
		return true
	case NotExists:
		return false
	case In, Nin:
		for _, v := range c.List {
			if order, ok := compare(l, v); ok && order == 0 {
				return c.Op == In
			}
		}
		return c.Op == Nin
	}
	order, ok := compare(l, c.Value)
	switch c.Op {
	case Eq:
		return ok && order == 0
	case Ne:
		return !ok || order != 0
	case Lt:
		return ok && order < 0
	case Lte:
		return ok && order <= 0
	case Gt:
		return ok && order > 0
	default:
		return ok && order >= 0
	}
}

// compare orders a leaf and a value, if they are of one kind.
func compare(l *shred.Leaf, v Value) (order int, ok bool) {
	if l.Kind != v.Kind {
		return 0, false
	}
	switch v.Kind {
	case shred.Text:
		return strings.Compare(string(l.Text), v.Text), true
	case shred.Number:
		switch {
		case l.Number < v.Number:
			return -1, true
		case l.Number > v.Number:
			return 1, true
		}
		return 0, true
	case shred.Bool:
		switch {
		case l.Bool == v.Bool:
			return 0, true
		case v.Bool:
			return -1, true
		}
		return 1, true
	}
	return 0, true
}

// Walk calls f for each condition of e.
func Walk(e Expr, f func(*Condition)) {
	switch e := e.(type) {
	case *Condition:
		f(e)
	case And:
		for _, x := range e {
			Walk(x, f)
		}
	case Or:
		for _, x := range e {
			Walk(x, f)
		}
	}
}

// Paths returns the different paths of e's conditions.
func Paths(e Expr) []path.Pattern {
	var paths []path.Pattern
	Walk(e, func(c *Condition) {
		for _, known := range paths {
			if known.Equal(c.Path) {
				return
			}
		}
		paths = append(paths, c.Path)
	})
	return paths
}

// String is the condition as profiles name it.
func (c *Condition) String() string {
	text := c.Path.String() + " " + c.Op.String() + " "
	switch c.Op {
	case Exists, NotExists:
		return text + strconv.FormatBool(c.Op == Exists)
	case In, Nin:
		parts := make([]string, len(c.List))
		for i, v := range c.List {
			parts[i] = v.String()
		}
		return text + "[" + strings.Join(parts, ", ") + "]"
	}
	return text + c.Value.String()
}

// String is the value as profiles show it.
func (v Value) String() string {
	switch v.Kind {
	case shred.Text:
		return v.Text
	case shred.Number:
		return strconv.FormatFloat(v.Number, 'g', -1, 64)
	case shred.Bool:
		return strconv.FormatBool(v.Bool)
	}
	return "null"
}
