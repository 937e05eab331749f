package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// onlyStatic reports that the items read a static column and beside static ones
// the partition key at most (selectOnlyStaticColumns). It goes through the items
// before the WHERE clause is looked at, as far as it must to know, and so is
// the first to find errors in them; in a table without static columns nobody
// looks at them yet.
func (s *selection) onlyStatic(items []cql.Selector) (bool, error) {
	if len(s.table.Static) == 0 {
		return false, nil
	}
	static, err := s.anyColumn(items, func(k schema.ColumnKind) bool { return k == schema.Static })
	if err != nil || !static {
		return false, err
	}
	other, err := s.anyColumn(items, func(k schema.ColumnKind) bool { return k == schema.Clustering || k == schema.Regular })
	return !other, err
}

// anyColumn reports whether an item reads a column of some kind. Items up to
// the first that does are checked.
func (s *selection) anyColumn(items []cql.Selector, is func(schema.ColumnKind) bool) (bool, error) {
	for _, item := range items {
		if err := s.selectable(item.X); err != nil {
			return false, err
		}
		if hasMap(item.X) {
			return true, nil // says Cassandra, whatever is in it
		}
		for _, name := range columnsOf(item.X, nil) {
			if is(s.table.Columns[name].Kind) {
				return true, nil
			}
		}
	}
	return false, nil
}

// selectable checks an item as Selectable.Raw.prepare does: columns are there,
// calls and operations have a function; what is inside comes first.
func (s *selection) selectable(e cql.Expr) error {
	switch e := e.(type) {
	case *cql.Column:
		_, err := s.c.Column(s.table, e.Name)
		return err
	case *cql.FunctionCall, *cql.Binary, *cql.Negate:
		return s.selectableCall(e)
	case *cql.Cast:
		return s.selectable(e.X)
	case *cql.TypeHint:
		if err := s.selectable(e.X); err != nil {
			return err
		}
		_, err := s.c.Type(e.Type, s.table.Keyspace)
		return err
	case *cql.Field:
		return s.selectable(e.X)
	case *cql.Element:
		return s.selectable(e.X)
	case *cql.SliceOf:
		return s.selectable(e.X)
	case *cql.ListLiteral:
		return s.allSelectable(e.Elems)
	case *cql.SetLiteral:
		return s.allSelectable(e.Elems)
	case *cql.TupleLiteral:
		return s.allSelectable(e.Elems)
	case *cql.MapLiteral:
		for _, entry := range e.Entries {
			if err := s.allSelectable([]cql.Expr{entry.Key, entry.Value}); err != nil {
				return err
			}
		}
	case *cql.UDTLiteral:
		for _, f := range e.Fields {
			if err := s.selectable(f.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *selection) allSelectable(list []cql.Expr) error {
	for _, e := range list {
		if err := s.selectable(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *selection) selectableCall(e cql.Expr) error {
	k := callOf(e)
	if f, ok := e.(*cql.FunctionCall); ok && isTimesFunction(f) {
		return s.allSelectable(k.args)
	}
	if isCountRows(e) {
		return nil
	}
	if err := s.allSelectable(k.args); err != nil {
		return err
	}
	fn, err := s.resolve(e)
	if err == nil && fn == nil {
		err = cqlerr.Invalidf("Unknown function '%s'", k)
	}
	return err
}

// hasMap reports whether e, or what a type hint is given to, is a map or user
// type literal.
func hasMap(e cql.Expr) bool {
	switch e := e.(type) {
	case *cql.MapLiteral, *cql.UDTLiteral:
		return true
	case *cql.TypeHint:
		return hasMap(e.X)
	}
	return false
}
