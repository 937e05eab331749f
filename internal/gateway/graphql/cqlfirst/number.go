package cqlfirst

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// int32Cell returns the cell of an int.
func int32Cell(n int64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// writeNumber writes what a function gave as the GraphQL type that its field has,
// whichever of CQL's numbers it is. What that type can't show is an error.
func writeNumber(f *exec.Field, dst []byte, t *cqltype.Type, wire []byte) ([]byte, error) {
	if wire == nil {
		return append(dst, "null"...), nil
	}
	text := string(t.AppendLiteral(nil, wire))
	text = strings.Trim(text, "'")
	wanted := f.Definition.Type.NamedType
	switch wanted {
	case "BigInt", "Decimal", "Varint":
		return append(append(append(dst, '"'), text...), '"'), nil
	}
	if !isNumber(text) || wanted != "Float" && wanted != "Float32" && strings.ContainsAny(text, ".eE") {
		return dst, fmt.Errorf("Can't serialize value (/%s) : %s is not a valid '%s'", f.Key, text, wanted)
	}
	return append(dst, text...), nil
}

// isNumber reports whether text is a number of JSON.
func isNumber(text string) bool {
	digits := strings.TrimLeft(text, "-")
	return digits != "" && digits[0] >= '0' && digits[0] <= '9' && !strings.ContainsAny(text, ":T")
}
