package cql

var (
	conditionOperators = setOf(tokEq, tokLt, tokLte, tokGt, tokGte, tokNeq, kContains, kIn, tokLBracket, tokDot)
	ifExistsFollow     = setOf(tokSemicolon, kApply, kDelete, kInsert, kUpdate, tokEOF)
)

// ifConditions is an optional IF EXISTS or IF conditions. EXISTS may be a
// column.
func (p *parser) ifConditions() (exists bool, conditions []Condition) {
	if !p.accept(kIf) {
		return false, nil
	}
	if p.tok == kExists {
		switch next := p.peek(2); {
		case ifExistsFollow.has(next):
			p.advance()
			return true, nil
		case !conditionOperators.has(next):
			p.noViable(2)
			return false, nil
		}
	}
	if !p.tok.is(classIdent) && p.tok != tokEmptyQuotedName {
		p.noViable(1)
		return false, nil
	}
	conditions = append(conditions, p.columnCondition())
	for p.accept(kAnd) {
		conditions = append(conditions, p.columnCondition())
	}
	return false, conditions
}

// columnCondition is rule columnCondition.
func (p *parser) columnCondition() (c Condition) {
	c.Column = p.cident()
	switch p.tok {
	case kContains:
		c.Op = p.containsOperator()
		c.Value = p.term()
		return c
	case tokLBracket:
		p.advance()
		c.Element = p.term()
		p.expect(tokRBracket)
	case tokDot:
		p.advance()
		c.Field = p.ident()
	}
	if p.accept(kIn) {
		c.Op = In
		c.Value, c.Values = p.inValues()
		return c
	}
	c.Op = p.relationType()
	c.Value = p.term()
	return c
}
