// Package cqltype knows the CQL types: how a value of each is laid out on the
// wire, written as a CQL literal, shown as JSON, ordered, and encoded as an
// order-preserving key. It is pure: bytes in, bytes out, nothing stored.
//
// A value travels through the whole server as its wire bytes ([]byte, nil =
// null); no layer holds values as `any`.
package cqltype

// Kind is a type's option id in the native protocol (native_protocol_v5.spec
// §4.2.5.2). Duration, Tuple, UDT and Custom included; a vector travels as Custom.
type Kind uint16

// The kinds of type. Vector has no option id of its own: on the wire it is
// Custom with the class name org.apache.cassandra.db.marshal.VectorType(...).
// Empty is Cassandra's EmptyType (a COMPACT STORAGE left-over), only described.
const (
	Custom    Kind = 0x0000
	Ascii     Kind = 0x0001
	Bigint    Kind = 0x0002
	Blob      Kind = 0x0003
	Boolean   Kind = 0x0004
	Counter   Kind = 0x0005
	Decimal   Kind = 0x0006
	Double    Kind = 0x0007
	Float     Kind = 0x0008
	Int       Kind = 0x0009
	Timestamp Kind = 0x000B
	Uuid      Kind = 0x000C
	Text      Kind = 0x000D
	Varint    Kind = 0x000E
	Timeuuid  Kind = 0x000F
	Inet      Kind = 0x0010
	Date      Kind = 0x0011
	Time      Kind = 0x0012
	Smallint  Kind = 0x0013
	Tinyint   Kind = 0x0014
	Duration  Kind = 0x0015
	List      Kind = 0x0020
	Map       Kind = 0x0021
	Set       Kind = 0x0022
	UDT       Kind = 0x0030
	Tuple     Kind = 0x0031
	Vector    Kind = 0xFF01
	Empty     Kind = 0xFF02
)

// Type is a resolved CQL type. Types are immutable and shared; compare them
// with Equal, not with ==.
type Type struct {
	Kind Kind
	// Frozen is set for a frozen collection or UDT. Tuples and vectors are
	// always frozen in behaviour and leave it false. Inside a frozen type the
	// elements' own flag says only how the type was declared.
	Frozen bool
	// Elems: List, Set, Vector: the element; Map: key, value; Tuple, UDT: the
	// fields in order.
	Elems []*Type
	// UDT only: its keyspace, name, and the field names, parallel to Elems.
	Keyspace, Name string
	FieldNames     []string
	// Dimension of a Vector.
	Dimension int
	// Class of a Custom type, and of TypeLegacyTimeuuid: the Java class name.
	Class string
}

// The scalar types, each a shared value.
var (
	TypeAscii     = &Type{Kind: Ascii}
	TypeBigint    = &Type{Kind: Bigint}
	TypeBlob      = &Type{Kind: Blob}
	TypeBoolean   = &Type{Kind: Boolean}
	TypeCounter   = &Type{Kind: Counter}
	TypeDecimal   = &Type{Kind: Decimal}
	TypeDouble    = &Type{Kind: Double}
	TypeFloat     = &Type{Kind: Float}
	TypeInt       = &Type{Kind: Int}
	TypeTimestamp = &Type{Kind: Timestamp}
	TypeUuid      = &Type{Kind: Uuid}
	TypeText      = &Type{Kind: Text}
	TypeVarint    = &Type{Kind: Varint}
	TypeTimeuuid  = &Type{Kind: Timeuuid}
	TypeInet      = &Type{Kind: Inet}
	TypeDate      = &Type{Kind: Date}
	TypeTime      = &Type{Kind: Time}
	TypeSmallint  = &Type{Kind: Smallint}
	TypeTinyint   = &Type{Kind: Tinyint}
	TypeDuration  = &Type{Kind: Duration}
)

// TypeLegacyTimeuuid is timeuuid as some of Cassandra's functions answer with
// it: the same values in the same order, but clients are told a class name
// (LegacyTimeUUIDType), and it does not pass for a uuid.
var TypeLegacyTimeuuid = &Type{Kind: Timeuuid, Class: marshal + "LegacyTimeUUIDType"}

// NewList returns list<elem>.
func NewList(elem *Type, frozen bool) *Type {
	return &Type{Kind: List, Frozen: frozen, Elems: []*Type{elem}}
}

// NewSet returns set<elem>.
func NewSet(elem *Type, frozen bool) *Type {
	return &Type{Kind: Set, Frozen: frozen, Elems: []*Type{elem}}
}

// NewMap returns map<key, value>.
func NewMap(key, value *Type, frozen bool) *Type {
	return &Type{Kind: Map, Frozen: frozen, Elems: []*Type{key, value}}
}

// NewTuple returns tuple<fields...>.
func NewTuple(fields ...*Type) *Type { return &Type{Kind: Tuple, Elems: fields} }

// NewVector returns vector<elem, dimension>.
func NewVector(elem *Type, dimension int) *Type {
	return &Type{Kind: Vector, Elems: []*Type{elem}, Dimension: dimension}
}

// IsCollection reports whether t is a list, set or map, frozen or not.
func (t *Type) IsCollection() bool { return t.Kind == List || t.Kind == Set || t.Kind == Map }

// IsMultiCell reports whether a column of type t is stored cell by cell: a
// non-frozen collection or UDT (AbstractType.isMultiCell).
func (t *Type) IsMultiCell() bool {
	return !t.Frozen && (t.IsCollection() || t.Kind == UDT)
}

// AsFrozen returns t, frozen if it can be.
func (t *Type) AsFrozen() *Type {
	if !t.IsMultiCell() {
		return t
	}
	c := *t
	c.Frozen = true
	return &c
}

// Equal reports whether t and u are the same type, frozenness of the outermost
// level and of the elements included.
func (t *Type) Equal(u *Type) bool {
	if t == u {
		return true
	}
	if t == nil || u == nil || t.Kind != u.Kind || t.Frozen != u.Frozen || t.Keyspace != u.Keyspace || t.Name != u.Name ||
		t.Dimension != u.Dimension || !t.sameClass(u) || len(t.Elems) != len(u.Elems) || len(t.FieldNames) != len(u.FieldNames) {
		return false
	}
	for i := range t.Elems {
		if !t.Elems[i].Equal(u.Elems[i]) {
			return false
		}
	}
	for i := range t.FieldNames {
		if t.FieldNames[i] != u.FieldNames[i] {
			return false
		}
	}
	return true
}
