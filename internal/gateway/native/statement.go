package native

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// statement is a prepared statement as the door keeps it; it is immutable, but for
// its pace.
type statement struct {
	id       wire.StatementID
	prepared *backend.Prepared
	text     string
	// keyspace it was prepared in, "" when all its names are qualified.
	keyspace string
	// qualified: every table is named with its keyspace.
	qualified bool
	// conditional: with IF, so that the columns of the result are not known
	// before execution.
	conditional bool
	// pointRead: a SELECT of at most one row by its whole primary key, which the
	// reading goroutine executes itself. pace is set for other SELECTs of one
	// partition, which it does while they are quick.
	pointRead bool
	pace      *pace
	tables    []cql.QualifiedName
	// route, if not nil, is how the statement is forwarded; prepared then has no
	// plan.
	route *backend.Route
	// result and metadataID describe the rows of the answer.
	result     []wire.Column
	metadataID wire.MetadataID
	bind       []wire.Column
}

// newStatement describes p, made from text in keyspace; catalog is what it was
// checked against.
func newStatement(text, keyspace string, p *backend.Prepared, catalog *schema.Snapshot) *statement {
	st := &statement{
		prepared: p, text: text, keyspace: keyspace,
		conditional: cql.Conditional(p.Statement),
		bind:        wireColumns(nil, p.Bind),
		result:      wireColumns(nil, p.Result),
	}
	st.tables, st.qualified = tables(p.Statement, keyspace)
	if st.qualified {
		st.keyspace = ""
	}
	st.id = wire.NewStatementID(st.keyspace, text)
	st.metadataID = wire.NewMetadataID(st.result)
	if s, ok := p.Statement.(*cql.Select); ok && len(st.tables) == 1 {
		t := catalog.Table(st.tables[0].Keyspace, st.tables[0].Name)
		if st.pointRead = pointRead(s, t); !st.pointRead && partitionRead(s, t) {
			st.pace = newPace()
		}
	}
	return st
}

// The parts of statement.size that are not the text.
const (
	statementSize = 4 << 10 // with the back end's plan
	columnSize    = 256
)

// size estimates the memory that the statement holds.
func (st *statement) size() int64 {
	return statementSize + 4*int64(len(st.text)) + columnSize*int64(len(st.bind)+len(st.result))
}

// wireColumns appends columns to dst in the form that messages take.
func wireColumns(dst []wire.Column, columns []backend.Column) []wire.Column {
	for _, c := range columns {
		dst = append(dst, wire.Column(c))
	}
	return dst
}

// tables returns the tables whose rows stmt is about, with their keyspaces, and
// whether all were named with theirs; none for other statements.
func tables(stmt cql.Statement, keyspace string) (names []cql.QualifiedName, qualified bool) {
	names, qualified = cql.Tables(stmt)
	for i := range names {
		if names[i].Keyspace == "" {
			names[i].Keyspace, qualified = keyspace, false
		}
	}
	return names, qualified
}

// modification reports whether stmt may stand in a BATCH.
func modification(stmt cql.Statement) bool {
	switch stmt.(type) {
	case *cql.Insert, *cql.Update, *cql.Delete:
		return true
	}
	return false
}
