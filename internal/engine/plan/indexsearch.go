package plan

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// IndexSearch says how indexes find the rows of a SELECT (Index.QueryPlan):
// what one secondary index has under a value, or what all storage-attached
// ones that serve a condition have in common.
type IndexSearch struct {
	// Terms are to be met all; a row that meets them may still fail other
	// conditions. Without any, the search is for an ANN ordering alone.
	Terms []*IndexTerm
	// ANN is the order of the answer, nil for the table's.
	ANN *ANNOrdering
}

// Indexes calls f with every index that the search needs.
func (s *IndexSearch) Indexes(f func(*index.Index)) {
	for _, t := range s.Terms {
		f(t.Index)
	}
	if s.ANN != nil {
		f(s.ANN.Index)
	}
}

// CheckSize refuses values too long for a secondary index, even one that the
// search can do without.
func (s *IndexSearch) CheckSize(env *Env) error {
	for _, t := range s.Terms {
		if t.Index.SAI || t.IsRange() {
			continue
		}
		if _, err := t.Bind(env); err != nil {
			return err
		}
	}
	return nil
}

// IndexTerm is one condition that an index serves.
type IndexTerm struct {
	Index *index.Index
	// Either value, the part'th of it, under key in a map's entries; or bounds.
	value  components
	part   int
	key    Term
	bounds [2]*bound
}

// IndexRange is an IndexTerm with its values: what forms match it.
type IndexRange struct {
	// Equal: the one form of Values.Start.
	Equal  bool
	Values store.ValueRange
}

// IsRange reports that the term is an inequality.
func (t *IndexTerm) IsRange() bool { return t.value == nil }

// Bind evaluates the term.
func (t *IndexTerm) Bind(env *Env) (IndexRange, error) {
	if !t.IsRange() {
		form, err := t.form(env)
		return IndexRange{Equal: true, Values: store.ValueRange{Start: form, End: form, StartInclusive: true, EndInclusive: true}}, err
	}
	var r IndexRange
	for end, b := range t.bounds {
		if b == nil {
			continue
		}
		v, err := t.evaluate(b.value, 0, env, "value")
		if err != nil {
			return r, err
		}
		form := t.Index.AppendCell([]byte{}, nil, v)
		if end == startBound {
			r.Values.Start, r.Values.StartInclusive = form, b.inclusive
		} else {
			r.Values.End, r.Values.EndInclusive = form, b.inclusive
		}
	}
	return r, nil
}

// entryOverhead is what an entry of a map takes beside its key and value, as the
// partition key of a secondary index in Cassandra.
const entryOverhead = 2 * 3

// form is the form that the wanted rows are entered under.
func (t *IndexTerm) form(env *Env) ([]byte, error) {
	var key []byte
	what := "value"
	if t.key != nil {
		k, err := t.evaluate(oneValue{t.key}, 0, env, "map key")
		if err != nil {
			return nil, err
		}
		key, what = k, "map value"
	}
	v, err := t.evaluate(t.value, t.part, env, what)
	if err != nil {
		return nil, err
	}
	size := len(v)
	if t.key == nil {
		key = v // of a set, or a map's keys, which have no value
	} else {
		size += len(key) + entryOverhead
	}
	if !t.Index.SAI && size > MaxKeyLength {
		return nil, cqlerr.Invalidf("Index expression values may not be larger than 64K")
	}
	return t.Index.AppendCell([]byte{}, key, v), nil
}

func (t *IndexTerm) evaluate(c components, part int, env *Env, what string) ([]byte, error) {
	var buf [1]backend.Value
	v, err := c.components(buf[:0], env)
	if err != nil {
		return nil, err
	}
	if err := checkFilterValue(v[part], what, t.Index.Column); err != nil {
		return nil, err
	}
	return v[part].Bytes, nil
}

// search decides on the indexes to use. Storage-attached ones are asked together
// and only when no other serves a condition, unless they order the answer
// (prioritize_sai_over_legacy_index is off by default).
func (r *Restrictions) search() *IndexSearch {
	var attached, others []*index.Index
	for _, ix := range index.Of(r.table) {
		switch {
		case !ix.HasEntries():
		case ix.SAI:
			attached = append(attached, ix)
		default:
			others = append(others, ix)
		}
	}
	if r.ann == nil {
		if terms := r.terms(others); len(terms) > 0 {
			return &IndexSearch{Terms: terms[:1]}
		}
	}
	terms := r.terms(attached)
	if len(terms) == 0 && r.ann == nil {
		return nil
	}
	return &IndexSearch{Terms: terms, ANN: r.ann}
}

// terms are the conditions that one of the indexes serves.
func (r *Restrictions) terms(of []*index.Index) []*IndexTerm {
	var terms []*IndexTerm
	for _, x := range r.filters.restrictions {
		for part, col := range x.columns {
			on := index.On(of, col)
			slices.SortFunc(on, func(a, b *index.Index) int { return cmpNames(a.Name, b.Name) })
			terms = append(terms, x.terms(r.table, on, part)...)
		}
	}
	return terms
}

func cmpNames(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// terms are what indexes of the part'th column of x serve of it.
func (x *restriction) terms(t *schema.Table, on []*index.Index, part int) []*IndexTerm {
	col := x.columns[part]
	find := func(op cql.Operator) *index.Index {
		for _, ix := range on {
			if supportsOperator(t.Indexes[ix.Name], col, op) {
				return ix
			}
		}
		return nil
	}
	switch x.kind {
	case eqRestriction:
		if ix := find(cql.Eq); ix != nil {
			return []*IndexTerm{{Index: ix, value: x.value, part: part}}
		}
	case sliceRestriction:
		if ix := find(cql.Lt); ix != nil && !x.multi {
			return []*IndexTerm{{Index: ix, bounds: x.bounds}}
		}
	case containsRestriction:
		var terms []*IndexTerm
		for _, c := range x.contains {
			if ix := find(c.op); ix != nil {
				terms = append(terms, &IndexTerm{Index: ix, value: oneValue{c.value}, key: c.key})
			}
		}
		return terms
	}
	return nil
}

// comparers notes which conditions an index of the search decides in its own
// way (see index.Index.Exact): the filters then ask it, too. What it leaves out
// they don't find.
func (r *Restrictions) comparers() {
	if r.index == nil {
		return
	}
	for _, t := range r.index.Terms {
		if t.Index.Exact() && t.Index.HasEntries() {
			r.exact = append(r.exact, t.Index)
		}
		if t.Index.LeavesOutEmpty() {
			r.notEmpty = append(r.notEmpty, t.Index.Column)
		}
	}
}

// Index returns how indexes find the rows, nil when none is used.
func (r *Restrictions) Index() *IndexSearch { return r.index }
