package cql

import (
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Parsed is a statement with the bind markers of its text.
type Parsed struct {
	Statement Statement
	// Markers holds the name of each bind marker in order, "" for ?.
	Markers []string
}

// MaxStatementBytes bounds the text of a statement. It is the size of the
// largest frame that Cassandra takes by default (native_transport_max_frame_size).
const MaxStatementBytes = 256 << 20

// MaxNesting bounds how deep terms, selectors, relations and types may nest.
// Cassandra has no such limit; from some thousand levels on its stack overflows.
const MaxNesting = 500

// Parse parses one statement (any number of ; at its end). Errors are
// *cqlerr.Error with code Syntax and Cassandra's text ("line 1:0 no viable
// alternative at input 'SELsECT' ([SELsECT]...)"). A statement that the grammar
// knows but the product does not gives *Unsupported.
//
// Names and literals of the tree share text's memory.
func Parse(text string) (*Parsed, error) {
	if len(text) > MaxStatementBytes {
		return nil, cqlerr.Syntaxf("Statement of %d bytes exceeds the limit of %d", len(text), MaxStatementBytes)
	}
	p := parsers.Get().(*parser)
	defer p.release()
	p.reset(text)
	stmt := p.statement()
	for p.tok == tokSemicolon {
		p.advance()
	}
	p.expect(tokEOF)
	if msg := p.errorMessage(); msg != "" {
		return nil, cqlerr.New(cqlerr.Syntax, msg)
	}
	if p.unsupported != "" {
		stmt = &Unsupported{What: p.unsupported}
	}
	if u, ok := stmt.(*Unsupported); ok {
		u.Text = text
	}
	parsed := &Parsed{Statement: stmt}
	if len(p.markers) > 0 {
		parsed.Markers = append([]string(nil), p.markers...)
	}
	return parsed, nil
}

// parser is a recursive descent parser over tokens that are lexed as they are
// looked at. Its functions are named after the rules of Cassandra's Parser.g
// and decide at the same tokens, so that errors come out the same; see errors.go.
//
// The first failure sets tok to tokFailed, which no rule matches: everything
// runs out at once, and only Parse looks at the failure.
type parser struct {
	lex    lexer
	tokens []token
	// pos is the current token, tok its kind.
	pos     int
	tok     kind
	markers []string
	depth   int
	failure failure
	// refusal is the first error that came from refuse.
	refusal string
	// unsupported names a part of the statement that the product does not have.
	unsupported string
}

var parsers = sync.Pool{New: func() any { return &parser{tokens: make([]token, 0, 64)} }}

// maxPooledTokens keeps parsers of huge statements out of the pool.
const maxPooledTokens = 1 << 14

func (p *parser) release() {
	if cap(p.tokens) > maxPooledTokens {
		return
	}
	*p = parser{tokens: p.tokens[:0], markers: p.markers[:0]}
	parsers.Put(p)
}

func (p *parser) reset(text string) {
	p.lex = lexer{text: text}
	p.pos = 0
	p.fetch(0)
	p.tok = p.tokens[0].kind
}

// fetch lexes tokens up to the one at index i.
func (p *parser) fetch(i int) {
	for len(p.tokens) <= i {
		p.tokens = append(p.tokens, p.lex.next())
	}
}

// advance goes to the next token.
func (p *parser) advance() {
	if p.tok == tokFailed {
		return
	}
	p.pos++
	p.fetch(p.pos)
	p.tok = p.tokens[p.pos].kind
}

// peek returns the kind of the k-th token from the current one on: peek(1) is
// the current one.
func (p *parser) peek(k int) kind {
	if p.tok == tokFailed {
		return tokFailed
	}
	p.fetch(p.pos + k - 1)
	return p.tokens[p.pos+k-1].kind
}

// accept goes behind the current token if it is of kind k.
func (p *parser) accept(k kind) bool {
	if p.tok != k {
		return false
	}
	p.advance()
	return true
}

// expect goes behind the current token, which must be of kind k.
func (p *parser) expect(k kind) {
	if p.tok != k {
		p.mismatched(k)
		return
	}
	if k != tokEOF {
		p.advance()
	}
}

// expectAll is expect for several tokens in a row.
func (p *parser) expectAll(kinds ...kind) {
	for _, k := range kinds {
		p.expect(k)
	}
}

// text returns the current token as written.
func (p *parser) text() string { return p.textAt(p.pos) }

func (p *parser) textAt(i int) string {
	t := p.tokens[i]
	return p.lex.text[t.start:t.end]
}

// try runs f; if it fails everything is as before and the answer is false
// (ANTLR's syntactic predicates).
func (p *parser) try(f func()) bool {
	pos, markers, depth, refusal := p.pos, len(p.markers), p.depth, p.refusal
	f()
	if p.tok != tokFailed {
		return true
	}
	if p.lex.err != nil || p.failure.kind == failMessage {
		return false
	}
	p.failure, p.refusal = failure{}, refusal
	p.pos, p.depth, p.markers = pos, depth, p.markers[:markers]
	p.tok = p.tokens[pos].kind
	return false
}

// enter counts a level of nesting; leave undoes it.
func (p *parser) enter() {
	if p.depth++; p.depth > MaxNesting {
		p.fail(failure{kind: failMessage, message: tooDeep})
	}
}

func (p *parser) leave() { p.depth-- }

// newMarker numbers a bind marker.
func (p *parser) newMarker(name string) *BindMarker {
	m := &BindMarker{Index: len(p.markers), Name: name}
	p.markers = append(p.markers, name)
	return m
}
