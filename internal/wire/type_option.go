package wire

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// Column is the metadata of a bind variable or result column.
type Column struct {
	Keyspace, Table, Name string
	Type                  *cqltype.Type
}

// AppendType appends t as an [option] (native_protocol_v5.spec §4.2.5.2). A
// type that v does not know, and a vector in any version, is sent as Custom
// with the name of its Java class (org.apache.cassandra.transport.DataType).
func AppendType(dst []byte, t *cqltype.Type, v Version) []byte {
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Map:
		dst = AppendShort(dst, uint16(t.Kind))
		for _, e := range t.Elems {
			dst = AppendType(dst, e, v)
		}
		return dst
	case cqltype.Tuple:
		dst = AppendShort(AppendShort(dst, uint16(t.Kind)), uint16(len(t.Elems)))
		for _, e := range t.Elems {
			dst = AppendType(dst, e, v)
		}
		return dst
	case cqltype.UDT:
		dst = AppendShort(dst, uint16(t.Kind))
		dst = AppendString(AppendString(dst, t.Keyspace), t.Name)
		dst = AppendShort(dst, uint16(len(t.Elems)))
		for i, e := range t.Elems {
			dst = AppendType(AppendString(dst, t.FieldNames[i]), e, v)
		}
		return dst
	}
	if v < since(t.Kind) || t.Class != "" {
		return AppendString(AppendShort(dst, uint16(cqltype.Custom)), t.ClassName())
	}
	return AppendShort(dst, uint16(t.Kind))
}

// noVersion is past all versions: kinds that no version has an id for.
const noVersion Version = 0xFF

// since returns the first version that has an option id for a scalar kind.
func since(k cqltype.Kind) Version {
	switch k {
	case cqltype.Custom, cqltype.Vector, cqltype.Empty:
		return noVersion
	case cqltype.Duration:
		return V5
	case cqltype.Date, cqltype.Time, cqltype.Smallint, cqltype.Tinyint:
		return V4
	default:
		return V3
	}
}

// maxTypeDepth bounds the nesting of a type that a client decodes.
const maxTypeDepth = 64

// Type reads an [option], for clients. Custom types keep their class name.
func (r *Reader) Type() *cqltype.Type { return r.typeOption(maxTypeDepth) }

func (r *Reader) typeOption(depth int) *cqltype.Type {
	if depth == 0 {
		r.fail("Type nested deeper than %d", maxTypeDepth)
		return nil
	}
	t := &cqltype.Type{Kind: cqltype.Kind(r.Short())}
	elems := func(n int) {
		for i := 0; i < n && r.err == nil; i++ {
			t.Elems = append(t.Elems, r.typeOption(depth-1))
		}
	}
	switch t.Kind {
	case cqltype.Custom:
		t.Class = r.String()
	case cqltype.List, cqltype.Set:
		elems(1)
	case cqltype.Map:
		elems(2)
	case cqltype.Tuple:
		elems(int(r.Short()))
	case cqltype.UDT:
		t.Keyspace, t.Name = r.String(), r.String()
		for n := r.Short(); n > 0 && r.err == nil; n-- {
			t.FieldNames = append(t.FieldNames, r.String())
			t.Elems = append(t.Elems, r.typeOption(depth-1))
		}
	}
	return t
}
