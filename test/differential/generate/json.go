package generate

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// json is a JSON value of t, sometimes null, sometimes of another form.
func (g *generator) json(t *cqltype.Type) string {
	if g.one(20) {
		return "null"
	}
	if g.one(60) {
		return pick(g, []string{"1", `"a"`, "[]", "{}", "1.5", "true"})
	}
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Vector:
		n := g.IntN(3)
		if t.Kind == cqltype.Vector {
			n = t.Dimension
		}
		return "[" + g.jsonList(t.Elems[0], n) + "]"
	case cqltype.Tuple:
		list := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			list[i] = g.json(e)
		}
		return "[" + strings.Join(list, ", ") + "]"
	case cqltype.Map:
		entries := make([]string, g.IntN(3))
		for i := range entries {
			entries[i] = jsonKey(g.json(t.Elems[0])) + ": " + g.json(t.Elems[1])
		}
		return "{" + strings.Join(entries, ", ") + "}"
	case cqltype.UDT:
		var fields []string
		for i, e := range t.Elems {
			if !g.one(5) {
				fields = append(fields, quoteJSON(t.FieldNames[i])+": "+g.json(e))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return jsonScalar(t, g.literal(t))
}

func (g *generator) jsonList(t *cqltype.Type, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = g.json(t)
	}
	return strings.Join(list, ", ")
}

// jsonScalar is a CQL literal as JSON.
func jsonScalar(t *cqltype.Type, literal string) string {
	if strings.HasPrefix(literal, "'") {
		return quoteJSON(strings.ReplaceAll(literal[1:len(literal)-1], "''", "'"))
	}
	switch t.Kind {
	case cqltype.Blob, cqltype.Uuid, cqltype.Timeuuid, cqltype.Duration, cqltype.Time:
		return quoteJSON(literal)
	}
	if literal == "NaN" || strings.HasSuffix(literal, "Infinity") {
		return quoteJSON(literal)
	}
	return literal
}

// jsonKey makes a string of a value, as the keys of maps must be.
func jsonKey(value string) string {
	if strings.HasPrefix(value, `"`) {
		return value
	}
	return quoteJSON(value)
}

func quoteJSON(s string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`) + `"`
}

// jsonName is a column's name as a JSON key: with quotes when it needs them.
func jsonName(name string) string {
	if strings.ToLower(name) != name {
		return `"` + name + `"`
	}
	return name
}
