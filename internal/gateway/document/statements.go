package document

import (
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
)

// statementKind is the kind of a statement about one collection.
type statementKind uint8

const (
	insertLeaf    statementKind = iota
	insertLeafTTL               // with a time to live
	selectPart                  // the rows of a document below a path of depth segments
	selectTTL                   // one row's time to live
	selectKeys                  // the ids of all documents
	selectKeysOn                // those from a token on
	deletePart                  // what is at a path of depth segments, and below
	deleteLeaf                  // the scalar at a path of depth segments
	deleteArray                 // the elements of an array there
	deleteNames                 // the members of an object there whose names sort before an array's elements
	deleteMore                  // and those whose names sort behind
)

// statementKey tells the statements of a collection apart.
type statementKey struct {
	kind  statementKind
	depth uint8
}

// statements keeps the prepared statements of a collection. There are a few for
// each depth, so that nothing is ever thrown away.
type statements struct{ kept sync.Map } // statementKey -> *backend.Prepared

func (s *statements) get(key statementKey) *backend.Prepared {
	if p, ok := s.kept.Load(key); ok {
		return p.(*backend.Prepared)
	}
	return nil
}

func (s *statements) put(key statementKey, p *backend.Prepared) { s.kept.Store(key, p) }

// markers numbers bind markers.
type markers int

func (m *markers) next() cql.Expr {
	*m++
	return &cql.BindMarker{Index: int(*m) - 1}
}

// insertStatement is INSERT of one row: key, path, values, then the write time
// and, maybe, the time to live.
func insertStatement(table cql.QualifiedName, ttl bool) cql.Statement {
	var m markers
	s := &cql.Insert{Table: table, Columns: append(append([]string{keyColumn}, pathColumns[:]...), shred.Columns...)}
	for range s.Columns {
		s.Values = append(s.Values, m.next())
	}
	s.Using.Timestamp = m.next()
	if ttl {
		s.Using.TTL = m.next()
	}
	return s
}

// deleteStatement is DELETE USING TIMESTAMP ? WHERE key = ? AND p0 = ? … of
// depth segments, and what else the kind says of the next.
func deleteStatement(table cql.QualifiedName, key statementKey) cql.Statement {
	var m markers
	s := &cql.Delete{Table: table, Using: cql.Using{Timestamp: m.next()}}
	s.Where = pathRelations(&m, int(key.depth))
	compare := func(op cql.Operator) {
		s.Where = append(s.Where, cql.Relation{Columns: []string{pathColumns[key.depth]}, Op: op, Value: m.next()})
	}
	switch key.kind {
	case deleteLeaf:
		compare(cql.Eq)
	case deleteArray:
		compare(cql.Gte)
		compare(cql.Lt)
	case deleteNames:
		compare(cql.Lt)
	case deleteMore:
		compare(cql.Gte)
	}
	return s
}

// pathRelations is key = ? AND p0 = ? … of depth segments.
func pathRelations(m *markers, depth int) []cql.Relation {
	where := []cql.Relation{{Columns: []string{keyColumn}, Op: cql.Eq, Value: m.next()}}
	for _, column := range pathColumns[:depth] {
		where = append(where, cql.Relation{Columns: []string{column}, Op: cql.Eq, Value: m.next()})
	}
	return where
}

func column(name string) cql.Selector { return cql.Selector{X: &cql.Column{Name: name}} }

// leafTime is WRITETIME(leaf): every row has a leaf.
func leafTime() cql.Selector {
	return cql.Selector{X: &cql.FunctionCall{Name: "writetime", Args: []cql.Expr{&cql.Column{Name: "leaf"}}}}
}

// selectStatement is SELECT of the rows below a path of depth segments, with the
// columns that shred.Reader wants behind the key.
func selectStatement(table cql.QualifiedName, depth int) cql.Statement {
	var m markers
	s := &cql.Select{Table: table, Selectors: []cql.Selector{column(keyColumn)}, Where: pathRelations(&m, depth)}
	for _, name := range pathColumns {
		s.Selectors = append(s.Selectors, column(name))
	}
	for _, name := range shred.Columns {
		s.Selectors = append(s.Selectors, column(name))
	}
	s.Selectors = append(s.Selectors, leafTime())
	return s
}

// selectTTLStatement is SELECT of the time to live of a document's first row.
func selectTTLStatement(table cql.QualifiedName) cql.Statement {
	var m markers
	return &cql.Select{Table: table, Where: pathRelations(&m, 0), Limit: &cql.Literal{Kind: cql.IntegerLiteral, Text: "1"},
		Selectors: []cql.Selector{{X: &cql.FunctionCall{Name: "ttl", Args: []cql.Expr{&cql.Column{Name: "leaf"}}}}}}
}

// selectKeysStatement is SELECT DISTINCT key, from a token on when so asked.
func selectKeysStatement(table cql.QualifiedName, from bool) cql.Statement {
	s := &cql.Select{Table: table, Distinct: true, Selectors: []cql.Selector{column(keyColumn)}}
	if from {
		var m markers
		s.Where = []cql.Relation{fromToken(&m)}
	}
	return s
}

// fromToken is token(key) >= ?.
func fromToken(m *markers) cql.Relation {
	return cql.Relation{Kind: cql.Token, Columns: []string{keyColumn}, Op: cql.Gte, Value: m.next()}
}

// skip is how many cells stand before the path in a row of selectStatement.
const skip = 1
