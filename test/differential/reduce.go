package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
)

// reducer shrinks a program that ends with a difference.
type reducer struct {
	pair     pair
	deadline time.Time
	form     string
	cases    []*conformance.Case
	found    *difference
}

// reduce returns the smallest program it finds in the given time that still
// ends with a difference of the same form, and that difference.
func (p pair) reduce(ctx context.Context, cases []*conformance.Case, d *difference, limit time.Duration) ([]*conformance.Case, *difference) {
	r := &reducer{pair: p, deadline: time.Now().Add(limit), form: d.form(), cases: cases[:d.at+1], found: d}
	r.dropReads(ctx)
	for before := 0; before != r.size() && r.time(); {
		before = r.size()
		r.dropCases(ctx)
		r.simplify(ctx)
	}
	return r.cases, r.found
}

func (r *reducer) time() bool { return time.Now().Before(r.deadline) }

// size is how much text the program has.
func (r *reducer) size() int {
	n := 0
	for _, c := range r.cases {
		n += len(c.Statement) + 1
		for _, d := range c.Directives {
			n += len(d)
		}
	}
	return n
}

// try keeps a shorter program if it shows the difference too.
func (r *reducer) try(ctx context.Context, cases []*conformance.Case) bool {
	if !r.time() {
		return false
	}
	d, _, err := r.pair.run(ctx, cases)
	if err != nil || d == nil || d.form() != r.form {
		return false
	}
	r.cases, r.found = cases[:d.at+1], d
	return true
}

// dropReads leaves out all reads but the last.
func (r *reducer) dropReads(ctx context.Context) {
	last := len(r.cases) - 1
	r.try(ctx, append(slices.DeleteFunc(slices.Clone(r.cases[:last]), func(c *conformance.Case) bool {
		return strings.HasPrefix(c.Statement, "SELECT")
	}), r.cases[last]))
}

// dropCases leaves out runs of statements, from long runs to single ones.
func (r *reducer) dropCases(ctx context.Context) {
	for n := len(r.cases) / 2; n >= 1; n /= 2 {
		for i := 0; i+n < len(r.cases); {
			shorter := append(append([]*conformance.Case{}, r.cases[:i]...), r.cases[i+n:]...)
			if !r.try(ctx, shorter) {
				i += n
			}
		}
	}
}

// simplify makes each statement shorter, the last one first.
func (r *reducer) simplify(ctx context.Context) {
	for i := len(r.cases) - 1; i >= 0; i-- {
		for i < len(r.cases) && r.shorten(ctx, i) && r.time() {
		}
	}
}

// shorten takes the first shorter form of a statement that does.
func (r *reducer) shorten(ctx context.Context, i int) bool {
	for _, c := range shorter(r.cases[i]) {
		cases := append([]*conformance.Case{}, r.cases...)
		cases[i] = c
		if r.try(ctx, cases) {
			return true
		}
	}
	return false
}
