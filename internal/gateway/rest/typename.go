package rest

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// generic are the names of types with arguments.
var generic = map[string]bool{"list": true, "set": true, "map": true, "tuple": true, "frozen": true, "vector": true}

// parseType reads a typeDefinition: the CQL of a type, with built-in names in
// any case and user types as they are or as udt<name>.
func parseType(text string) (cql.TypeName, error) {
	if strings.TrimSpace(text) == "" {
		return cql.TypeName{}, badRequest("Invalid empty type name")
	}
	p := typeParser{text: text}
	n, ok := p.parse(0)
	p.blanks()
	if !ok || p.pos < len(text) {
		return cql.TypeName{}, badRequest("Invalid type definition '%s': unexpected text at character %d", text, p.pos)
	}
	return n, nil
}

// typeParser reads a type definition from left to right.
type typeParser struct {
	text string
	pos  int
}

func (p *typeParser) blanks() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t' || p.text[p.pos] == '\n') {
		p.pos++
	}
}

// accept reads c, with blanks before it, if it is next.
func (p *typeParser) accept(c byte) bool {
	p.blanks()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *typeParser) parse(depth int) (cql.TypeName, bool) {
	if depth > cqltype.MaxDepth {
		return cql.TypeName{}, false
	}
	if p.accept('\'') {
		class, _, ok := strings.Cut(p.text[p.pos:], "'")
		p.pos += min(len(class)+1, len(p.text)-p.pos)
		return cql.TypeName{Class: class}, ok
	}
	if p.accept('"') {
		name, ok := p.quoted()
		return cql.TypeName{Name: name, Quoted: true}, ok
	}
	name := p.name()
	if name == "" {
		return cql.TypeName{}, false
	}
	lower := strings.ToLower(name)
	if !p.accept('<') {
		if cqltype.Native(lower) != nil {
			return cql.TypeName{Name: lower}, true
		}
		return cql.TypeName{Name: name, Quoted: true}, true
	}
	if lower == "udt" {
		n, ok := p.parse(depth + 1)
		return n, ok && p.accept('>')
	}
	if !generic[lower] {
		return cql.TypeName{}, false
	}
	n := cql.TypeName{Name: lower}
	for {
		if lower == "vector" && len(n.Args) == 1 {
			var ok bool
			n.Dimension, ok = p.dimension()
			return n, ok
		}
		argument, ok := p.parse(depth + 1)
		if !ok {
			return cql.TypeName{}, false
		}
		n.Args = append(n.Args, argument)
		if p.accept('>') {
			return n, lower != "vector"
		}
		if !p.accept(',') {
			return cql.TypeName{}, false
		}
	}
}

// dimension reads the second argument of vector<type, n> and what closes it.
func (p *typeParser) dimension() (int, bool) {
	n, err := strconv.Atoi(p.name())
	return n, err == nil && p.accept('>')
}

// name reads a bare name.
func (p *typeParser) name() string {
	p.blanks()
	start := p.pos
	for p.pos < len(p.text) && !strings.ContainsRune("<>,'\" \t\n", rune(p.text[p.pos])) {
		p.pos++
	}
	return p.text[start:p.pos]
}

// quoted reads a name behind its opening quote.
func (p *typeParser) quoted() (string, bool) {
	var name strings.Builder
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		p.pos++
		if c == '"' && !(p.pos < len(p.text) && p.text[p.pos] == '"') {
			return name.String(), true
		}
		if c == '"' {
			p.pos++
		}
		name.WriteByte(c)
	}
	return "", false
}

// typeText is the typeDefinition of a column: in the older profile its CQL.
func (c *call) typeText(t *cqltype.Type) []byte {
	if c.v1 {
		return t.AppendString(nil)
	}
	return appendType(nil, t)
}

// appendType appends the typeDefinition of a column: as the CQL of the type,
// but user types are udt<name> and tuples never frozen.
func appendType(dst []byte, t *cqltype.Type) []byte {
	switch t.Kind {
	case cqltype.List, cqltype.Set, cqltype.Map, cqltype.Tuple:
		if t.Frozen && t.Kind != cqltype.Tuple {
			dst = append(dst, "frozen<"...)
		}
		dst = append(dst, t.Kind.String()...)
		dst = append(dst, '<')
		for i, e := range t.Elems {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendType(dst, e)
		}
		dst = append(dst, '>')
	case cqltype.Vector:
		dst = append(dst, "vector<"...)
		dst = appendType(dst, t.Elems[0])
		dst = append(dst, ", "...)
		return append(strconv.AppendInt(dst, int64(t.Dimension), 10), '>')
	case cqltype.UDT:
		if t.Frozen {
			dst = append(dst, "frozen<"...)
		}
		dst = append(dst, "udt<"...)
		dst = append(dst, t.Name...)
		dst = append(dst, '>')
	default:
		return t.AppendString(dst)
	}
	if t.Frozen && t.Kind != cqltype.Tuple {
		dst = append(dst, '>')
	}
	return dst
}
