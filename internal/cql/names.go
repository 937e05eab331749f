package cql

import "strings"

// name returns the current token as an identifier: folded, or without its quotes.
func (p *parser) name() string {
	switch s := p.text(); p.tok {
	case tokQuotedName:
		return unquote(s)
	case tokEmptyQuotedName:
		return ""
	default:
		return strings.ToLower(s)
	}
}

// ident is rule ident (also fident, noncol_ident, sident, which differ only in
// what Cassandra makes of them).
func (p *parser) ident() string {
	if !p.tok.is(classIdent) {
		p.noViable(1)
		return ""
	}
	s := p.name()
	p.advance()
	return s
}

// cident is a column name where "" is allowed: the name of a COMPACT STORAGE
// table's old super column.
func (p *parser) cident() string {
	if p.tok == tokEmptyQuotedName {
		p.advance()
		return ""
	}
	return p.ident()
}

// idents is ident (',' ident)*.
func (p *parser) idents() []string {
	names := []string{p.ident()}
	for p.accept(tokComma) {
		names = append(names, p.ident())
	}
	return names
}

// cidents is cident (',' cident)*.
func (p *parser) cidents() []string {
	names := make([]string, 1, 8)
	names[0] = p.cident()
	for p.accept(tokComma) {
		names = append(names, p.cident())
	}
	return names
}

// objectName is a keyspace's, table's or index's name; what says which, for
// the error of a bind marker in its place.
func (p *parser) objectName(what string) string {
	if p.tok == tokQMark {
		p.refuse("Bind variables cannot be used for %s names", what)
		p.advance()
		return ""
	}
	return p.ident()
}

func (p *parser) keyspaceName() string { return p.objectName("keyspace") }

// The tokens that Cassandra expects behind a table's or an index's name, over
// all statements.
var (
	tableNameFollow = setOf(kAdd, kAllow, kAlter, kAs, kDrop, kFrom, kGroup, kJSON, kLimit, kNoRecursive, kOf, kOrder,
		kPer, kPrimary, kRename, kSet, kTo, kUsing, kWhere, kWith, tokLParen, tokSemicolon, tokEOF)
	indexNameFollow = setOf(tokSemicolon, tokEOF)
)

// tableName is rule columnFamilyName.
func (p *parser) tableName() QualifiedName { return p.qualifiedName("table", &tableNameFollow) }

// indexName is rule indexName.
func (p *parser) indexName() QualifiedName { return p.qualifiedName("index", &indexNameFollow) }

func (p *parser) qualifiedName(what string, follow *kindSet) (name QualifiedName) {
	if !p.tok.is(classIdent) && p.tok != tokQMark {
		p.noViable(1)
		return name
	}
	next := p.peek(2)
	if next != tokDot && !follow.has(next) {
		p.noViable(2)
		return name
	}
	p.peek(3)
	if next == tokDot {
		name.Keyspace = p.keyspaceName()
		p.expect(tokDot)
	}
	name.Name = p.objectName(what)
	return name
}

// userTypeName is rule userTypeName.
func (p *parser) userTypeName() QualifiedName {
	name, _ := p.userTypeNameQuoted()
	return name
}

func (p *parser) userTypeNameQuoted() (name QualifiedName, quoted bool) {
	qualified := p.tok.is(classNative) || p.tok.is(classColumn) && p.tok != kKey
	if !qualified && p.tok.is(classIdent) {
		qualified = p.peek(2) == tokDot
	}
	if qualified {
		name.Keyspace = p.ident()
		p.expect(tokDot)
	}
	if !p.tok.is(className|classBasic) && p.tok != kKey {
		p.noViable(1)
		return name, false
	}
	quoted = p.tok == tokQuotedName
	if p.tok == tokIdent && isReservedTypeName(p.text()) {
		p.refuse("Invalid (reserved) user type name %s", p.text())
	}
	name.Name = p.ident()
	return name, quoted
}

// isReservedTypeName is Parser.g's reservedTypeNames; it looks at the name as
// written, so BYTE passes.
func isReservedTypeName(s string) bool {
	switch s {
	case "byte", "complex", "enum", "date", "interval", "macaddr", "bitstring":
		return true
	}
	return false
}

var functionNameFollow = setOf(kWith, tokLParen, tokSemicolon, tokEOF)

// functionName is rule functionName.
func (p *parser) functionName() (name QualifiedName) {
	qualified := false
	switch {
	case p.tok.is(classFunction) || p.tok == kCount:
		next := p.peek(2)
		if qualified = next == tokDot; !qualified && !functionNameFollow.has(next) {
			p.noViable(2)
			return name
		}
		p.peek(3)
	case p.tok.is(classColumn) || p.tok == tokQMark:
		qualified = true
		p.peek(2)
	case p.tok != kToken:
		p.noViable(1)
		return name
	}
	if qualified {
		name.Keyspace = p.keyspaceName()
		p.expect(tokDot)
	}
	name.Name = p.allowedFunctionName()
	return name
}

// allowedFunctionName is rule allowedFunctionName. A keyword is the name as it is
// written: Cassandra does not lower its case there, and knows no such function.
func (p *parser) allowedFunctionName() string {
	if !p.tok.is(classFunction) && p.tok != kToken && p.tok != kCount {
		p.noViable(1)
		return ""
	}
	s := p.name()
	if p.tok.is(classBasic) {
		s = p.text()
	}
	p.advance()
	return s
}

// ifExists is (K_IF K_EXISTS)?, ifNotExists (K_IF K_NOT K_EXISTS)?.
func (p *parser) ifExists() bool {
	if p.tok != kIf {
		return false
	}
	p.expectAll(kIf, kExists)
	return true
}

func (p *parser) ifNotExists() bool {
	if p.tok != kIf {
		return false
	}
	p.expectAll(kIf, kNot, kExists)
	return true
}
