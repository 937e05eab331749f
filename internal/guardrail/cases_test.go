package guardrail_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/guardrail/guardrailtest"
)

// TestCases plays testdata/* (guardrailtest says what is in them). "settings
// [prefix]" is what system_views.settings would show.
func TestCases(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &site{t: t}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "limits":
				return s.open(d)
			case "run":
				requests, err := guardrailtest.Requests(d)
				if err != nil {
					d.Fatalf(t, "%v", err)
				}
				var out strings.Builder
				for _, r := range requests {
					out.WriteString(s.run(r).String())
				}
				return out.String()
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
	preset, limits := guardrailtest.Limits(d)
	l := guardrail.Preset(preset)
	for _, one := range limits {
		if err := l.Set(one.Name, one.Value); err != nil {
			return err.Error() + "\n"
		}
	}
	s.now = l
	g := guardrail.New(l, nil)
	g.Exempt(func(role string) bool { return role == "super" })
	s.back = g.Backend(openEngine(s.t, g))
	return s.run(guardrailtest.Request{Text: guardrailtest.CreateKeyspace, Consistency: backend.LocalQuorum}).String()
}

func (s *site) run(r guardrailtest.Request) guardrailtest.Answer {
	result, warnings, err := s.result(r)
	if err != nil {
		var e *cqlerr.Error
		if errors.As(err, &e) {
			return guardrailtest.Answer{Warnings: e.Warnings, Err: e}
		}
		return guardrailtest.Answer{Err: err}
	}
	if result == nil {
		return guardrailtest.Answer{Warnings: warnings, IsPrepared: true}
	}
	return guardrailtest.Answer{Warnings: result.Warnings, IsRows: result.Kind == backend.Rows, Rows: result.RowCount, More: result.PagingState != nil}
}

// result runs a statement; without a result it is prepared, with warnings.
func (s *site) result(r guardrailtest.Request) (result *backend.Result, warnings []string, err error) {
	parsed, err := cql.Parse(r.Text)
	if err != nil {
		return nil, nil, err
	}
	q := backend.Query{Values: r.Values, Consistency: r.Consistency, SerialConsistency: r.Serial, PageSize: r.PageSize}
	if r.Super {
		q.Caller.Name = "super"
	}
	now := s.back.Schema()
	p, err := s.back.Prepare(s.t.Context(), parsed.Statement, parsed.Markers, "ks")
	if err != nil {
		return nil, nil, err
	}
	if r.Way == guardrailtest.InPrepare {
		warnings, err = backend.Validate(p, now, q.Caller.Name)
		return nil, warnings, err
	}
	if r.Way != guardrailtest.AsText {
		if _, err := backend.Validate(p, now, "super"); err != nil {
			return nil, nil, err
		}
	}
	if r.Way == guardrailtest.InBatch {
		result, err = s.back.ExecuteBatch(s.t.Context(), &backend.Batch{Query: q, Entries: []backend.BatchEntry{{Prepared: p, Values: q.Values}}})
	} else {
		result, err = s.back.Execute(s.t.Context(), p, &q)
	}
	return result, nil, err
}

func (s *site) settings(d *datadriven.TestData) string {
	var out strings.Builder
	for _, setting := range s.now.Settings() {
		if len(d.CmdArgs) == 0 || strings.HasPrefix(setting.Name, d.CmdArgs[0].Key) {
			fmt.Fprintf(&out, "%s = %s\n", setting.Name, setting.Value)
		}
	}
	return out.String()
}
