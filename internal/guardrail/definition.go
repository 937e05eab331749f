package guardrail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// definition notes what is to be checked of a statement that changes the schema:
// what stands in it alone when it is prepared, too, what depends on the table when
// it is run. It returns the statement without the properties that are ignored.
func (c *checks) definition(stmt cql.Statement, keyspace string) cql.Statement {
	l := c.guard.limits
	switch s := stmt.(type) {
	case *cql.CreateKeyspace:
		c.valid = func(f *findings, now *schema.Snapshot) error {
			return f.check(&keyspaces, l.Keyspaces, s.Name, int64(len(c.userKeyspaces(now))+1))
		}
	case *cql.CreateTable:
		kept := *s
		kept.Properties = c.properties(s.Properties)
		c.valid = func(f *findings, now *schema.Snapshot) error { return c.createTable(f, now, s) }
		return &kept
	case *cql.AlterTable:
		kept := *s
		kept.Properties = c.properties(s.Properties)
		c.define = func(f *findings, now *schema.Snapshot) error { return c.alterTable(f, now, s, keyspace) }
		if s.Kind == cql.AlterWith && len(kept.Properties) == 0 {
			// Nothing is left to be done.
			c.emptied = &cql.QualifiedName{Keyspace: in(s.Table, keyspace), Name: s.Table.Name}
		}
		return &kept
	case *cql.CreateType:
		c.valid = func(f *findings, _ *schema.Snapshot) error {
			return f.check(&fieldsPerUDT, l.FieldsPerUDT, s.Type.Name, int64(len(s.Fields)))
		}
	case *cql.AlterType:
		c.define = func(f *findings, now *schema.Snapshot) error { return c.alterType(f, now, s, keyspace) }
	case *cql.CreateIndex:
		c.define = func(f *findings, now *schema.Snapshot) error { return c.createIndex(f, now, s, keyspace) }
	case *cql.DropTable:
		c.define = c.dropTruncate()
	case *cql.Truncate:
		c.valid = c.dropTruncate()
	}
	return stmt
}

// dropTruncate is the check of DROP TABLE and TRUNCATE, nil where they are allowed.
func (c *checks) dropTruncate() func(*findings, *schema.Snapshot) error {
	if c.guard.limits.DropTruncate {
		return nil
	}
	return func(f *findings, _ *schema.Snapshot) error {
		return f.fail(dropTruncate, "DROP and TRUNCATE TABLE functionality is not allowed")
	}
}

// properties notes which properties are refused, ignored or warned of
// (Values.guard), and returns the others.
func (c *checks) properties(given []cql.Property) []cql.Property {
	p := &c.guard.limits.TableProperties
	within := func(set []string) []string {
		var found []string
		for _, property := range given {
			if name := strings.ToLower(property.Name); slices.Contains(set, name) && !slices.Contains(found, name) {
				found = append(found, name)
			}
		}
		slices.Sort(found)
		return found
	}
	if refused := within(p.Disallowed); len(refused) > 0 {
		c.refusal = refusal{tableProperties, fmt.Sprintf("Provided values %s are not allowed for Table Properties (disallowed values are: %s)", list(refused), list(p.Disallowed))}
	}
	ignored := within(p.Ignored)
	if len(ignored) > 0 {
		space := " "
		if c.guard.limits.Astra {
			space = ""
		}
		c.say = append(c.say, refusal{tableProperties, fmt.Sprintf("Ignoring provided values %s as they are not supported for Table Properties%s(ignored values are: %s)",
			list(ignored), space, list(p.Ignored))})
	}
	if warned := within(p.Warned); len(warned) > 0 {
		c.say = append(c.say, refusal{tableProperties, fmt.Sprintf("Provided values %s are not recommended for Table Properties (warned values are: %s)", list(warned), list(p.Warned))})
	}
	if len(ignored) == 0 {
		return given
	}
	c.ignores = true
	return slices.DeleteFunc(slices.Clone(given), func(property cql.Property) bool {
		return slices.Contains(ignored, strings.ToLower(property.Name))
	})
}

func (c *checks) createTable(f *findings, now *schema.Snapshot, s *cql.CreateTable) error {
	l := c.guard.limits
	if !isDocuments(s.PartitionKey, s.Clustering) {
		if err := f.check(&columnsPerTable, l.ColumnsPerTable, s.Table.Name, int64(len(s.Columns))); err != nil {
			return err
		}
	}
	count := 1
	for _, ks := range c.userKeyspaces(now) {
		count += len(ks.Tables)
	}
	return f.check(&tables, l.Tables, s.Table.Name, int64(count))
}

func (c *checks) alterTable(f *findings, now *schema.Snapshot, s *cql.AlterTable, keyspace string) error {
	t := now.Table(in(s.Table, keyspace), s.Table.Name)
	if t == nil || len(s.Add) == 0 {
		return nil
	}
	return f.check(&columnsPerTable, c.guard.limits.ColumnsPerTable, t.Name, int64(len(t.Columns)+len(s.Add)))
}

func (c *checks) alterType(f *findings, now *schema.Snapshot, s *cql.AlterType, keyspace string) error {
	ks := now.Keyspaces[in(s.Type, keyspace)]
	if ks == nil || ks.Types[s.Type.Name] == nil || len(s.Add) == 0 {
		return nil
	}
	return f.check(&fieldsPerUDT, c.guard.limits.FieldsPerUDT, s.Type.Name, int64(len(ks.Types[s.Type.Name].Elems)+len(s.Add)))
}

func (c *checks) createIndex(f *findings, now *schema.Snapshot, s *cql.CreateIndex, keyspace string) error {
	l := c.guard.limits
	t := now.Table(in(s.Table, keyspace), s.Table.Name)
	if t == nil || isDocumentsTable(t) || s.IfNotExists && s.Name.Name != "" && t.Indexes[s.Name.Name] != nil {
		return nil
	}
	what := "on table " + t.Name
	if s.Name.Name != "" {
		what = s.Name.Name + " " + what
	}
	if isSASI(s.Class) && l.SASIPerTable.set() { // no back end has any
		return f.check(&sasiPerTable, l.SASIPerTable, what, 1)
	}
	apart := l.SAIPerTable.set() || l.SAITotal.set()
	if apart && isSAI(s.Class) {
		if err := f.check(&saiPerTable, l.SAIPerTable, what, int64(countSAI(t)+1)); err != nil {
			return err
		}
		total := 1
		for _, ks := range c.userKeyspaces(now) {
			for _, other := range ks.Tables {
				total += countSAI(other)
			}
		}
		return f.check(&saiTotal, l.SAITotal, what, int64(total))
	}
	count := len(t.Indexes) + 1
	if apart {
		count -= countSAI(t)
	}
	return f.check(&secondaryIndexes, l.SecondaryIndexes, what, int64(count))
}

// isSAI reports whether a class of USING is the storage-attached index.
func isSAI(class string) bool {
	return strings.EqualFold(class, "sai") || strings.EqualFold(class, "StorageAttachedIndex") || class == schema.StorageAttachedIndex
}

// isSASI reports whether a class of USING is the SSTable-attached secondary index.
func isSASI(class string) bool { return class == "org.apache.cassandra.index.sasi.SASIIndex" }

func countSAI(t *schema.Table) (n int) {
	for _, index := range t.Indexes {
		if isSAI(index.Options[schema.IndexClassOption]) {
			n++
		}
	}
	return n
}

// in is the keyspace of a name.
func in(name cql.QualifiedName, keyspace string) string {
	if name.Keyspace != "" {
		return name.Keyspace
	}
	return keyspace
}

func (c *checks) userKeyspaces(now *schema.Snapshot) (all []*schema.Keyspace) {
	for _, ks := range now.Keyspaces {
		if c.ofUsers(ks) {
			all = append(all, ks)
		}
	}
	return all
}

// ofUsers reports whether a keyspace has limits.
func (c *checks) ofUsers(ks *schema.Keyspace) bool {
	return ks != nil && !ks.System && !ks.Virtual && !slices.Contains(c.guard.own, ks.Name)
}
