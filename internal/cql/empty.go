package cql

import (
	"unicode/utf16"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// No tree stands for a statement that lacks what the grammar wants. These are
// what Cassandra's parser says about them, for doors that would have to make one.

// EmptyInsert is the error of an INSERT without columns.
func EmptyInsert(table QualifiedName) error {
	return EmptyStatement("INSERT INTO "+quoted(table)+" (", ")")
}

// EmptyUpdate is the error of an UPDATE that sets nothing.
func EmptyUpdate(table QualifiedName) error {
	return EmptyStatement("UPDATE "+quoted(table)+" SET  ", "WHERE")
}

// NoWhere is the error of an UPDATE without a WHERE clause.
func NoWhere() error { return cqlerr.Syntaxf("line 0:-1 mismatched input '<EOF>' expecting K_WHERE") }

// EmptyStatement is the error of a text that goes wrong at the token behind
// before.
func EmptyStatement(before, at string) error {
	place := len(utf16.Encode([]rune(before)))
	return cqlerr.Syntaxf("line 1:%d no viable alternative at input '%s' (%s[%s]...)", place, at, before, at)
}

func quoted(name QualifiedName) string {
	return cqltype.QuoteIdentifier(name.Keyspace) + "." + cqltype.QuoteIdentifier(name.Name)
}
