package cql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// lexErrorKind is the exception that ANTLR's lexer would throw.
type lexErrorKind uint8

const (
	lexNoViable lexErrorKind = iota
	lexMismatch
	lexMismatchSet
	lexEarlyExit
)

// lexError is a lexical error at the byte offset at.
type lexError struct {
	kind     lexErrorKind
	at       int
	expected string // lexMismatch
}

func (l *lexer) fail(e lexError) (kind, int) {
	if l.err == nil {
		l.err = &e
	}
	return tokFailed, e.at
}

func (l *lexer) noViable(i int) (kind, int) { return l.fail(lexError{kind: lexNoViable, at: i}) }

func (l *lexer) mismatch(i int, expected string) (kind, int) {
	return l.fail(lexError{kind: lexMismatch, at: i, expected: expected})
}

func (l *lexer) mismatchSet(i int) (kind, int) { return l.fail(lexError{kind: lexMismatchSet, at: i}) }

func (l *lexer) earlyExit(i int) (kind, int) { return l.fail(lexError{kind: lexEarlyExit, at: i}) }

// message renders e as org.antlr.runtime.Lexer.getErrorMessage does.
func (e *lexError) message(text string) string {
	line, column := position(text, e.at)
	char := displayChar(text, e.at)
	switch e.kind {
	case lexMismatch:
		return fmt.Sprintf("line %d:%d mismatched character %s expecting %s", line, column, char, e.expected)
	case lexMismatchSet:
		return fmt.Sprintf("line %d:%d mismatched character %s expecting set null", line, column, char)
	case lexEarlyExit:
		return fmt.Sprintf("line %d:%d required (...)+ loop did not match anything at character %s", line, column, char)
	default:
		return fmt.Sprintf("line %d:%d no viable alternative at character %s", line, column, char)
	}
}

// displayChar renders the character at i as Lexer.getCharErrorDisplay does.
// Java's lexer sees half of a character outside the BMP, which prints as '?'.
func displayChar(text string, i int) string {
	if i >= len(text) {
		return "'<EOF>'"
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	switch {
	case r == '\n':
		return `'\n'`
	case r == '\t':
		return `'\t'`
	case r == '\r':
		return `'\r'`
	case r > 0xFFFF:
		return "'?'"
	}
	return "'" + string(r) + "'"
}

// position returns the line (from 1) and the column (from 0, in UTF-16 units
// as Java counts) of the byte offset i.
func position(text string, i int) (line, column int) {
	line = 1 + strings.Count(text[:i], "\n")
	return line, utf16Len(text[strings.LastIndexByte(text[:i], '\n')+1 : i])
}

// utf16Len returns the length of s in UTF-16 units.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}
