package exec_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/ddl"
	"github.com/astrolabe-db/astrolabe/internal/engine/exec"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The cases of testdata/modify were recorded from Apache Cassandra 5.0.9:
//
//	go test ./internal/engine/exec -run TestModifyCases -rewrite -oracle host:port
//
// Directives:
//
//	cql       one statement; cl=ANY gives its consistency, scl= the serial one
//	prepared  one statement, then a line of bind values each: CQL literals in
//	          parentheses, with unset for "not set" and @n for a text of length n
//	bind      the bind variables of a statement, and which are the partition key
//	batch     a BATCH message: "logged", "unlogged" or "counter" as argument, a
//	          statement a line
var oracleAddress = flag.String("oracle", "", "host:port of the Cassandra to record answers from")

const caseKeyspace = "ks"

func TestModifyCases(t *testing.T) {
	files, err := filepath.Glob("testdata/modify/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	if rewrite := flag.Lookup("rewrite"); rewrite != nil && rewrite.Value.String() == "true" && *oracleAddress == "" {
		t.Fatal("answers are recorded from Cassandra: -rewrite needs -oracle")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			run := newMiniEngine(t).caseRunner()
			if *oracleAddress != "" {
				run = newOracle(t, *oracleAddress).recorder(run)
			}
			datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
				return run(t, d)
			})
		})
	}
}

var longText = regexp.MustCompile("@[0-9]+")

type caseRunner func(t *testing.T, d *datadriven.TestData) string

// miniEngine is as much of the engine as a test of writes needs.
type miniEngine struct {
	t       testing.TB
	store   *store.Store
	catalog *ddl.Catalog
	db      *exec.DB
}

func newMiniEngine(t testing.TB) *miniEngine {
	s, err := store.Open(store.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	e := &miniEngine{t: t, store: s, db: &exec.DB{Store: s}}
	e.catalog, err = ddl.Open(t.Context(), s, ddl.Options{
		BuildIndex: func(ctx context.Context, t *schema.Table, ix *schema.Index, mark []byte, progress func(int64)) error {
			b := index.Build{Store: s, Table: t, Index: ix, Now: func() int64 { return s.Now() / 1_000_000 }, Mark: mark, Progress: progress}
			return b.Run(ctx)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.catalog.Close)
	e.db.IndexBuilt = e.catalog.IndexBuilt
	e.must("CREATE KEYSPACE " + caseKeyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	return e
}

func (e *miniEngine) must(text string) *backend.Result {
	res, err := e.query(text, &backend.Query{Consistency: backend.LocalOne})
	if err != nil {
		e.t.Fatalf("%s: %v", text, err)
	}
	return res
}

// context is what a statement is planned with.
func (e *miniEngine) context(p *cql.Parsed) *plan.Context {
	return &plan.Context{Schema: e.catalog.Snapshot(), Keyspace: caseKeyspace, Markers: p.Markers}
}

func (e *miniEngine) query(text string, q *backend.Query) (*backend.Result, error) {
	p, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	ctx, c := e.t.Context(), e.context(p)
	switch s := p.Statement.(type) {
	case *cql.Insert, *cql.Update, *cql.Delete:
		m, err := modifyPlan(c, s)
		if err != nil {
			return nil, err
		}
		return e.db.Modify(ctx, m, q)
	case *cql.Batch:
		b, err := c.Batch(s)
		if err != nil {
			return nil, err
		}
		return e.db.Batch(ctx, b, nil, q)
	case *cql.Truncate:
		tr, err := c.Truncate(s)
		if err != nil {
			return nil, err
		}
		return e.db.Truncate(ctx, tr)
	case *cql.Select:
		sel, err := c.Select(s)
		if err != nil {
			return nil, err
		}
		return e.db.Select(ctx, sel, q)
	}
	return e.catalog.Execute(ctx, p.Statement, caseKeyspace)
}

// bind returns the bind variables of a statement.
func (e *miniEngine) bind(text string) ([]backend.Column, error) {
	p, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	c := e.context(p)
	if b, ok := p.Statement.(*cql.Batch); ok {
		_, err = c.Batch(b)
	} else {
		_, err = modifyPlan(c, p.Statement)
	}
	return c.Bind, err
}

// showModifyBind writes the bind variables of a statement.
func (e *miniEngine) showModifyBind(text string) string {
	p, err := cql.Parse(text)
	if err != nil {
		return show(nil, err)
	}
	c := e.context(p)
	var bind []backend.Column
	var key []uint16
	if s, ok := p.Statement.(*cql.Batch); ok {
		b, err := c.Batch(s)
		if err != nil {
			return show(nil, err)
		}
		bind, key = b.Bind, b.PartitionKeyBind
	} else {
		m, err := modifyPlan(c, p.Statement)
		if err != nil {
			return show(nil, err)
		}
		bind, key = m.Bind, m.PartitionKeyBind
	}
	out := ""
	for _, b := range bind {
		out += fmt.Sprintf("%s.%s.%s %s\n", b.Keyspace, b.Table, b.Name, thawed(b.Type))
	}
	return out + fmt.Sprintf("partition key: %v\n", key)
}

func modifyPlan(c *plan.Context, s cql.Statement) (*plan.Modify, error) {
	switch s := s.(type) {
	case *cql.Insert:
		return c.Insert(s)
	case *cql.Update:
		return c.Update(s)
	case *cql.Delete:
		return c.Delete(s)
	}
	return nil, plan.NotInBatch()
}

// batch runs statements as the parts of one BATCH message.
func (e *miniEngine) batch(kind cql.BatchKind, texts []string) (*backend.Result, error) {
	var parts []*plan.Modify
	for _, text := range texts {
		p, err := cql.Parse(text)
		if err != nil {
			return nil, err
		}
		m, err := modifyPlan(e.context(p), p.Statement)
		if err != nil {
			return nil, err
		}
		parts = append(parts, m)
	}
	b, err := plan.NewBatch(kind, parts, plan.Attributes{})
	if err != nil {
		return nil, err
	}
	return e.db.Batch(e.t.Context(), b, make([][]backend.Value, len(parts)), &backend.Query{Consistency: backend.LocalOne})
}

func (e *miniEngine) caseRunner() caseRunner {
	return func(t *testing.T, d *datadriven.TestData) string {
		e.t = t
		switch d.Cmd {
		case "cql":
			return show(e.query(d.Input, &backend.Query{
				Consistency:       backend.Consistency(consistency(t, d, "cl", gocql.LocalOne)),
				SerialConsistency: backend.Consistency(consistency(t, d, "scl", gocql.Serial)),
			}))
		case "bind":
			return e.showModifyBind(d.Input)
		case "batch":
			return show(e.batch(batchKind(d), strings.Split(d.Input, "\n")))
		case "prepared":
			statement, lines := splitPrepared(d.Input)
			bind, err := e.bind(statement)
			if err != nil {
				return show(nil, err)
			}
			var out strings.Builder
			for _, line := range lines {
				values, err := bindValues(bind, line)
				if err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				out.WriteString(show(e.query(statement, &backend.Query{Consistency: backend.LocalOne, Values: values})))
			}
			return out.String()
		}
		t.Fatalf("unknown directive %s", d.Cmd)
		return ""
	}
}

// consistency reads a level that a directive gives.
func consistency(t *testing.T, d *datadriven.TestData, arg string, level gocql.Consistency) gocql.Consistency {
	if d.HasArg(arg) {
		var name string
		d.ScanArgs(t, arg, &name)
		if err := level.UnmarshalText([]byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	return level
}

func batchKind(d *datadriven.TestData) cql.BatchKind {
	switch {
	case d.HasArg("unlogged"):
		return cql.Unlogged
	case d.HasArg("counter"):
		return cql.CounterBatch
	}
	return cql.Logged
}

// splitPrepared takes the values' lines, which start with (, off a statement.
func splitPrepared(input string) (statement string, values []string) {
	lines := strings.Split(input, "\n")
	n := len(lines)
	for n > 0 && strings.HasPrefix(lines[n-1], "(") {
		n--
	}
	return strings.Join(lines[:n], "\n"), lines[n:]
}

// bindValues reads a line of bind values, parsed as those of an INSERT.
func bindValues(bind []backend.Column, line string) ([]backend.Value, error) {
	line = strings.ReplaceAll(line, "unset", "'unset'")
	line = longText.ReplaceAllStringFunc(line, func(s string) string {
		n, _ := strconv.Atoi(s[1:])
		return "'" + strings.Repeat("x", n) + "'"
	})
	names := make([]string, len(bind))
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	p, err := cql.Parse("INSERT INTO t (" + strings.Join(names, ", ") + ") VALUES " + line)
	if err != nil {
		return nil, err
	}
	exprs := p.Statement.(*cql.Insert).Values
	if len(exprs) != len(bind) {
		return nil, fmt.Errorf("%d values for %d markers", len(exprs), len(bind))
	}
	values := make([]backend.Value, len(bind))
	for i, x := range exprs {
		if l, ok := x.(*cql.Literal); ok {
			if l.Text == "unset" {
				values[i].Unset = true
				continue
			}
			if l.Kind == cql.NullLiteral {
				continue
			}
		}
		term, err := (&plan.Context{}).Term(x, bind[i])
		if err != nil {
			return nil, err
		}
		v, err := term.Eval(&plan.Env{})
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// show writes an answer as the cases have it.
func show(res *backend.Result, err error) string {
	if err != nil {
		e := cqlerr.From(err)
		return fmt.Sprintf("ERROR %04x: %s\n", e.Code, e.Message)
	}
	var out strings.Builder
	for _, w := range res.Warnings {
		fmt.Fprintf(&out, "WARNING: %s\n", w)
	}
	if res.Kind != backend.Rows {
		return out.String() + "ok\n"
	}
	var names []string
	var types []*cqltype.Type
	for _, c := range res.Columns {
		names, types = append(names, c.Name), append(types, c.Type)
	}
	cursor := res.Cursor()
	var rows [][][]byte
	for range res.RowCount {
		row := make([][]byte, len(types))
		for i := range row {
			row[i] = cursor.Next()
		}
		rows = append(rows, row)
	}
	return out.String() + showRows(names, types, rows)
}

func showRows(names []string, types []*cqltype.Type, rows [][][]byte) string {
	out := strings.Join(names, " | ") + "\n"
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = "null"
			if v != nil {
				cells[i] = string(types[i].AppendLiteral(nil, v))
			}
		}
		out += strings.Join(cells, " | ") + "\n"
	}
	return out
}
