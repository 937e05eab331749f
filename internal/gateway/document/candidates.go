package document

import (
	"bytes"
	"math"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/where"
)

// A search asks the store for the ids of candidates: documents of which one
// condition is true, by its index, or all documents. Candidates come in the
// order of tokens, a page at a time, and each is read and judged by the whole of
// where. A search that goes on begins again at the token of the last id.

// costs are how much of a collection a condition leaves, by its operator.
// A hint of the client's counts instead.
var costs = [...]float64{where.Eq: 0.1, where.In: 0.2, where.Lt: 0.5, where.Lte: 0.5, where.Gt: 0.5, where.Gte: 0.5, where.Exists: 0.8}

// probe is a condition that the store is asked for, and the other bound of the
// same value, if there is one.
type probe struct {
	*where.Condition
	bound *where.Condition
}

// String is the probe as profiles name it.
func (a probe) String() string {
	if a.bound == nil {
		return a.Condition.String()
	}
	return a.Condition.String() + " AND " + a.bound.String()
}

// plan returns the conditions of which each document that fulfils e fulfils at
// least one, and what they cost; nil when no index helps.
func plan(e where.Expr) ([]probe, float64) {
	switch e := e.(type) {
	case *where.Condition:
		if e.Op.Negative() {
			return nil, math.Inf(1)
		}
		if e.HasHint {
			return []probe{{Condition: e}}, e.Selectivity
		}
		return []probe{{Condition: e}}, costs[e.Op]
	case where.And:
		var best []probe
		least := math.Inf(1)
		for _, x := range e {
			if found, cost := plan(x); found != nil && cost < least {
				best, least = found, cost
			}
		}
		if len(best) == 1 && best[0].bound == nil {
			best[0].bound = otherBound(e, best[0].Condition)
		}
		return best, least
	case where.Or:
		var all []probe
		most := 0.0
		for _, x := range e {
			found, cost := plan(x)
			if found == nil || len(all)+len(found) > maxSources {
				return nil, math.Inf(1)
			}
			all, most = append(all, found...), max(most, cost)
		}
		return all, most
	}
	return nil, math.Inf(1)
}

// otherBound finds the condition that bounds a value from the other side than c
// does. It must be one value: with wildcards, each may be true of another.
func otherBound(all where.And, c *where.Condition) *where.Condition {
	opposite, ok := map[where.Operator][2]where.Operator{
		where.Lt: {where.Gt, where.Gte}, where.Lte: {where.Gt, where.Gte}, where.Gt: {where.Lt, where.Lte}, where.Gte: {where.Lt, where.Lte},
	}[c.Op]
	if !ok || slices.ContainsFunc(c.Path[:len(c.Path)-1], func(s path.Element) bool { _, literal := s.Literal(); return !literal }) {
		return nil
	}
	for _, e := range all {
		if other, ok := e.(*where.Condition); ok && (other.Op == opposite[0] || other.Op == opposite[1]) && other.Path.Equal(c.Path) && other.Value.Kind == c.Value.Kind {
			return other
		}
	}
	return nil
}

// candidates yields ids in the order of tokens.
type candidates struct {
	sources []*source
	// several: some candidates come from one SELECT for each value of $in.
	several bool
}

// source is one SELECT of ids, a page at a time.
type source struct {
	step     *step
	prepared *backend.Prepared
	values   []backend.Value

	result *backend.Result
	cursor backend.Cursor
	left   int
	state  []byte
	done   bool

	id    []byte
	token int64
}

// candidates begins the search for candidates of e behind the id after, which
// is nil for the beginning.
func (c *call) candidates(on *collection, e where.Expr, after []byte) (*candidates, error) {
	conditions, _ := plan(e)
	if conditions == nil {
		p, err := c.selectKeys(on, after)
		if err != nil {
			return nil, err
		}
		return &candidates{sources: []*source{{step: c.step("LoadAllDocuments"), prepared: p, values: tokenValue(after)}}}, nil
	}
	all := &candidates{}
	for _, condition := range conditions {
		sources, err := c.sources(on, condition, after)
		if err != nil {
			return nil, err
		}
		all.sources = append(all.sources, sources...)
		all.several = all.several || condition.Op == where.In
	}
	return all, nil
}

func (c *call) selectKeys(on *collection, after []byte) (*backend.Prepared, error) {
	key := statementKey{kind: selectKeys}
	if after != nil {
		key.kind = selectKeysOn
	}
	return c.prepare(on, key, func(table cql.QualifiedName) cql.Statement { return selectKeysStatement(table, after != nil) })
}

// tokenValue is the value of token(key) >= ?.
func tokenValue(after []byte) []backend.Value {
	if after == nil {
		return nil
	}
	return []backend.Value{bigint(cqltype.Token(after))}
}

func bigint(n int64) backend.Value {
	return backend.Value{Bytes: []byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}}
}

// sources returns the SELECTs of a condition: one, or one for each of a few
// values of $in.
func (c *call) sources(on *collection, condition probe, after []byte) ([]*source, error) {
	comparisons := []comparison{{op: condition.Op, value: condition.Value, bound: condition.bound}}
	if condition.Op == where.In {
		comparisons = nil
		for _, v := range condition.List {
			comparisons = append(comparisons, comparison{op: where.Eq, value: v})
			if v.Kind == shred.Null || len(condition.List) > maxSources { // no index on what is null
				comparisons = []comparison{{op: where.Exists}}
				break
			}
		}
	}
	var all []*source
	for _, compared := range comparisons {
		stmt, values := candidateStatement(on, condition.Path, compared, after)
		p, err := backend.PrepareOnce(c.ctx, c.door.backend, stmt, make([]string, len(values)), "")
		if err != nil {
			return nil, err
		}
		all = append(all, &source{step: c.step("FILTER: " + condition.String()), prepared: p, values: values})
	}
	return all, nil
}

// comparison is what the store compares a leaf with.
type comparison struct {
	op    where.Operator
	value where.Value
	bound *where.Condition
}

var storeOperators = map[where.Operator]cql.Operator{where.Eq: cql.Eq, where.Lt: cql.Lt, where.Lte: cql.Lte, where.Gt: cql.Gt, where.Gte: cql.Gte}

// candidateStatement is SELECT of the ids of documents that have a leaf at a
// path that compares so. Wildcards in the path are left to the judgement.
func candidateStatement(on *collection, at path.Pattern, compared comparison, after []byte) (cql.Statement, []backend.Value) {
	var m markers
	var values []backend.Value
	s := &cql.Select{Table: on.table, Selectors: []cql.Selector{column(keyColumn), column("leaf"), leafTime()}, AllowFiltering: true}
	add := func(column string, op cql.Operator, value []byte) {
		s.Where = append(s.Where, cql.Relation{Columns: []string{column}, Op: op, Value: m.next()})
		values = append(values, backend.Value{Bytes: value})
	}
	if after != nil {
		s.Where = append(s.Where, fromToken(&m))
		values = append(values, tokenValue(after)...)
	}
	last := len(at) - 1
	for i := range at[:last] {
		if name, ok := at[i].Literal(); ok {
			add(pathColumns[i], cql.Eq, []byte(name))
		}
	}
	field := []byte(path.Unescape(at[last].String()))
	add(pathColumns[last], cql.Eq, field)
	// Of the index on the value and that on the leaf's name a back end may take
	// the second, which has all documents that have the field.
	if compared.op != where.Eq || compared.value.Kind == shred.Bool {
		add("leaf", cql.Eq, field)
	}
	if last+1 < path.MaxDepth {
		add(pathColumns[last+1], cql.Eq, []byte{})
	}
	if op, ok := storeOperators[compared.op]; ok {
		name, value := on.compared(compared.value)
		add(name, op, value)
	}
	if compared.bound != nil {
		name, value := on.compared(compared.bound.Value)
		add(name, storeOperators[compared.bound.Op], value)
	}
	return s, values
}

// compared returns the column that holds values of a kind, and the value in it.
func (on *collection) compared(v where.Value) (column string, value []byte) {
	switch v.Kind {
	case shred.Number:
		return "dbl_value", bigint(int64(math.Float64bits(v.Number))).Bytes
	case shred.Bool:
		if v.Bool {
			return "bool_value", []byte{1}
		}
		return "bool_value", []byte{0}
	}
	return "text_value", []byte(v.Text)
}

// next returns the id of the next candidate behind after, nil when there is no
// more.
func (cs *candidates) next(c *call, after []byte) ([]byte, error) {
	var least *source
	for _, s := range cs.sources {
		if err := s.advance(c, after); err != nil {
			return nil, err
		}
		if !s.done && (least == nil || before(s.token, s.id, least.token, least.id)) {
			least = s
		}
	}
	if least == nil {
		return nil, nil
	}
	return bytes.Clone(least.id), nil
}

// more reports whether there may be documents behind after: whether there are
// candidates. The reference looks $in up value by value itself, among all
// documents that have the field, and so expects more than there are.
func (cs *candidates) more(c *call, after []byte) (bool, error) {
	id, err := cs.next(c, after)
	return id != nil || cs.several, err
}

// before orders ids as the store does.
func before(token int64, id []byte, otherToken int64, other []byte) bool {
	return token < otherToken || token == otherToken && bytes.Compare(id, other) < 0
}

// advance moves to the first id behind after.
func (s *source) advance(c *call, after []byte) error {
	for !s.done {
		if s.id != nil && (after == nil || before(cqltype.Token(after), after, s.token, s.id)) {
			return nil
		}
		for s.left == 0 {
			if s.result != nil && len(s.state) == 0 {
				s.done = true
				return nil
			}
			if err := s.page(c); err != nil {
				return err
			}
		}
		s.left--
		s.id = s.cursor.Next()
		for range len(s.result.Columns) - 1 {
			s.cursor.Next()
		}
		s.token = cqltype.Token(s.id)
	}
	return nil
}

// page reads the next page.
func (s *source) page(c *call) error {
	result, err := c.execute(s.prepared, s.values, candidatePage, s.state)
	if err != nil {
		return err
	}
	s.result, s.cursor, s.left, s.state = result, result.Cursor(), result.RowCount, result.PagingState
	s.step.add(s.prepared, result.RowCount)
	return nil
}
