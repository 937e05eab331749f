package access

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// need is one permission that a statement needs on an object.
type need struct {
	permission Permission
	object     object
}

// forEach checks what stmt needs, one by one. Statements
// that need nothing (DESCRIBE) are let through. The rules are those of each
// statement's authorize() in org.apache.cassandra.cql3.statements.
func (d *decision) forEach(stmt cql.Statement) error {
	switch s := stmt.(type) {
	case *cql.Select:
		return d.onTable(SelectPermission, s.Table)
	case *cql.Insert:
		return d.modification(s.Table, s.IfNotExists)
	case *cql.Update:
		return d.modification(s.Table, s.IfExists || len(s.If) > 0)
	case *cql.Delete:
		return d.modification(s.Table, s.IfExists || len(s.If) > 0)
	case *cql.Batch:
		for _, part := range s.Statements {
			if err := d.forEach(part); err != nil {
				return err
			}
		}
	case *cql.Truncate:
		return d.onTable(ModifyPermission, s.Table)
	case *cql.Use:
		return d.use(s)
	case *cql.Describe, *cql.ListRoles, *cql.ListPermissions:
	case *cql.Unsupported:
		return d.unsupported(s)
	default:
		if done, err := d.roleStatement(stmt); done {
			return err
		}
		return d.definition(stmt)
	}
	return nil
}

// use lets USE through, as Cassandra does, but who does not see a keyspace
// learns of it what is told of one that is not there.
func (d *decision) use(s *cql.Use) error {
	if d.role == nil && d.sawAll || d.visible(s.Keyspace, "") {
		return nil
	}
	return cqlerr.Invalidf("Keyspace '%s' does not exist", s.Keyspace)
}

// definition is forEach for statements that change the schema.
func (d *decision) definition(stmt cql.Statement) error {
	switch s := stmt.(type) {
	case *cql.CreateKeyspace:
		if d.mayCreate(s.Name) {
			return nil
		}
		return d.check(need{CreatePermission, object{kind: cql.AllKeyspaces}})
	case *cql.AlterKeyspace:
		return d.check(need{AlterPermission, object{kind: cql.KeyspaceResource, keyspace: s.Name}})
	case *cql.DropKeyspace:
		return d.check(need{DropPermission, object{kind: cql.KeyspaceResource, keyspace: s.Name}})
	case *cql.CreateTable:
		return d.inKeyspace(CreatePermission, s.Table)
	case *cql.CreateType:
		return d.inKeyspace(CreatePermission, s.Type)
	case *cql.AlterType:
		return d.inKeyspace(AlterPermission, s.Type)
	case *cql.DropType:
		return d.inKeyspace(DropPermission, s.Type)
	case *cql.AlterTable:
		return d.onTable(AlterPermission, s.Table)
	case *cql.DropTable:
		return d.onTable(DropPermission, s.Table)
	case *cql.CreateIndex:
		return d.onTable(AlterPermission, s.Table)
	case *cql.DropIndex:
		return d.dropIndex(s)
	}
	// A kind of statement that is new here is refused, not let through.
	return cqlerr.Unauthorizedf("There is no permission for this statement (%T)", stmt)
}

// mayCreate reports whether a policy lets a keyspace of that very name be made:
// Astra's roles may name one that is not there yet. CQL has no such permission.
func (d *decision) mayCreate(keyspace string) bool {
	if d.role == nil || keyspace == Keyspace || schema.IsSystem(keyspace) {
		return false
	}
	return slices.ContainsFunc(d.state.lineage[d.role.ID], func(m *Role) bool { return m.allows(KeyspaceCreate, keyspace, "", false) })
}

// dropIndex: ALTER on the index's table. An index that is not there is the
// statement's own error.
func (d *decision) dropIndex(s *cql.DropIndex) error {
	keyspace := d.qualify(s.Index).Keyspace
	k := d.back.Schema().Keyspaces[keyspace]
	if k == nil {
		return nil
	}
	for _, t := range k.Tables {
		if t.Indexes[s.Index.Name] != nil {
			return d.onTable(AlterPermission, cql.QualifiedName{Keyspace: keyspace, Name: t.Name})
		}
	}
	return nil
}

// unsupported: what Cassandra asks for before it refuses.
func (d *decision) unsupported(s *cql.Unsupported) error {
	switch s.What {
	case "CREATE FUNCTION", "CREATE AGGREGATE":
		keyspace := d.qualify(s.Name).Keyspace
		if keyspace == "" {
			return nil
		}
		return d.check(need{CreatePermission, object{kind: cql.KeyspaceFunctions, keyspace: keyspace}})
	case "CREATE MATERIALIZED VIEW":
		return d.onTable(AlterPermission, s.Table)
	case "CREATE TRIGGER":
		if !d.state.superuser(d.role) {
			return cqlerr.Unauthorizedf("Only superusers are allowed to perform CREATE TRIGGER queries")
		}
	case "DROP TRIGGER":
		if !d.state.superuser(d.role) {
			return cqlerr.Unauthorizedf("Only superusers are allowed to perfrom DROP TRIGGER queries") // as Cassandra spells it
		}
	}
	return nil
}

// qualify gives a name its keyspace.
func (d *decision) qualify(name cql.QualifiedName) cql.QualifiedName {
	if name.Keyspace == "" {
		name.Keyspace = d.keyspace
	}
	return name
}

func (d *decision) onTable(p Permission, name cql.QualifiedName) error {
	name = d.qualify(name)
	if name.Keyspace == "" {
		return nil // no keyspace is named: the statement's own error tells more
	}
	return d.check(need{p, object{kind: cql.TableResource, keyspace: name.Keyspace, name: name.Name}})
}

// inKeyspace is about all tables of the keyspace of name.
func (d *decision) inKeyspace(p Permission, name cql.QualifiedName) error {
	name = d.qualify(name)
	if name.Keyspace == "" {
		return nil
	}
	return d.check(need{p, object{kind: cql.AllTables, keyspace: name.Keyspace}})
}

// modification: MODIFY, and SELECT too when the statement tells what it read
// (ModificationStatement.authorize).
func (d *decision) modification(table cql.QualifiedName, conditional bool) error {
	if err := d.onTable(ModifyPermission, table); err != nil || !conditional {
		return err
	}
	return d.onTable(SelectPermission, table)
}
