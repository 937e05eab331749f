package guardrail

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// checks is what is to be checked of a statement each time it is run, and of some
// when they are prepared. It is made once and not changed.
type checks struct {
	guard *Guard
	// valid checks a change of the schema when it is prepared and before it is run,
	// define when it is run alone; emptied is the table of one of which nothing is
	// left.
	valid, define func(f *findings, now *schema.Snapshot) error
	emptied       *cql.QualifiedName
	// ignores: properties were taken out of the statement; whole prepares it with
	// them, for who is exempt.
	ignores bool
	whole   func(ctx context.Context) (*backend.Prepared, error)
	// cuts are what was left out of the statement's own text and shortened that
	// something was.
	cuts      *elide.Cuts
	shortened bool
	// refusal is why it is neither prepared nor run, say what is said then. grouping
	// is why it is not prepared, and who has it may run it; reads why it is not run.
	refusal, grouping, reads refusal
	say                      []refusal
	// loud: something of it is to be looked at whatever is bound.
	loud bool

	write, conditional bool
	// levels are the bits of the consistency levels to be told of.
	levels uint32
	// table of a SELECT.
	table     string
	pageSize  Threshold
	pageBytes int
	// values are checks of bind values, constants what is known without them.
	values    []valueCheck
	constants []constant
	in        []product
}

// refusal is a message of a guardrail.
type refusal struct{ name, message string }

// constant is a value of the statement's text.
type constant struct {
	rule  *rule
	limit Threshold
	what  string
	value int64
}

// product is the number of combinations of what IN names of a part of the key.
type product struct {
	// what is "partition key" or "clustering key".
	what string
	// fixed is the product of the lists in the text, markers are of those bound.
	fixed   int64
	markers []int
	// keys: it is the number of partitions of a SELECT of the table, too.
	keys bool
}

// needed reports whether there is anything to be checked.
func (c *checks) needed() bool {
	return c.shortened || c.loud || c.levels != 0 || c.pageSize.set() || c.pageBytes > 0 || len(c.values) > 0 || c.write && c.guard.limits.DiskUsage.set()
}

// made ends the making of c.
func (c *checks) made() {
	c.loud = c.valid != nil || c.define != nil || c.refusal.name != "" || c.grouping.name != "" || c.reads.name != "" ||
		len(c.say) > 0 || len(c.constants) > 0 || len(c.in) > 0
}

// quiet reports that nothing is to be said of an execution. It is the way of
// nearly all, and allocates nothing.
func (c *checks) quiet(values []backend.Value, q *backend.Query) bool {
	if c.loud || c.told(q) != 0 || c.write && c.guard.disk.state.Load() != diskFine || c.pageSize.set() && int64(q.PageSize) > c.pageSize.lowest() {
		return false
	}
	for i := range c.values {
		v := &c.values[i]
		if v.marker < len(values) && !v.quiet(values[v.marker].Bytes) {
			return false
		}
	}
	return true
}

// told are the bits of the request's consistency levels that are to be told of.
func (c *checks) told(q *backend.Query) uint32 {
	bits := uint32(1) << (q.Consistency & 31)
	if c.conditional && q.SerialConsistency != 0 { // 0 is no serial level: not given
		bits |= 1 << (q.SerialConsistency & 31)
	}
	return bits & c.levels
}

// Validate implements backend.Validator. GROUP BY is looked at here alone
// (SelectStatement.RawStatement.prepare): who executes what a superuser has
// prepared may group.
func (c *checks) Validate(p *backend.Prepared, now *schema.Snapshot, role string) (warnings []string, err error) {
	if c.loud && !c.guard.exempts(role) {
		f := &findings{guard: c.guard}
		if err := c.validate(f, now); err != nil {
			return nil, err
		}
		warnings = f.warnings
	}
	if c.grouping.name != "" {
		rest := *c
		rest.grouping = refusal{}
		rest.made()
		p.Guard = &rest
	}
	return warnings, nil
}

// validate checks what is checked of a statement when it is prepared, and before
// all else each time that it is run (CQLStatement.validate).
func (c *checks) validate(f *findings, now *schema.Snapshot) error {
	for _, r := range []refusal{c.grouping, c.refusal} {
		if r.name != "" {
			return f.fail(r.name, r.message)
		}
	}
	for _, s := range c.say {
		f.warn(s.name, s.message)
	}
	if c.valid != nil {
		return c.valid(f, now)
	}
	return nil
}

// check is validate and speak.
func (c *checks) check(f *findings, now *schema.Snapshot, values []backend.Value, q *backend.Query) error {
	if err := c.validate(f, now); err != nil {
		return err
	}
	return c.speak(f, now, values, q)
}

// speak adds the warnings of an execution that is not quiet, or is its error.
func (c *checks) speak(f *findings, now *schema.Snapshot, values []backend.Value, q *backend.Query) error {
	for _, step := range []func() error{
		func() error { return c.checkLevels(f, q) },
		func() error { return c.checkStatement(f, now) },
		func() error { return c.checkValues(f, values) },
		func() error { return c.checkIn(f, values) },
		func() error {
			if c.write {
				return f.checkDisk()
			}
			return f.check(&pageSize, c.pageSize, c.table, int64(q.PageSize))
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *checks) checkLevels(f *findings, q *backend.Query) error {
	told := c.told(q)
	if told == 0 {
		return nil
	}
	name, what, v := readLevels, "read consistency levels", c.guard.limits.ReadLevels
	if c.write {
		name, what, v = writeLevels, "write consistency levels", c.guard.limits.WriteLevels
	}
	if c.guard.limits.Astra && c.write {
		what = "Write Consistency Level"
	}
	if refused := among(told, v.Disallowed); len(refused) > 0 {
		return f.fail(name, fmt.Sprintf("Provided values %s are not allowed for %s (disallowed values are: %s)", list(refused), what, list(v.Disallowed)))
	}
	if warned := among(told, v.Warned); len(warned) > 0 {
		f.warn(name, fmt.Sprintf("Provided values %s are not recommended for %s (warned values are: %s)", list(warned), what, list(v.Warned)))
	}
	return nil
}

func among(bits uint32, set []backend.Consistency) (found []backend.Consistency) {
	for _, level := range set {
		if bits&(1<<level) != 0 {
			found = append(found, level)
		}
	}
	return found
}

func (c *checks) checkStatement(f *findings, now *schema.Snapshot) error {
	if c.reads.name != "" {
		return f.fail(c.reads.name, c.reads.message)
	}
	if c.define != nil {
		return c.define(f, now)
	}
	return nil
}

func (c *checks) checkValues(f *findings, values []backend.Value) error {
	for i := range c.constants {
		k := &c.constants[i]
		if err := f.check(k.rule, k.limit, k.what, k.value); err != nil {
			return err
		}
	}
	for i := range c.values {
		v := &c.values[i]
		if v.marker >= len(values) || f.cuts == nil && v.quiet(values[v.marker].Bytes) {
			continue
		}
		if err := v.check(f, values[v.marker].Bytes); err != nil {
			return err
		}
	}
	return nil
}

// mostCombinations is where counting stops.
const mostCombinations = 1 << 40

func (c *checks) checkIn(f *findings, values []backend.Value) error {
	l := c.guard.limits
	for i := range c.in {
		p := &c.in[i]
		n := p.fixed
		for _, marker := range p.markers {
			if marker < len(values) {
				n = min(n*elements(values[marker].Bytes), mostCombinations)
			}
		}
		if err := f.check(&inProduct, l.InSelectProduct, p.what, n); err != nil {
			return err
		}
		if p.keys {
			if err := f.check(&partitionKeys, l.PartitionKeysInSelect, c.table, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// elements is how many elements the wire form of a collection says it has; what
// is malformed the back end refuses.
func elements(b []byte) int64 {
	if len(b) < 4 {
		return 0
	}
	return max(0, int64(int32(binary.BigEndian.Uint32(b))))
}
