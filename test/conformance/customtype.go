package conformance

import (
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// customType is a type that only its Java class names: the full class name.
// Values of it are carried as bytes. It implements gocql.CQLType and
// gocql.TypeInfo.
type customType string

// customTypes are gocql's types and the classes that Cassandra answers with
// beside them.
func customTypes() *gocql.RegisteredTypes {
	types := gocql.GlobalTypes.Copy()
	for _, class := range []string{"LegacyTimeUUIDType", "EmptyType", "BytesType", "CompositeType", "DynamicCompositeType", "LexicalUUIDType"} {
		// A name that gocql knows by itself is refused, and needs no help.
		_ = types.RegisterCustom(class, customType("org.apache.cassandra.db.marshal."+class))
	}
	return types
}

// Params implements gocql.CQLType.
func (customType) Params(int) []any { return nil }

// TypeInfoFromParams implements gocql.CQLType.
func (t customType) TypeInfoFromParams(int, []any) (gocql.TypeInfo, error) { return t, nil }

// TypeInfoFromString implements gocql.CQLType; arguments of the class are kept.
func (t customType) TypeInfoFromString(_ int, arguments string) (gocql.TypeInfo, error) {
	if arguments != "" {
		return t + customType("("+arguments+")"), nil
	}
	return t, nil
}

// Type implements gocql.TypeInfo.
func (customType) Type() gocql.Type { return gocql.TypeCustom }

// Zero implements gocql.TypeInfo.
func (customType) Zero() any { return []byte(nil) }

// Marshal implements gocql.TypeInfo; bind values marshal themselves.
func (t customType) Marshal(value any) ([]byte, error) {
	return nil, fmt.Errorf("can't marshal %T as %s", value, string(t))
}

// Unmarshal implements gocql.TypeInfo; cells unmarshal themselves.
func (t customType) Unmarshal(_ []byte, value any) error {
	return fmt.Errorf("can't unmarshal %s as %T", string(t), value)
}
