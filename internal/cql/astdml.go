package cql

// Using holds the USING clause of a modification; nil members are absent.
type Using struct{ Timestamp, TTL Expr }

// Insert is INSERT INTO. With JSON set, Columns and Values are empty.
type Insert struct {
	Table       QualifiedName
	Columns     []string
	Values      []Expr
	JSON        Expr
	JSONUnset   bool // DEFAULT UNSET
	IfNotExists bool
	Using       Using
}

// AssignmentKind is the form of one item of UPDATE ... SET.
type AssignmentKind uint8

// The forms: c = v, c = c + v (and +=), c = v + c, c = c - v (and -=),
// c[i] = v, c.f = v.
const (
	SetValue AssignmentKind = iota
	AddValue
	PrependValue
	SubtractValue
	SetElement
	SetField
)

// Assignment is one item of UPDATE ... SET.
type Assignment struct {
	Kind   AssignmentKind
	Column string
	Index  Expr   // SetElement
	Field  string // SetField
	Value  Expr
}

// Update is UPDATE.
type Update struct {
	Table       QualifiedName
	Using       Using
	Assignments []Assignment
	Where       []Relation
	IfExists    bool
	If          []Condition
}

// Deletion is one item of DELETE's column list: col, col[i] or col.f.
type Deletion struct {
	Column string
	Index  Expr
	Field  string
}

// Delete is DELETE; no Columns means whole rows.
type Delete struct {
	Table    QualifiedName
	Columns  []Deletion
	Using    Using // Timestamp only
	Where    []Relation
	IfExists bool
	If       []Condition
}

// BatchKind is the kind of a BATCH.
type BatchKind uint8

// The kinds, numbered as in the BATCH message (native_protocol_v5.spec §4.1.7).
const (
	Logged BatchKind = iota
	Unlogged
	CounterBatch
)

// Batch is BEGIN ... BATCH. The grammar takes a TTL too, which Cassandra then
// refuses. Statements are *Insert, *Update or *Delete; their
// bind markers count through the whole text.
type Batch struct {
	Kind       BatchKind
	Using      Using
	Statements []Statement
}

// Truncate is TRUNCATE [TABLE] name.
type Truncate struct{ Table QualifiedName }

// Use is USE keyspace.
type Use struct{ Keyspace string }

func (*Insert) statement()   {}
func (*Update) statement()   {}
func (*Delete) statement()   {}
func (*Batch) statement()    {}
func (*Truncate) statement() {}
func (*Use) statement()      {}
