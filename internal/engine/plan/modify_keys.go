package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// rowKeys says which partitions and rows a modification is about.
type rowKeys struct {
	// partition and clustering are the terms of the one key that is named column by
	// column; partition is nil when where names the keys.
	partition, clustering []Term
	// where is the WHERE clause, nil for an INSERT.
	where *Restrictions
	// clustered: the clustering key is restricted, at least in part.
	clustered bool
}

// insertKeys takes the key of an INSERT from the values of its columns
// (StatementRestrictions of an INSERT, whose relations are all =).
func (m *Modify) insertKeys(values map[*schema.Column]Term) error {
	k := &m.keys
	for _, col := range m.Table.Clustering {
		k.clustered = k.clustered || values[col] != nil
	}
	m.OnlyStatic = !k.clustered && m.onlyStatic()
	var missing []*schema.Column
	k.partition = make([]Term, len(m.Table.PartitionKey))
	for i, col := range m.Table.PartitionKey {
		if k.partition[i] = values[col]; k.partition[i] == nil {
			missing = append(missing, col)
		}
	}
	if missing != nil {
		return cqlerr.Invalidf("Some partition key parts are missing: %s", columnNames(missing, ", "))
	}
	var given []*schema.Column
	for _, col := range m.Table.Clustering {
		if v := values[col]; v == nil {
			missing = append(missing, col)
		} else {
			given, k.clustering = append(given, col), append(k.clustering, v)
		}
	}
	if missing != nil && !m.OnlyStatic {
		if ok, err := compactPrefix(m.Table, given); err != nil {
			return err
		} else if !ok {
			return cqlerr.Invalidf("Some clustering keys are missing: %s", columnNames(missing, ", "))
		}
	}
	m.WritesRows = len(m.Table.Clustering) == 0 || k.clustered
	return nil
}

// whereKeys takes the keys of an UPDATE or DELETE from its WHERE clause.
func (c *Context) whereKeys(m *Modify, where []cql.Relation, kind StatementKind) error {
	m.OnlyStatic = m.onlyStatic()
	r, err := c.Restrict(m.Table, where, kind, RestrictOptions{OnlyStatic: m.OnlyStatic})
	if err != nil {
		return err
	}
	m.keys = rowKeys{where: r, clustered: r.HasClustering()}
	if r.OnePartition() && (r.OneRow() || !m.keys.clustered) {
		m.keys.partition = r.pkTerms
		if m.keys.clustered {
			m.keys.clustering = r.rowTerms
		}
	}
	m.PartitionIn = r.PartitionKeyHasIN()
	m.ClusteringIn = r.clustering.has(inRestriction)
	m.WritesRows = len(m.Table.Clustering) == 0 || m.keys.clustered
	return nil
}

// OneKey reports that the statement names one partition, and one row of it or
// none, each by plain values: see AppendPartition and Clustering.
func (m *Modify) OneKey() bool { return m.keys.partition != nil }

// AppendPartition appends the raw partition key of a statement with OneKey. The
// answer shares the bind value's memory when that is the whole key. Errors are
// Cassandra's (null, unset, empty and overlong keys).
func (m *Modify) AppendPartition(dst []byte, env *Env) ([]byte, error) {
	terms := m.keys.partition
	if len(terms) == 1 {
		v, err := terms[0].Eval(env)
		if err != nil {
			return nil, err
		}
		if err := checkKeyValue(v, m.Table.PartitionKey[0]); err != nil {
			return nil, err
		}
		if len(v.Bytes) == 0 {
			return nil, cqlerr.Invalidf("Key may not be empty")
		}
		return v.Bytes, checkKeyLength(v.Bytes)
	}
	sum := 0
	for i, t := range terms {
		v, err := t.Eval(env)
		if err != nil {
			return nil, err
		}
		if err := checkKeyValue(v, m.Table.PartitionKey[i]); err != nil {
			return nil, err
		}
		if sum += len(v.Bytes); sum <= MaxKeyLength {
			dst = append(dst, byte(len(v.Bytes)>>8), byte(len(v.Bytes)))
			dst = append(dst, v.Bytes...)
			dst = append(dst, 0)
		}
	}
	if sum > MaxKeyLength {
		return nil, tooLongKey(sum)
	}
	return dst, checkKeyLength(dst)
}

// Clustering appends the clustering key of a statement with OneKey to dst, one
// value per column; nothing when it names no row.
func (m *Modify) Clustering(dst [][]byte, env *Env) ([][]byte, error) {
	sum := 0
	for i, t := range m.keys.clustering {
		v, err := t.Eval(env)
		if err != nil {
			return nil, err
		}
		if err := checkKeyValue(v, m.Table.Clustering[i]); err != nil {
			return nil, err
		}
		sum += len(v.Bytes)
		dst = append(dst, v.Bytes)
	}
	if sum > MaxKeyLength {
		return nil, tooLongKey(sum)
	}
	if len(m.keys.clustering) > 0 && sum == 0 {
		return dst, m.checkCompactKey()
	}
	return dst, nil
}

// Partitions returns the raw partition keys that the statement names.
func (m *Modify) Partitions(env *Env) ([][]byte, error) {
	if !m.OneKey() {
		keys, err := m.keys.where.PartitionKeys(env)
		if err == nil {
			err = CheckKeys(keys)
		}
		return keys, err
	}
	key, err := m.AppendPartition(nil, env)
	if err != nil {
		return nil, err
	}
	return [][]byte{key}, nil
}

// HasClustering reports whether the clustering key is restricted, at least in part.
func (m *Modify) HasClustering() bool { return m.keys.clustered }

// IsRange reports that the statement, a DELETE, names ranges of rows, not rows
// (ModificationStatement.hasSlices): see Slices.
func (m *Modify) IsRange() bool {
	return m.Kind == DeleteRow && m.keys.clustered && !m.keys.where.IsRowKey()
}

// Slices returns the ranges of rows that a DELETE with IsRange names. Null,
// which a SELECT has before all values, is no bound of a deletion but of one
// between two bounds that deletes nothing.
func (m *Modify) Slices(env *Env) ([]store.Slice, error) {
	out, err := m.keys.where.Slices(env)
	if err != nil || len(out) == 0 && m.keys.where.slicesBetween() {
		return out, err
	}
	return out, m.keys.where.checkNullBounds(env)
}

// Rows returns the clustering keys that the statement names in each of its
// partitions: one of no columns in a table without clustering columns, or when
// none is named.
func (m *Modify) Rows(env *Env) ([][][]byte, error) {
	if !m.keys.clustered {
		return [][][]byte{nil}, nil
	}
	if m.OneKey() {
		row, err := m.Clustering(nil, env)
		if err != nil {
			return nil, err
		}
		return [][][]byte{row}, nil
	}
	rows, err := m.keys.where.Clustering(env)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		sum := 0
		for _, v := range row {
			sum += len(v)
		}
		if sum > MaxKeyLength {
			return nil, tooLongKey(sum)
		}
		if sum == 0 {
			if err := m.checkCompactKey(); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}
