package cql

// simpleSelector is rule simpleUnaliasedSelector: a column, a constant or bind
// marker, or a function call.
func (p *parser) simpleSelector() Expr {
	switch {
	case p.tok.is(classConstant) || p.tok == kNull:
		p.peek(2)
		return p.constant()
	case p.tok == tokColon:
		p.peek(2)
		return p.marker()
	case p.tok == kToken:
		p.peek(2)
		return p.selectorFunction()
	}
	isMarker := p.tok == tokQMark
	callable := !isMarker && p.tok != kDistinct && p.tok != kJSON && p.tok != kKey
	next := p.peek(2)
	p.peek(3)
	call := false
	switch {
	case next == tokDot:
		call = p.isQualifiedCall()
	case next == tokLParen && callable:
		call = true
	case !selectorFollow.has(next):
		p.noViable(2)
	}
	switch {
	case call:
		return p.selectorFunction()
	case isMarker:
		return p.marker()
	}
	return &Column{Name: p.ident()}
}

// isQualifiedCall decides for name '.': a call of a qualified function, or a
// column with a field.
func (p *parser) isQualifiedCall() bool {
	third := p.peek(3)
	p.peek(4)
	switch {
	case third == kToken:
		return true
	case third.is(classFunction) || third == kCount:
		switch fourth := p.peek(4); {
		case fourth == tokLParen:
			p.peek(5)
			return true
		case fourth != tokDot && !selectorFollow.has(fourth):
			p.noViable(4)
		}
		p.peek(5)
	case !third.is(classColumn):
		p.noViable(3)
	}
	return false
}

// selectorFunction is rule selectionFunction.
func (p *parser) selectorFunction() Expr {
	k := p.tok
	switch next := p.peek(2); {
	case next == tokLParen && k == kCount:
		switch third := p.peek(3); {
		case third == tokStar:
			p.peek(4)
			p.expectAll(kCount, tokLParen, tokStar, tokRParen)
			return &FunctionCall{Name: "count", Star: true}
		case third != tokRParen && !third.is(classTerm):
			p.noViable(3)
			return nil
		}
		p.peek(4)
	case next == tokLParen && (k == kMaxWriteTime || k == kWriteTime || k == kTTL):
		p.peek(3)
		return p.columnFunction()
	case next == tokLParen && k == kCast:
		p.peek(3)
		return p.selectorCast()
	case next != tokDot && (k == kCount || k == kMaxWriteTime || k == kWriteTime || k == kTTL || k == kCast):
		p.noViable(2)
		return nil
	}
	name := p.functionName()
	call := &FunctionCall{Keyspace: name.Keyspace, Name: name.Name}
	p.expect(tokLParen)
	if p.tok.is(classTerm) {
		call.Args = p.selectorList()
	}
	p.expect(tokRParen)
	return call
}

// columnFunction is WRITETIME, MAXWRITETIME or TTL of a column.
func (p *parser) columnFunction() Expr {
	call := &FunctionCall{Name: p.name()}
	p.advance()
	p.expect(tokLParen)
	call.Args = []Expr{p.modifiers(&Column{Name: p.ident()})}
	p.expect(tokRParen)
	return call
}

// selectorCast is CAST(selector AS native_type).
func (p *parser) selectorCast() Expr {
	p.expectAll(kCast, tokLParen)
	c := &Cast{X: p.selector()}
	p.expect(kAs)
	c.Type = p.nativeType()
	p.expect(tokRParen)
	return c
}
