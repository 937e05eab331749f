package schema

// ChangeKind is CREATED, UPDATED or DROPPED (native_protocol_v5.spec §4.2.6).
type ChangeKind string

// The kinds of change.
const (
	Created ChangeKind = "CREATED"
	Updated ChangeKind = "UPDATED"
	Dropped ChangeKind = "DROPPED"
)

// Change is one schema change, as SCHEMA_CHANGE results and events carry it.
type Change struct {
	Kind ChangeKind
	// Target is KEYSPACE, TABLE, TYPE, FUNCTION or AGGREGATE.
	Target   string
	Keyspace string
	// Name of the table or type, "" for a keyspace.
	Name string
	// Args are the argument types of a function or aggregate.
	Args []string
	// Snapshot is the catalog after the change.
	Snapshot *Snapshot
}
