package cql

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

func (*Describe) statement() {}
