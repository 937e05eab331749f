package schemafirst

import (
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// step is one change to the tables, and what a deployment tells of it.
type step struct {
	text string
	stmt cql.Statement
}

// strategy says which changes a deployment may make.
type strategy struct {
	createTables, addColumns, recreate, recreateAll bool
}

var strategies = map[string]strategy{
	"USE_EXISTING":                   {},
	"ADD_MISSING_TABLES":             {createTables: true},
	"ADD_MISSING_TABLES_AND_COLUMNS": {createTables: true, addColumns: true},
	"DROP_AND_RECREATE_ALL":          {createTables: true, addColumns: true, recreate: true, recreateAll: true},
	"DROP_AND_RECREATE_IF_MISMATCH":  {createTables: true, recreate: true},
}

// migration finds what has to change in a keyspace for a model.
type migration struct {
	model    *Model
	keyspace *schema.Keyspace
	strategy strategy
	steps    []step
	problems []Problem
}

// Migrate returns the changes that make the tables of a keyspace fit the model, or
// why the strategy does not allow them.
func (m *Model) migrate(k *schema.Keyspace, strategy string) ([]step, []Problem) {
	g := &migration{model: m, keyspace: k, strategy: strategies[strategy]}
	if g.strategy.recreateAll {
		g.dropAll()
	}
	for _, e := range m.order { // types before the tables that have them
		if e.udt {
			g.userType(e)
		}
	}
	for _, e := range m.order {
		if !e.udt {
			g.table(e)
		}
	}
	return g.steps, g.problems
}

func (g *migration) add(stmt cql.Statement, format string, args ...any) {
	g.steps = append(g.steps, step{fmt.Sprintf(format, args...), stmt})
}

func (g *migration) problem(format string, args ...any) {
	g.problems = append(g.problems, Problem{Kind: "InvalidMigration", Message: fmt.Sprintf(format, args...)})
}

func (g *migration) dropAll() {
	for _, e := range g.model.order {
		if !e.udt && g.keyspace.Tables[e.cqlName] != nil {
			g.add(&cql.DropTable{Table: e.table, IfExists: true}, "Drop table %s", e.cqlName)
		}
	}
	for i := len(g.model.order) - 1; i >= 0; i-- {
		if e := g.model.order[i]; e.udt && g.keyspace.Types[e.cqlName] != nil {
			g.add(&cql.DropType{Type: e.table, IfExists: true}, "Drop UDT %s", e.cqlName)
		}
	}
}

func (g *migration) userType(e *entity) {
	existing := g.keyspace.Types[e.cqlName]
	if existing == nil || g.strategy.recreateAll {
		if !g.strategy.createTables {
			g.problem("Missing UDT %s", e.cqlName)
			return
		}
		s := &cql.CreateType{Type: e.table}
		for _, f := range e.fields {
			s.Fields = append(s.Fields, cql.FieldDef{Name: f.cqlName, Type: typeName(f.codec.Type)})
		}
		g.add(s, "Create UDT %s", e.cqlName)
		return
	}
	for _, f := range e.fields {
		t := fieldType(existing, f.cqlName)
		switch {
		case t == nil && g.strategy.addColumns:
			g.add(&cql.AlterType{Type: e.table, Add: []cql.FieldDef{{Name: f.cqlName, Type: typeName(f.codec.Type)}}}, "Add field %s to UDT %s", f.cqlName, e.cqlName)
		case t == nil:
			g.problem("Missing field %s.%s", e.cqlName, f.cqlName)
		case !t.Equal(f.codec.Type):
			g.problem("Wrong data type for field %s.%s: expected %s, found %s", e.cqlName, f.cqlName, f.codec.Type, t)
		}
	}
}

func fieldType(t *cqltype.Type, name string) *cqltype.Type {
	for i, n := range t.FieldNames {
		if n == name {
			return t.Elems[i]
		}
	}
	return nil
}

func (g *migration) table(e *entity) {
	existing := g.keyspace.Tables[e.cqlName]
	if existing == nil || g.strategy.recreateAll {
		if !g.strategy.createTables {
			g.problem("Missing table %s", e.cqlName)
			return
		}
		g.create(e)
		return
	}
	var missing []*field
	before := len(g.problems)
	for _, f := range e.fields {
		c := existing.Columns[f.cqlName]
		switch {
		case c == nil:
			missing = append(missing, f)
		case !c.Type.Equal(f.codec.Type):
			g.problem("Wrong data type for column %s.%s: expected %s, found %s", e.cqlName, f.cqlName, f.codec.Type, c.Type)
		case (c.Kind == schema.PartitionKey) != f.partition || (c.Kind == schema.Clustering) != f.clustering:
			g.problem("Wrong kind for column %s.%s: it is %s", e.cqlName, f.cqlName, c.Kind)
		case f.clustering && c.Desc != f.desc:
			g.problem("Wrong clustering order for column %s.%s", e.cqlName, f.cqlName)
		}
	}
	for _, f := range missing {
		switch {
		case f.isKey():
			g.problem("Missing column %s.%s, which is of the primary key", e.cqlName, f.cqlName)
		case !g.strategy.addColumns:
			g.problem("Missing column %s.%s", e.cqlName, f.cqlName)
		}
	}
	if len(g.problems) > before {
		if g.strategy.recreate {
			g.problems = g.problems[:before]
			g.add(&cql.DropTable{Table: e.table, IfExists: true}, "Drop table %s", e.cqlName)
			g.create(e)
		}
		return
	}
	for _, f := range missing {
		g.add(&cql.AlterTable{Table: e.table, Kind: cql.AlterAdd, Add: []cql.ColumnDef{{Name: f.cqlName, Type: typeName(f.codec.Type)}}},
			"Add column %s to table %s", f.cqlName, e.cqlName)
	}
	g.indexes(e, existing)
}

func (g *migration) create(e *entity) {
	s := &cql.CreateTable{Table: e.table, PrimaryKeys: 1}
	for _, f := range e.fields {
		s.Columns = append(s.Columns, cql.ColumnDef{Name: f.cqlName, Type: typeName(f.codec.Type)})
	}
	for _, f := range e.partition {
		s.PartitionKey = append(s.PartitionKey, f.cqlName)
	}
	for _, f := range e.clustering {
		s.Clustering = append(s.Clustering, f.cqlName)
		s.ClusteringOrder = append(s.ClusteringOrder, cql.ClusteringOrder{Column: f.cqlName, Desc: f.desc})
	}
	g.add(s, "Create table %s", e.cqlName)
	g.indexes(e, nil)
}

// indexes adds those that a table has not; existing may be nil.
func (g *migration) indexes(e *entity, existing *schema.Table) {
	for _, f := range e.fields {
		ix := f.index
		if ix == nil || existing != nil && existing.Indexes[ix.name] != nil {
			continue
		}
		if existing != nil && !g.strategy.addColumns && !g.strategy.recreate {
			g.problem("Missing index %s on %s.%s", ix.name, e.cqlName, f.cqlName)
			continue
		}
		g.add(&cql.CreateIndex{Name: cql.QualifiedName{Name: ix.name}, Table: e.table, Custom: ix.class != "", Class: ix.class, HasUsing: ix.class != "",
			Options: ix.options, Targets: []cql.IndexTargetDef{{Kind: ix.target, Column: f.cqlName}}}, "Create index %s on %s.%s", ix.name, e.cqlName, f.cqlName)
	}
}

// typeName is a type as a statement names it.
func typeName(t *cqltype.Type) cql.TypeName {
	n := cql.TypeName{Name: t.Kind.String(), Dimension: t.Dimension}
	if t.Kind == cqltype.UDT {
		n = cql.TypeName{Name: t.Name, Quoted: true}
	} else {
		for _, e := range t.Elems {
			n.Args = append(n.Args, typeName(e))
		}
	}
	if t.Frozen {
		return cql.TypeName{Name: "frozen", Args: []cql.TypeName{n}}
	}
	return n
}
