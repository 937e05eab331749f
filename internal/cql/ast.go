// Package cql is the language: lexer, parser (one file per statement family),
// syntax tree and printer. It is pure and knows nothing of schemas: names are
// names, types are type names, values are expressions.
//
//	text --Parse--> Parsed{Statement, Markers} --Print--> text
//
// Identifiers in the tree are already folded: unquoted ones lower-cased, quoted
// ones as written without their quotes. HTTP doors build trees directly and
// never write CQL text.
package cql

// Statement is one CQL statement; the concrete types are in this package.
type Statement interface{ statement() }

// QualifiedName is a name with an optional keyspace ("" = the session's).
type QualifiedName struct{ Keyspace, Name string }

// ---- Expressions -------------------------------------------------------

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

// ---- Relations and conditions -----------------------------------------

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

// ---- SELECT -----------------------------------------------------------

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

// ---- Modifications ----------------------------------------------------

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

// ---- Schema statements ------------------------------------------------

// Property is one `name = value` of a WITH clause. Exactly one of Text and Map
// is used: Map for {...} literals, in the order written.
type Property struct {
	Name  string
	Text  string
	Map   []PropertyEntry
	IsMap bool
}

// PropertyEntry is one entry of a map property, both as text.
type PropertyEntry struct{ Key, Value string }

// CreateKeyspace is CREATE KEYSPACE.
type CreateKeyspace struct {
	Name        string
	IfNotExists bool
	Properties  []Property
}

// AlterKeyspace is ALTER KEYSPACE.
type AlterKeyspace struct {
	Name       string
	IfExists   bool
	Properties []Property
}

// DropKeyspace is DROP KEYSPACE.
type DropKeyspace struct {
	Name     string
	IfExists bool
}

// ColumnDef is one column of CREATE TABLE or ALTER TABLE ADD.
type ColumnDef struct {
	Name       string
	Type       TypeName
	Static     bool
	PrimaryKey bool // `PRIMARY KEY` behind the column itself
	// Mask is the function of MASKED WITH, or nil.
	Mask *FunctionCall
}

// ClusteringOrder is one item of CLUSTERING ORDER BY.
type ClusteringOrder struct {
	Column string
	Desc   bool
}

// CreateTable is CREATE TABLE.
type CreateTable struct {
	Table       QualifiedName
	IfNotExists bool
	Columns     []ColumnDef
	// PartitionKey and Clustering hold the names of the (last) PRIMARY KEY clause;
	// PrimaryKeys counts all primary key declarations
	// (inline ones too), which must be exactly one.
	PartitionKey    []string
	Clustering      []string
	PrimaryKeys     int
	Properties      []Property
	ClusteringOrder []ClusteringOrder
	CompactStorage  bool
}

// AlterTableKind is the form of ALTER TABLE.
type AlterTableKind uint8

// The forms of ALTER TABLE.
const (
	AlterAdd AlterTableKind = iota
	AlterDrop
	AlterRename
	AlterWith
	AlterColumnType  // ALTER c TYPE t: refused by Cassandra
	AlterDropCompact // DROP COMPACT STORAGE
	AlterMask        // ALTER c MASKED WITH / DROP MASKED
)

// AlterTable is ALTER TABLE.
type AlterTable struct {
	Table    QualifiedName
	IfExists bool
	Kind     AlterTableKind
	// IfColumn: IF NOT EXISTS behind ADD, IF EXISTS behind DROP, RENAME, ALTER.
	IfColumn bool
	Add      []ColumnDef
	Drop     []string
	// DropTimestamp is DROP ... USING TIMESTAMP, or nil.
	DropTimestamp *Literal
	Rename        []Renaming
	Properties    []Property
	Column        string
	Type          TypeName
	Mask          *FunctionCall
}

// Renaming is one `a TO b`.
type Renaming struct{ From, To string }

// DropTable is DROP TABLE.
type DropTable struct {
	Table    QualifiedName
	IfExists bool
}

// FieldDef is one field of a user type.
type FieldDef struct {
	Name string
	Type TypeName
}

// CreateType is CREATE TYPE.
type CreateType struct {
	Type        QualifiedName
	IfNotExists bool
	Fields      []FieldDef
}

// AlterType is ALTER TYPE: exactly one of Add, Rename or Alter (refused).
type AlterType struct {
	Type     QualifiedName
	IfExists bool
	IfField  bool // ADD IF NOT EXISTS, RENAME IF EXISTS
	Add      []FieldDef
	Rename   []Renaming
	Alter    *FieldDef
}

// DropType is DROP TYPE.
type DropType struct {
	Type     QualifiedName
	IfExists bool
}

// IndexTargetKind is how an index target was written: col, keys(col),
// values(col), entries(col), full(col).
type IndexTargetKind uint8

// The index target forms.
const (
	IndexSimple IndexTargetKind = iota
	IndexKeys
	IndexValues
	IndexEntries
	IndexFull
)

// CreateIndex is CREATE [CUSTOM] INDEX. Name.Name is "" when not given;
// Name.Keyspace always is "". Options is the map of WITH OPTIONS, which
// Properties leaves out.
type CreateIndex struct {
	Name        QualifiedName
	Table       QualifiedName
	IfNotExists bool
	Custom      bool
	Targets     []IndexTargetDef
	// Class is that of USING, which HasUsing tells from none.
	Class      string
	HasUsing   bool
	Options    []PropertyEntry
	Properties []Property
}

// IndexTargetDef is one target of CREATE INDEX.
type IndexTargetDef struct {
	Kind   IndexTargetKind
	Column string
}

// DropIndex is DROP INDEX.
type DropIndex struct {
	Index    QualifiedName
	IfExists bool
}

// DescribeKind is the object of a DESCRIBE statement.
type DescribeKind uint8

// The forms of DESCRIBE (org.apache.cassandra.cql3.statements.DescribeStatement).
const (
	DescribeCluster DescribeKind = iota
	DescribeFullSchema
	DescribeSchema
	DescribeKeyspaces
	DescribeKeyspace // Only: DESCRIBE ONLY KEYSPACE
	DescribeTables
	DescribeTable
	DescribeTypes
	DescribeType
	DescribeIndex
	DescribeView
	DescribeFunctions
	DescribeFunction
	DescribeAggregates
	DescribeAggregate
	DescribeGeneric // DESCRIBE name or DESCRIBE ks.name
)

// Describe is DESCRIBE or DESC.
type Describe struct {
	Kind      DescribeKind
	Only      bool
	Internals bool
	// Name of the object. DESCRIBE KEYSPACE has only Keyspace, "" for the
	// session's.
	Name QualifiedName
	Args []TypeName // of a function or aggregate
}

// ---- Roles and permissions -------------------------------------------

// RoleOptions are the options of CREATE/ALTER ROLE|USER; nil = not given. An
// empty AccessToDCs or AccessFromCIDR that is not nil is ALL. CREATE USER sets
// Login and Superuser, as Cassandra does.
type RoleOptions struct {
	Password       *string
	HashedPassword *string
	Superuser      *bool
	Login          *bool
	Options        []PropertyEntry
	AccessToDCs    []string
	AccessFromCIDR []string
}

// CreateRole is CREATE ROLE or CREATE USER (User set).
type CreateRole struct {
	Name        string
	User        bool
	IfNotExists bool
	Options     RoleOptions
}

// AlterRole is ALTER ROLE or ALTER USER.
type AlterRole struct {
	Name     string
	User     bool
	IfExists bool
	Options  RoleOptions
}

// DropRole is DROP ROLE or DROP USER.
type DropRole struct {
	Name     string
	User     bool
	IfExists bool
}

// ResourceKind is the kind of thing a permission is about.
type ResourceKind uint8

// The kinds of resource.
const (
	AllKeyspaces ResourceKind = iota
	AllTables                 // ALL TABLES IN KEYSPACE k
	KeyspaceResource
	TableResource
	AllRoles
	RoleResource
	AllFunctions
	KeyspaceFunctions
	FunctionResource
	AllMBeans
	MBeanResource
)

// Resource is what a GRANT, REVOKE or LIST PERMISSIONS names.
type Resource struct {
	Kind     ResourceKind
	Keyspace string
	Name     string
	Args     []TypeName
}

// Grant is GRANT permissions ON resource TO role, or REVOKE ... FROM (Revoke set).
type Grant struct {
	Revoke      bool
	Permissions []string // upper case; ALL for all
	Resource    Resource
	Role        string
}

// GrantRole is GRANT role TO role, or REVOKE role FROM role.
type GrantRole struct {
	Revoke     bool
	Role, From string
}

// ListRoles is LIST ROLES or LIST USERS.
type ListRoles struct {
	Users       bool
	Of          string
	NoRecursive bool
}

// ListPermissions is LIST permissions [ON resource] [OF role].
type ListPermissions struct {
	Permissions []string
	Resource    *Resource
	Of          string
	NoRecursive bool
}

// AddIdentity is ADD IDENTITY identity TO ROLE role.
type AddIdentity struct {
	Identity, Role string
	IfNotExists    bool
}

// DropIdentity is DROP IDENTITY.
type DropIdentity struct {
	Identity string
	IfExists bool
}

// Unsupported is a statement that the grammar knows and the product does not:
// What names it, e.g. "CREATE FUNCTION", "CREATE MATERIALIZED VIEW". The other
// fields hold what its refusal needs.
type Unsupported struct {
	What string
	// Text is the statement as written.
	Text string
	// Name of the function, aggregate, view or (without a keyspace) trigger.
	Name QualifiedName
	// Table that a trigger or a new view is on.
	Table                            QualifiedName
	IfExists, IfNotExists, OrReplace bool
	// Args are the types of a function's arguments; HasArgs tells none from
	// no list in DROP.
	Args    []TypeName
	HasArgs bool
	// StateFunction and StateType of an aggregate.
	StateFunction string
	StateType     TypeName
	// Class of a trigger.
	Class string
}

func (*Select) statement()          {}
func (*Insert) statement()          {}
func (*Update) statement()          {}
func (*Delete) statement()          {}
func (*Batch) statement()           {}
func (*Truncate) statement()        {}
func (*Use) statement()             {}
func (*CreateKeyspace) statement()  {}
func (*AlterKeyspace) statement()   {}
func (*DropKeyspace) statement()    {}
func (*CreateTable) statement()     {}
func (*AlterTable) statement()      {}
func (*DropTable) statement()       {}
func (*CreateType) statement()      {}
func (*AlterType) statement()       {}
func (*DropType) statement()        {}
func (*CreateIndex) statement()     {}
func (*DropIndex) statement()       {}
func (*Describe) statement()        {}
func (*CreateRole) statement()      {}
func (*AlterRole) statement()       {}
func (*DropRole) statement()        {}
func (*Grant) statement()           {}
func (*GrantRole) statement()       {}
func (*ListRoles) statement()       {}
func (*ListPermissions) statement() {}
func (*AddIdentity) statement()     {}
func (*DropIdentity) statement()    {}
func (*Unsupported) statement()     {}
