package cql

// selectStatement is rule selectStatement.
func (p *parser) selectStatement() Statement {
	p.expect(kSelect)
	s := &Select{}
	p.selectJSON(s)
	p.expect(kFrom)
	s.Table = p.tableName()
	if p.accept(kWhere) {
		s.Where = p.whereClause()
	}
	if p.tok == kGroup {
		p.expectAll(kGroup, kBy)
		s.GroupBy = p.selectorList()
	}
	if p.tok == kOrder {
		p.expectAll(kOrder, kBy)
		s.OrderBy = append(s.OrderBy, p.ordering())
		for p.accept(tokComma) {
			s.OrderBy = append(s.OrderBy, p.ordering())
		}
	}
	if p.tok == kPer {
		p.expectAll(kPer, kPartition, kLimit)
		s.PerPartitionLimit = p.intValue()
	}
	if p.accept(kLimit) {
		s.Limit = p.intValue()
	}
	if p.tok == kAllow {
		p.expectAll(kAllow, kFiltering)
		s.AllowFiltering = true
	}
	return s
}

// selectJSON parses [JSON] [DISTINCT] selectors. JSON and DISTINCT may be
// columns too: they are when what follows does not parse as selectors.
func (p *parser) selectJSON(s *Select) {
	if !p.tok.is(classTerm) && p.tok != tokStar {
		p.noViable(1)
		return
	}
	p.peek(2)
	if p.tok == kJSON {
		p.peek(3)
	}
	if p.tok == kJSON && p.try(func() {
		p.advance()
		p.selectDistinct(s)
	}) {
		s.JSON = true
		return
	}
	p.selectDistinct(s)
}

// selectDistinct is rule selectClause.
func (p *parser) selectDistinct(s *Select) {
	if !p.tok.is(classTerm) && p.tok != tokStar {
		p.noViable(1)
		return
	}
	p.peek(2)
	if p.tok == kDistinct {
		p.peek(3)
	}
	s.Distinct = p.tok == kDistinct && p.try(func() {
		p.advance()
		s.Selectors = p.selectors()
	})
	if !s.Distinct {
		s.Selectors = p.selectors()
	}
}

// ordering is rule orderByClause.
func (p *parser) ordering() Ordering {
	o := Ordering{Column: p.cident()}
	if p.tok == kANN {
		p.expectAll(kANN, kOf)
		o.ANN = p.term()
	}
	o.Desc = p.tok == kDesc
	if p.tok == kAsc || p.tok == kDesc {
		p.advance()
	}
	return o
}
