// Package naming gives tables, columns and user types names that GraphQL allows
// (io.stargate.sgv2.graphql.schema.cqlfirst.dml.NameMapping): as they are, but
// for characters that it has not, and for names that the generated schema uses
// itself.
package naming

import (
	"fmt"
	"strings"
)

// Entity returns the GraphQL name of a table.
func Entity(name string) string {
	converted := Identifier(name)
	if reserved[converted] {
		return lastEncoded(converted)
	}
	for _, prefix := range prefixes {
		if strings.HasPrefix(converted, prefix) {
			converted = lastEncoded(prefix) + converted[len(prefix):]
			break
		}
	}
	for _, suffix := range suffixes {
		if before, ok := strings.CutSuffix(converted, suffix); ok {
			return before + lastEncoded(suffix)
		}
	}
	return converted
}

// UserType returns the GraphQL name of a user type.
func UserType(name string) string { return Identifier(name) + "Udt" }

// Identifier returns a name as GraphQL allows it: each character that it has not
// is x<hex>_, and what looks like that has its x written so.
func Identifier(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == 'x' && looksEncoded(name[i:]), i == 0 && r >= '0' && r <= '9', i == 0 && strings.HasPrefix(name, "__"), !isLetter(r):
			fmt.Fprintf(&b, "x%x_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isLetter(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// looksEncoded reports whether text starts with x<hex>_.
func looksEncoded(text string) bool {
	digits := 0
	for _, c := range []byte(text[1:]) {
		switch {
		case c == '_':
			return digits > 0
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
			digits++
		default:
			return false
		}
	}
	return false
}

// lastEncoded encodes the last character of a name.
func lastEncoded(name string) string {
	last := len(name) - 1
	return name[:last] + fmt.Sprintf("x%x_", name[last])
}

var reserved = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`Query Mutation QueryOptions QueryConsistency MutationOptions MutationConsistency SerialConsistency
		String Int Float Boolean Uuid TimeUuid Inet Date Duration BigInt Counter Ascii Decimal Varint Blob SmallInt TinyInt Timestamp Time
		conversionWarnings`) {
		names[name] = true
	}
	return names
}()

var (
	prefixes = []string{"Entry", "Tuple"}
	suffixes = []string{"Input", "Result", "Order", "Udt"}
)
