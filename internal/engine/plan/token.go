package plan

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// tokenRestriction is what a clause says of token(partition key).
type tokenRestriction struct {
	eq     Term
	bounds [2]*tokenBound
}

type tokenBound struct {
	value     Term
	inclusive bool
}

// addToken prepares token(...) op value and merges it in (TokenRelation,
// TokenRestriction).
func (c *Context) addToken(r *Restrictions, rel *cql.Relation) error {
	columns := make([]*schema.Column, len(rel.Columns))
	for i, name := range rel.Columns {
		col, err := c.Column(r.table, name)
		if err != nil {
			return err
		}
		columns[i] = col
	}
	if rel.Op != cql.Eq && !isSlice(rel.Op) {
		if rel.Op == cql.Neq {
			return unsupportedRelation(rel)
		}
		return cqlerr.Invalidf("%s cannot be used with the token function", operatorNames[rel.Op])
	}
	if err := checkTokenColumns(columns, r.table); err != nil {
		return err
	}
	recv := ReceiverOf(columns[0])
	recv.Name, recv.Type = "partition key token", cqltype.TypeBigint
	value, err := c.Term(rel.Value, recv)
	if err != nil {
		return err
	}
	names := columnNames(columns, ", ")
	had := r.token
	if had == nil {
		r.token = &tokenRestriction{}
	} else if had.eq != nil {
		return cqlerr.Invalidf("%s cannot be restricted by more than one relation if it includes an Equal", names)
	}
	if rel.Op == cql.Eq {
		if had != nil {
			return cqlerr.Invalidf("Columns \"%s\" cannot be restricted by both an equality and an inequality relation", names)
		}
		r.token.eq = value
		return nil
	}
	end, inclusive := boundOf(rel.Op)
	if r.token.bounds[end] != nil {
		return cqlerr.Invalidf("More than one restriction was found for the %s bound on %s", [...]string{"start", "end"}[end], names)
	}
	r.token.bounds[end] = &tokenBound{value, inclusive}
	return nil
}

func checkTokenColumns(columns []*schema.Column, t *schema.Table) error {
	if slices.Equal(columns, t.PartitionKey) {
		return nil
	}
	for _, col := range t.PartitionKey {
		if !slices.Contains(columns, col) {
			return cqlerr.Invalidf("The token() function must be applied to all partition key components or none of them")
		}
	}
	for i, col := range columns {
		if slices.Contains(columns[:i], col) {
			return cqlerr.Invalidf("The token() function contains duplicate partition key components")
		}
	}
	for _, col := range columns {
		if col.Kind != schema.PartitionKey {
			return cqlerr.Invalidf("The token() function must contains only partition key components")
		}
	}
	return cqlerr.Invalidf("The token function arguments must be in the partition key order: %s", columnNames(t.PartitionKey, ", "))
}

// minToken is the token before all others; as the end of a range it means no
// end (Murmur3Partitioner.MINIMUM).
const minToken = math.MinInt64

func evalToken(t Term, env *Env) (int64, error) {
	v, err := t.Eval(env)
	if err != nil {
		return 0, err
	}
	if v.Bytes == nil || len(v.Bytes) != 8 {
		return 0, cqlerr.Invalidf("Invalid null token value")
	}
	return int64(binary.BigEndian.Uint64(v.Bytes)), nil
}

// Tokens returns the token range of a key range clause; empty is set when it
// contradicts itself.
func (r *Restrictions) Tokens(env *Env) (tr store.TokenRange, empty bool, err error) {
	if r.token == nil {
		return tr, false, nil
	}
	if r.token.eq != nil {
		k, err := evalToken(r.token.eq, env)
		if k == minToken { // no start and no end
			return tr, false, err
		}
		return store.TokenRange{Start: &k, End: &k, StartInclusive: true, EndInclusive: true}, false, err
	}
	if b := r.token.bounds[startBound]; b != nil {
		k, err := evalToken(b.value, env)
		if err != nil {
			return tr, false, err
		}
		if k != minToken {
			tr.Start, tr.StartInclusive = &k, b.inclusive
		}
	}
	if b := r.token.bounds[endBound]; b != nil {
		k, err := evalToken(b.value, env)
		if err != nil {
			return tr, false, err
		}
		if k != minToken {
			tr.End, tr.EndInclusive = &k, b.inclusive
		}
	}
	if tr.Start != nil && tr.End != nil {
		empty = *tr.Start > *tr.End || *tr.Start == *tr.End && !(tr.StartInclusive && tr.EndInclusive)
	}
	return tr, empty, nil
}

// dropByToken removes the keys whose tokens are outside of a token restriction
// that stands beside a whole partition key. A range whose start is behind its
// end wraps around (TokenFilter.toRangeSet).
func (r *Restrictions) dropByToken(keys [][]byte, env *Env) ([][]byte, error) {
	if r.token == nil {
		return keys, nil
	}
	in, err := r.token.contains(env)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(keys, func(k []byte) bool { return !in(cqltype.Token(k)) }), nil
}

func (t *tokenRestriction) contains(env *Env) (func(int64) bool, error) {
	if t.eq != nil {
		want, err := evalToken(t.eq, env)
		return func(k int64) bool { return k == want }, err
	}
	start, end := t.bounds[startBound], t.bounds[endBound]
	var from, to int64
	var err error
	if start != nil {
		if from, err = evalToken(start.value, env); err != nil {
			return nil, err
		}
	}
	if end != nil {
		if to, err = evalToken(end.value, env); err != nil {
			return nil, err
		}
	}
	after := func(k int64) bool { return start == nil || k > from || k == from && start.inclusive }
	before := func(k int64) bool { return end == nil || k < to || k == to && end.inclusive }
	if start != nil && end != nil && from > to {
		return func(k int64) bool { return after(k) || before(k) }, nil
	}
	return func(k int64) bool { return after(k) && before(k) }, nil
}
