package cql

// batchStatement is rule batchStatement.
func (p *parser) batchStatement() Statement {
	p.expect(kBegin)
	b := &Batch{Kind: Logged}
	switch {
	case p.accept(kUnlogged):
		b.Kind = Unlogged
	case p.accept(kCounter):
		b.Kind = CounterBatch
	}
	p.expect(kBatch)
	p.usingClause(&b.Using)
	for {
		switch p.tok {
		case kInsert:
			b.Statements = append(b.Statements, p.insertStatement())
		case kUpdate:
			b.Statements = append(b.Statements, p.updateStatement())
		case kDelete:
			b.Statements = append(b.Statements, p.deleteStatement())
		default:
			p.expectAll(kApply, kBatch)
			return b
		}
		p.accept(tokSemicolon)
	}
}
