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
	see := func(x *cql.Expr) {
		m, ok := (*x).(*cql.BindMarker)
		if !ok {
			return
		}
		if from < 0 || m.Index < from {
			from = m.Index
		}
		to = max(to, m.Index+1)
	}
	for i := range where {
		cql.Walk(&where[i].Element, see)
		cql.Walk(&where[i].Value, see)
		cql.WalkAll(where[i].Values, see)
	}
	return max(from, 0), to
}
