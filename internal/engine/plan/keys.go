package plan

import (
	"bytes"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// MaxKeyProduct bounds the keys (or clustering slices) that the INs of one
// statement multiply to.
const MaxKeyProduct = 100_000

// MaxKeyLength bounds a raw partition key, and each clustering value, in bytes
// (QueryProcessor.validateKey: an unsigned short).
const MaxKeyLength = cqltype.MaxPartitionKeyComponent

// OnePartition reports that the clause names exactly one partition by = alone:
// AppendPartitionKey gives its key.
func (r *Restrictions) OnePartition() bool { return r.pkTerms != nil }

// AppendPartitionKey appends the raw partition key of a clause that names one
// (see OnePartition). It allocates nothing for constants and bind values.
func (r *Restrictions) AppendPartitionKey(dst []byte, env *Env) ([]byte, error) {
	if len(r.pkTerms) == 1 {
		v, err := r.keyValue(0, env)
		if err != nil {
			return nil, err
		}
		return append(dst, v...), checkKeyLength(v)
	}
	start, sum := len(dst), 0
	for i := range r.pkTerms {
		v, err := r.keyValue(i, env)
		if err != nil {
			return nil, err
		}
		if sum += len(v); sum <= MaxKeyLength {
			dst = append(dst, byte(len(v)>>8), byte(len(v)))
			dst = append(dst, v...)
			dst = append(dst, 0)
		}
	}
	if sum > MaxKeyLength {
		return nil, tooLongKey(sum)
	}
	return dst, checkKeyLength(dst[start:])
}

func (r *Restrictions) keyValue(i int, env *Env) ([]byte, error) {
	v, err := r.pkTerms[i].Eval(env)
	if err != nil {
		return nil, err
	}
	if err := checkKeyValue(v, r.table.PartitionKey[i]); err != nil {
		return nil, err
	}
	return v.Bytes, nil
}

// checkKeyValue refuses null and unset (SingleColumnRestriction.appendTo).
func checkKeyValue(v backend.Value, col *schema.Column) error {
	switch {
	case v.Unset:
		return cqlerr.Invalidf("Invalid unset value for column %s", col.Name)
	case v.Bytes == nil:
		return cqlerr.Invalidf("Invalid null value in condition for column %s", col.Name)
	}
	return nil
}

func checkKeyLength(key []byte) error {
	if len(key) > MaxKeyLength {
		return tooLongKey(len(key))
	}
	return nil
}

func tooLongKey(n int) error {
	return cqlerr.Invalidf("Key length of %d is longer than maximum of %d", n, MaxKeyLength)
}

// PartitionKeys returns the raw partition keys that the clause names, in order
// of their columns' values, without duplicates; nil when it names none (see
// IsKeyRange).
func (r *Restrictions) PartitionKeys(env *Env) ([][]byte, error) {
	if r.keyRange {
		return nil, nil
	}
	if r.pkTerms != nil {
		key, err := r.AppendPartitionKey(nil, env)
		if err != nil {
			return nil, err
		}
		return [][]byte{key}, nil
	}
	tuples, err := product(&r.partition, nil, env)
	if err != nil {
		return nil, err
	}
	tuples = sortTuples(tuples, r.table.PartitionKey)
	keys := make([][]byte, len(tuples))
	for i, values := range tuples {
		sum := 0
		for _, v := range values {
			sum += len(v)
		}
		if sum > MaxKeyLength {
			return nil, tooLongKey(sum)
		}
		keys[i] = cqltype.AppendPartitionKey(nil, values...)
		if err := checkKeyLength(keys[i]); err != nil {
			return nil, err
		}
	}
	return r.dropByToken(keys, env)
}

// CheckKeys refuses empty partition keys (QueryProcessor.validateKey). A SELECT
// does so when it knows that there is anything to read, a modification at once.
func CheckKeys(keys [][]byte) error {
	for _, key := range keys {
		if len(key) == 0 {
			return cqlerr.Invalidf("Key may not be empty")
		}
	}
	return nil
}

// Clustering returns the full clustering keys (wire values per column) that the
// clause names, in the table's order without duplicates. Only when IsRowKey; a table
// without clustering columns yields one key of none.
func (r *Restrictions) Clustering(env *Env) ([][][]byte, error) {
	if r.rowTerms != nil {
		key := make([][]byte, len(r.rowTerms))
		if err := r.clusteringKey(key, env); err != nil {
			return nil, err
		}
		return [][][]byte{key}, nil
	}
	tuples, err := product(&r.clustering, nil, env)
	if err != nil {
		return nil, err
	}
	return sortTuples(tuples, r.table.Clustering), nil
}

// OneRow reports that the clause names one clustering key by = alone.
func (r *Restrictions) OneRow() bool { return r.rowTerms != nil }

// ClusteringKey fills key, one value per clustering column, with the key of a
// clause that names one (see OneRow).
func (r *Restrictions) ClusteringKey(key [][]byte, env *Env) error { return r.clusteringKey(key, env) }

func (r *Restrictions) clusteringKey(key [][]byte, env *Env) error {
	for i, t := range r.rowTerms {
		v, err := t.Eval(env)
		if err != nil {
			return err
		}
		if err := checkKeyValue(v, r.table.Clustering[i]); err != nil {
			return err
		}
		key[i] = v.Bytes
	}
	return nil
}

// product multiplies the values of = and IN restrictions, in the order of
// their columns, up to the first restriction that stop accepts (nil: none).
func product(s *restrictionSet, stop func(*restriction) bool, env *Env) ([][][]byte, error) {
	tuples := [][][]byte{nil}
	var err error
	s.distinct(func(x *restriction) bool {
		if stop != nil && stop(x) {
			return false
		}
		tuples, err = x.multiply(tuples, env)
		return err == nil && len(tuples) > 0
	})
	return tuples, err
}

// multiply extends each tuple by each of the restriction's values.
func (r *restriction) multiply(tuples [][][]byte, env *Env) ([][][]byte, error) {
	var alternatives [][]backend.Value
	var err error
	if r.kind == eqRestriction {
		var one []backend.Value
		one, err = r.value.components(nil, env)
		alternatives = [][]backend.Value{one}
	} else {
		alternatives, err = r.alternatives(nil, env)
	}
	if err != nil {
		return nil, err
	}
	if err := r.checkAlternatives(alternatives); err != nil {
		return nil, err
	}
	if len(tuples)*len(alternatives) > MaxKeyProduct {
		return nil, cqlerr.Invalidf("The IN restrictions of the query select more than %d keys", MaxKeyProduct)
	}
	out := make([][][]byte, 0, len(tuples)*len(alternatives))
	for _, t := range tuples {
		for _, alt := range alternatives {
			longer := append(make([][]byte, 0, len(t)+len(alt)), t...)
			for _, v := range alt {
				longer = append(longer, v.Bytes)
			}
			out = append(out, longer)
		}
	}
	return out, nil
}

func (r *restriction) checkAlternatives(alternatives [][]backend.Value) error {
	for _, alt := range alternatives {
		for i, v := range alt {
			switch {
			case v.Bytes != nil:
			case r.multi && r.kind == inRestriction:
				return cqlerr.Invalidf("Invalid null value in condition for columns: [%s]", columnNames(r.columns, ", "))
			case r.multi:
				return cqlerr.Invalidf("Invalid null value for column %s", r.columns[i].Name)
			default:
				return checkKeyValue(v, r.columns[i])
			}
		}
	}
	return nil
}

// sortTuples sorts tuples of values in the columns' order and drops
// duplicates.
func sortTuples(tuples [][][]byte, columns []*schema.Column) [][][]byte {
	cmp := func(a, b [][]byte) int { return comparePrefix(columns, a, b) }
	slices.SortFunc(tuples, cmp)
	return slices.CompactFunc(tuples, func(a, b [][]byte) bool { return cmp(a, b) == 0 })
}

// comparePrefix compares the values that both have, in the table's order.
func comparePrefix(columns []*schema.Column, a, b [][]byte) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if bytes.Equal(a[i], b[i]) {
			continue
		}
		d := columns[i].Type.Compare(a[i], b[i])
		if columns[i].Desc {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}
