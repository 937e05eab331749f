package cql

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

func (*CreateKeyspace) statement() {}
func (*AlterKeyspace) statement()  {}
func (*DropKeyspace) statement()   {}
func (*CreateTable) statement()    {}
func (*AlterTable) statement()     {}
func (*DropTable) statement()      {}
func (*CreateType) statement()     {}
func (*AlterType) statement()      {}
func (*DropType) statement()       {}
func (*CreateIndex) statement()    {}
func (*DropIndex) statement()      {}
