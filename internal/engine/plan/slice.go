package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/engine/store"
)

// rowRange is what most clauses that name rows are: the first clustering columns
// by =, then perhaps one by its bounds, each by a term of its own.
type rowRange struct {
	prefix []Term
	// bounds of the column behind prefix in the order of values, nil where open.
	bounds    [2]Term
	inclusive [2]bool
}

// rowRange returns the range that the clause names, nil if it is more than one,
// or none.
func (r *Restrictions) rowRange() *rowRange {
	n := &rowRange{}
	for i, x := range r.clustering.restrictions {
		if x.multi || r.clustering.columns[i].Position != i {
			return nil
		}
		switch x.kind {
		case eqRestriction:
			v, ok := x.value.(oneValue)
			if !ok {
				return nil
			}
			n.prefix = append(n.prefix, v.Term)
		case sliceRestriction:
			if i != len(r.clustering.restrictions)-1 {
				return nil
			}
			for b, end := range x.bounds {
				if end == nil {
					continue
				}
				v, ok := end.value.(oneValue)
				if !ok {
					return nil
				}
				n.bounds[b], n.inclusive[b] = v.Term, end.inclusive
			}
		default:
			return nil
		}
	}
	if r.clustering.empty() {
		return nil
	}
	return n
}

// OneSlice is Slices of a clause that names one range of rows by values that are
// not null: it appends the slice to dst, or nothing when that holds no row. The
// bounds are made in buf, which is returned. For other clauses the answer is nil,
// and Slices is to be asked.
func (r *Restrictions) OneSlice(dst []store.Slice, buf [][]byte, env *Env) (out []store.Slice, bounds [][]byte, err error) {
	x, columns := r.oneRange, r.table.Clustering
	if x == nil {
		return nil, buf, nil
	}
	n := len(x.prefix)
	buf = slices.Grow(buf[:0], 2*(n+1))[:2*(n+1)]
	start, end := buf[:n+1], buf[n+1:]
	for i, t := range x.prefix {
		v, err := t.Eval(env)
		if err == nil {
			err = checkKeyValue(v, columns[i])
		}
		if err != nil {
			return nil, buf, err
		}
		start[i], end[i] = v.Bytes, v.Bytes
	}
	s := store.Slice{Start: start[:n], End: end[:n], StartInclusive: true, EndInclusive: true}
	for b, t := range x.bounds {
		if t == nil {
			continue
		}
		v, err := t.Eval(env)
		if err != nil || v.Unset || v.Bytes == nil {
			return nil, buf, err
		}
		if (b == startBound) != columns[n].Desc {
			start[n], s.Start, s.StartInclusive = v.Bytes, start, x.inclusive[b]
		} else {
			end[n], s.End, s.EndInclusive = v.Bytes, end, x.inclusive[b]
		}
	}
	if emptySlice(columns, &s) {
		return dst, buf, nil
	}
	return append(dst, s), buf, nil
}
