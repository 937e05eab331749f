package cqltype

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// MaxDepth is how deep a type may nest; parsing anything deeper is an error.
// Drivers test themselves with tuples that nest 32 deep.
const MaxDepth = 48

// maxTextDepth bounds the nesting of the text of a type, where frozen<> or
// FrozenType() may stand around every level.
const maxTextDepth = 2 * MaxDepth

// MaxTypeText is how long the text of a type may be, in bytes.
const MaxTypeText = 64 << 10

// MaxVectorDimension bounds the dimension of a vector type; Cassandra has no limit
// of its own.
const MaxVectorDimension = 1 << 20

// ParseClassName parses a Java class name with parameters, short or with its
// package (TypeParser). reversed is set for ReversedType(x); t then is x. A
// class that is not one of Cassandra's types gives a Custom type.
func ParseClassName(class string) (t *Type, reversed bool, err error) {
	if len(class) > MaxTypeText {
		return nil, false, cqlerr.Configf("A type of %d bytes is longer than the %d supported", len(class), MaxTypeText)
	}
	p := classParser{text: class}
	p.blanks()
	t, reversed = p.parse(0)
	p.blanks()
	if p.err == nil && p.pos < len(p.text) {
		p.fail("unexpected characters after the type")
	}
	if p.err != nil {
		return nil, false, p.err
	}
	return t, reversed, nil
}

var classKinds = func() map[string]Kind {
	kinds := make(map[string]Kind, len(classNames))
	for kind, name := range classNames {
		kinds[name] = kind
	}
	kinds["DateType"] = Timestamp
	return kinds
}()

type classParser struct {
	text string
	pos  int
	err  error
}

func (p *classParser) fail(what string) {
	if p.err == nil {
		p.err = cqlerr.Syntaxf("Syntax error parsing '%s' at char %d: %s", p.text, p.pos, what)
	}
}

func (p *classParser) blanks() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *classParser) next(c byte) bool {
	p.blanks()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *classParser) expect(c byte) {
	if !p.next(c) {
		p.fail("expecting '" + string(c) + "' token")
	}
}

func (p *classParser) word() string {
	p.blanks()
	start := p.pos
	for p.pos < len(p.text) && isClassChar(p.text[p.pos]) {
		p.pos++
	}
	return p.text[start:p.pos]
}

func isClassChar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("-+._&", c) >= 0
}

// parse reads one type. Errors are in p.err; the answer then is no type.
func (p *classParser) parse(depth int) (t *Type, reversed bool) {
	if depth > maxTextDepth {
		p.fail("nested too deep")
	}
	name := p.word()
	if p.err != nil {
		return nil, false
	}
	if name == "" {
		return TypeBlob, false // as TypeParser has it
	}
	short := strings.TrimPrefix(name, marshal)
	kind, known := classKinds[short]
	switch {
	case short == "LegacyTimeUUIDType":
		return TypeLegacyTimeuuid, false
	case short == "ReversedType", short == "FrozenType":
		p.expect('(')
		t, reversed = p.parse(depth + 1)
		p.expect(')')
		if p.err != nil {
			return nil, false
		}
		if short == "ReversedType" {
			return t, true
		}
		return t.AsFrozen(), reversed
	case !known || strings.Contains(short, "."):
		return p.custom(name, depth), false
	}
	return p.known(kind, depth), false
}

// skipArguments passes over the parameters of an unknown class.
func (p *classParser) skipArguments() {
	if !p.next('(') {
		return
	}
	for level := 1; level > 0; p.pos++ {
		if p.pos >= len(p.text) {
			p.fail("unexpected end of string")
			return
		}
		switch p.text[p.pos] {
		case '(':
			level++
		case ')':
			level--
		}
	}
}

func (p *classParser) known(kind Kind, depth int) *Type {
	switch kind {
	case List, Set:
		return &Type{Kind: kind, Elems: p.arguments(depth, 1)}
	case Map:
		return &Type{Kind: kind, Elems: p.arguments(depth, 2)}
	case Tuple:
		return &Type{Kind: kind, Elems: p.arguments(depth, 0)}
	case UDT:
		return p.userType(depth)
	case Vector:
		p.expect('(')
		elem, _ := p.parse(depth + 1)
		p.expect(',')
		dimension, err := strconv.Atoi(p.word())
		p.expect(')')
		if p.err == nil && (err != nil || dimension < 1 || dimension > MaxVectorDimension) {
			p.fail("bad vector dimension")
		}
		if p.err != nil {
			return nil
		}
		return NewVector(elem, dimension)
	case Empty:
		return &Type{Kind: Empty}
	}
	if p.next('(') { // TypeName(reversed=true): options, of no use here
		p.pos--
		p.skipArguments()
	}
	return scalarOf(kind)
}

func scalarOf(kind Kind) *Type { return nativeNames[kind.String()] }

// arguments reads (type, ...): want of them, one or more when want is 0.
func (p *classParser) arguments(depth, want int) []*Type {
	var elems []*Type
	p.expect('(')
	for p.err == nil && !p.next(')') {
		if len(elems) > 0 {
			p.expect(',')
		}
		elem, _ := p.parse(depth + 1)
		if p.err != nil {
			return nil
		}
		elems = append(elems, elem.AsFrozen())
	}
	if p.err == nil && (len(elems) == 0 || want > 0 && len(elems) != want) {
		p.fail("wrong number of type parameters")
	}
	return elems
}

func (p *classParser) userType(depth int) *Type {
	t := &Type{Kind: UDT}
	p.expect('(')
	t.Keyspace = p.word()
	p.expect(',')
	t.Name = p.hexWord()
	for p.err == nil && !p.next(')') {
		p.expect(',')
		t.FieldNames = append(t.FieldNames, p.hexWord())
		p.expect(':')
		elem, _ := p.parse(depth + 1)
		t.Elems = append(t.Elems, elem)
	}
	if p.err != nil {
		return nil
	}
	return t
}

func (p *classParser) hexWord() string {
	b, err := hex.DecodeString(p.word())
	if err != nil {
		p.fail("not hexadecimal")
	}
	return string(b)
}
