package cql

// updateStatement is rule updateStatement.
func (p *parser) updateStatement() Statement {
	p.expect(kUpdate)
	s := &Update{Table: p.tableName()}
	p.usingClause(&s.Using)
	p.expect(kSet)
	p.columnOperation(s)
	for p.accept(tokComma) {
		p.columnOperation(s)
	}
	p.expect(kWhere)
	s.Where = p.whereClause()
	s.IfExists, s.If = p.ifConditions()
	return s
}

// columnOperation is rule columnOperation: one item of SET.
func (p *parser) columnOperation(s *Update) {
	a := Assignment{Column: p.cident()}
	switch p.tok {
	case tokEq:
		p.advance()
		p.normalColumnOperation(&a)
	case tokPlusAssign, tokMinusAssign:
		a.Kind = AddValue
		if p.tok == tokMinusAssign {
			a.Kind = SubtractValue
		}
		p.advance()
		a.Value = p.term()
	case tokLBracket:
		p.advance()
		a.Kind, a.Index = SetElement, p.term()
		p.expectAll(tokRBracket, tokEq)
		a.Value = p.term()
	case tokDot:
		p.advance()
		a.Kind, a.Field = SetField, p.ident()
		p.expect(tokEq)
		a.Value = p.term()
	default:
		p.noViable(1)
	}
	for i := range s.Assignments {
		if earlier := &s.Assignments[i]; earlier.Column == a.Column && !earlier.compatible(&a) {
			p.refuse("Multiple incompatible setting of column %s", a.Column)
		}
	}
	s.Assignments = append(s.Assignments, a)
}

// compatible reports whether a later item b of the same SET may set the same
// column (org.apache.cassandra.cql3.Operation.RawUpdate.isCompatibleWith).
func (a *Assignment) compatible(b *Assignment) bool {
	if a.Kind == SetField && b.Kind == SetField {
		return a.Field != b.Field
	}
	return a.Kind != SetValue && b.Kind != SetValue
}

// normalColumnOperation is rule normalColumnOperation: what stands behind c =.
// 'c = c -1' comes without an operator: its -1 is one integer token.
func (p *parser) normalColumnOperation(a *Assignment) {
	if !p.tok.is(classIdent) && p.tok != tokEmptyQuotedName {
		if !p.tok.is(classTerm) {
			p.noViable(1)
			return
		}
		p.peek(2)
		p.termAssignment(a)
		return
	}
	callable := p.tok.is(classFunction) || p.tok == kCast || p.tok == kCount
	next := p.peek(2)
	switch {
	case next == tokDot && p.tok != tokEmptyQuotedName, next == tokLParen && callable:
		p.termAssignment(a)
	case next == tokPlus || next == tokMinus:
		a.Kind = AddValue
		if next == tokMinus {
			a.Kind = SubtractValue
		}
		column := p.cident()
		sign := p.text()
		p.advance()
		a.Value = p.term()
		if column != a.Column {
			p.refuse("Only expressions of the form X = X %s<value> are supported.", sign)
		}
	case next == tokInteger:
		a.Kind = AddValue
		column, sign := p.cident(), byte('+')
		if p.text()[0] == '-' {
			sign = '-'
		}
		a.Value = p.constant()
		if column != a.Column {
			p.refuse("Only expressions of the form X = X %c <value> are supported.", sign)
		}
	default:
		p.noViable(2)
	}
}

// termAssignment is c = term, or c = term + c.
func (p *parser) termAssignment(a *Assignment) {
	a.Kind, a.Value = SetValue, p.term()
	if !p.accept(tokPlus) {
		return
	}
	a.Kind = PrependValue
	if p.cident() != a.Column {
		p.refuse("Only expressions of the form X = <value> + X are supported.")
	}
}
