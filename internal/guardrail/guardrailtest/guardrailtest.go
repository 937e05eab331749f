// Package guardrailtest is the form of the files of cases in
// internal/guardrail/testdata: statements run under limits, and what is answered.
// The package's own tests play them on a back end, those of test/guardrails over
// the native protocol, on the server and on a real Cassandra.
//
//	limits astra [ours=(name, …)]   a database with the preset; below it "name = value" changes.
//	                                What ours names is not a limit of Cassandra
//	run [consistency=ONE] [page=5000] [serial=SERIAL] [role=super] [way=prepare] [ours]
//	                                statements, "?<n" binds a text of n bytes, "?[n" a list of n ints,
//	                                "?{n" a set of n texts (role super is a superuser); way: they are
//	                                prepared alone, or the superuser prepares what the role executes,
//	                                or runs in a BATCH; ours: what is answered is not Cassandra's
package guardrailtest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// CreateKeyspace makes the keyspace that unqualified names belong to, ks.
const CreateKeyspace = `CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}`

// Limit is one line of a limits block.
type Limit struct {
	Name, Value string
	// Ours: Cassandra has no such limit.
	Ours bool
}

// Limits are the preset of a limits block, and its lines.
func Limits(d *datadriven.TestData) (preset string, limits []Limit) {
	var ours []string
	for _, a := range d.CmdArgs[1:] {
		if a.Key == "ours" {
			ours = a.Vals
		}
	}
	for line := range strings.Lines(d.Input) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		limits = append(limits, Limit{name, value, slices.Contains(ours, name)})
	}
	return d.CmdArgs[0].Key, limits
}

// Request is one statement, and how it is made.
type Request struct {
	Text                string
	Values              []backend.Value
	Consistency, Serial backend.Consistency
	// PageSize is 0 for no pages.
	PageSize int
	Super    bool
	Way      Way
}

// Way is how a statement gets to the server.
type Way string

// The ways: as text; in PREPARE alone; prepared by a superuser, and executed; and
// so, in a BATCH message.
const (
	AsText     Way = ""
	InPrepare  Way = "prepare"
	AsPrepared Way = "execute"
	InBatch    Way = "batch"
)

// Ours reports whether the answers of a run block are not Cassandra's.
func Ours(d *datadriven.TestData) bool {
	return slices.ContainsFunc(d.CmdArgs, func(a datadriven.CmdArg) bool { return a.Key == "ours" })
}

// Requests are the statements of a run block.
func Requests(d *datadriven.TestData) ([]Request, error) {
	base := Request{Consistency: backend.LocalQuorum}
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "consistency":
			base.Consistency = level(a.Vals[0])
		case "serial":
			base.Serial = level(a.Vals[0])
		case "role":
			base.Super = a.Vals[0] == "super"
		case "way":
			base.Way = Way(a.Vals[0])
		case "page":
			base.PageSize, _ = strconv.Atoi(a.Vals[0])
		case "ours":
		default:
			return nil, fmt.Errorf("unknown argument %q", a.Key)
		}
	}
	var all []Request
	for _, span := range cql.SplitStatements(d.Input) {
		one := base
		one.Text, one.Values = bound(d.Input[span.Start:span.End])
		all = append(all, one)
	}
	return all, nil
}

func level(name string) backend.Consistency {
	for l := backend.Any; l <= backend.LocalOne; l++ {
		if l.String() == name {
			return l
		}
	}
	panic("no level " + name)
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

// Answer is what a statement is answered.
type Answer struct {
	Warnings []string
	Err      error
	// IsRows: it is rows, Rows of them, and there are More.
	IsRows bool
	Rows   int
	More   bool
	// IsPrepared: it is a prepared statement.
	IsPrepared bool
}

// String is the answer as the files have it.
func (a Answer) String() string {
	var out strings.Builder
	for _, w := range a.Warnings {
		fmt.Fprintf(&out, "warning: %s\n", w)
	}
	var e *cqlerr.Error
	switch {
	case errors.As(a.Err, &e):
		fmt.Fprintf(&out, "error 0x%04X: %s\n", int(e.Code), e.Message)
	case a.Err != nil:
		fmt.Fprintf(&out, "%v\n", a.Err)
	case a.IsPrepared:
		out.WriteString("prepared\n")
	case a.IsRows:
		fmt.Fprintf(&out, "%d rows, more: %v\n", a.Rows, a.More)
	default:
		out.WriteString("ok\n")
	}
	return out.String()
}
