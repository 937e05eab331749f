package schema

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// CreateStatement returns the CQL that makes the keyspace alone, as DESCRIBE
// shows it (KeyspaceMetadata.toCqlString). A virtual keyspace is a comment.
func (k *Keyspace) CreateStatement() string {
	name := cqltype.QuoteIdentifier(k.Name)
	if k.Virtual {
		return "/*\nWarning: Keyspace " + name + " is a virtual keyspace and cannot be recreated with CQL.\n" +
			"Structure, for reference:\nVIRTUAL KEYSPACE " + name + ";\n*/"
	}
	b := []byte("CREATE KEYSPACE " + name + " WITH replication = {'class': ")
	b = appendQuoted(b, strings.TrimPrefix(k.Replication["class"], locatorPackage))
	for _, option := range sortedKeys(k.Replication) {
		if option == "class" {
			continue
		}
		b = append(b, ", "...)
		b = appendQuoted(b, option)
		b = append(b, ": "...)
		b = appendQuoted(b, k.Replication[option])
	}
	b = append(b, "}  AND durable_writes = "...)
	b = strconv.AppendBool(b, k.DurableWrites)
	return string(append(b, ';'))
}

// CreateTypeStatement returns the CQL that makes the user type t
// (UserType.toCqlString).
func CreateTypeStatement(t *cqltype.Type) string {
	b := []byte("CREATE TYPE " + cqltype.QuoteIdentifier(t.Keyspace) + "." + cqltype.QuoteIdentifier(t.Name) + " (\n")
	for i, field := range t.FieldNames {
		if i > 0 {
			b = append(b, ",\n"...)
		}
		b = append(b, "    "...)
		b = cqltype.AppendIdentifier(b, field)
		b = append(b, ' ')
		b = t.Elems[i].AppendString(b)
	}
	return string(append(b, "\n);"...))
}

// CreateStatement returns the CQL that makes the index on t
// (IndexMetadata.toCqlString).
func (ix *Index) CreateStatement(t *Table) string {
	custom := ix.Kind == CustomIndex
	b := []byte("CREATE ")
	if custom {
		b = append(b, "CUSTOM "...)
	}
	b = append(b, "INDEX "...)
	b = cqltype.AppendIdentifier(b, ix.Name)
	b = append(b, " ON "+t.String()+" ("+ix.Options[IndexTargetOption]+")"...)
	if custom {
		b = append(b, " USING "...)
		b = appendQuoted(b, ix.Options[IndexClassOption])
		rest := cloned(ix.Options)
		delete(rest, IndexTargetOption)
		delete(rest, IndexClassOption)
		if len(rest) > 0 {
			b = append(b, " WITH OPTIONS = "...)
			b = appendMap(b, rest)
		}
	}
	return string(append(b, ';'))
}

// appendQuoted appends s as a CQL string.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '\'')
	b = append(b, strings.ReplaceAll(s, "'", "''")...)
	return append(b, '\'')
}

// appendMap appends {'a': 'b', ...} in the order of the keys.
func appendMap(b []byte, m map[string]string) []byte {
	b = append(b, '{')
	for i, key := range sortedKeys(m) {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendQuoted(b, key)
		b = append(b, ": "...)
		b = appendQuoted(b, m[key])
	}
	return append(b, '}')
}
