package cql

import (
	"fmt"
	"strings"
)

// Cassandra's syntax errors are ANTLR 3's, with a snippet of the statement
// appended (org.apache.cassandra.cql3.ErrorCollector). Three things decide
// their text, and the parser keeps track of all of them:
//
//   - what rule failed how: a token that was required ("mismatched input"), or
//     a choice that no alternative fits ("no viable alternative");
//   - which token the choice started at (the snippet marks that one) and which
//     one no alternative fits (the message names that one);
//   - how many tokens were looked at, for the snippet ends there.

// failureKind is how parsing failed.
type failureKind uint8

const (
	noFailure failureKind = iota
	failNoViable
	failMismatched
	failMismatchedSet
	failMessage
)

// failure is the first syntax error of a statement.
type failure struct {
	kind failureKind
	// token is the offending token, start the one where the choice began.
	token, start int
	expected     kind   // failMismatched
	message      string // failMessage: the whole text
}

const tooDeep = "statement is nested too deeply"

// fail records the first failure and stops the parser.
func (p *parser) fail(f failure) {
	if p.tok == tokFailed && p.failure.kind == noFailure {
		// The lexer failed; its error stands.
		return
	}
	if p.failure.kind == noFailure {
		p.failure = f
	}
	p.tok = tokFailed
}

// noViable fails a choice that starts at the current token at the k-th token
// from there.
func (p *parser) noViable(k int) {
	if p.tok == tokFailed {
		return
	}
	p.fetch(p.pos + k - 1)
	p.fail(failure{kind: failNoViable, token: p.pos + k - 1, start: p.pos})
}

// mismatched fails because the current token is not of kind expected.
func (p *parser) mismatched(expected kind) {
	if p.tok == tokFailed {
		return
	}
	p.fail(failure{kind: failMismatched, token: p.pos, start: p.pos, expected: expected})
}

// mismatchedSet fails because the current token is not in a set of tokens.
func (p *parser) mismatchedSet() {
	p.fail(failure{kind: failMismatchedSet, token: p.pos, start: p.pos})
}

// refuse records an error that the grammar itself does not see: what Parser.g's
// actions report through addRecognitionError. Parsing goes on, for within a try
// the error may turn out not to count.
func (p *parser) refuse(format string, args ...any) {
	if p.tok != tokFailed && p.lex.err == nil && p.refusal == "" {
		p.refusal = fmt.Sprintf(format, args...)
	}
}

// errorMessage renders the failure, "" when there is none.
func (p *parser) errorMessage() string {
	switch {
	case p.refusal != "":
		return p.refusal
	case p.lex.err != nil:
		return p.lex.err.message(p.lex.text)
	case p.failure.kind == noFailure:
		return ""
	case p.failure.kind == failMessage:
		return p.failure.message
	}
	f := p.failure
	t := p.tokens[f.token]
	where, shown := "line 0:-1", "'<EOF>'"
	if t.kind != tokEOF {
		line, column := position(p.lex.text, int(t.start))
		where = fmt.Sprintf("line %d:%d", line, column)
		shown = "'" + whitespaceEscapes.Replace(tokenText(p.lex.text, t)) + "'"
	}
	msg := where + " no viable alternative at input " + shown
	switch f.kind {
	case failMismatched:
		msg = where + " mismatched input " + shown + " expecting " + f.expected.String()
	case failMismatchedSet:
		msg = where + " mismatched input " + shown + " expecting set null"
	}
	snippet, fault := p.snippet(f.start)
	if fault != "" {
		return fmt.Sprintf(failedParsing+"StringIndexOutOfBoundsException %s", p.lex.text, fault)
	}
	return msg + snippet
}

// whitespaceEscapes is what BaseRecognizer.getTokenErrorDisplay does.
var whitespaceEscapes = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`)

// tokenText is a token's text as the grammar sees it: strings and quoted names
// without their quotes.
func tokenText(text string, t token) string {
	s := text[t.start:t.end]
	switch t.kind {
	case tokString, tokQuotedName:
		return unquote(s)
	}
	return s
}

// unquote returns the content of a '...', "..." or $$...$$ token.
func unquote(s string) string {
	quote := s[:1]
	if quote == "$" {
		return s[2 : len(s)-2]
	}
	s = s[1 : len(s)-1]
	if strings.Contains(s, quote) {
		s = strings.ReplaceAll(s, quote+quote, quote)
	}
	return s
}
