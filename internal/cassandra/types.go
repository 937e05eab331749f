package cassandra

import (
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// rawType is a type with parameters as gocql carries it here: the type of this
// project, and what gocql itself needs to read its own system tables. A tuple
// does not call itself one, for gocql would take its values apart.
type rawType struct {
	t    *cqltype.Type
	kind gocql.Type
}

// Type implements gocql.TypeInfo.
func (r rawType) Type() gocql.Type {
	if r.kind == gocql.TypeTuple {
		return gocql.TypeCustom
	}
	return r.kind
}

// own is gocql's description of the type, for its own queries.
func (r rawType) own() gocql.TypeInfo {
	return gocql.NewNativeType(newestProtocol, gocql.TypeCustom, r.t.String())
}

// Zero implements gocql.TypeInfo.
func (r rawType) Zero() any { return r.own().Zero() }

// Marshal implements gocql.TypeInfo. Values of ours are gocql.Marshalers and
// don't come here.
func (r rawType) Marshal(value any) ([]byte, error) { return r.own().Marshal(value) }

// Unmarshal implements gocql.TypeInfo, for gocql's own queries.
func (r rawType) Unmarshal(data []byte, value any) error { return r.own().Unmarshal(data, value) }

// rawTypes are the types with parameters, for gocql to read metadata by.
// Scalar types are gocql's own.
func rawTypes() *gocql.RegisteredTypes {
	types := &gocql.RegisteredTypes{}
	for _, r := range []struct {
		kind gocql.Type
		name string
		t    gocql.CQLType
	}{
		{gocql.TypeList, "list", compound{gocql.TypeList, 1}},
		{gocql.TypeSet, "set", compound{gocql.TypeSet, 1}},
		{gocql.TypeMap, "map", compound{gocql.TypeMap, 2}},
		{gocql.TypeTuple, "tuple", compound{gocql.TypeTuple, 0}},
		{gocql.TypeUDT, "udt", userType{}},
	} {
		if err := types.RegisterType(r.kind, r.name, r.t); err != nil {
			panic(err) // each is registered once
		}
	}
	for _, class := range customClasses {
		if err := types.RegisterCustom(class, custom{class}); err != nil {
			panic(err)
		}
	}
	return types
}

// customClasses are the Java classes that come as custom types: those that the
// protocol, or an older version of it, has no number for, and of tables made by
// Thrift.
var customClasses = []string{
	"VectorType", "DurationType", "EmptyType", "DynamicCompositeType", "CompositeType", "PartitionerDefinedOrder", "LexicalUUIDType",
	"DateType", "LegacyTimeUUIDType", "FrozenType", "ReversedType", "GeometryType", "PointType", "LineStringType", "PolygonType", "DateRangeType",
}

// compound is list, set, map (one or two parameters) or tuple (any number).
type compound struct {
	kind gocql.Type
	n    int
}

// Params implements gocql.CQLType.
func (c compound) Params(int) []any {
	if c.n == 0 {
		return []any{[]gocql.TypeInfo(nil)}
	}
	params := make([]any, c.n)
	for i := range params {
		params[i] = (*gocql.TypeInfo)(nil)
	}
	return params
}

// TypeInfoFromParams implements gocql.CQLType.
func (c compound) TypeInfoFromParams(_ int, params []any) (gocql.TypeInfo, error) {
	var infos []gocql.TypeInfo
	if c.n == 0 {
		infos, _ = params[0].([]gocql.TypeInfo)
	} else {
		for _, p := range params {
			info, ok := p.(gocql.TypeInfo)
			if !ok {
				return nil, fmt.Errorf("a type's parameter is a %T", p)
			}
			infos = append(infos, info)
		}
	}
	t := &cqltype.Type{Kind: cqltype.Kind(c.kind)}
	for _, info := range infos {
		t.Elems = append(t.Elems, typeOf(info))
	}
	return rawType{t, c.kind}, nil
}

// TypeInfoFromString implements gocql.CQLType; text is what stands in brackets.
func (c compound) TypeInfoFromString(_ int, text string) (gocql.TypeInfo, error) {
	name := cqltype.Kind(c.kind).String()
	t, err := cqltype.ParseString(name+"<"+text+">", func(_, _ string) *cqltype.Type { return nil })
	if err != nil {
		return nil, err
	}
	return rawType{t, c.kind}, nil
}

// userType is a UDT.
type userType struct{}

// Params implements gocql.CQLType: keyspace, name, fields.
func (userType) Params(int) []any { return []any{"", "", []gocql.UDTField(nil)} }

// TypeInfoFromParams implements gocql.CQLType.
func (userType) TypeInfoFromParams(_ int, params []any) (gocql.TypeInfo, error) {
	t := &cqltype.Type{Kind: cqltype.UDT}
	t.Keyspace, _ = params[0].(string)
	t.Name, _ = params[1].(string)
	fields, _ := params[2].([]gocql.UDTField)
	for _, f := range fields {
		t.FieldNames = append(t.FieldNames, f.Name)
		t.Elems = append(t.Elems, typeOf(f.Type))
	}
	return rawType{t, gocql.TypeUDT}, nil
}

// TypeInfoFromString implements gocql.CQLType.
func (userType) TypeInfoFromString(_ int, text string) (gocql.TypeInfo, error) {
	return custom{"UserType"}.TypeInfoFromString(0, text)
}

// custom is a type named by its Java class.
type custom struct{ class string }

// Params implements gocql.CQLType.
func (custom) Params(int) []any { return nil }

// TypeInfoFromParams implements gocql.CQLType.
func (c custom) TypeInfoFromParams(int, []any) (gocql.TypeInfo, error) {
	return c.TypeInfoFromString(0, "")
}

// TypeInfoFromString implements gocql.CQLType; text is what stands in parentheses.
func (c custom) TypeInfoFromString(_ int, text string) (gocql.TypeInfo, error) {
	class := "org.apache.cassandra.db.marshal." + c.class
	if text != "" {
		class += "(" + text + ")"
	}
	t, _, err := cqltype.ParseClassName(class)
	if err != nil {
		return nil, err
	}
	return rawType{t, gocql.TypeCustom}, nil
}

// typeOf converts gocql's description of a type.
func typeOf(info gocql.TypeInfo) *cqltype.Type {
	if r, ok := info.(rawType); ok {
		return r.t
	}
	if t := scalars[info.Type()]; t != nil {
		return t
	}
	return &cqltype.Type{Kind: cqltype.Custom, Class: fmt.Sprint(info)}
}

// scalars by gocql's numbers, which are the protocol's. (0x0A was text before
// version 3.)
var scalars = map[gocql.Type]*cqltype.Type{
	gocql.TypeAscii: cqltype.TypeAscii, gocql.TypeBigInt: cqltype.TypeBigint, gocql.TypeBlob: cqltype.TypeBlob,
	gocql.TypeBoolean: cqltype.TypeBoolean, gocql.TypeCounter: cqltype.TypeCounter, gocql.TypeDecimal: cqltype.TypeDecimal,
	gocql.TypeDouble: cqltype.TypeDouble, gocql.TypeFloat: cqltype.TypeFloat, gocql.TypeInt: cqltype.TypeInt,
	gocql.TypeText: cqltype.TypeText, gocql.TypeTimestamp: cqltype.TypeTimestamp, gocql.TypeUUID: cqltype.TypeUuid,
	gocql.TypeVarchar: cqltype.TypeText, gocql.TypeVarint: cqltype.TypeVarint, gocql.TypeTimeUUID: cqltype.TypeTimeuuid,
	gocql.TypeInet: cqltype.TypeInet, gocql.TypeDate: cqltype.TypeDate, gocql.TypeTime: cqltype.TypeTime,
	gocql.TypeSmallInt: cqltype.TypeSmallint, gocql.TypeTinyInt: cqltype.TypeTinyint, gocql.TypeDuration: cqltype.TypeDuration,
}
