package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// pair is the two sides that are compared.
type pair struct {
	ours, theirs conformance.Session
	// drop takes keyspaces that are no longer needed: it takes Cassandra half a
	// second to drop one.
	drop chan<- string
}

// difference is a case and the two answers to it.
type difference struct {
	at           int // index of the case in its program
	ours, theirs *conformance.Answer
}

var (
	// errTrouble: a side gave no answer at all.
	errTrouble = errors.New("no answer")
	// errFailed: Cassandra failed within, which nobody can be held to. What
	// comes behind that has no meaning.
	errFailed = errors.New("Cassandra failed")
)

// keyspaces counts the keyspaces made, for their names.
var keyspaces atomic.Int64

// run plays cases in a new keyspace on both sides and returns the first
// difference, or nil, and how many cases were compared.
func (p pair) run(ctx context.Context, cases []*conformance.Case) (*difference, int, error) {
	keyspace := p.keyspace()
	if err := p.create(ctx, keyspace); err != nil {
		return nil, 0, err
	}
	defer func() { p.drop <- keyspace }()
	for i, c := range cases {
		d, err := p.compare(ctx, c)
		if err != nil {
			return nil, i, fmt.Errorf("%s: %w", c.Statement, err)
		}
		if !same(d.ours, d.theirs) {
			d.at = i
			return d, i, nil
		}
	}
	return nil, len(cases), nil
}

func (p pair) keyspace() string { return fmt.Sprintf("d%d_%d", os.Getpid(), keyspaces.Add(1)) }

// create makes a keyspace on both sides and uses it.
func (p pair) create(ctx context.Context, keyspace string) error {
	return errors.Join(create(ctx, p.ours, keyspace), create(ctx, p.theirs, keyspace))
}

func create(ctx context.Context, side conformance.Session, keyspace string) error {
	for _, statement := range []string{
		"CREATE KEYSPACE " + keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"USE " + keyspace,
	} {
		a, err := side.Run(ctx, conformance.Request{Statement: statement})
		if err == nil && a.Err != nil {
			err = a.Err
		}
		if err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// compare runs one case on both sides and returns both answers.
func (p pair) compare(ctx context.Context, c *conformance.Case) (*difference, error) {
	r, err := c.Request()
	if err != nil {
		return nil, err
	}
	theirs, theirErr := p.theirs.Run(ctx, r)
	ours, ourErr := guarded(ctx, p.ours, r)
	if errors.Is(theirErr, conformance.ErrBind) && errors.Is(ourErr, conformance.ErrBind) {
		return &difference{ours: &conformance.Answer{}, theirs: &conformance.Answer{}}, nil // a marker of another type than the program believes
	}
	if theirErr != nil && !errors.Is(theirErr, conformance.ErrBind) {
		return nil, fmt.Errorf("%w: %w", errTrouble, theirErr)
	}
	if theirErr == nil && theirs.Err != nil && slices.Contains(failures, theirs.Err.Code) {
		return nil, errFailed
	}
	return &difference{ours: orError(ours, ourErr), theirs: orError(theirs, theirErr)}, nil
}

// failures are the codes of errors within a server.
var failures = []cqlerr.Code{cqlerr.ServerError, cqlerr.ReadFailure, cqlerr.WriteFailure, cqlerr.ReadTimeout, cqlerr.WriteTimeout, cqlerr.CASWriteUnknown}

// guarded makes an answer of a panic of the engine in process.
func guarded(ctx context.Context, s conformance.Session, r conformance.Request) (a *conformance.Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			a, err = conformance.Refused(cqlerr.Newf(cqlerr.ServerError, "panic: %v", p)), nil
		}
	}()
	return s.Run(ctx, r)
}

func orError(a *conformance.Answer, err error) *conformance.Answer {
	if err != nil {
		return conformance.Refused(cqlerr.New(cqlerr.ServerError, err.Error()))
	}
	return a
}

// same compares two answers byte by byte.
func same(a, b *conformance.Answer) bool {
	if a.Err != nil || b.Err != nil {
		return a.Err != nil && b.Err != nil && a.Err.Code == b.Err.Code && message(a) == message(b)
	}
	if len(a.Columns) != len(b.Columns) || (a.Columns == nil) != (b.Columns == nil) || len(a.Rows) != len(b.Rows) || !slices.Equal(a.PageEnds, b.PageEnds) || !slices.Equal(a.Warnings, b.Warnings) {
		return false
	}
	for i := range a.Rows {
		for j, c := range a.Columns {
			if !sameCell(c.Type, a.Rows[i][j], b.Rows[i][j]) {
				return false
			}
		}
	}
	// The types as text, for what a driver does not see does not matter.
	head := func(x *conformance.Answer) string {
		return oldJSONName.Replace((&conformance.Answer{Columns: x.Columns}).Format(&conformance.Case{}))
	}
	return head(a) == head(b)
}

// oldJSONName: Cassandra keeps the function that to_json was first asked for of
// a type, under the name it then had, old or new (ToJsonFct.getInstance).
var oldJSONName = strings.NewReplacer("system.tojson(", "system.to_json(")

// message is an error's text, with the lists in it sorted: Cassandra lists the
// signatures of a function, and the indexes of a column, in any order.
func message(a *conformance.Answer) string {
	for _, list := range []struct{ opening, separator string }{
		{"(known type signatures: ", ", system."},
		{"(can be matched by following signatures: ", ", system."},
		{"dependent secondary indexes (", ", "},
	} {
		before, rest, ok := strings.Cut(a.Err.Message, list.opening)
		if !ok {
			continue
		}
		members, after, _ := strings.Cut(rest+":", "):")
		sorted := strings.Split(", "+members, list.separator)
		slices.Sort(sorted)
		return before + strings.Join(sorted, ", ") + after
	}
	return a.Err.Message
}

// sameCell compares two values. Which of its many NaNs a JVM computes depends
// on whether the code was compiled yet.
func sameCell(t *cqltype.Type, a, b []byte) bool {
	if (a == nil) == (b == nil) && bytes.Equal(a, b) {
		return true
	}
	isNaN := func(v []byte) bool { return string(t.AppendLiteral(nil, v)) == "NaN" }
	return (t.Kind == cqltype.Double || t.Kind == cqltype.Float) && a != nil && b != nil && isNaN(a) && isNaN(b)
}

// show is an answer for people; cells whose difference the text hides are shown
// as bytes.
func show(a *conformance.Answer, hex bool) string {
	text := a.Format(&conformance.Case{})
	if !hex {
		return text
	}
	var b strings.Builder
	b.WriteString(text)
	for _, row := range a.Rows {
		fmt.Fprintf(&b, "\n%x", row)
	}
	fmt.Fprintf(&b, "\npages end behind %d, %d warnings", a.PageEnds, len(a.Warnings))
	return b.String()
}

func (d *difference) String() string {
	ours, theirs := show(d.ours, false), show(d.theirs, false)
	if ours == theirs {
		ours, theirs = show(d.ours, true), show(d.theirs, true)
	}
	return fmt.Sprintf("Cassandra:\n%s\nours:\n%s", theirs, ours)
}

// form is what reducing keeps of a difference.
func (d *difference) form() string {
	kind := func(a *conformance.Answer) string {
		switch {
		case a.Err != nil:
			return fmt.Sprintf("%x %s", int(a.Err.Code), strings.Join(strings.FieldsFunc(a.Err.Message, func(r rune) bool { return r < 'a' || r > 'z' }), " "))
		case a.Columns == nil:
			return "ok"
		}
		return "rows"
	}
	return kind(d.ours) + " / " + kind(d.theirs)
}
