package cql

// Expr is a term, selector or other expression.
type Expr interface{ expr() }

// LiteralKind is the lexical kind of a constant.
type LiteralKind uint8

// The lexical kinds of constant (Cql.g "constant").
const (
	StringLiteral   LiteralKind = iota // Text without quotes, '' undone; $$..$$ too
	IntegerLiteral                     // Text as written, optional sign
	FloatLiteral                       // also NaN, Infinity, with optional sign
	BooleanLiteral                     // Text "true" or "false"
	UUIDLiteral                        // Text as written
	HexLiteral                         // Text with its 0x
	DurationLiteral                    // Text as written
	NullLiteral                        // Text "null"
)

type (
	// Literal is a constant.
	Literal struct {
		Kind LiteralKind
		Text string
	}
	// BindMarker is ? or :name. Index counts the markers of a whole statement
	// (of a whole batch text) from 0; Name is "" for ?.
	BindMarker struct {
		Index int
		Name  string
	}
	// ListLiteral is [a, b]; also a vector literal.
	ListLiteral struct{ Elems []Expr }
	// SetLiteral is {a, b}; {} (empty) may also be an empty map or UDT.
	SetLiteral struct{ Elems []Expr }
	// MapLiteral is {k: v, ...}, never empty.
	MapLiteral struct{ Entries []MapEntry }
	// UDTLiteral is {name: v, ...} with identifiers as keys. In a select clause
	// it may also be a map whose keys are columns: its type decides.
	UDTLiteral struct{ Fields []FieldValue }
	// TupleLiteral is (a, b). One element in parentheses is a tuple of one.
	TupleLiteral struct{ Elems []Expr }
	// FunctionCall is f(args). Star is set for count(*); Keyspace is "" when
	// unqualified.
	FunctionCall struct {
		Keyspace, Name string
		Args           []Expr
		Star           bool
	}
	// TypeHint is (type) expr.
	TypeHint struct {
		Type TypeName
		X    Expr
	}
	// Cast is CAST(expr AS type).
	Cast struct {
		X    Expr
		Type TypeName
	}
	// Binary is an arithmetic operation; Op is one of + - * / %.
	Binary struct {
		Op   byte
		L, R Expr
	}
	// Negate is -expr.
	Negate struct{ X Expr }
	// Column is a column reference (select clause, LWT, UPDATE's right side).
	Column struct{ Name string }
	// Element is expr[index].
	Element struct{ X, Index Expr }
	// SliceOf is expr[from..to]; either end may be nil.
	SliceOf struct{ X, From, To Expr }
	// Field is expr.field.
	Field struct {
		X    Expr
		Name string
	}
)

// MapEntry is one key: value of a MapLiteral.
type MapEntry struct{ Key, Value Expr }

// FieldValue is one name: value of a UDTLiteral.
type FieldValue struct {
	Name  string
	Value Expr
}

func (*Literal) expr()      {}
func (*BindMarker) expr()   {}
func (*ListLiteral) expr()  {}
func (*SetLiteral) expr()   {}
func (*MapLiteral) expr()   {}
func (*UDTLiteral) expr()   {}
func (*TupleLiteral) expr() {}
func (*FunctionCall) expr() {}
func (*TypeHint) expr()     {}
func (*Cast) expr()         {}
func (*Binary) expr()       {}
func (*Negate) expr()       {}
func (*Column) expr()       {}
func (*Element) expr()      {}
func (*SliceOf) expr()      {}
func (*Field) expr()        {}

// TypeName is a type as written, not yet resolved against a keyspace's UDTs.
type TypeName struct {
	// Keyspace of a qualified UDT name, else "".
	Keyspace string
	// Name: native names, "list", "set", "map", "tuple", "vector", "frozen" are
	// lower case; a UDT's name as folded. "frozen" has one argument.
	Name string
	// Quoted: the name was quoted, so it can only be a UDT.
	Quoted bool
	Args   []TypeName
	// Dimension of a vector.
	Dimension int
	// Class is set instead of Name for a custom type given as 'string'.
	Class string
}
