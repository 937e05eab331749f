package diff

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The bounds of a file of cases, and of the writes that are kept for it.
const (
	maxCasesBytes = 16 << 20
	maxTables     = 256
	maxWrites     = 200
	maxWriteBytes = 4 << 10
)

// Cases is a file of conformance cases that differences are added to: the
// definitions of the tables, the writes before, and the statement with the
// answer of the side that is right.
type Cases struct {
	// truth: the answering side is the one that is right, else the other.
	answeringIsTruth bool

	mu      sync.Mutex
	file    *os.File
	written int
	full    bool
	defined map[cql.QualifiedName]bool
	writes  map[cql.QualifiedName][]string
}

// OpenCases opens a file of cases to add to.
func OpenCases(path string, answeringIsTruth bool) (*Cases, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &Cases{file: f, answeringIsTruth: answeringIsTruth, defined: map[cql.QualifiedName]bool{}, writes: map[cql.QualifiedName][]string{}}, nil
}

// Close closes the file; a nil one too.
func (c *Cases) Close() error {
	if c == nil {
		return nil
	}
	return c.file.Close()
}

// remember keeps a successful write for the next case of its tables.
func (c *Cases) remember(p *pair, bind []string, a *answer) {
	text := caseText(unqualified(p.statement), bind, answerText(a))
	if len(text) > maxWriteBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range tablesOf(p.statement, p.keyspace) {
		if c.writes[t] == nil && len(c.writes) >= maxTables {
			continue
		}
		kept := append(c.writes[t], text)
		c.writes[t] = kept[max(0, len(kept)-maxWrites):]
		break // a batch once
	}
}

// write adds a case.
func (c *Cases) write(s *schema.Snapshot, p *pair, bind []string, d *Difference) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full {
		return nil
	}
	var b strings.Builder
	for _, t := range tablesOf(p.statement, p.keyspace) {
		b.WriteString(c.define(s, t))
		for _, text := range c.writes[t] {
			b.WriteString(text)
		}
		delete(c.writes, t)
	}
	fmt.Fprintf(&b, "# They differ in %s.\n", strings.Join(d.What, ", "))
	truth, wrong := d.o, d.Answering
	if c.answeringIsTruth {
		truth, wrong = d.a, d.Other
	}
	for line := range strings.Lines(wrong + "\n") {
		b.WriteString("# ours: " + line)
	}
	b.WriteString(caseText(unqualified(p.statement), bind, answerText(truth)))
	if c.written += b.Len(); c.written > maxCasesBytes {
		c.full = true
		b.Reset()
		b.WriteString("# No more cases: the file is full.\n")
	}
	_, err := c.file.WriteString(b.String())
	return err
}

// define returns the definitions that a table needs, the first time.
func (c *Cases) define(s *schema.Snapshot, name cql.QualifiedName) string {
	k, t := s.Keyspaces[name.Keyspace], s.Table(name.Keyspace, name.Name)
	if t == nil || c.defined[name] {
		return ""
	}
	c.defined[name] = true
	var texts []string
	if all := (cql.QualifiedName{Keyspace: name.Keyspace}); !c.defined[all] {
		c.defined[all] = true
		for _, u := range k.TypesInOrder() {
			texts = append(texts, schema.CreateTypeStatement(u))
		}
	}
	texts = append(texts, t.CreateStatement(false))
	for _, ix := range t.IndexesInOrder() {
		texts = append(texts, ix.CreateStatement(t))
	}
	var b strings.Builder
	for _, text := range texts {
		if parsed, err := cql.Parse(text); err == nil {
			b.WriteString(caseText(unqualified(parsed.Statement), nil, "OK"))
		}
	}
	return b.String()
}

func caseText(stmt cql.Statement, bind []string, answer string) string {
	text := cql.Print(stmt) + "\n----\n" + answer + "\n\n"
	if len(bind) > 0 {
		text = "@bind " + strings.ReplaceAll(strings.Join(bind, ", "), "\n", " ") + "\n" + text
	}
	return text
}

func answerText(a *answer) string {
	out := &conformance.Answer{}
	switch {
	case a.err != nil:
		out.Err = cqlerr.From(a.err)
	case a.result == nil:
	default:
		out.Warnings = a.result.Warnings
		if a.result.Kind == backend.Rows {
			readRows(a.result, out)
		}
	}
	return out.Format(&conformance.Case{})
}

func readRows(r *backend.Result, out *conformance.Answer) {
	out.Columns = []conformance.Column{}
	for _, c := range r.Columns {
		out.Columns = append(out.Columns, conformance.Column{Name: c.Name, Type: c.Type})
	}
	cursor := r.Cursor()
	for range r.RowCount {
		row := make([][]byte, len(r.Columns))
		for i := range row {
			row[i] = cursor.Next()
		}
		out.Rows = append(out.Rows, row)
	}
}

// unqualified is stmt without keyspaces: a file of cases has one of its own.
func unqualified(stmt cql.Statement) cql.Statement {
	parsed, err := cql.Parse(cql.Print(stmt)) // a copy
	if err != nil {
		return stmt
	}
	forget(parsed.Statement)
	return parsed.Statement
}

func forget(stmt cql.Statement) {
	switch s := stmt.(type) {
	case *cql.Select:
		s.Table.Keyspace = ""
	case *cql.Insert:
		s.Table.Keyspace = ""
	case *cql.Update:
		s.Table.Keyspace = ""
	case *cql.Delete:
		s.Table.Keyspace = ""
	case *cql.Truncate:
		s.Table.Keyspace = ""
	case *cql.CreateTable:
		s.Table.Keyspace, s.Properties = "", nil
	case *cql.CreateType:
		s.Type.Keyspace = ""
	case *cql.CreateIndex:
		s.Table.Keyspace = ""
	case *cql.Batch:
		for _, inner := range s.Statements {
			forget(inner)
		}
	}
}
