package generate

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// pools hold few values of each type, the ordinary and the extreme, so that the
// same ones meet again.
var pools = map[cqltype.Kind][]string{
	cqltype.Ascii:     {"'a'", "'b'", "''", "'B'", "'it''s'", "'a~'"},
	cqltype.Bigint:    {"0", "1", "2", "-1", "42", "9223372036854775807", "-9223372036854775808"},
	cqltype.Blob:      {"0x", "0x00", "0xff", "0x0102", "0xCAFE"},
	cqltype.Boolean:   {"true", "false"},
	cqltype.Counter:   {"0", "1", "-1", "5"},
	cqltype.Decimal:   {"0", "1.0", "3.25", "-1.5", "1e10", "1E-5", "12345678901234567890.5", "2"},
	cqltype.Double:    {"0", "1.5", "-1.5", "NaN", "Infinity", "-Infinity", "1e300", "3", "0.1", "-0.0"},
	cqltype.Float:     {"0", "1.5", "-1.5", "NaN", "Infinity", "-Infinity", "1e30", "3", "0.1", "-0.0"},
	cqltype.Int:       {"0", "1", "2", "3", "-1", "2147483647", "-2147483648"},
	cqltype.Timestamp: {"'2024-02-29'", "0", "1700000000000", "'2011-02-03T04:05:00+0000'", "-1", "'2024-02-29 00:00:00.001Z'"},
	cqltype.Uuid:      {"00000000-0000-0000-0000-000000000000", "123e4567-e89b-42d3-a456-426614174000", "50554d6e-29bb-11e5-b345-feff819cdc9f", "ffffffff-ffff-4fff-bfff-ffffffffffff"},
	cqltype.Text:      {"'a'", "'b'", "''", "'B'", "'é'", "'日本'", "'x''y'", "'a b'"},
	cqltype.Varint:    {"0", "1", "-1", "128", "-129", "1000000000000000000000000000000", "2"},
	cqltype.Timeuuid:  {"50554d6e-29bb-11e5-b345-feff819cdc9f", "50554d6e-29bb-11e5-b345-000000000000", "13814000-1dd2-11b2-8080-808080808080", "8ac6d1dc-fbeb-11e9-8f0b-362b9e155667"},
	cqltype.Inet:      {"'127.0.0.1'", "'::1'", "'10.0.0.255'", "'2001:db8::1'"},
	cqltype.Date:      {"'2024-02-29'", "'1970-01-01'", "'1969-12-31'", "2147483650", "'2024-12-31'"},
	cqltype.Time:      {"'00:00:00'", "'12:34:56.789'", "'23:59:59.999999999'", "1000"},
	cqltype.Smallint:  {"0", "1", "2", "-1", "32767", "-32768"},
	cqltype.Tinyint:   {"0", "1", "2", "-1", "127", "-128"},
	cqltype.Duration:  {"1d", "1mo2d3h", "12h30m", "-1d", "P1Y2M", "PT1S", "0s", "5ns"},
}

// literal is a value of t.
func (g *generator) literal(t *cqltype.Type) string {
	if pool := pools[t.Kind]; pool != nil {
		// Keys meet more often when the first values are the frequent ones.
		if g.one(2) {
			return pool[g.IntN(min(3, len(pool)))]
		}
		return pick(g, pool)
	}
	switch t.Kind {
	case cqltype.List:
		return "[" + g.literals(t.Elems[0], g.IntN(4)) + "]"
	case cqltype.Set:
		return "{" + strings.Join(g.distinct(t.Elems[0], g.IntN(4)), ", ") + "}"
	case cqltype.Vector:
		return "[" + g.literals(t.Elems[0], t.Dimension) + "]"
	case cqltype.Map:
		entries := g.distinct(t.Elems[0], g.IntN(4))
		for i := range entries {
			entries[i] += ": " + g.element(t.Elems[1])
		}
		return "{" + strings.Join(entries, ", ") + "}"
	case cqltype.Tuple:
		fields := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			fields[i] = g.field(e)
		}
		if g.one(40) {
			fields = fields[:g.between(1, len(fields))]
		}
		return "(" + strings.Join(fields, ", ") + ")"
	case cqltype.UDT:
		return g.userValue(t)
	}
	panic("no values of " + t.String())
}

func (g *generator) userValue(t *cqltype.Type) string {
	var fields []string
	for i, e := range t.Elems {
		if !g.one(5) {
			fields = append(fields, t.FieldNames[i]+": "+g.field(e))
		}
	}
	if g.one(100) || len(fields) == 0 {
		fields = append(fields, t.FieldNames[0]+": "+g.field(t.Elems[0]))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func (g *generator) literals(t *cqltype.Type, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = g.element(t)
	}
	return strings.Join(list, ", ")
}

// distinct returns up to n elements of a set or keys of a map. Which one of two
// equal ones stays is a matter of chance in Cassandra.
func (g *generator) distinct(t *cqltype.Type, n int) []string {
	var list []string
	seen := map[string]bool{}
	for range n {
		e := g.element(t)
		if equal := strings.ReplaceAll(e, "1.00", "1.0"); !seen[equal] {
			seen[equal] = true
			list = append(list, e)
		}
	}
	return list
}

// element is a value inside a collection; null is a mistake there.
func (g *generator) element(t *cqltype.Type) string {
	if g.one(600) {
		return "null"
	}
	return g.literal(t)
}

// field is a value inside a tuple or user type.
func (g *generator) field(t *cqltype.Type) string {
	if g.one(8) {
		return "null"
	}
	return g.literal(t)
}

// computed is a term of type t that is no literal, if there is one.
func (g *generator) computed(t *cqltype.Type) string {
	v := g.literal(t)
	name := t.Kind.String()
	switch t.Kind {
	case cqltype.Int, cqltype.Bigint, cqltype.Double, cqltype.Float, cqltype.Varint, cqltype.Decimal, cqltype.Smallint, cqltype.Tinyint:
		w := g.literal(t)
		return pick(g, []string{
			"(" + name + ")" + v, v + " + 1", v + " - 1", "(" + name + ")" + v + " * 2", v + " / 2", v + " % 3",
			"blob_as_" + name + "(" + name + "_as_blob(" + v + "))", "(" + name + ")" + v + " + (" + name + ")" + w,
		})
	case cqltype.Blob:
		other := g.scalar()
		return other.Kind.String() + "_as_blob(" + g.literal(other) + ")"
	case cqltype.Timeuuid:
		return pick(g, []string{"min_timeuuid('2024-01-01')", "max_timeuuid('2024-01-01')", "minTimeuuid('2011-02-03T04:05:00+0000')"})
	case cqltype.Date:
		return pick(g, []string{"to_date(50554d6e-29bb-11e5-b345-feff819cdc9f)", "toDate('2024-01-01T12:00:00Z')", "(date)" + v + " + 1d", "(date)" + v + " - 1mo"})
	case cqltype.Timestamp:
		return pick(g, []string{"to_timestamp(50554d6e-29bb-11e5-b345-feff819cdc9f)", "(timestamp)" + v + " + 1d", "(timestamp)" + v + " - 1mo2h"})
	case cqltype.Text, cqltype.Ascii, cqltype.Boolean, cqltype.Inet, cqltype.Uuid, cqltype.Time, cqltype.Duration:
		return pick(g, []string{"(" + name + ")" + v, "blobAs" + title(name) + "(" + name + "AsBlob(" + v + "))", "blob_as_" + name + "(" + name + "_as_blob(" + v + "))"})
	}
	return "(" + typeName(t) + ")" + v
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
