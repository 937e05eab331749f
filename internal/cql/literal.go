package cql

import (
	"strconv"
	"strings"
)

// constant is rule constant, null included. The current token must be one.
func (p *parser) constant() *Literal {
	lit := &Literal{Text: p.text()}
	switch p.tok {
	case tokString:
		lit.Kind, lit.Text = StringLiteral, unquote(lit.Text)
	case tokInteger:
		lit.Kind = IntegerLiteral
	case tokFloat:
		lit.Kind = FloatLiteral
		p.checkFloat(lit.Text)
	case tokNaN, tokNegativeNaN:
		lit.Kind, lit.Text = FloatLiteral, "NaN"
	case tokInfinity:
		lit.Kind, lit.Text = FloatLiteral, "Infinity"
	case tokNegativeInfinity:
		lit.Kind, lit.Text = FloatLiteral, "-Infinity"
	case tokBoolean:
		lit.Kind, lit.Text = BooleanLiteral, strings.ToLower(lit.Text)
	case tokDuration:
		lit.Kind = DurationLiteral
	case tokUUID:
		lit.Kind = UUIDLiteral
	case tokHex:
		lit.Kind = HexLiteral
	case kNull:
		lit.Kind, lit.Text = NullLiteral, "null"
	default:
		p.noViable(1)
	}
	p.advance()
	return lit
}

// checkFloat refuses floats that no double comes near: Cassandra's parser
// stumbles over them when it looks for the smallest type that holds them.
func (p *parser) checkFloat(text string) {
	exponent := strings.IndexAny(text, "eE")
	if exponent < 0 && len(text) < maxDoubleDigits {
		return
	}
	if exponent >= 0 {
		if _, err := strconv.ParseInt(text[exponent+1:], 10, 32); err != nil {
			p.refuse(failedParsing+"NumberFormatException Exponent overflow.", p.lex.text)
			return
		}
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		p.refuse(failedParsing+`NumberFormatException Character I is neither a decimal digit number, `+
			`decimal point, nor "e" notation exponential mark.`, p.lex.text)
	}
}

// maxDoubleDigits is how many digits a number that fits a double has at most.
const maxDoubleDigits = 309

// failedParsing starts the message of a Java exception within Cassandra's parser.
const failedParsing = "Failed parsing statement: [%s] reason: "

// marker is a bind marker: ? or :name.
func (p *parser) marker() *BindMarker {
	switch {
	case p.accept(tokQMark):
		return p.newMarker("")
	case p.accept(tokColon):
		return p.newMarker(p.ident())
	}
	p.noViable(1)
	return nil
}

// isMarker reports whether a bind marker starts at the current token.
func (p *parser) isMarker() bool { return p.tok == tokQMark || p.tok == tokColon }

// intValue is rule intValue: an integer or a bind marker.
func (p *parser) intValue() Expr {
	switch {
	case p.tok == tokInteger:
		return p.constant()
	case p.isMarker():
		return p.marker()
	}
	p.noViable(1)
	return nil
}

// stringLiteral is a STRING_LITERAL token.
func (p *parser) stringLiteral() string {
	if p.tok != tokString {
		p.mismatched(tokString)
		return ""
	}
	s := unquote(p.text())
	p.advance()
	return s
}

// value is rule value: a constant, collection, user type or tuple literal, or
// a bind marker.
func (p *parser) value() Expr {
	switch {
	case p.tok.is(classConstant) || p.tok == kNull:
		return p.constant()
	case p.isMarker():
		return p.marker()
	case p.tok == tokLBracket:
		return p.listLiteral()
	case p.tok == tokLParen:
		return p.tupleLiteral()
	case p.tok == tokLBrace:
		return p.braced()
	}
	p.noViable(1)
	return nil
}

// braced is a set, map or user type literal. A name in front of ':' makes it a
// user type, whatever the column's type is.
func (p *parser) braced() Expr {
	first := p.peek(2)
	switch {
	case first == tokRBrace:
		p.advance()
		p.advance()
		return &SetLiteral{}
	case !first.is(classTerm):
		p.noViable(2)
		return nil
	case first.is(classIdent):
		function := first.is(classFunction) || first == kCast || first == kCount
		switch third := p.peek(3); {
		case third == tokColon:
			p.peek(4)
			return p.userTypeLiteral()
		case third != tokDot && (third != tokLParen || !function):
			p.noViable(3)
			return nil
		}
		p.peek(4)
	}
	p.advance()
	key := p.term()
	switch p.tok {
	case tokColon:
		return p.mapLiteral(key)
	case tokComma, tokRBrace:
		return p.setLiteral(key)
	}
	p.noViable(1)
	return nil
}

// setLiteral is the rest of a set literal behind its first element.
func (p *parser) setLiteral(first Expr) Expr {
	elems := []Expr{first}
	for p.accept(tokComma) {
		elems = append(elems, p.term())
	}
	p.expect(tokRBrace)
	return &SetLiteral{Elems: elems}
}

// mapLiteral is the rest of a map literal behind its first key.
func (p *parser) mapLiteral(key Expr) Expr {
	p.expect(tokColon)
	entries := []MapEntry{{Key: key, Value: p.term()}}
	for p.accept(tokComma) {
		key = p.term()
		p.expect(tokColon)
		entries = append(entries, MapEntry{Key: key, Value: p.term()})
	}
	p.expect(tokRBrace)
	return &MapLiteral{Entries: entries}
}

// userTypeLiteral is rule usertypeLiteral.
func (p *parser) userTypeLiteral() Expr {
	p.expect(tokLBrace)
	u := &UDTLiteral{}
	for {
		name := p.ident()
		p.expect(tokColon)
		u.Fields = append(u.Fields, FieldValue{Name: name, Value: p.term()})
		if !p.accept(tokComma) {
			p.expect(tokRBrace)
			return u
		}
	}
}

// listLiteral is rule listLiteral.
func (p *parser) listLiteral() Expr {
	p.expect(tokLBracket)
	l := &ListLiteral{}
	if p.tok.is(classTerm) {
		l.Elems = p.terms()
	}
	p.expect(tokRBracket)
	return l
}

// tupleLiteral is rule tupleLiteral.
func (p *parser) tupleLiteral() Expr {
	p.expect(tokLParen)
	elems := p.terms()
	p.expect(tokRParen)
	return &TupleLiteral{Elems: elems}
}

// terms is term (',' term)*.
func (p *parser) terms() []Expr {
	elems := make([]Expr, 1, 4)
	elems[0] = p.term()
	for p.accept(tokComma) {
		elems = append(elems, p.term())
	}
	return elems
}
