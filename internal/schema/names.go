package schema

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The longest names of keyspaces and tables, in characters
// (SchemaConstants.NAME_LENGTH and TABLE_NAME_LENGTH).
const (
	MaxKeyspaceName = 48
	MaxTableName    = 222
)

// The names of Cassandra's own keyspaces (SchemaConstants).
const (
	SystemKeyspace        = "system"
	SystemSchemaKeyspace  = "system_schema"
	VirtualSchemaKeyspace = "system_virtual_schema"
	VirtualViewsKeyspace  = "system_views"
	AuthKeyspace          = "system_auth"
	TracesKeyspace        = "system_traces"
	DistributedKeyspace   = "system_distributed"
)

// IsLocalSystem reports whether a keyspace of that name, in any case, is one
// of the server's own that nobody may alter: system, system_schema and the
// virtual ones (SchemaConstants.isLocalSystemKeyspace).
func IsLocalSystem(name string) bool {
	switch strings.ToLower(name) {
	case SystemKeyspace, SystemSchemaKeyspace:
		return true
	}
	return IsVirtual(name)
}

// IsVirtual reports whether a keyspace of that name holds virtual tables.
func IsVirtual(name string) bool {
	switch strings.ToLower(name) {
	case VirtualSchemaKeyspace, VirtualViewsKeyspace:
		return true
	}
	return false
}

// IsReplicatedSystem reports whether a keyspace of that name is one of the
// server's own whose replication alone may be altered
// (SchemaConstants.isReplicatedSystemKeyspace).
func IsReplicatedSystem(name string) bool {
	switch strings.ToLower(name) {
	case AuthKeyspace, TracesKeyspace, DistributedKeyspace:
		return true
	}
	return false
}

// IsSystem reports whether a keyspace of that name is one of the server's own.
func IsSystem(name string) bool { return IsLocalSystem(name) || IsReplicatedSystem(name) }

// ValidateKeyspaceName checks the name of a keyspace that is named in a schema
// statement (KeyspaceMetadata.validateKeyspaceName).
func ValidateKeyspaceName(name string) error {
	if !IsWord(name) {
		return cqlerr.Invalidf("Keyspace name must not be empty and must contain alphanumeric or underscore characters only (got \"%s\")", name)
	}
	if len(name) > MaxKeyspaceName {
		return cqlerr.Invalidf("Keyspace name must not be more than %d characters long (got %d characters for \"%s\")", MaxKeyspaceName, len(name), name)
	}
	return nil
}

// validateTableName checks a new table's name (TableMetadata.validateTableName).
func validateTableName(keyspace, name string) error {
	if !IsWord(name) {
		return cqlerr.Configf("%s.%s: Table name must not be empty or not contain non-alphanumeric-underscore characters (got \"%s\")", keyspace, name, name)
	}
	if len(name) > MaxTableName {
		return cqlerr.Configf("%s.%s: Table name must not be more than %d characters long (got %d characters for \"%s\")", keyspace, name, MaxTableName, len(name), name)
	}
	return nil
}

// IsWord reports whether s is ASCII letters, digits and underscores, at least
// one (SchemaConstants.PATTERN_WORD_CHARS).
func IsWord(s string) bool { return s != "" && wordChars(s) == s }

// wordChars returns s without what is not a letter, digit or underscore.
func wordChars(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, s)
}

// Validate checks the table as a whole (TableMetadata.validate), but for its
// indexes.
func (t *Table) Validate() error {
	if err := validateTableName(t.Keyspace, t.Name); err != nil {
		return err
	}
	if err := t.Options.Validate(); err != nil {
		return err
	}
	for _, c := range append(append([]*Column(nil), t.Static...), t.Regular...) {
		switch isCounter := c.Type.Kind == cqltype.Counter; {
		case t.Counter && !isCounter:
			return cqlerr.Configf("%s.%s: Cannot have a non counter column (\"%s\") in a counter table", t.Keyspace, t.Name, c.Name)
		case !t.Counter && isCounter:
			return cqlerr.Configf("%s.%s: Cannot have a counter column (\"%s\") in a non counter table", t.Keyspace, t.Name, c.Name)
		}
	}
	return nil
}
