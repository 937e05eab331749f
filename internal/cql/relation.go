package cql

var relationOperators = setOf(tokEq, tokLt, tokLte, tokGt, tokGte, tokNeq)

// whereClause is rule whereClause.
func (p *parser) whereClause() []Relation {
	relations := make([]Relation, 0, 4)
	for {
		switch {
		case p.tok.is(classIdent) || p.tok == tokLParen || p.tok == tokEmptyQuotedName || p.tok == kToken:
			relations = append(relations, p.relation())
		case p.tok == tokExprOpen:
			relations = append(relations, p.customIndexExpression())
		default:
			p.noViable(1)
		}
		if !p.accept(kAnd) {
			return relations
		}
	}
}

// customIndexExpression is rule customIndexExpression: expr(index, term).
func (p *parser) customIndexExpression() Relation {
	p.expect(tokExprOpen)
	r := Relation{Kind: CustomIndex, Columns: []string{p.objectName("index")}}
	p.expect(tokComma)
	r.Value = p.term()
	p.expect(tokRParen)
	return r
}

// relation is rule relation.
func (p *parser) relation() Relation {
	switch {
	case p.tok == kToken:
		p.peek(2)
		return p.tokenRelation()
	case p.tok == tokLParen:
		return p.parenthesizedRelation()
	case !p.tok.is(classIdent) && p.tok != tokEmptyQuotedName:
		p.noViable(1)
		return Relation{}
	}
	return p.columnRelation()
}

// columnRelation is a relation with a column, or an element of one, on the left.
func (p *parser) columnRelation() (r Relation) {
	next := p.peek(2)
	switch {
	case next == kIn:
		if third := p.peek(3); third != tokQMark && third != tokColon && third != tokLParen {
			p.noViable(3)
			return r
		}
		p.peek(4)
	case !relationOperators.has(next) && next != kLike && next != kIs && next != kContains && next != tokLBracket:
		p.noViable(2)
		return r
	}
	p.peek(3)
	r.Columns = []string{p.cident()}
	switch {
	case p.accept(kLike):
		r.Op, r.Value = Like, p.term()
	case p.tok == kIs:
		p.expectAll(kIs, kNot, kNull)
		r.Op = IsNotNull
	case p.accept(kIn):
		r.Op = In
		r.Value, r.Values = p.inValues()
	case p.tok == kContains:
		r.Op = p.containsOperator()
		r.Value = p.term()
	case p.accept(tokLBracket):
		r.Element = p.term()
		p.expect(tokRBracket)
		fallthrough
	default:
		r.Op = p.relationType()
		r.Value = p.term()
	}
	return r
}

// tokenRelation is TOKEN(columns) <operator> term.
func (p *parser) tokenRelation() Relation {
	p.expect(kToken)
	r := Relation{Kind: Token, Columns: p.tupleOfIdentifiers()}
	r.Op = p.relationType()
	r.Value = p.term()
	return r
}

// parenthesizedRelation is a relation on a tuple of columns, or a relation in
// parentheses.
func (p *parser) parenthesizedRelation() Relation {
	second := p.peek(2)
	nested := second == kToken || second == tokLParen
	switch {
	case nested:
	case second.is(classIdent) || second == tokEmptyQuotedName:
		switch third := p.peek(3); {
		case third == tokRParen || third == tokComma:
		case relationOperators.has(third) || third == kContains || third == kIn || third == kIs || third == kLike ||
			third == tokLBracket:
			nested = true
		default:
			p.noViable(3)
		}
		p.peek(4)
	default:
		p.noViable(2)
		return Relation{}
	}
	p.peek(3)
	if !nested {
		return p.tupleRelation()
	}
	p.enter()
	defer p.leave()
	p.expect(tokLParen)
	r := p.relation()
	p.expect(tokRParen)
	return r
}

// tupleRelation is (a, b) <operator> ...
func (p *parser) tupleRelation() Relation {
	r := Relation{Kind: MultiColumn, Columns: p.tupleOfIdentifiers()}
	switch {
	case p.tok == kIn:
		p.peek(2)
		p.advance()
		r.Op = In
		r.Value, r.Values = p.tupleInValues()
	case relationOperators.has(p.tok):
		if next := p.peek(2); next != tokLParen && next != tokQMark && next != tokColon {
			p.noViable(2)
			return r
		}
		r.Op = p.relationType()
		if p.tok == tokLParen {
			r.Value = p.tupleLiteral()
		} else {
			r.Value = p.marker()
		}
	default:
		p.noViable(1)
	}
	return r
}

// tupleInValues is the right side of (a, b) IN: a marker, or a list of tuples
// or of markers.
func (p *parser) tupleInValues() (value Expr, values []Expr) {
	if p.isMarker() {
		return p.marker(), nil
	}
	if p.tok != tokLParen {
		p.noViable(1)
		return nil, nil
	}
	element := p.tupleLiteral
	switch p.peek(2) {
	case tokRParen:
		p.expectAll(tokLParen, tokRParen)
		return nil, []Expr{}
	case tokLParen:
	case tokQMark, tokColon:
		element = func() Expr { return p.marker() }
	default:
		p.noViable(2)
		return nil, nil
	}
	p.expect(tokLParen)
	values = append(values, element())
	for p.accept(tokComma) {
		values = append(values, element())
	}
	p.expect(tokRParen)
	return nil, values
}

// inValues is the right side of IN for one column: a list in parentheses
// (singleColumnInValues) or a marker (inMarker).
func (p *parser) inValues() (value Expr, values []Expr) {
	if p.isMarker() {
		return p.marker(), nil
	}
	if p.tok != tokLParen {
		p.noViable(1)
		return nil, nil
	}
	p.expect(tokLParen)
	values = []Expr{}
	if p.tok.is(classTerm) {
		values = p.terms()
	}
	p.expect(tokRParen)
	return nil, values
}

// tupleOfIdentifiers is rule tupleOfIdentifiers.
func (p *parser) tupleOfIdentifiers() []string {
	p.expect(tokLParen)
	names := p.cidents()
	p.expect(tokRParen)
	return names
}

// containsOperator is rule containsOperator: CONTAINS [KEY].
func (p *parser) containsOperator() Operator {
	p.expect(kContains)
	if p.tok == kKey && p.peek(2).is(classTerm) {
		p.advance()
		return ContainsKey
	}
	return Contains
}

// relationType is rule relationType: a comparison operator.
func (p *parser) relationType() Operator {
	var op Operator
	switch p.tok {
	case tokEq:
		op = Eq
	case tokLt:
		op = Lt
	case tokLte:
		op = Lte
	case tokGt:
		op = Gt
	case tokGte:
		op = Gte
	case tokNeq:
		op = Neq
	default:
		p.noViable(1)
	}
	p.advance()
	return op
}
