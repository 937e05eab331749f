package migrate

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// makeSchema makes the keyspaces with the replication asked for, their types,
// tables and indexes. What is there is left as it is.
func (m *migration) makeSchema(ctx context.Context) error {
	for _, k := range userKeyspaces(m.Source.Schema()) {
		if err := m.makeKeyspace(ctx, k); err != nil {
			return fmt.Errorf("making keyspace %s: %w", k.Name, err)
		}
	}
	return nil
}

func (m *migration) makeKeyspace(ctx context.Context, k *schema.Keyspace) error {
	there := m.Target.Schema().Keyspaces[k.Name]
	if there == nil {
		if err := m.define(ctx, k.WithReplication(m.Replication, k.DurableWrites).CreateStatement()); err != nil {
			return err
		}
		there = &schema.Keyspace{}
	}
	for _, t := range k.TypesInOrder() {
		if there.Types[t.Name] == nil {
			if err := m.define(ctx, schema.CreateTypeStatement(t)); err != nil {
				return err
			}
		}
	}
	for _, t := range k.TablesInOrder() {
		old := there.Tables[t.Name]
		if old == nil {
			if err := m.define(ctx, t.CreateStatement(false)); err != nil {
				return err
			}
			old = &schema.Table{}
		}
		for _, ix := range t.IndexesInOrder() {
			if old.Indexes[ix.Name] == nil {
				if err := m.define(ctx, ix.CreateStatement(t)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unknownProperty is what a Cassandra of an earlier version says of a table
// option that it does not have (PropertyDefinitions.validate).
var unknownProperty = regexp.MustCompile(`^Unknown property '(\w+)'$`)

// define runs one CREATE statement. Options that the target's version does not
// have are left out, and logged.
func (m *migration) define(ctx context.Context, text string) error {
	parsed, err := cql.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	ifNotExists(parsed.Statement)
	for {
		err := m.defineOnce(ctx, parsed.Statement)
		table, ok := parsed.Statement.(*cql.CreateTable)
		var refused *cqlerr.Error
		if !ok || !errors.As(err, &refused) {
			return err
		}
		match := unknownProperty.FindStringSubmatch(refused.Message)
		if match == nil {
			return err
		}
		n := len(table.Properties)
		table.Properties = slices.DeleteFunc(table.Properties, func(p cql.Property) bool { return p.Name == match[1] })
		if len(table.Properties) == n {
			return err
		}
		m.Log.Warn("the cluster does not know a table option, which is left out", "table", table.Table.Name, "option", match[1])
	}
}

func (m *migration) defineOnce(ctx context.Context, s cql.Statement) error {
	return m.state.run.retry(ctx, func(int) error {
		p, err := m.Target.Prepare(ctx, s, nil, "")
		if err != nil {
			return err
		}
		_, err = m.Target.Execute(ctx, p, &backend.Query{Consistency: backend.LocalQuorum})
		return err
	})
}

// ifNotExists lets a statement be run again.
func ifNotExists(s cql.Statement) {
	switch s := s.(type) {
	case *cql.CreateKeyspace:
		s.IfNotExists = true
	case *cql.CreateType:
		s.IfNotExists = true
	case *cql.CreateTable:
		s.IfNotExists = true
	case *cql.CreateIndex:
		s.IfNotExists = true
	}
}
