package cassandra

import (
	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// rawValue is a bind value that is its own wire form.
type rawValue []byte

// MarshalCQL implements gocql.Marshaler; nil is null.
func (v rawValue) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return v, nil }

// arguments converts bind values for gocql.
func arguments(values []backend.Value) []any {
	args := make([]any, len(values))
	for i, v := range values {
		if v.Unset {
			args[i] = gocql.UnsetValue
		} else {
			args[i] = rawValue(v.Bytes)
		}
	}
	return args
}

// routingKey is the partition key that values give, nil when they don't: then
// any node may coordinate.
func routingKey(indexes []uint16, values []backend.Value) []byte {
	if len(indexes) == 0 {
		return nil
	}
	parts := make([][]byte, len(indexes))
	for i, index := range indexes {
		v := values[index]
		if v.Unset || v.Bytes == nil || len(v.Bytes) > cqltype.MaxPartitionKeyComponent {
			return nil // the node answers with the error
		}
		parts[i] = v.Bytes
	}
	return cqltype.AppendPartitionKey(nil, parts...)
}
