package generate

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// startTime is the now_in_seconds of a program's first statement. It lies in the
// future of every clock, so that no server takes what the program still sees for
// long expired.
const startTime = 2_000_000_000

// generator holds what a program has made so far. It believes that its
// statements succeed; when one is refused, later ones are refused too, for the
// same reasons on both sides.
type generator struct {
	*rand.Rand
	now    int32
	serial int
	types  []*cqltype.Type // user types
	tables []*table
	cases  []*conformance.Case
}

// Program returns about length statements. They expect an empty keyspace in use.
func Program(seed uint64, length int) []*conformance.Case {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x617374726f6c6162)), now: startTime}
	for range g.IntN(3) {
		g.createType()
	}
	for range 1 + g.IntN(2) {
		g.createTable()
	}
	for len(g.cases) < length {
		g.step()
	}
	for _, t := range g.tables {
		g.readAll(t)
	}
	return g.cases
}

// step makes one statement.
func (g *generator) step() {
	if g.one(3) {
		g.now += pick(g, []int32{1, 5, 60, 100, 1000})
	}
	t := pick(g, g.tables)
	switch n := g.IntN(100); {
	case n < 48:
		g.write(t)
	case n < 51:
		g.alterIndexes(t)
	case n < 95:
		g.selects(t)
	case n < 96:
		g.alterTable(t)
	case n < 97:
		g.alterType()
	case n < 98 && g.one(3):
		g.truncate(t)
	default:
		g.readAll(t)
	}
}

// write makes one modification.
func (g *generator) write(t *table) {
	if g.one(12) {
		g.message(t)
		return
	}
	s := g.begin()
	switch n := g.IntN(20); {
	case n < 2 && t.mode != timed:
		g.batch(s, t)
	case n < 3:
		g.batch(s, t)
	default:
		g.modification(s, t, where{})
	}
	s.end()
}

// modification writes INSERT, UPDATE or DELETE.
func (g *generator) modification(s *statement, t *table, in where) {
	n := g.IntN(20)
	switch {
	case t.mode == counters, n < 6: // whether a deleted counter comes back depends on what was flushed
		g.update(s, t, in)
	case n < 14:
		g.insert(s, t, in)
	default:
		g.deletes(s, t, in)
	}
}

func (g *generator) truncate(t *table) {
	s := g.begin()
	s.prepared = false
	s.w("TRUNCATE ", t.ref())
	s.end()
}

// one is true once in n times.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

// between returns a number from lo to hi.
func (g *generator) between(lo, hi int) int { return lo + g.IntN(hi-lo+1) }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

// some returns up to most distinct members of list, in random order.
func some[T any](g *generator, list []T, most int) []T {
	shuffled := append([]T{}, list...)
	g.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return shuffled[:min(len(list), g.between(0, most))]
}

// name makes a new identifier.
func (g *generator) name(prefix string) string {
	g.serial++
	return prefix + strconv.Itoa(g.serial)
}

// sprint shortens calls that put numbers into statements.
func sprint(args ...any) string { return fmt.Sprint(args...) }
