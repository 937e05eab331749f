package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/test/differential/generate"
)

// wrong answers what holds a number with an error, after a table was made.
type wrong struct{ table, right bool }

func (w *wrong) Run(_ context.Context, r conformance.Request) (*conformance.Answer, error) {
	switch {
	case strings.HasPrefix(r.Statement, "CREATE KEYSPACE"):
		w.table = false
	case strings.HasPrefix(r.Statement, "CREATE TABLE"):
		w.table = true
	case !w.right && w.table && strings.Contains(r.Statement, "42") && !strings.Contains(r.Statement, "?"):
		return conformance.Refused(cqlerr.Invalidf("wrong")), nil
	}
	return &conformance.Answer{}, nil
}

// TestReduce: of a long program the two statements are left that show the
// difference, and little of them.
func TestReduce(t *testing.T) {
	drop := make(chan string, 10_000)
	p := pair{&wrong{}, &wrong{right: true}, drop}
	reduced := 0
	for seed := range uint64(20) {
		cases := generate.Program(seed, 100)
		d, _, err := p.run(t.Context(), cases)
		if err != nil {
			t.Fatal(err)
		}
		if d == nil {
			continue
		}
		reduced++
		cases, d = p.reduce(t.Context(), cases, d, time.Minute)
		if len(cases) != 2 || d.at != 1 || len(cases[0].Statement)+len(cases[1].Statement) > 250 {
			t.Errorf("seed %d: %d statements are left; %s; %s", seed, len(cases), cases[0].Statement, cases[len(cases)-1].Statement)
		}
		for len(drop) > 0 {
			<-drop
		}
	}
	if reduced < 5 {
		t.Errorf("%d programs show the difference", reduced)
	}
}
