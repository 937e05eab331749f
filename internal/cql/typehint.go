package cql

// What may follow ('string') when it is a tuple; anything else that starts a
// term makes it a type hint with a custom type.
var stringTupleFollow = setOf(kAllow, kAnd, kApply, kAsc, kDelete, kDesc, kIf, kInsert, kLimit, kOrder, kPrimary,
	kUpdate, kWhere, tokRange, tokPercent, tokRParen, tokPlus, tokComma, tokMinus, tokSlash, tokSemicolon, tokStar,
	tokRBracket, tokRBrace, tokEOF)

// isTypeHint decides whether the '(' at the current token starts a type hint
// or a tuple. It may take several tokens, and fails when neither fits.
func (p *parser) isTypeHint() bool {
	second := p.peek(2)
	hint, k := false, 2
	switch {
	case second == kSet:
		hint = true
	case second == tokString:
		hint, k = p.isStringTypeHint()
	case second.is(classIdent):
		hint, k = p.isNamedTypeHint(second)
	case !second.is(classTerm):
		p.noViable(2)
	}
	if k > 0 {
		p.peek(k + 1)
	}
	return hint
}

// isNamedTypeHint decides for '(' name. It returns how many tokens it took.
func (p *parser) isNamedTypeHint(name kind) (hint bool, k int) {
	third := p.peek(3)
	isColumn := name.is(classColumn)
	parametrized := name == kFrozen || name == kList || name == kMap || name == kTuple || name == kVector
	switch {
	case third == tokDot:
		return p.isQualifiedTypeHint()
	case third == tokLParen && (!isColumn || name == kCast || name == kCount):
		return false, 3
	case third == tokRParen && (!isColumn || name == kKey):
		return true, 3
	case third == tokLt && parametrized:
		return true, 3
	}
	p.noViable(3)
	return false, 0
}

// isQualifiedTypeHint decides for '(' name '.'.
func (p *parser) isQualifiedTypeHint() (hint bool, k int) {
	switch fourth := p.peek(4); {
	case fourth.is(classNative) || fourth == kCount || fourth == kToken:
		return false, 4
	case fourth == kKey:
		return true, 4
	case !fourth.is(classBasic | className):
		p.noViable(4)
		return false, 0
	}
	switch p.peek(5) {
	case tokLParen:
		return false, 5
	case tokRParen:
		return true, 5
	}
	p.noViable(5)
	return false, 0
}

// isStringTypeHint decides for '(' 'string'.
func (p *parser) isStringTypeHint() (hint bool, k int) {
	switch p.peek(3) {
	case tokPercent, tokPlus, tokComma, tokMinus, tokSlash, tokStar:
		return false, 3
	case tokRParen:
	default:
		p.noViable(3)
		return false, 0
	}
	fourth := p.peek(4)
	switch {
	case fourth == kPer:
		return p.isHintedName(p.peek(5) == kPartition)
	case fourth == kGroup:
		return p.isHintedName(p.peek(5) == kBy)
	case fourth == kAs:
		return p.isHintedName(p.peek(5).is(classNative))
	case fourth == tokColon:
		return p.isHintedMarker()
	case stringTupleFollow.has(fourth):
		return false, 4
	case fourth.is(classTerm):
		return true, 4
	}
	p.noViable(4)
	return false, 0
}

// isHintedName decides for ('string') followed by PER, GROUP or AS: the next
// clause (when clause is set) or a function of that name.
func (p *parser) isHintedName(clause bool) (hint bool, k int) {
	if clause {
		return false, 5
	}
	switch p.peek(5) {
	case tokLParen, tokDot:
		return true, 5
	}
	p.noViable(5)
	return false, 0
}

// isHintedMarker decides for ('string') followed by ':', of a map's entry or a
// named bind marker.
func (p *parser) isHintedMarker() (hint bool, k int) {
	fifth := p.peek(5)
	switch {
	case fifth.is(classIdent):
		function := fifth.is(classFunction) || fifth == kCast || fifth == kCount
		switch sixth := p.peek(6); {
		case sixth == tokDot || sixth == tokLParen && function:
			return false, 6
		case valueFollow.has(sixth):
			return true, 6
		}
		p.noViable(6)
	case fifth.is(classTerm):
		return false, 5
	default:
		p.noViable(5)
	}
	return false, 0
}
