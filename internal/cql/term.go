package cql

// What Cassandra expects behind a term, over all statements, and behind a bind
// marker within one.
var (
	termFollow = setOf(kAllow, kAnd, kApply, kAsc, kDelete, kDesc, kGroup, kIf, kInsert, kLimit, kOrder, kPer,
		kPrimary, kUpdate, kWhere, tokRange, tokRParen, tokComma, tokColon, tokSemicolon, tokRBracket, tokRBrace, tokEOF)
	valueFollow = setOf(kAllow, kAnd, kApply, kAs, kAsc, kDelete, kDesc, kGroup, kIf, kInsert, kLimit, kOrder, kPer,
		kPrimary, kUpdate, kWhere, tokRange, tokPercent, tokRParen, tokPlus, tokComma, tokMinus, tokSlash, tokColon,
		tokSemicolon, tokStar, tokRBracket, tokRBrace, tokEOF)
)

// term is rule term: terms joined by + and -.
func (p *parser) term() Expr {
	p.enter()
	defer p.leave()
	x := p.termMultiplication()
	for {
		switch {
		case p.tok == tokMinus:
		case p.tok == tokPlus:
			if p.columnAfterPlus() {
				return x
			}
		case termFollow.has(p.tok):
			p.peek(2)
			return x
		default:
			p.noViable(1)
			return x
		}
		op := p.text()[0]
		p.advance()
		x = &Binary{Op: op, L: x, R: p.termMultiplication()}
	}
}

// columnAfterPlus reports whether the current '+' belongs to c = <term> + c of
// an UPDATE, and not to the term.
func (p *parser) columnAfterPlus() bool {
	next := p.peek(2)
	switch {
	case next == tokEmptyQuotedName:
		p.peek(3)
		return true
	case next.is(classIdent):
		function := next.is(classFunction) || next == kCast || next == kCount
		switch third := p.peek(3); {
		case third == tokComma || third == kWhere:
			p.peek(4)
			return true
		case third != tokDot && (third != tokLParen || !function):
			p.noViable(3)
		}
		return false
	case !next.is(classTerm):
		p.noViable(2)
	}
	p.peek(3)
	return false
}

// termMultiplication is rule termMultiplication: terms joined by *, / and %.
func (p *parser) termMultiplication() Expr {
	x := p.termGroup()
	for p.tok == tokStar || p.tok == tokSlash || p.tok == tokPercent {
		op := p.text()[0]
		p.advance()
		x = &Binary{Op: op, L: x, R: p.termGroup()}
	}
	return x
}

// termGroup is rule termGroup: a term with an optional minus.
func (p *parser) termGroup() Expr {
	if p.accept(tokMinus) {
		return &Negate{X: p.simpleTerm()}
	}
	if !p.tok.is(classTerm) {
		p.noViable(1)
		return nil
	}
	return p.simpleTerm()
}

// simpleTerm is rule simpleTerm: a value, a function call, a type hint or CAST.
func (p *parser) simpleTerm() Expr {
	switch {
	case p.tok == tokQMark:
		switch next := p.peek(2); {
		case next == tokDot:
			return p.function()
		case !valueFollow.has(next):
			p.noViable(2)
			return nil
		}
		p.peek(3)
		return p.marker()
	case p.tok == tokLParen:
		if p.isTypeHint() {
			return p.typeHint()
		}
		return p.tupleLiteral()
	case p.tok == kCast:
		switch p.peek(2) {
		case tokDot:
			p.peek(3)
			return p.function()
		case tokLParen:
			p.peek(3)
			return p.cast()
		}
		p.noViable(2)
		return nil
	case p.tok.is(classIdent) || p.tok == kToken:
		p.peek(2)
		return p.function()
	case p.tok.is(classTerm):
		if p.tok != tokMinus {
			p.peek(2)
			return p.value()
		}
	}
	p.noViable(1)
	return nil
}

// typeHint is '(' comparatorType ')' simpleTerm.
func (p *parser) typeHint() Expr {
	p.enter()
	defer p.leave()
	p.expect(tokLParen)
	hint := &TypeHint{Type: p.comparatorType()}
	p.expect(tokRParen)
	hint.X = p.simpleTerm()
	return hint
}

// cast is K_CAST '(' simpleTerm K_AS native_type ')'.
func (p *parser) cast() Expr {
	p.enter()
	defer p.leave()
	p.expectAll(kCast, tokLParen)
	c := &Cast{X: p.simpleTerm()}
	p.expect(kAs)
	c.Type = p.nativeType()
	p.expect(tokRParen)
	return c
}

// function is rule function: a call with terms as arguments.
func (p *parser) function() Expr {
	k := 2
	switch {
	case p.tok.is(classColumn|classFunction) || p.tok == tokQMark:
		function := p.tok.is(classFunction) || p.tok == kCount
		next := p.peek(2)
		if next == tokDot {
			k = 4
			if name := p.peek(3); !name.is(classFunction) && name != kToken && name != kCount {
				p.noViable(3)
				return nil
			}
		} else if !function {
			p.noViable(2)
			return nil
		}
	case p.tok != kToken:
		p.noViable(1)
		return nil
	}
	if p.peek(k) != tokLParen {
		p.noViable(k)
		return nil
	}
	if arg := p.peek(k + 1); arg != tokRParen && !arg.is(classTerm) {
		p.noViable(k + 1)
		return nil
	}
	p.peek(k + 2)
	name := p.functionName()
	call := &FunctionCall{Keyspace: name.Keyspace, Name: name.Name}
	p.expect(tokLParen)
	if p.tok != tokRParen {
		call.Args = p.terms()
	}
	p.expect(tokRParen)
	return call
}
