package generate

import "strings"

// message makes a BATCH message, whose entries are prepared or text.
func (g *generator) message(t *table) {
	in, mode := g.pinned(t), t.mode
	kind, timestamp := pick(g, []string{"logged", "unlogged"}), ""
	if mode == counters && !g.one(20) || g.one(60) {
		kind = "counter"
	}
	if mode == timed && g.one(2) || mode == clocked && g.one(8) || g.one(60) {
		timestamp = " " + sprint(g.timestamp())
	}
	whole := g.begin()
	whole.prepared = false
	whole.message = "@batch " + kind + timestamp
	lines := whole.list("\n")
	for range g.between(1, 4) {
		s := g.begin()
		s.prepared = g.one(2)
		other := g.beside(t, in)
		if timestamp != "" && mode == timed && other == t && !g.one(3) {
			g.untimed(s, t, mode)
		} else {
			g.modification(s, other, in)
		}
		lines()
		whole.w(s.text.String())
		if s.prepared {
			whole.w(" @bind ", strings.Join(s.binds, ", "))
		}
	}
	whole.end()
}
