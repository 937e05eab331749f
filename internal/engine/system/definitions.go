// Package system is the server's own keyspaces: what their tables look like,
// the rows of those that live in memory, and DESCRIBE.
//
//	definitions/*.cql --Keyspaces--> catalog (part of every schema.Snapshot)
//	SELECT on a table without storage --Tables.Open--> rows made of the snapshot
//	  and of what the server is asked for at that moment
//	DESCRIBE --Tables.Describe--> rows of CQL text
//
// The tables have the columns that they have in Cassandra 5.0. A table that
// this server has nothing to tell in is empty: nothing is made up.
package system

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine/ddl"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// definitions holds what Cassandra 5.0 answers to DESCRIBE FULL SCHEMA WITH
// INTERNALS, without options at their defaults. Virtual tables, which DESCRIBE
// shows within a comment, are written like others. Statements end with ";" at
// the end of a line.
//
//go:embed definitions/*.cql
var definitions embed.FS

// Keyspaces returns the server's own keyspaces, for ddl.Options.Builtin.
func Keyspaces() ([]*schema.Keyspace, error) {
	names, err := fs.Glob(definitions, "definitions/*.cql")
	if err != nil {
		return nil, err
	}
	var statements []cql.Statement
	for _, name := range names {
		data, err := definitions.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for text := range strings.SplitSeq(strings.TrimSpace(string(data)), ";\n") {
			parsed, err := cql.Parse(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path.Base(name), err)
			}
			statements = append(statements, parsed.Statement)
		}
	}
	return ddl.Define(statements)
}
