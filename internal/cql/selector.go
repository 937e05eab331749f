package cql

// What Cassandra expects behind a selector, and behind a selector's fields and
// elements.
var (
	selectorFollow = setOf(kAllow, kAs, kFrom, kLimit, kOrder, kPer, tokPercent, tokRParen, tokPlus, tokComma, tokMinus,
		tokSlash, tokColon, tokSemicolon, tokLBracket, tokStar, tokRBracket, tokRBrace, tokEOF)
	modifierFollow = setOf(kAllow, kAs, kFrom, kLimit, kOrder, kPer, tokPercent, tokRParen, tokPlus, tokComma, tokMinus,
		tokSlash, tokColon, tokStar, tokRBracket, tokRBrace, tokEOF)
)

// selectors is rule selectors: nil for *.
func (p *parser) selectors() []Selector {
	if p.tok == tokStar {
		p.advance()
		return nil
	}
	if !p.tok.is(classTerm) {
		p.noViable(1)
		return nil
	}
	list := make([]Selector, 1, 4)
	list[0] = p.aliasedSelector()
	for p.accept(tokComma) {
		list = append(list, p.aliasedSelector())
	}
	return list
}

// aliasedSelector is rule selector.
func (p *parser) aliasedSelector() (s Selector) {
	s.X = p.selector()
	if p.accept(kAs) {
		s.Alias = p.ident()
	}
	return s
}

// selector is rule unaliasedSelector: selectors joined by + and -.
func (p *parser) selector() Expr {
	p.enter()
	defer p.leave()
	x := p.selectorProduct()
	for p.tok == tokPlus || p.tok == tokMinus {
		op := p.text()[0]
		p.advance()
		x = &Binary{Op: op, L: x, R: p.selectorProduct()}
	}
	return x
}

// selectorProduct is rule selectionMultiplication.
func (p *parser) selectorProduct() Expr {
	x := p.selectorGroup()
	for p.tok == tokStar || p.tok == tokSlash || p.tok == tokPercent {
		op := p.text()[0]
		p.advance()
		x = &Binary{Op: op, L: x, R: p.selectorGroup()}
	}
	return x
}

// selectorGroup is rule selectionGroup. Fields and elements that don't parse
// are left for the caller to stumble over, as Cassandra does: its predicate
// selectionGroupWithField then fails and the selector counts as without.
func (p *parser) selectorGroup() Expr {
	if p.tok == tokMinus {
		p.enter()
		defer p.leave()
		p.advance()
		return &Negate{X: p.selectorGroup()}
	}
	if !p.tok.is(classTerm) {
		p.noViable(1)
		return nil
	}
	p.peek(3)
	x := p.plainSelector()
	if p.tok == tokDot || p.tok == tokLBracket {
		p.try(func() { x = p.modifiers(x) })
	}
	return x
}

// modifiers is rule selectorModifier: x.field[index]...
func (p *parser) modifiers(x Expr) Expr {
	plain := x
	for {
		switch {
		case p.tok == tokDot:
			p.advance()
			x = &Field{X: x, Name: p.ident()}
		case p.tok == tokLBracket:
			p.advance()
			x = p.subSelection(x)
			p.expect(tokRBracket)
		case modifierFollow.has(p.tok):
			return x
		default:
			p.noViable(1)
			return plain
		}
	}
}

// subSelection is rule collectionSubSelection: an index, or a slice.
func (p *parser) subSelection(x Expr) Expr {
	if p.accept(tokRange) {
		return &SliceOf{X: x, To: p.term()}
	}
	if !p.tok.is(classTerm) {
		p.noViable(1)
		return x
	}
	from := p.term()
	if !p.accept(tokRange) {
		return &Element{X: x, Index: from}
	}
	slice := &SliceOf{X: x, From: from}
	if p.tok.is(classTerm) {
		slice.To = p.term()
	}
	return slice
}

// plainSelector is rule selectionGroupWithoutField.
func (p *parser) plainSelector() Expr {
	if !p.tok.is(classTerm) || p.tok == tokMinus {
		p.noViable(1)
		return nil
	}
	p.peek(2)
	switch p.tok {
	case tokLParen:
		p.peek(3)
		var hint *TypeHint
		if p.try(func() { hint = p.selectorTypeHint() }) {
			return hint
		}
		p.expect(tokLParen)
		elems := p.selectorList()
		p.expect(tokRParen)
		return &TupleLiteral{Elems: elems}
	case tokLBracket:
		p.advance()
		list := &ListLiteral{}
		if p.tok.is(classTerm) {
			list.Elems = p.selectorList()
		}
		p.expect(tokRBracket)
		return list
	case tokLBrace:
		return p.bracedSelector()
	}
	return p.simpleSelector()
}

// selectorTypeHint is rule selectionTypeHint.
func (p *parser) selectorTypeHint() *TypeHint {
	p.enter()
	defer p.leave()
	p.expect(tokLParen)
	hint := &TypeHint{Type: p.comparatorType()}
	p.expect(tokRParen)
	hint.X = p.plainSelector()
	return hint
}

// selectorList is unaliasedSelector (',' unaliasedSelector)*.
func (p *parser) selectorList() []Expr {
	list := []Expr{p.selector()}
	for p.accept(tokComma) {
		list = append(list, p.selector())
	}
	return list
}

// bracedSelector is rule selectionMapOrSet. A map whose keys are all names
// comes out as a UDTLiteral; the receiving type decides what it is.
func (p *parser) bracedSelector() Expr {
	switch second := p.peek(2); {
	case second == tokRBrace:
		p.advance()
		p.advance()
		return &SetLiteral{}
	case !second.is(classTerm):
		p.noViable(2)
		return nil
	}
	p.advance()
	first := p.selector()
	switch p.tok {
	case tokColon:
		return p.selectorMap(first)
	case tokComma, tokRBrace:
		elems := []Expr{first}
		for p.accept(tokComma) {
			elems = append(elems, p.selector())
		}
		p.expect(tokRBrace)
		return &SetLiteral{Elems: elems}
	}
	p.noViable(1)
	return nil
}

// selectorMap is the rest of a map literal behind its first key.
func (p *parser) selectorMap(key Expr) Expr {
	var entries []MapEntry
	names := true
	for {
		_, isName := key.(*Column)
		names = names && isName
		p.expect(tokColon)
		entries = append(entries, MapEntry{Key: key, Value: p.selector()})
		if !p.accept(tokComma) {
			break
		}
		key = p.selector()
	}
	p.expect(tokRBrace)
	if !names {
		return &MapLiteral{Entries: entries}
	}
	u := &UDTLiteral{}
	for _, e := range entries {
		u.Fields = append(u.Fields, FieldValue{Name: e.Key.(*Column).Name, Value: e.Value})
	}
	return u
}
