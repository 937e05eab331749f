package ddl

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The classes that an index may name beside SAI.
const (
	legacyIndex = "legacy_local_table" // what CREATE INDEX makes when it names none
	sasiIndex   = "org.apache.cassandra.index.sasi.SASIIndex"
)

// createIndex is CREATE [CUSTOM] INDEX (CreateIndexStatement).
func (e *edit) createIndex(s *cql.CreateIndex) error {
	keyspace, err := e.keyspaceOf(s.Table)
	if err != nil {
		return err
	}
	properties, err := schema.NewProperties(s.Properties)
	if err != nil {
		return err
	}
	if err := admit(alter, keyspace, tableResource(keyspace, s.Table.Name)); err != nil {
		return err
	}
	ix := &schema.Index{Name: s.Name.Name, Kind: schema.CompositesIndex, Options: map[string]string{}}
	if err := setClass(ix, s, properties); err != nil {
		return err
	}
	k, err := e.keyspace(keyspace)
	if err != nil {
		return err
	}
	t := k.Tables[s.Table.Name]
	switch {
	case t == nil:
		return cqlerr.Invalidf("Table '%s' doesn't exist", s.Table.Name)
	case ix.Name != "" && k.IndexedTable(ix.Name) != nil:
		if s.IfNotExists {
			return nil
		}
		return cqlerr.Invalidf("Index '%s' already exists", ix.Name)
	case t.Counter:
		return cqlerr.Invalidf("Secondary indexes on counter tables aren't supported")
	}
	if err := setTarget(ix, t, s); err != nil {
		return err
	}
	if ix.Name == "" {
		ix.Name = k.FreeIndexName(t.Name, ix.Column)
	}
	if err := checkIndexName(ix); err != nil {
		return err
	}
	for _, other := range t.IndexesInOrder() {
		if !ix.SameIndex(other) {
			continue
		}
		if s.IfNotExists {
			return nil
		}
		return cqlerr.Invalidf("Index %s is a duplicate of existing index %s", ix.Name, other.Name)
	}
	if err := checkIndex(ix, t); err != nil {
		return err
	}
	ix.Storage, ix.Format = e.newStorage(), index.Format
	e.index = ix
	next := t.WithIndex(ix)
	e.warnings = append(e.warnings, vectorWarnings(next)...)
	e.done(k.WithTable(next), schema.Updated, "TABLE", t.Name)
	return nil
}

// maxIndexName is the longest name of a secondary index: Cassandra keeps it in a
// directory of that name behind a point.
const maxIndexName = 254

func checkIndexName(ix *schema.Index) error {
	if n := len(ix.Name); n > maxIndexName && ix.Kind == schema.CompositesIndex {
		return cqlerr.Invalidf("Index name must not be more than %d characters long (got %d characters for \"%s\")", maxIndexName, n, ix.Name)
	}
	return nil
}

// setClass reads what kind of index is asked for (IndexAttributes.validate).
// CREATE CUSTOM INDEX without USING asks for a class of the default's name,
// which there is none of.
func setClass(ix *schema.Index, s *cql.CreateIndex, properties schema.Properties) error {
	class := s.Class
	if !s.HasUsing {
		class = legacyIndex
	}
	if err := properties.ValidateNames("options"); err != nil {
		return err
	}
	if !s.Custom && strings.EqualFold(class, legacyIndex) {
		if _, given := properties["options"]; given || s.Options != nil {
			return cqlerr.Invalidf("Cannot specify options for a non-CUSTOM index")
		}
		return nil
	}
	options, err := indexOptions(s, properties)
	if err != nil {
		return err
	}
	ix.Kind = schema.CustomIndex
	for _, name := range []string{schema.IndexClassOption, schema.IndexTargetOption} {
		if _, ok := options[name]; ok {
			return cqlerr.Invalidf("Cannot specify %s as a CUSTOM option", name)
		}
	}
	for name, value := range options {
		ix.Options[name] = value
	}
	ix.Options[schema.IndexClassOption] = class
	if class == sasiIndex {
		return cqlerr.Invalidf("SASI indexes are disabled. Enable in cassandra.yaml to use.")
	}
	return nil
}

// indexOptions returns WITH OPTIONS, nil when there is none.
func indexOptions(s *cql.CreateIndex, properties schema.Properties) (map[string]string, error) {
	options, err := properties.Map("options")
	if err != nil || options != nil || s.Options == nil {
		return options, err
	}
	options = make(map[string]string, len(s.Options))
	for _, o := range s.Options {
		options[o.Key] = o.Value
	}
	return options, nil
}

// dropIndex is DROP INDEX (DropIndexStatement).
func (e *edit) dropIndex(s *cql.DropIndex) error {
	keyspace, err := e.keyspaceOf(s.Index)
	if err != nil {
		return err
	}
	k := e.before.Keyspaces[keyspace]
	var t *schema.Table
	if k != nil {
		t = k.IndexedTable(s.Index.Name)
	}
	if t != nil {
		if err := authorize(alter, keyspace, tableResource(keyspace, t.Name)); err != nil {
			return err
		}
	}
	if err := checkName(keyspace); err != nil {
		return err
	}
	if t == nil {
		if s.IfExists {
			return nil
		}
		return cqlerr.Invalidf("Index '%s.%s' doesn't exist'", keyspace, s.Index.Name)
	}
	e.done(k.WithTable(t.WithoutIndex(s.Index.Name)), schema.Updated, "TABLE", t.Name)
	return nil
}
