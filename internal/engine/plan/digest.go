package plan

import (
	"hash/fnv"
	"io"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// digest tells queries apart in paging states: two with the same digest read
// the same rows in the same order, bind values apart. What is selected of the rows does not
// matter.
func digest(t *schema.Table, s *cql.Select) uint64 {
	h := fnv.New64a()
	h.Write(t.ID[:])
	for i := range s.Where {
		put(h, relationText(&s.Where[i]))
	}
	put(h, "group by "+texts(s.GroupBy))
	for _, o := range s.OrderBy {
		put(h, "order by "+o.Column+" "+strconv.FormatBool(o.Desc))
	}
	put(h, "distinct "+strconv.FormatBool(s.Distinct))
	return h.Sum64()
}

func put(w io.Writer, s string) {
	// hash.Hash never returns an error.
	_, _ = io.WriteString(w, s)
	_, _ = w.Write([]byte{0})
}

// markerRange returns the bind markers [from, to) of a WHERE clause: markers
// count in the order of the text.
func markerRange(where []cql.Relation) (from, to int) {
	from = -1
	see := func(i int) {
		if from < 0 || i < from {
			from = i
		}
		to = max(to, i+1)
	}
	for i := range where {
		markers(where[i].Element, see)
		markers(where[i].Value, see)
		for _, e := range where[i].Values {
			markers(e, see)
		}
	}
	return max(from, 0), to
}

// markers calls f for each bind marker in e.
func markers(e cql.Expr, f func(index int)) {
	all := func(items []cql.Expr) {
		for _, x := range items {
			markers(x, f)
		}
	}
	switch e := e.(type) {
	case *cql.BindMarker:
		f(e.Index)
	case *cql.TupleLiteral:
		all(e.Elems)
	case *cql.ListLiteral:
		all(e.Elems)
	case *cql.SetLiteral:
		all(e.Elems)
	case *cql.FunctionCall:
		all(e.Args)
	case *cql.MapLiteral:
		for _, entry := range e.Entries {
			markers(entry.Key, f)
			markers(entry.Value, f)
		}
	case *cql.UDTLiteral:
		for _, x := range e.Fields {
			markers(x.Value, f)
		}
	case *cql.TypeHint:
		markers(e.X, f)
	case *cql.Cast:
		markers(e.X, f)
	case *cql.Negate:
		markers(e.X, f)
	case *cql.Binary:
		markers(e.L, f)
		markers(e.R, f)
	}
}
