package access

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Permission is a permission by Cassandra's name, as its error texts show it
// (org.apache.cassandra.auth.Permission).
type Permission string

// The permissions that statements need.
const (
	SelectPermission    Permission = "SELECT"
	ModifyPermission    Permission = "MODIFY"
	CreatePermission    Permission = "CREATE"
	AlterPermission     Permission = "ALTER"
	DropPermission      Permission = "DROP"
	AuthorizePermission Permission = "AUTHORIZE"
)

// allTables is the Table of a Need on all tables of a keyspace at once: what
// makes or drops tables, types and indexes.
const allTables = "*"

// Need is one permission on one resource: Keyspace "" is all keyspaces, Table
// "" the keyspace itself, Table "*" all tables of it.
type Need struct {
	Permission      Permission
	Keyspace, Table string
}

// action returns Astra's action for n.
func (n Need) action() Action {
	switch {
	case n.Permission == SelectPermission:
		return TableSelect
	case n.Permission == ModifyPermission:
		return TableModify
	case n.Permission == CreatePermission && n.Keyspace == "":
		return KeyspacesCreate
	case n.Permission == CreatePermission:
		return TableCreate // types too: Cassandra has no permission of their own
	case n.Permission == AlterPermission && n.Table == "":
		return KeyspaceAlter
	case n.Permission == AlterPermission:
		return TableAlter
	case n.Permission == DropPermission && n.Table == "":
		return KeyspaceDrop
	case n.Permission == DropPermission:
		return TableDrop
	default:
		return TokenWrite // roles and grants: the organization's business
	}
}

// forEachNeed calls f for what stmt needs until f returns an error. Statements
// that need nothing (USE, DESCRIBE) call nothing. keyspace is what unqualified
// names belong to. The rules are those of each statement's authorize() in
// org.apache.cassandra.cql3.statements; only DROP INDEX asks for all tables of
// the keyspace, for its statement does not name its table.
func forEachNeed(stmt cql.Statement, keyspace string, f func(Need) error) error {
	on := func(p Permission, name cql.QualifiedName) error {
		if name.Keyspace == "" {
			name.Keyspace = keyspace
		}
		if name.Keyspace == "" {
			return nil // no keyspace is named: the statement's own error tells more
		}
		return f(Need{p, name.Keyspace, name.Name})
	}
	in := func(p Permission, name cql.QualifiedName) error {
		name.Name = allTables
		return on(p, name)
	}
	switch s := stmt.(type) {
	case *cql.Select:
		return on(SelectPermission, s.Table)
	case *cql.Insert:
		return modification(on, s.Table, s.IfNotExists)
	case *cql.Update:
		return modification(on, s.Table, s.IfExists || len(s.If) > 0)
	case *cql.Delete:
		return modification(on, s.Table, s.IfExists || len(s.If) > 0)
	case *cql.Batch:
		for _, part := range s.Statements {
			if err := forEachNeed(part, keyspace, f); err != nil {
				return err
			}
		}
	case *cql.Truncate:
		return on(ModifyPermission, s.Table)
	case *cql.CreateKeyspace:
		return f(Need{Permission: CreatePermission})
	case *cql.AlterKeyspace:
		return f(Need{AlterPermission, s.Name, ""})
	case *cql.DropKeyspace:
		return f(Need{DropPermission, s.Name, ""})
	case *cql.CreateTable:
		return in(CreatePermission, s.Table)
	case *cql.CreateType:
		return in(CreatePermission, s.Type)
	case *cql.AlterType:
		return in(AlterPermission, s.Type)
	case *cql.DropType:
		return in(DropPermission, s.Type)
	case *cql.AlterTable:
		return on(AlterPermission, s.Table)
	case *cql.DropTable:
		return on(DropPermission, s.Table)
	case *cql.CreateIndex:
		return on(AlterPermission, s.Table)
	case *cql.DropIndex:
		return in(AlterPermission, s.Index)
	case *cql.CreateRole, *cql.AlterRole, *cql.DropRole, *cql.Grant, *cql.GrantRole:
		return f(Need{Permission: AuthorizePermission})
	case *cql.Use, *cql.Describe, *cql.ListRoles, *cql.ListPermissions, *cql.Unsupported:
		return nil
	default: // a kind of statement that is new here is refused, not let through
		return cqlerr.Unauthorizedf("There is no permission for this statement (%T)", stmt)
	}
	return nil
}

// modification: MODIFY, and SELECT too when the statement tells what it read
// (ModificationStatement.authorize).
func modification(on func(Permission, cql.QualifiedName) error, table cql.QualifiedName, conditional bool) error {
	if err := on(ModifyPermission, table); err != nil || !conditional {
		return err
	}
	return on(SelectPermission, table)
}
