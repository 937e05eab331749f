package cassandra

import "github.com/astrolabe-db/astrolabe/internal/cql"

// qualified returns stmt with the keyspace written in front of the names that
// have none, for connections to the nodes have no keyspace of their own. What
// changes is copied.
func qualified(stmt cql.Statement, keyspace string) cql.Statement {
	if keyspace == "" {
		return stmt
	}
	name := func(n cql.QualifiedName) cql.QualifiedName {
		if n.Keyspace == "" {
			n.Keyspace = keyspace
		}
		return n
	}
	switch s := stmt.(type) {
	case *cql.Select:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.Insert:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.Update:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.Delete:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.Truncate:
		return &cql.Truncate{Table: name(s.Table)}
	case *cql.Batch:
		c := *s
		c.Statements = make([]cql.Statement, len(s.Statements))
		for i, part := range s.Statements {
			c.Statements[i] = qualified(part, keyspace)
		}
		return &c
	}
	return qualifiedSchema(stmt, name)
}

// qualifiedSchema is qualified for schema statements.
func qualifiedSchema(stmt cql.Statement, name func(cql.QualifiedName) cql.QualifiedName) cql.Statement {
	switch s := stmt.(type) {
	case *cql.CreateTable:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.AlterTable:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.DropTable:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.CreateType:
		c := *s
		c.Type = name(s.Type)
		return &c
	case *cql.AlterType:
		c := *s
		c.Type = name(s.Type)
		return &c
	case *cql.DropType:
		c := *s
		c.Type = name(s.Type)
		return &c
	case *cql.CreateIndex:
		c := *s
		c.Table = name(s.Table)
		return &c
	case *cql.DropIndex:
		c := *s
		c.Index = name(s.Index)
		return &c
	}
	return stmt
}
