package cql

// Operator is a comparison of a WHERE or IF clause.
type Operator uint8

// The operators (org.apache.cassandra.cql3.Operator).
const (
	Eq Operator = iota
	Neq
	Lt
	Lte
	Gt
	Gte
	In
	NotIn
	Contains
	ContainsKey
	NotContains
	NotContainsKey
	Like
	IsNotNull
	Between
	NotBetween
	ANN
)

// RelationKind says what stands left of a relation's operator.
type RelationKind uint8

// The left sides: a column (or col[key]), a tuple of columns, token(columns).
// CustomIndex is expr(index, value): Columns is the index's name, there is no Op.
const (
	SingleColumn RelationKind = iota
	MultiColumn
	Token
	CustomIndex
)

// Relation is one condition of a WHERE clause.
type Relation struct {
	Kind    RelationKind
	Columns []string
	// Element is the key of col[key] = value, else nil.
	Element Expr
	Op      Operator
	// Value is the right side. For In/NotIn with a list in parentheses it is
	// nil and Values holds the list (possibly empty); `IN ?` has Value. Between
	// has its two ends in Values. IsNotNull has neither.
	Value  Expr
	Values []Expr
}

// Condition is one condition of an IF clause.
type Condition struct {
	Column string
	// Element is the index of col[i], Field the name of col.field.
	Element Expr
	Field   string
	Op      Operator
	Value   Expr
	Values  []Expr // In with a list in parentheses
}

// Select is a SELECT statement.
type Select struct {
	Table    QualifiedName
	Distinct bool
	JSON     bool
	// Selectors; empty for SELECT *.
	Selectors []Selector
	Where     []Relation
	GroupBy   []Expr
	OrderBy   []Ordering
	// PerPartitionLimit and Limit are nil when absent.
	PerPartitionLimit Expr
	Limit             Expr
	AllowFiltering    bool
}

// Selector is one item of a select clause. Alias is "" when there is none.
type Selector struct {
	X     Expr
	Alias string
}

// Ordering is one item of ORDER BY. ANN is set for `col ANN OF vector`.
type Ordering struct {
	Column string
	Desc   bool
	ANN    Expr
}

func (*Select) statement() {}
