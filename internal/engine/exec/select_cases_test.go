package exec_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The cases of testdata/select were recorded from Apache Cassandra 5.0.9:
//
//	go test ./internal/engine/exec -run TestSelectCases -rewrite -oracle host:port
//
// Directives:
//
//	cql [page=n]       one statement, all of its pages
//	prepared [page=n]  one statement, then a line of bind values each: CQL
//	                   literals in parentheses, with unset for "not set"
//	bind               the bind variables of a statement: names, types, and which
//	                   are the partition key
func TestSelectCases(t *testing.T) {
	files, err := filepath.Glob("testdata/select/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	if rewrite := flag.Lookup("rewrite"); rewrite != nil && rewrite.Value.String() == "true" && *oracleAddress == "" {
		t.Fatal("answers are recorded from Cassandra: -rewrite needs -oracle")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			e := newMiniEngine(t)
			var o *oracle
			if *oracleAddress != "" {
				o = newOracle(t, *oracleAddress)
			}
			datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
				e.t = t
				ours := e.selectCase(t, d)
				if o == nil {
					return ours
				}
				theirs := o.selectCase(t, d, e)
				if ours != theirs {
					t.Logf("%s: %s\nours differs:\n%sCassandra:\n%s", d.Pos, d.Input, ours, theirs)
				}
				return theirs
			})
		})
	}
}

// executions calls run for each execution that a case asks for.
func executions(t *testing.T, d *datadriven.TestData, e *miniEngine, run func(text string, values []backend.Value) string) string {
	switch d.Cmd {
	case "cql":
		return run(d.Input, nil)
	case "prepared":
		text, lines := splitPrepared(d.Input)
		bind, err := e.selectBind(text)
		if err != nil || len(lines) == 0 {
			return run(text, nil)
		}
		out := ""
		for _, line := range lines {
			values, err := bindValues(bind, line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			out += run(text, values)
		}
		return out
	}
	t.Fatalf("unknown directive %s", d.Cmd)
	return ""
}

func pageSize(t *testing.T, d *datadriven.TestData) int {
	n := 0
	if d.HasArg("page") {
		d.ScanArgs(t, "page", &n)
	}
	return n
}

// pages is the text of the pages of an answer. An empty one at the end is left
// out: a server need not know that a full page is the last.
type pages string

func (p *pages) add(page string, rows int) string {
	switch {
	case *p == "":
		*p = pages(page)
	case rows > 0:
		*p += pages("-- page --\n" + page)
	}
	return string(*p)
}

func (e *miniEngine) selectCase(t *testing.T, d *datadriven.TestData) string {
	if d.Cmd == "bind" {
		return e.showBind(d.Input)
	}
	return executions(t, d, e, func(text string, values []backend.Value) string {
		q := &backend.Query{Consistency: backend.LocalOne, Values: values, PageSize: pageSize(t, d)}
		var all pages
		for {
			res, err := e.query(text, q)
			if err != nil {
				return all.add(showTyped(nil, err), 1)
			}
			if out := all.add(showTyped(res, nil), res.RowCount); res.PagingState == nil {
				return out
			}
			q.PagingState = res.PagingState
		}
	})
}

// selectBind returns the bind variables of a statement of any kind.
func (e *miniEngine) selectBind(text string) ([]backend.Column, error) {
	p, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	s, ok := p.Statement.(*cql.Select)
	if !ok {
		return e.bind(text)
	}
	c := e.context(p)
	_, err = c.Select(s)
	return c.Bind, err
}

func (e *miniEngine) showBind(text string) string {
	p, err := cql.Parse(text)
	if err != nil {
		return showTyped(nil, err)
	}
	c := e.context(p)
	sel, err := c.Select(p.Statement.(*cql.Select))
	if err != nil {
		return showTyped(nil, err)
	}
	out := ""
	for _, b := range sel.Bind {
		out += fmt.Sprintf("%s.%s.%s %s\n", b.Keyspace, b.Table, b.Name, thawed(b.Type))
	}
	return out + fmt.Sprintf("partition key: %v\n", sel.PartitionKeyBind)
}

// thawed is t without frozen, which the driver that records does not tell.
func thawed(t *cqltype.Type) *cqltype.Type {
	u := *t
	u.Frozen, u.Elems = false, nil
	for _, e := range t.Elems {
		u.Elems = append(u.Elems, thawed(e))
	}
	return &u
}

// showTyped writes an answer with the types of its columns.
func showTyped(res *backend.Result, err error) string {
	if err != nil {
		e := cqlerr.From(err)
		return sortSignatures(fmt.Sprintf("ERROR %04x: %s\n", e.Code, e.Message))
	}
	if res.Kind != backend.Rows {
		return show(res, err)
	}
	typed := *res
	typed.Columns = nil
	for _, c := range res.Columns {
		c.Type = thawed(c.Type)
		c.Name += " " + c.Type.String()
		typed.Columns = append(typed.Columns, c)
	}
	return show(&typed, nil)
}

// sortSignatures sorts the overloads that an error lists: Cassandra's order is
// that of a hash table.
func sortSignatures(text string) string {
	m := signatureList.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	overloads := strings.Split(strings.TrimPrefix(m[2], "system."), ", system.")
	slices.Sort(overloads)
	return m[1] + "system." + strings.Join(overloads, ", system.") + m[3]
}

var signatureList = regexp.MustCompile(`^(.*signatures: )(.*)(\)(?:: use type casts to disambiguate)?\n)$`)

func (o *oracle) selectCase(t *testing.T, d *datadriven.TestData, e *miniEngine) string {
	if d.Cmd == "bind" {
		return o.showBind(t, d.Input)
	}
	return executions(t, d, e, func(text string, values []backend.Value) string {
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = raw(v.Bytes)
			if v.Unset {
				args[i] = gocql.UnsetValue
			}
		}
		for i := range args {
			if values[i].Bytes == nil && !values[i].Unset {
				args[i] = nil
			}
		}
		q := o.session.Query(text, args...).PageSize(pageSize(t, d))
		if d.HasArg("page") {
			q = q.PageState(nil)
		}
		var all pages
		for {
			iter := q.Iter()
			state, rows := iter.PageState(), iter.NumRows()
			if out := all.add(o.show(iter), rows); len(state) == 0 {
				return out
			}
			q = q.PageState(state)
		}
	})
}

// show writes one page of an answer.
func (o *oracle) show(iter *gocql.Iter) string {
	res := &backend.Result{Kind: backend.Rows, Warnings: iter.Warnings()}
	for _, c := range iter.Columns() {
		res.Columns = append(res.Columns, backend.Column{Name: c.Name, Type: typeOf(c.TypeInfo)})
	}
	for len(res.Columns) > 0 {
		row := make([]raw, len(res.Columns))
		dest := make([]any, len(row))
		for i := range row {
			dest[i] = &row[i]
		}
		if !iter.Scan(dest...) {
			break
		}
		for _, v := range row {
			res.Data = backend.AppendCell(res.Data, v)
		}
		res.RowCount++
	}
	if err := iter.Close(); err != nil {
		return sortSignatures(o.failure(err))
	}
	if len(res.Columns) == 0 {
		res.Kind = backend.Void
	}
	return strings.ReplaceAll(showTyped(res, nil), o.keyspace, caseKeyspace)
}

func (o *oracle) showBind(t *testing.T, text string) string {
	out := ""
	md, err := o.session.StatementMetadata(t.Context(), text, o.keyspace)
	if err != nil {
		return sortSignatures(o.failure(err))
	}
	for _, c := range md.BindColumns {
		out += fmt.Sprintf("%s.%s.%s %s\n", strings.ReplaceAll(c.Keyspace, o.keyspace, caseKeyspace), c.Table, c.Name, thawed(typeOf(c.TypeInfo)))
	}
	pk := md.PKBindColumnIndexes
	if pk == nil {
		pk = []int{}
	}
	return out + fmt.Sprintf("partition key: %v\n", pk)
}
