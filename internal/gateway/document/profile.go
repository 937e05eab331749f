package document

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// profile is what profile=true tells of a request: the steps it took and the
// queries of each, in the order in which they were first run.
type profile struct{ steps []*step }

// step is one part of the work.
type step struct {
	description string
	queries     []queryCount
}

// queryCount is one statement, how often it ran and what rows it met.
type queryCount struct {
	cql        string
	executions int
	rows       int
}

// step returns a step that queries can be added to; nil, which takes them too,
// when no profile is asked for.
func (c *call) step(description string) *step {
	if c.profile == nil {
		return nil
	}
	for _, s := range c.profile.steps {
		if s.description == description {
			return s
		}
	}
	s := &step{description: description}
	c.profile.steps = append(c.profile.steps, s)
	return s
}

// add counts one run of a statement.
func (s *step) add(p *backend.Prepared, rows int) {
	if s == nil {
		return
	}
	text := strings.ReplaceAll(cql.Print(p.Statement), "writetime(", "WRITETIME(")
	for i := range s.queries {
		if q := &s.queries[i]; q.cql == text {
			q.executions++
			q.rows += rows
			return
		}
	}
	s.queries = append(s.queries, queryCount{text, 1, rows})
}

// appendProfile appends ,"profile":… if it was asked for.
func (c *call) appendProfile(dst []byte) []byte {
	if c.profile == nil {
		return dst
	}
	dst = append(dst, `,"profile":{"description":"root","queries":[],"nested":[`...)
	for i, s := range c.profile.steps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"description":`...)
		dst = cell.AppendString(dst, s.description)
		dst = append(dst, `,"queries":[`...)
		for j, q := range s.queries {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"cql":`...)
			dst = cell.AppendString(dst, q.cql)
			dst = append(dst, `,"executionCount":`...)
			dst = strconv.AppendInt(dst, int64(q.executions), 10)
			dst = append(dst, `,"rowCount":`...)
			dst = append(strconv.AppendInt(dst, int64(q.rows), 10), '}')
		}
		dst = append(dst, `],"nested":[]}`...)
	}
	return append(dst, "]}"...)
}
