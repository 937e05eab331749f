package ddl

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// edit is one schema statement at work.
type edit struct {
	before *schema.Snapshot
	// session is the keyspace of unqualified names, "" for none.
	session string
	// now gives microseconds since the epoch, never the same twice.
	now func() int64
	// storage is the number that the next table or index gets.
	storage uint32

	// after is the catalog that the statement makes, nil when nothing changes.
	after    *schema.Snapshot
	change   schema.Change
	warnings []string
	// index is the new index that is to be built.
	index *schema.Index
}

// run applies the rules of a statement.
func (e *edit) run(stmt cql.Statement) error {
	switch s := stmt.(type) {
	case *cql.CreateKeyspace:
		return e.createKeyspace(s)
	case *cql.AlterKeyspace:
		return e.alterKeyspace(s)
	case *cql.DropKeyspace:
		return e.dropKeyspace(s)
	case *cql.CreateTable:
		return e.createTable(s)
	case *cql.AlterTable:
		return e.alterTable(s)
	case *cql.DropTable:
		return e.dropTable(s)
	case *cql.CreateType:
		return e.createType(s)
	case *cql.AlterType:
		return e.alterType(s)
	case *cql.DropType:
		return e.dropType(s)
	case *cql.CreateIndex:
		return e.createIndex(s)
	case *cql.DropIndex:
		return e.dropIndex(s)
	case *cql.Unsupported:
		return e.absent(s)
	}
	return cqlerr.Invalidf("%T is not a schema statement", stmt)
}

// keyspaceOf returns the keyspace that a name is in.
func (e *edit) keyspaceOf(name cql.QualifiedName) (string, error) {
	if name.Keyspace != "" {
		return name.Keyspace, nil
	}
	if e.session == "" {
		return "", cqlerr.Invalidf("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
	}
	return e.session, nil
}

// The permissions that a schema statement needs, as errors name them.
const (
	create = "CREATE"
	alter  = "ALTER"
	drop   = "DROP"
)

// authorize refuses changes to the server's own keyspaces, whoever asks
// (ClientState.preventSystemKSSchemaModification). resource names what would change.
func authorize(permission, keyspace, resource string) error {
	if schema.IsLocalSystem(keyspace) {
		return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", keyspace)
	}
	if !schema.IsReplicatedSystem(keyspace) || permission == alter && resource == keyspaceResource(keyspace) {
		return nil
	}
	return cqlerr.Unauthorizedf("Cannot %s %s", permission, resource)
}

func keyspaceResource(keyspace string) string { return "<keyspace " + keyspace + ">" }

func tablesResource(keyspace string) string { return "<all tables in " + keyspace + ">" }

func tableResource(keyspace, table string) string { return "<table " + keyspace + "." + table + ">" }

// checkName refuses keyspaces that no statement may name
// (AlterSchemaStatement.execute).
func checkName(keyspace string) error {
	if schema.IsLocalSystem(keyspace) {
		return cqlerr.Invalidf("System keyspace '%s' is not user-modifiable", keyspace)
	}
	return schema.ValidateKeyspaceName(keyspace)
}

// admit is authorize and checkName, which follow each other in statements
// that have nothing to check in between.
func admit(permission, keyspace, resource string) error {
	if err := authorize(permission, keyspace, resource); err != nil {
		return err
	}
	return checkName(keyspace)
}

// keyspace returns the named keyspace, or Cassandra's error for a missing one.
func (e *edit) keyspace(name string) (*schema.Keyspace, error) {
	k := e.before.Keyspaces[name]
	if k == nil {
		return nil, cqlerr.Invalidf("Keyspace '%s' doesn't exist", name)
	}
	return k, nil
}

// done records what the statement made of k.
func (e *edit) done(k *schema.Keyspace, kind schema.ChangeKind, target, name string) {
	e.after = e.before.WithKeyspace(k)
	e.change = schema.Change{Kind: kind, Target: target, Keyspace: k.Name, Name: strings.Clone(name)}
}

// newStorage returns the number of a new table or index.
func (e *edit) newStorage() uint32 {
	n := e.storage
	e.storage++
	return n
}

// typeOf resolves a type as written in a statement on keyspace.
func (e *edit) typeOf(name cql.TypeName, keyspace string) (*cqltype.Type, error) {
	return (&plan.Context{Schema: e.before}).Type(name, keyspace)
}
