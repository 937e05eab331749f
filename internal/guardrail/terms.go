package guardrail

import (
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Term is the size in bytes of a term that a write gives to a storage-attached
// index on a column.
type Term struct {
	Column *schema.Column
	Size   int
}

// TermFloor is the size up to which nothing is to be said of any term.
func (g *Guard) TermFloor() int {
	l := g.limits
	return int(min(lowest(l.SAIStringTerm), lowest(l.SAIFrozenTerm), lowest(l.SAIVectorTerm)))
}

// Terms is what is to be said of a role's write with terms, in their order
// (StorageAttachedIndex.validate).
func (g *Guard) Terms(role string, terms []Term) (warnings []string, err error) {
	if len(terms) == 0 || g.exempts(role) {
		return nil, nil
	}
	f := findings{guard: g}
	for _, t := range terms {
		r, limit := g.termRule(t.Column.Type)
		if err := f.check(r, limit, t.Column.Name, int64(t.Size)); err != nil {
			return nil, err
		}
	}
	return f.warnings, nil
}

// termRule is the guardrail of the terms of a column's type. Elements of a
// collection that is not frozen count as strings, whatever they are.
func (g *Guard) termRule(t *cqltype.Type) (*rule, Threshold) {
	l := g.limits
	switch {
	case t.Kind == cqltype.Vector:
		return &saiVectorTerm, l.SAIVectorTerm
	case len(t.Elems) > 0 && !t.IsMultiCell():
		return &saiFrozenTerm, l.SAIFrozenTerm
	}
	return &saiStringTerm, l.SAIStringTerm
}
