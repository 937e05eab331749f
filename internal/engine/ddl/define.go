package ddl

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Define makes the server's own keyspaces out of the statements that describe
// them: CREATE KEYSPACE, CREATE TABLE with its id, ALTER TABLE DROP. Tables of
// virtual keyspaces need no CREATE KEYSPACE, which there is none for. The
// tables have no storage.
func Define(statements []cql.Statement) ([]*schema.Keyspace, error) {
	e := &edit{before: schema.NewSnapshot()}
	for _, stmt := range statements {
		k, err := e.define(stmt)
		if err != nil {
			return nil, err
		}
		e.before = e.before.WithKeyspace(k)
	}
	return e.before.InOrder(), nil
}

// define returns the keyspace of one statement of Define after it.
func (e *edit) define(stmt cql.Statement) (*schema.Keyspace, error) {
	switch s := stmt.(type) {
	case *cql.CreateKeyspace:
		return defineKeyspace(s)
	case *cql.CreateTable:
		properties, err := prepareTable(s)
		if err != nil {
			return nil, err
		}
		t, err := e.newTable(s, s.Table.Keyspace, properties)
		if err != nil {
			return nil, err
		}
		k := e.before.Keyspaces[t.Keyspace]
		if k == nil {
			k = ownKeyspace(t.Keyspace)
		}
		t.Virtual = k.Virtual
		return k.WithTable(t), nil
	case *cql.AlterTable:
		t := e.before.Table(s.Table.Keyspace, s.Table.Name)
		if t == nil || s.Kind != cql.AlterDrop {
			break
		}
		altered, err := e.dropColumns(t, s)
		if err != nil {
			return nil, err
		}
		return e.before.Keyspaces[t.Keyspace].WithTable(altered), nil
	}
	return nil, cqlerr.Invalidf("%T defines nothing", stmt)
}

func defineKeyspace(s *cql.CreateKeyspace) (*schema.Keyspace, error) {
	properties, err := schema.NewProperties(s.Properties)
	if err != nil {
		return nil, err
	}
	given, err := schema.KeyspaceProperties(properties)
	if err != nil {
		return nil, err
	}
	k := ownKeyspace(s.Name)
	k.Replication, err = schema.NewReplication(given, nil)
	return k, err
}

func ownKeyspace(name string) *schema.Keyspace {
	return &schema.Keyspace{
		Name: name, DurableWrites: true, System: true, Virtual: schema.IsVirtual(name),
		Tables: map[string]*schema.Table{}, Types: map[string]*cqltype.Type{},
	}
}
