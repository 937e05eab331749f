package function

import (
	"encoding/hex"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// blobTypes are the CQL names of the native types but blob.
var blobTypes = []string{"ascii", "bigint", "boolean", "counter", "date", "decimal", "double", "duration", "empty", "float",
	"inet", "int", "smallint", "text", "time", "timestamp", "timeuuid", "tinyint", "uuid", "varchar", "varint"}

// addBlob adds int_as_blob, blob_as_int and so on (BytesConversionFcts).
func addBlob(r *functions) {
	for _, name := range blobTypes {
		t := cqltype.Native(name)
		if t == nil {
			t = &cqltype.Type{Kind: cqltype.Empty}
		}
		r.add(&Function{Name: name + "_as_blob", Return: cqltype.TypeBlob, Args: types(t), Pure: true,
			Call: func(_ *Env, args [][]byte) ([]byte, error) { return args[0], nil }}, name+"asblob")
		for _, function := range [...]string{"blob_as_" + name, "blobas" + name} {
			r.add(&Function{Name: function, Return: answered(t), Args: types(cqltype.TypeBlob), Pure: true,
				Call: func(_ *Env, args [][]byte) ([]byte, error) {
					if args[0] != nil && t.Validate(args[0]) != nil {
						return nil, cqlerr.Invalidf("In call to function system.%s, value 0x%s is not a valid binary representation for type %s",
							function, hex.EncodeToString(args[0]), name)
					}
					return args[0], nil
				}})
		}
	}
}
