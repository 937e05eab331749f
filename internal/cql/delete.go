package cql

// deleteStatement is rule deleteStatement.
func (p *parser) deleteStatement() Statement {
	p.expect(kDelete)
	s := &Delete{}
	if p.tok.is(classIdent) || p.tok == tokEmptyQuotedName {
		s.Columns = append(s.Columns, p.deletion())
		for p.accept(tokComma) {
			s.Columns = append(s.Columns, p.deletion())
		}
	}
	p.expect(kFrom)
	s.Table = p.tableName()
	if p.tok == kUsing {
		p.expectAll(kUsing, kTimestamp)
		s.Using.Timestamp = p.intValue()
	}
	p.expect(kWhere)
	s.Where = p.whereClause()
	s.IfExists, s.If = p.ifConditions()
	return s
}

// deletion is rule deleteOp.
func (p *parser) deletion() (d Deletion) {
	if !p.tok.is(classIdent) && p.tok != tokEmptyQuotedName {
		p.noViable(1)
		return d
	}
	if next := p.peek(2); next != kFrom && next != tokComma && next != tokLBracket && next != tokDot {
		p.noViable(2)
		return d
	}
	p.peek(3)
	d.Column = p.cident()
	switch {
	case p.accept(tokLBracket):
		d.Index = p.term()
		p.expect(tokRBracket)
	case p.accept(tokDot):
		d.Field = p.ident()
	}
	return d
}
