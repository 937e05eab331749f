package system

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// builtIndexes are the rows of system."IndexInfo".
func (s *Tables) builtIndexes(k *schema.Keyspace) []schema.Row {
	var names []string
	for _, t := range k.Tables {
		for _, ix := range t.Indexes {
			if s.isBuilt(ix) {
				names = append(names, ix.Name)
			}
		}
	}
	slices.Sort(names)
	var rows []schema.Row
	for _, name := range names {
		rows = append(rows, schema.Row{schema.Text(k.Name), schema.Text(name), nil})
	}
	return rows
}

func (s *Tables) isBuilt(ix *schema.Index) bool {
	return s.options.IndexBuilt == nil || s.options.IndexBuilt(ix.Storage)
}

// attachedIndexes are the rows of system_views.sai_column_indexes.
func (s *Tables) attachedIndexes(k *schema.Keyspace) []schema.Row {
	var rows []schema.Row
	for _, t := range k.Tables {
		for _, ix := range t.Indexes {
			c := t.Columns[ix.Column]
			if !ix.IsSAI() || c == nil {
				continue
			}
			rows = append(rows, schema.Row{
				schema.Text(k.Name), schema.Text(ix.Name),
				schema.Text(analyzerName(ix, c)), schema.Text(c.Name),
				schema.Boolean(!s.isBuilt(ix)), schema.Boolean(s.isBuilt(ix)), schema.Boolean(isLiteral(ix, c)),
				schema.Text(t.Name),
			})
		}
	}
	slices.SortFunc(rows, func(a, b schema.Row) int { return cmp.Compare(string(a[1]), string(b[1])) })
	return rows
}

// isLiteral reports whether an index compares byte strings
// (IndexTermType.isLiteral).
func isLiteral(ix *schema.Index, c *schema.Column) bool {
	t := c.Type
	if t.IsMultiCell() && t.IsCollection() {
		switch ix.Target {
		case schema.TargetEntries:
			return true
		case schema.TargetKeys:
			t = t.Elems[0]
		default:
			t = t.Elems[len(t.Elems)-1]
		}
	}
	return index.IsLiteral(t)
}

// analyzerName is an index's analyzer: one that has options, be they the
// defaults, does not count as none.
func analyzerName(ix *schema.Index, c *schema.Column) string {
	for _, name := range []string{index.CaseSensitive, index.Normalize, index.ASCII} {
		if _, given := ix.Options[name]; given {
			a := index.NewAnalyzer(ix)
			if a == nil {
				a = &index.Analyzer{}
			}
			return a.String()
		}
	}
	return (*index.Analyzer)(nil).String()
}

// Task is something that runs in the background over a table.
type Task struct {
	Keyspace, Table string
	// ID is the same as long as the task runs.
	ID uuid.UUID
	// Kind in Cassandra's words (OperationType), as "secondary index build".
	Kind string
	// Ratio is how much is done, from 0 to 1, Total the bytes there are to do.
	Ratio float64
	Total int64
}

// taskRows are the rows of system_views.sstable_tasks.
func (s *Tables) taskRows() []schema.Row {
	if s.options.Tasks == nil {
		return nil
	}
	tasks := s.options.Tasks()
	slices.SortFunc(tasks, func(a, b Task) int {
		return cmp.Or(cmp.Compare(a.Keyspace, b.Keyspace), cmp.Compare(a.Table, b.Table), cqltype.TypeTimeuuid.Compare(a.ID[:], b.ID[:]))
	})
	rows := make([]schema.Row, len(tasks))
	for i, t := range tasks {
		done := int64(t.Ratio * float64(t.Total))
		rows[i] = schema.Row{
			schema.Text(t.Keyspace), schema.Text(t.Table), schema.UUID(t.ID),
			schema.Double(t.Ratio), schema.Text(t.Kind), schema.Bigint(done), schema.Int(1), schema.Text(""),
			schema.Bigint(t.Total), schema.Bigint(t.Total), schema.Text("bytes"),
		}
	}
	return rows
}
