package cql

// insertStatement is rule insertStatement.
func (p *parser) insertStatement() Statement {
	p.expectAll(kInsert, kInto)
	s := &Insert{Table: p.tableName()}
	switch p.tok {
	case tokLParen:
		p.advance()
		s.Columns = p.cidents()
		p.expectAll(tokRParen, kValues, tokLParen)
		s.Values = make([]Expr, 1, len(s.Columns))
		s.Values[0] = p.term()
		for p.accept(tokComma) {
			s.Values = append(s.Values, p.term())
		}
		p.expect(tokRParen)
	case kJSON:
		p.advance()
		s.JSON = p.jsonValue()
		if p.accept(kDefault) {
			s.JSONUnset = p.defaultUnset()
		}
	default:
		p.noViable(1)
	}
	s.IfNotExists = p.ifNotExists()
	p.usingClause(&s.Using)
	return s
}

// jsonValue is rule jsonValue: a string or a bind marker.
func (p *parser) jsonValue() Expr {
	switch {
	case p.tok == tokString:
		return p.constant()
	case p.isMarker():
		return p.marker()
	}
	p.noViable(1)
	return nil
}

// defaultUnset is NULL or UNSET behind DEFAULT.
func (p *parser) defaultUnset() bool {
	switch {
	case p.accept(kUnset):
		return true
	case !p.accept(kNull):
		p.noViable(1)
	}
	return false
}

// usingClause is an optional rule usingClause. The last of equal ones counts.
func (p *parser) usingClause(u *Using) {
	if !p.accept(kUsing) {
		return
	}
	for {
		switch p.tok {
		case kTimestamp:
			p.advance()
			u.Timestamp = p.intValue()
		case kTTL:
			p.advance()
			u.TTL = p.intValue()
		default:
			p.noViable(1)
		}
		if !p.accept(kAnd) {
			return
		}
	}
}
