package system

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// element is something that DESCRIBE lists (org.apache.cassandra.cql3.SchemaElement).
type element struct {
	keyspace, kind, name string
	// create returns the CQL that makes it.
	create func(internals bool) string
}

// Describe answers a DESCRIBE statement of a session in keyspace ("" for none),
// paged by q, which may be nil (DescribeStatement).
func (s *Tables) Describe(d *cql.Describe, keyspace string, q *backend.Query) (*backend.Result, error) {
	if q == nil {
		q = &backend.Query{}
	}
	snapshot := s.options.Snapshot()
	if q.Visible != nil {
		snapshot = snapshot.Only(q.Visible)
	}
	if d.Kind == cql.DescribeCluster {
		return s.describeCluster(snapshot, keyspace), nil
	}
	elements, list, err := describe(snapshot, d, keyspace)
	if err != nil {
		return nil, err
	}
	return describePage(elements, list, d.Internals, snapshot.Version, q)
}

// describe returns what a statement describes; list is set for statements
// that show names alone.
func describe(s *schema.Snapshot, d *cql.Describe, session string) (elements []element, list bool, err error) {
	switch d.Kind {
	case cql.DescribeKeyspaces:
		for _, k := range inNameOrder(s) {
			elements = append(elements, keyspaceElement(k))
		}
		return elements, true, nil
	case cql.DescribeTables, cql.DescribeTypes, cql.DescribeFunctions, cql.DescribeAggregates:
		elements, err = listing(s, d.Kind, session)
		return elements, true, err
	case cql.DescribeSchema, cql.DescribeFullSchema:
		for _, k := range inNameOrder(s) {
			if d.Kind == cql.DescribeFullSchema || !schema.IsSystem(k.Name) {
				elements = append(elements, keyspaceElements(k)...)
			}
		}
		return elements, false, nil
	case cql.DescribeGeneric:
		elements, err = generic(s, d.Name, session)
		return elements, false, err
	}
	name := d.Name.Keyspace
	if name == "" {
		name = session
	}
	if name == "" {
		return nil, false, cqlerr.Invalidf("No keyspace specified and no current keyspace")
	}
	k, err := existing(s, name)
	if err != nil {
		return nil, false, err
	}
	if d.Kind == cql.DescribeKeyspace {
		if d.Only {
			return []element{keyspaceElement(k)}, false, nil
		}
		return keyspaceElements(k), false, nil
	}
	elements, err = one(k, d.Kind, d.Name.Name)
	return elements, false, err
}

func existing(s *schema.Snapshot, name string) (*schema.Keyspace, error) {
	k := s.Keyspaces[name]
	if k == nil {
		return nil, cqlerr.Invalidf("'%s' not found in keyspaces", name)
	}
	return k, nil
}

// listing is DESCRIBE TABLES and the like: of the session's keyspace, or of all.
func listing(s *schema.Snapshot, kind cql.DescribeKind, session string) ([]element, error) {
	keyspaces := inNameOrder(s)
	if session != "" {
		k, err := existing(s, session)
		if err != nil {
			return nil, err
		}
		keyspaces = []*schema.Keyspace{k}
	}
	var elements []element
	for _, k := range keyspaces {
		var of []element
		switch kind {
		case cql.DescribeTables:
			for _, t := range k.TablesInOrder() {
				of = append(of, tableElement(t))
			}
		case cql.DescribeTypes:
			for _, t := range k.TypesInOrder() {
				of = append(of, typeElement(t))
			}
		}
		sortByName(of)
		elements = append(elements, of...)
	}
	return elements, nil
}

// one is DESCRIBE of one thing of k by its kind.
func one(k *schema.Keyspace, kind cql.DescribeKind, name string) ([]element, error) {
	switch kind {
	case cql.DescribeTable:
		if t := k.Tables[name]; t != nil {
			return tableElements(t), nil
		}
		return nil, cqlerr.Invalidf("Table '%s' not found in keyspace '%s'", name, k.Name)
	case cql.DescribeIndex:
		if t := k.IndexedTable(name); t != nil {
			return []element{indexElement(t, t.Indexes[name])}, nil
		}
		return nil, cqlerr.Invalidf("Table for existing index '%s' not found in '%s'", name, k.Name)
	case cql.DescribeType:
		if t := k.Types[name]; t != nil {
			return []element{typeElement(t)}, nil
		}
		return nil, cqlerr.Invalidf("User defined type '%s' not found in '%s'", name, k.Name)
	case cql.DescribeFunction:
		return nil, cqlerr.Invalidf("User defined function '%s' not found in '%s'", name, k.Name)
	case cql.DescribeAggregate:
		return nil, cqlerr.Invalidf("User defined aggregate '%s' not found in '%s'", name, k.Name)
	}
	return nil, cqlerr.Invalidf("Materialized view '%s' not found in '%s'", name, k.Name)
}

// generic is DESCRIBE name: a keyspace, else a table or index of the named or
// the session's keyspace.
func generic(s *schema.Snapshot, name cql.QualifiedName, session string) ([]element, error) {
	keyspace := name.Keyspace
	if keyspace == "" {
		if k := s.Keyspaces[name.Name]; k != nil {
			return keyspaceElements(k), nil
		}
		if keyspace = session; keyspace == "" {
			keyspace = name.Name
		}
	}
	k, err := existing(s, keyspace)
	if err != nil {
		return nil, err
	}
	if t := k.Tables[name.Name]; t != nil {
		return tableElements(t), nil
	}
	if t := k.IndexedTable(name.Name); t != nil {
		return []element{indexElement(t, t.Indexes[name.Name])}, nil
	}
	return nil, cqlerr.Invalidf("'%s' not found in keyspace '%s'", name.Name, keyspace)
}

func keyspaceElement(k *schema.Keyspace) element {
	return element{k.Name, "keyspace", k.Name, func(bool) string { return k.CreateStatement() }}
}

// keyspaceElements are the keyspace and all that is in it, each behind what it
// needs.
func keyspaceElements(k *schema.Keyspace) []element {
	elements := []element{keyspaceElement(k)}
	for _, t := range k.TypesInOrder() {
		elements = append(elements, typeElement(t))
	}
	tables := k.TablesInOrder()
	slices.SortStableFunc(tables, func(a, b *schema.Table) int { return compareIgnoreCase(a.Name, b.Name) })
	for _, t := range tables {
		elements = append(elements, tableElements(t)...)
	}
	return elements
}

func typeElement(t *cqltype.Type) element {
	return element{t.Keyspace, "type", t.Name, func(bool) string { return schema.CreateTypeStatement(t) }}
}

func tableElement(t *schema.Table) element {
	return element{t.Keyspace, "table", t.Name, t.CreateStatement}
}

// tableElements are the table and its indexes.
func tableElements(t *schema.Table) []element {
	var indexes []element
	for _, ix := range t.IndexesInOrder() {
		indexes = append(indexes, indexElement(t, ix))
	}
	sortByName(indexes)
	return append([]element{tableElement(t)}, indexes...)
}

func indexElement(t *schema.Table, ix *schema.Index) element {
	return element{t.Keyspace, "index", ix.Name, func(bool) string { return ix.CreateStatement(t) }}
}

func inNameOrder(s *schema.Snapshot) []*schema.Keyspace {
	keyspaces := s.InOrder()
	slices.SortStableFunc(keyspaces, func(a, b *schema.Keyspace) int { return compareIgnoreCase(a.Name, b.Name) })
	return keyspaces
}

func sortByName(elements []element) {
	slices.SortStableFunc(elements, func(a, b element) int { return compareIgnoreCase(a.name, b.name) })
}

// compareIgnoreCase is Java's String.compareToIgnoreCase.
func compareIgnoreCase(a, b string) int {
	fold := func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }
	return cmp.Compare(strings.Map(fold, a), strings.Map(fold, b))
}
