package guardrail_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
)

// TestCases plays testdata/*: each file is a database with limits.
//
//	limits astra              the preset; below it "name = value" changes
//	run [consistency=ONE] [page=5000] [serial=SERIAL] [role=super]
//	                          statements; "?<n" binds a text of n bytes, "?[n" a list of n ints,
//	                          "?{n" a set of n texts in wire form
//	                          (role super is a superuser)
//	settings prefix           what system_views.settings would show
//
// What is answered: warnings, and the error.
func TestCases(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &site{t: t}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "limits":
				return s.open(d)
			case "run":
				return s.run(d)
			case "settings":
				return s.settings(d)
			}
			d.Fatalf(t, "unknown command %q", d.Cmd)
			return ""
		})
	})
}

type site struct {
	t    *testing.T
	back backend.Backend
	now  *guardrail.Limits
}

func (s *site) open(d *datadriven.TestData) string {
	l := guardrail.Preset(d.CmdArgs[0].Key)
	for line := range strings.Lines(d.Input) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		if err := l.Set(name, value); err != nil {
			return err.Error() + "\n"
		}
	}
	s.now = l
	g := guardrail.New(l, nil)
	g.Exempt(func(role string) bool { return role == "super" })
	s.back = g.Backend(openEngine(s.t, g))
	return s.statements(`CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}`, &backend.Query{Consistency: backend.LocalQuorum})
}

func (s *site) run(d *datadriven.TestData) string {
	q := &backend.Query{Consistency: backend.LocalQuorum}
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "consistency":
			q.Consistency = level(a.Vals[0])
		case "serial":
			q.SerialConsistency = level(a.Vals[0])
		case "role":
			q.Role = a.Vals[0]
		case "page":
			q.PageSize, _ = strconv.Atoi(a.Vals[0])
		}
	}
	return s.statements(d.Input, q)
}

func level(name string) backend.Consistency {
	for l := backend.Any; l <= backend.LocalOne; l++ {
		if l.String() == name {
			return l
		}
	}
	panic("no level " + name)
}

func (s *site) statements(text string, q *backend.Query) string {
	var out strings.Builder
	for _, span := range cql.SplitStatements(text) {
		text, values := bound(text[span.Start:span.End])
		one := *q
		one.Values = values
		parsed, err := cql.Parse(text)
		if err != nil {
			return err.Error() + "\n"
		}
		var r *backend.Result
		p, err := s.back.Prepare(s.t.Context(), parsed.Statement, parsed.Markers, "ks")
		if err == nil {
			r, err = s.back.Execute(s.t.Context(), p, &one)
		}
		if err != nil {
			var e *cqlerr.Error
			if !errors.As(err, &e) {
				return err.Error() + "\n"
			}
			for _, w := range e.Warnings {
				fmt.Fprintf(&out, "warning: %s\n", w)
			}
			fmt.Fprintf(&out, "error 0x%04X: %s\n", int(e.Code), e.Message)
			continue
		}
		for _, w := range r.Warnings {
			fmt.Fprintf(&out, "warning: %s\n", w)
		}
		switch r.Kind {
		case backend.Rows:
			fmt.Fprintf(&out, "%d rows, more: %v\n", r.RowCount, r.PagingState != nil)
		default:
			fmt.Fprintln(&out, "ok")
		}
	}
	return out.String()
}

// bound replaces ?<n, ?[n and ?{n by bind markers and makes their values.
func bound(text string) (string, []backend.Value) {
	var values []backend.Value
	var out strings.Builder
	for {
		at := strings.IndexByte(text, '?')
		if at < 0 || at+1 == len(text) || !strings.ContainsRune("<[{", rune(text[at+1])) {
			out.WriteString(text)
			return out.String(), values
		}
		kind, end := text[at+1], at+2
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		n, _ := strconv.Atoi(text[at+2 : end])
		out.WriteString(text[:at+1])
		text = text[end:]
		values = append(values, backend.Value{Bytes: made(kind, n)})
	}
}

func made(kind byte, n int) []byte {
	if kind == '<' {
		return []byte(strings.Repeat("x", n))
	}
	b := []byte{0, 0, byte(n >> 8), byte(n)}
	for i := range n {
		b = append(b, 0, 0, 0, 4)
		if kind == '[' {
			b = append(b, 0, 0, byte(i>>8), byte(i))
		} else {
			b = fmt.Appendf(b, "%04d", i)
		}
	}
	return b
}

func (s *site) settings(d *datadriven.TestData) string {
	var out strings.Builder
	for _, setting := range s.now.Settings() {
		if strings.HasPrefix(setting.Name, d.CmdArgs[0].Key) {
			fmt.Fprintf(&out, "%s = %s\n", setting.Name, setting.Value)
		}
	}
	return out.String()
}
