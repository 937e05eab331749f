package diff

import (
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// maxPerSecond bounds the differences that are told; the others are counted.
const maxPerSecond = 50

// reporter tells differences.
type reporter struct {
	log              *slog.Logger
	answering, other string
	cases            *Cases
	total            atomic.Int64

	mu      sync.Mutex
	second  int64
	told    int
	silence int
}

// allow reports whether one more difference may be told now, and how many were
// not since the last one.
func (r *reporter) allow(now int64) (ok bool, missed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now != r.second {
		r.second, r.told = now, 0
	}
	if r.told >= maxPerSecond {
		r.silence++
		return false, 0
	}
	r.told++
	missed, r.silence = r.silence, 0
	return true, missed
}

// tell reports a difference.
func (b *Backend) tell(p *pair, values []backend.Value, d Difference) {
	r := &b.reporter
	r.total.Add(1)
	ok, missed := r.allow(time.Now().Unix())
	if !ok {
		return
	}
	if missed > 0 {
		r.log.Warn("more differences than can be told", "missed", missed)
	}
	bind := shownValues(p, values)
	r.log.Warn("the back ends differ", "what", strings.Join(d.What, ","), "statement", cut(cql.Print(p.statement)), "keyspace", p.keyspace,
		"values", cut(strings.Join(bind, ", ")), r.answering, d.Answering, r.other, d.Other)
	if r.cases == nil {
		return
	}
	if err := r.cases.write(b.Schema(), p, bind, &d); err != nil {
		r.log.Error("the file of cases can't be written", "error", err)
	}
}

// remember keeps a write, with its answer, for the cases that follow from it.
func (b *Backend) remember(p *pair, values []backend.Value, a *answer) {
	if b.Cases == nil || a.err != nil {
		return
	}
	switch p.statement.(type) {
	case *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch, *cql.Truncate:
		b.Cases.remember(p, shownValues(p, values), a)
	}
}

// shownValues are the bind values as CQL.
func shownValues(p *pair, values []backend.Value) []string {
	var out []string
	var columns []backend.Column
	if p.answering != nil {
		columns = p.answering.Bind
	}
	for i, v := range values {
		switch {
		case v.Unset:
			out = append(out, "unset()")
		case v.Bytes == nil:
			out = append(out, "null")
		case i < len(columns):
			out = append(out, string(columns[i].Type.AppendLiteral(nil, v.Bytes)))
		default:
			out = append(out, "?")
		}
	}
	return out
}

// accessKeyspace holds access control, which only the answering side has.
const accessKeyspace = "astrolabe"

// own reports whether a statement is about what each server has of its own.
func own(stmt cql.Statement, keyspace string) bool {
	is := func(name string) bool { return schema.IsSystem(name) || name == accessKeyspace }
	if d, ok := stmt.(*cql.Describe); ok {
		return d.Name == (cql.QualifiedName{}) || is(d.Name.Keyspace)
	}
	for _, t := range tablesOf(stmt, keyspace) {
		if is(t.Keyspace) {
			return true
		}
	}
	switch s := stmt.(type) {
	case *cql.CreateKeyspace:
		return is(s.Name)
	case *cql.AlterKeyspace:
		return is(s.Name)
	case *cql.DropKeyspace:
		return is(s.Name)
	}
	return false
}

// tablesOf are the tables of a statement, with their keyspaces: those whose rows
// it is about, or the one whose definition.
func tablesOf(stmt cql.Statement, keyspace string) []cql.QualifiedName {
	names, _ := cql.Tables(stmt)
	switch s := stmt.(type) {
	case *cql.CreateTable:
		names = append(names, s.Table)
	case *cql.AlterTable:
		names = append(names, s.Table)
	case *cql.DropTable:
		names = append(names, s.Table)
	case *cql.CreateIndex:
		names = append(names, s.Table)
	}
	for i := range names {
		if names[i].Keyspace == "" {
			names[i].Keyspace = keyspace
		}
	}
	return names
}
