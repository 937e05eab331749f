package ddl

import (
	"maps"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// createKeyspace is CREATE KEYSPACE (CreateKeyspaceStatement).
func (e *edit) createKeyspace(s *cql.CreateKeyspace) error {
	properties, err := schema.NewProperties(s.Properties)
	if err != nil {
		return err
	}
	if err := checkName(s.Name); err != nil {
		return err
	}
	given, err := schema.KeyspaceProperties(properties)
	if err != nil {
		return err
	}
	if given == nil {
		return cqlerr.Invalidf("Missing mandatory option 'replication'")
	}
	if e.before.Keyspaces[s.Name] != nil {
		if s.IfNotExists {
			return nil
		}
		return cqlerr.KeyspaceExists(s.Name)
	}
	if len(given) == 0 {
		return cqlerr.Configf("Missing replication strategy class")
	}
	k := &schema.Keyspace{
		Name: s.Name, DurableWrites: true,
		Tables: map[string]*schema.Table{}, Types: map[string]*cqltype.Type{},
	}
	if err := properties.Bool("durable_writes", &k.DurableWrites); err != nil {
		return err
	}
	if k.Replication, err = schema.NewReplication(given, nil); err != nil {
		return err
	}
	if e.warnings, err = schema.ValidateReplication(k.Name, k.Replication); err != nil {
		return err
	}
	e.done(k, schema.Created, "KEYSPACE", "")
	return nil
}

// alterKeyspace is ALTER KEYSPACE (AlterKeyspaceStatement).
func (e *edit) alterKeyspace(s *cql.AlterKeyspace) error {
	properties, err := schema.NewProperties(s.Properties)
	if err != nil {
		return err
	}
	if err := admit(alter, s.Name, keyspaceResource(s.Name)); err != nil {
		return err
	}
	given, err := schema.KeyspaceProperties(properties)
	if err != nil {
		return err
	}
	old, err := e.keyspace(s.Name)
	if err != nil {
		if s.IfExists {
			return nil
		}
		return err
	}
	durable, replication := old.DurableWrites, old.Replication
	if err := properties.Bool("durable_writes", &durable); err != nil {
		return err
	}
	if len(given) > 0 {
		if replication, err = schema.NewReplication(given, old.Replication); err != nil {
			return err
		}
	}
	if e.warnings, err = schema.ValidateReplication(s.Name, replication); err != nil {
		return err
	}
	if durable == old.DurableWrites && maps.Equal(replication, old.Replication) {
		return nil
	}
	if schema.Replicas(old.Replication) < schema.Replicas(replication) {
		e.warnings = append(e.warnings, "When increasing replication factor you need to run a full (-full) repair to distribute the data.")
	}
	e.done(old.WithReplication(replication, durable), schema.Updated, "KEYSPACE", "")
	return nil
}

// dropKeyspace is DROP KEYSPACE (DropKeyspaceStatement).
func (e *edit) dropKeyspace(s *cql.DropKeyspace) error {
	if err := admit(drop, s.Name, keyspaceResource(s.Name)); err != nil {
		return err
	}
	k, err := e.keyspace(s.Name)
	if err != nil {
		if s.IfExists {
			return nil
		}
		return err
	}
	e.after = e.before.WithoutKeyspace(k.Name)
	e.change = schema.Change{Kind: schema.Dropped, Target: "KEYSPACE", Keyspace: k.Name}
	return nil
}
