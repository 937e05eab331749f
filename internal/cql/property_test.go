package cql

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestPrintParse: printing any tree and parsing that gives the tree again.
func TestPrintParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &treeGen{t: t}
		stmt := g.statement()
		text := Print(stmt)
		parsed, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !reflect.DeepEqual(parsed.Statement, stmt) {
			t.Fatalf("%s\n became %s", text, Print(parsed.Statement))
		}
		if !reflect.DeepEqual(parsed.Markers, g.markers) {
			t.Fatalf("%s: markers %q, want %q", text, parsed.Markers, g.markers)
		}
	})
}

// treeGen draws trees such as the parser makes them. Bind markers are numbered
// in the order they are drawn, which must be the order of the text.
type treeGen struct {
	t       *rapid.T
	depth   int
	markers []string
}

func (g *treeGen) bool() bool { return rapid.Bool().Draw(g.t, "bool") }

func (g *treeGen) oneOf(n int) int { return rapid.IntRange(0, n-1).Draw(g.t, "choice") }

func (g *treeGen) maybe(x Expr) Expr {
	if x != nil && g.bool() {
		return x
	}
	return nil
}

var genNames = []string{"a", "b", "users", "k2_x", "Upper", "with space", `quo"te`, "select", "json", "distinct", "key",
	"text", "ttl", "count", "token", "expr", "exists", "order", "compact", "é", "p1y", "list", "as", "per", "true", "1a"}

func (g *treeGen) name() string { return rapid.SampledFrom(genNames).Draw(g.t, "name") }

func (g *treeGen) names() []string {
	return rapid.SliceOfN(rapid.SampledFrom(genNames), 1, 3).Draw(g.t, "names")
}

func (g *treeGen) table() QualifiedName {
	if g.bool() {
		return QualifiedName{Keyspace: g.name(), Name: g.name()}
	}
	return QualifiedName{Name: g.name()}
}

func (g *treeGen) marker() Expr {
	m := &BindMarker{Index: len(g.markers)}
	if g.bool() {
		m.Name = g.name()
	}
	g.markers = append(g.markers, m.Name)
	return m
}

var genLiterals = []*Literal{
	{StringLiteral, ""}, {StringLiteral, "it's"}, {StringLiteral, "a;--\n$$/*"}, {StringLiteral, "日本"},
	{IntegerLiteral, "0"}, {IntegerLiteral, "-17"}, {IntegerLiteral, "123456789012345678901234567890"},
	{FloatLiteral, "1.5"}, {FloatLiteral, "-2e10"}, {FloatLiteral, "3."}, {FloatLiteral, "NaN"}, {FloatLiteral, "-Infinity"},
	{BooleanLiteral, "true"}, {UUIDLiteral, "123e4567-e89b-12d3-a456-426655440000"}, {HexLiteral, "0x"}, {HexLiteral, "0xCAFE"},
	{DurationLiteral, "1y2mo3w4d5h6m7s8ms9us10ns"}, {DurationLiteral, "-P1Y2M3DT4H"}, {DurationLiteral, "P3W"},
	{DurationLiteral, "P0001-02-03T04:05:06"}, {NullLiteral, "null"},
}

func (g *treeGen) literal() *Literal {
	l := *rapid.SampledFrom(genLiterals).Draw(g.t, "literal")
	return &l
}

// exprs draws 1 to 3 expressions with f.
func (g *treeGen) exprs(f func() Expr) []Expr {
	list := make([]Expr, 1+g.oneOf(3))
	for i := range list {
		list[i] = f()
	}
	return list
}

// leafOr draws a leaf when the tree is deep enough, else one of the choices.
func (g *treeGen) leafOr(leaf func() Expr, choices ...func() Expr) Expr {
	if g.depth >= 4 || g.oneOf(3) == 0 {
		return leaf()
	}
	g.depth++
	defer func() { g.depth-- }()
	return choices[g.oneOf(len(choices))]()
}

// term draws an expression as it stands in VALUES and WHERE.
func (g *treeGen) term() Expr {
	return g.leafOr(g.simpleTerm,
		func() Expr { return g.binary(g.simpleTerm) },
		func() Expr { return &Negate{X: g.simpleTerm()} },
		g.simpleTerm)
}

// binary draws a sum of products, which is how the parser nests them.
func (g *treeGen) binary(operand func() Expr) Expr {
	product := func() Expr {
		x := operand()
		for range g.oneOf(3) {
			x = &Binary{Op: "*/%"[g.oneOf(3)], L: x, R: operand()}
		}
		return x
	}
	x := product()
	for range g.oneOf(3) {
		x = &Binary{Op: "+-"[g.oneOf(2)], L: x, R: product()}
	}
	return x
}

func (g *treeGen) simpleTerm() Expr {
	leaf := func() Expr {
		if g.oneOf(3) == 0 {
			return g.marker()
		}
		return g.literal()
	}
	return g.leafOr(leaf,
		func() Expr { return &ListLiteral{Elems: g.exprs(g.term)} },
		func() Expr { return &ListLiteral{} },
		func() Expr { return &SetLiteral{Elems: g.exprs(g.term)} },
		func() Expr { return &SetLiteral{} },
		func() Expr { return &TupleLiteral{Elems: g.exprs(g.term)} },
		func() Expr { return g.mapLiteral(g.term) },
		func() Expr { return g.userTypeLiteral(g.term) },
		func() Expr { return g.call(g.term) },
		func() Expr { return &TypeHint{Type: g.typeName(), X: g.simpleTerm()} },
		func() Expr { return &Cast{X: g.simpleTerm(), Type: g.nativeType()} })
}

func (g *treeGen) mapLiteral(f func() Expr) Expr {
	m := &MapLiteral{}
	for range 1 + g.oneOf(2) {
		key := f()
		m.Entries = append(m.Entries, MapEntry{Key: key, Value: f()})
	}
	return m
}

func (g *treeGen) userTypeLiteral(f func() Expr) Expr {
	u := &UDTLiteral{}
	for range 1 + g.oneOf(2) {
		name := g.name()
		u.Fields = append(u.Fields, FieldValue{Name: name, Value: f()})
	}
	return u
}

func (g *treeGen) call(f func() Expr) Expr {
	c := &FunctionCall{Name: g.name()}
	if g.bool() {
		c.Keyspace = g.name()
	}
	if g.bool() {
		c.Args = g.exprs(f)
	}
	return c
}

// selector draws an expression as it stands in a select clause.
func (g *treeGen) selector() Expr {
	return g.leafOr(g.plainSelector,
		func() Expr { return g.binary(g.selectorGroup) },
		func() Expr { return &Negate{X: g.selectorGroup()} })
}

func (g *treeGen) selectorGroup() Expr {
	return g.leafOr(g.plainSelector,
		func() Expr { return &Field{X: &Column{Name: g.name()}, Name: g.name()} },
		func() Expr { return &Element{X: &Column{Name: g.name()}, Index: g.term()} },
		func() Expr {
			from := g.maybe(g.literal())
			if from != nil {
				return &SliceOf{X: &Column{Name: g.name()}, From: from, To: g.maybe(g.literal())}
			}
			return &SliceOf{X: &Column{Name: g.name()}, To: g.literal()}
		})
}

func (g *treeGen) plainSelector() Expr {
	leaf := func() Expr {
		switch g.oneOf(4) {
		case 0:
			return g.literal()
		case 1:
			return g.marker()
		}
		return &Column{Name: g.name()}
	}
	return g.leafOr(leaf,
		func() Expr { return &FunctionCall{Name: "count", Star: true} },
		func() Expr { return &FunctionCall{Name: "writetime", Args: []Expr{&Column{Name: g.name()}}} },
		func() Expr { return &ListLiteral{Elems: g.exprs(g.selector)} },
		func() Expr { return &SetLiteral{Elems: g.exprs(g.selector)} },
		func() Expr { return g.userTypeLiteral(g.selector) },
		func() Expr { return g.call(g.selector) },
		func() Expr { return &Cast{X: g.selector(), Type: g.nativeType()} },
		func() Expr { return &TypeHint{Type: g.typeName(), X: leaf()} })
}

func (g *treeGen) nativeType() TypeName {
	return TypeName{Name: rapid.SampledFrom([]string{"int", "text", "varchar", "timestamp", "uuid", "counter"}).Draw(g.t, "type")}
}

func (g *treeGen) typeName() TypeName {
	g.depth++
	defer func() { g.depth-- }()
	n := 8
	if g.depth > 4 {
		n = 2
	}
	switch g.oneOf(n) {
	case 1:
		name := rapid.SampledFrom([]string{"address", "Udt", "byte", "key", "list", "int"}).Draw(g.t, "udt")
		t := TypeName{Name: name, Quoted: quoteTypeName(name) != name}
		if g.bool() {
			t.Keyspace = g.name()
		}
		return t
	case 2:
		return TypeName{Name: "list", Args: []TypeName{g.typeName()}}
	case 3:
		return TypeName{Name: "map", Args: []TypeName{g.typeName(), g.typeName()}}
	case 4:
		return TypeName{Name: "tuple", Args: []TypeName{g.typeName(), g.typeName()}}
	case 5:
		return TypeName{Name: "vector", Args: []TypeName{g.typeName()}, Dimension: 1 + g.oneOf(9)}
	case 6:
		return TypeName{Name: "frozen", Args: []TypeName{{Name: "set", Args: []TypeName{g.typeName()}}}}
	case 7:
		return TypeName{Class: "org.apache.cassandra.db.marshal.BytesType"}
	}
	return g.nativeType()
}
