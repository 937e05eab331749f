package cqltype

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// ParseString parses the CQL text of a type as Type.String writes it and as
// CREATE TABLE takes it, from the catalog or a REST body. udt resolves the
// names of user types, keyspace "" when unqualified; a nil udt or a nil answer
// is an error. Elements of collections and tuples come out frozen.
func ParseString(text string, udt func(keyspace, name string) *Type) (*Type, error) {
	if len(text) > MaxTypeText {
		return nil, cqlerr.Syntaxf("A type of %d bytes is longer than the %d supported", len(text), MaxTypeText)
	}
	p := typeParser{classParser: classParser{text: text}, udt: udt}
	t := p.parse(0)
	p.blanks()
	if p.err == nil && p.pos < len(p.text) {
		p.fail("unexpected characters after the type")
	}
	if p.err != nil {
		return nil, p.err
	}
	return t, nil
}

type typeParser struct {
	classParser
	udt func(keyspace, name string) *Type
}

// name reads an identifier: folded, or as written in double quotes.
func (p *typeParser) name() (name string, quoted bool) {
	p.blanks()
	if p.pos >= len(p.text) || p.text[p.pos] != '"' {
		start := p.pos
		for p.pos < len(p.text) && isNameChar(p.text[p.pos]) {
			p.pos++
		}
		if start == p.pos {
			p.fail("expecting a name")
		}
		return strings.ToLower(p.text[start:p.pos]), false
	}
	end := p.pos + 1
	for end < len(p.text) {
		if p.text[end] == '"' {
			if end+1 < len(p.text) && p.text[end+1] == '"' {
				end += 2
				continue
			}
			name = strings.ReplaceAll(p.text[p.pos+1:end], `""`, `"`)
			p.pos = end + 1
			return name, true
		}
		end++
	}
	p.fail("unexpected end of string")
	return "", true
}

func isNameChar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func (p *typeParser) parse(depth int) *Type {
	if depth > maxTextDepth {
		p.fail("nested too deep")
	}
	if p.err != nil {
		return nil
	}
	if p.next('\'') {
		return p.custom()
	}
	name, quoted := p.name()
	if p.err != nil {
		return nil
	}
	if !quoted {
		if t := Native(name); t != nil {
			return t
		}
		if p.next('<') {
			return p.generic(name, depth)
		}
		if name == "empty" {
			return &Type{Kind: Empty}
		}
	}
	keyspace := ""
	if p.next('.') {
		keyspace = name
		name, _ = p.name()
	}
	return p.userType(keyspace, name)
}

func (p *typeParser) custom() *Type {
	end := strings.IndexByte(p.text[p.pos:], '\'')
	if end < 0 {
		p.fail("unexpected end of string")
		return nil
	}
	class := p.text[p.pos : p.pos+end]
	p.pos += end + 1
	t, _, err := ParseClassName(class)
	if err != nil {
		p.err = err
	}
	return t
}

func (p *typeParser) userType(keyspace, name string) *Type {
	if p.err != nil {
		return nil
	}
	var t *Type
	if p.udt != nil {
		t = p.udt(keyspace, name)
	}
	if t == nil {
		p.err = cqlerr.Invalidf("Unknown type %s", name)
	}
	return t
}

// generic reads the arguments of name<...>, the < already taken.
func (p *typeParser) generic(name string, depth int) *Type {
	var elems []*Type
	dimension := 0
	for {
		elem := p.parse(depth + 1)
		if p.err != nil {
			return nil
		}
		elems = append(elems, elem)
		if !p.next(',') {
			break
		}
		if name == "vector" {
			var err error
			dimension, err = strconv.Atoi(p.word())
			if err != nil || dimension < 1 || dimension > MaxVectorDimension {
				p.fail("bad vector dimension")
			}
			break
		}
	}
	p.expect('>')
	if p.err != nil {
		return nil
	}
	if name == "frozen" && len(elems) == 1 {
		return elems[0].AsFrozen()
	}
	for i := range elems {
		if name != "vector" {
			elems[i] = elems[i].AsFrozen()
		}
	}
	kinds := map[string]Kind{"list": List, "set": Set, "map": Map, "tuple": Tuple, "vector": Vector}
	kind, ok := kinds[name]
	switch {
	case !ok, kind == Map && len(elems) != 2, kind != Map && kind != Tuple && len(elems) != 1, kind == Vector && dimension == 0:
		p.fail("unknown type " + name + " with " + strconv.Itoa(len(elems)) + " parameters")
		return nil
	}
	return &Type{Kind: kind, Elems: elems, Dimension: dimension}
}
