package schema

import (
	"maps"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The kinds of index (IndexMetadata.Kind).
const (
	CompositesIndex = "COMPOSITES"
	CustomIndex     = "CUSTOM"
)

// The options that every index may have, as system_schema.indexes names them.
const (
	IndexTargetOption = "target"
	IndexClassOption  = "class_name"
)

// StorageAttachedIndex is the full class name of Cassandra's SAI.
const StorageAttachedIndex = "org.apache.cassandra.index.sai.StorageAttachedIndex"

// String returns the function of the target in CQL, "" for a plain column
// (IndexTarget.Type.toString).
func (t IndexTarget) String() string {
	return [...]string{"", "keys", "values", "entries", "full"}[t]
}

// TargetText returns the target of an index as CQL writes it: column or
// function(column).
func TargetText(target IndexTarget, column string) string {
	column = cqltype.QuoteIdentifier(column)
	if target == TargetValue {
		return column
	}
	return target.String() + "(" + column + ")"
}

// ParseTarget reads what TargetText wrote (TargetParser.parse).
func ParseTarget(text string) (IndexTarget, string) {
	target := TargetValue
	for t := TargetKeys; t <= TargetFull; t++ {
		if rest, ok := strings.CutPrefix(text, t.String()+"("); ok && strings.HasSuffix(rest, ")") {
			target, text = t, strings.TrimSuffix(rest, ")")
			break
		}
	}
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' {
		text = strings.ReplaceAll(text[1:n-1], `""`, `"`)
	}
	return target, text
}

// SameIndex reports whether two indexes differ in nothing but their names
// (IndexMetadata.equalsWithoutName).
func (ix *Index) SameIndex(other *Index) bool {
	return ix.Kind == other.Kind && maps.Equal(ix.Options, other.Options)
}

// IndexedTable returns the table of k that has an index of that name, or nil.
func (k *Keyspace) IndexedTable(index string) *Table {
	for _, t := range k.Tables {
		if t.Indexes[index] != nil {
			return t
		}
	}
	return nil
}

// FreeIndexName returns the name of an index that is given none: that of its
// table and column without what isn't a letter, digit or underscore, and a
// number when k has it already (KeyspaceMetadata.findAvailableIndexName).
func (k *Keyspace) FreeIndexName(table, column string) string {
	base := wordChars(table + "_" + column + "_idx")
	name := base
	for i := 1; k.IndexedTable(name) != nil; i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	return name
}

// IsSAI reports whether ix was made as a storage-attached index, by its class
// or one of the short names of it, in any case (IndexMetadata.indexNameAliases).
func (ix *Index) IsSAI() bool {
	class := ix.Options[IndexClassOption]
	switch strings.ToLower(class) {
	case "sai", "storageattachedindex":
		return true
	}
	return class == StorageAttachedIndex
}
