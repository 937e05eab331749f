package cql

// The statements below are parsed in full, so that mistakes in them are told
// as Cassandra does, and then come out as *Unsupported.

// createFunctionStatement is rule createFunctionStatement.
func (p *parser) createFunctionStatement() Statement {
	u := &Unsupported{What: "CREATE FUNCTION"}
	p.expect(kCreate)
	if u.OrReplace = p.accept(kOr); u.OrReplace {
		p.expect(kReplace)
	}
	p.expect(kFunction)
	u.IfNotExists = p.ifNotExists()
	u.Name = p.functionName()
	p.expect(tokLParen)
	if p.tok.is(classIdent) {
		u.Args = append(u.Args, p.fieldDef().Type)
		for p.accept(tokComma) {
			u.Args = append(u.Args, p.fieldDef().Type)
		}
	}
	p.expect(tokRParen)
	switch {
	case p.accept(kReturns):
		p.expect(kNull)
	case !p.accept(kCalled):
		p.noViable(1)
	}
	p.expectAll(kOn, kNull, kInput, kReturns)
	p.comparatorType()
	p.expectAll(kLanguage, tokIdent, kAs, tokString)
	return u
}

// createAggregateStatement is rule createAggregateStatement.
func (p *parser) createAggregateStatement() Statement {
	u := &Unsupported{What: "CREATE AGGREGATE"}
	p.expect(kCreate)
	if u.OrReplace = p.accept(kOr); u.OrReplace {
		p.expect(kReplace)
	}
	p.expect(kAggregate)
	u.IfNotExists = p.ifNotExists()
	u.Name = p.functionName()
	u.Args = p.types()
	p.expect(kSFunc)
	u.StateFunction = p.allowedFunctionName()
	p.expect(kSType)
	u.StateType = p.comparatorType()
	if p.accept(kFinalFunc) {
		p.allowedFunctionName()
	}
	if p.accept(kInitCond) {
		p.term()
	}
	return u
}

// dropFunctionStatement is rule dropFunctionStatement or dropAggregateStatement.
func (p *parser) dropFunctionStatement(what string) Statement {
	u := &Unsupported{What: what}
	p.expect(kDrop)
	p.advance()
	u.IfExists = p.ifExists()
	u.Name = p.functionName()
	if u.HasArgs = p.tok == tokLParen; u.HasArgs {
		u.Args = p.types()
	}
	return u
}

// createTriggerStatement is rule createTriggerStatement.
func (p *parser) createTriggerStatement() Statement {
	u := &Unsupported{What: "CREATE TRIGGER"}
	p.expectAll(kCreate, kTrigger)
	u.IfNotExists = p.ifNotExists()
	u.Name.Name = p.ident()
	p.expect(kOn)
	u.Table = p.tableName()
	p.expect(kUsing)
	u.Class = p.stringLiteral()
	return u
}

// dropTriggerStatement is rule dropTriggerStatement.
func (p *parser) dropTriggerStatement() Statement {
	u := &Unsupported{What: "DROP TRIGGER"}
	p.expectAll(kDrop, kTrigger)
	u.IfExists = p.ifExists()
	u.Name.Name = p.ident()
	p.expect(kOn)
	u.Table = p.tableName()
	return u
}

// createViewStatement is rule createMaterializedViewStatement.
func (p *parser) createViewStatement() Statement {
	u := &Unsupported{What: "CREATE MATERIALIZED VIEW"}
	p.expectAll(kCreate, kMaterialized, kView)
	u.IfNotExists = p.ifNotExists()
	u.Name = p.tableName()
	p.expectAll(kAs, kSelect)
	p.selectors()
	p.expect(kFrom)
	u.Table = p.tableName()
	if p.accept(kWhere) {
		p.whereClause()
	}
	p.expectAll(kPrimary, kKey, tokLParen)
	p.partitionKey()
	for p.accept(tokComma) {
		p.ident()
	}
	p.expect(tokRParen)
	if p.accept(kWith) {
		s := &CreateTable{}
		p.tableProperty(s)
		for p.accept(kAnd) {
			p.tableProperty(s)
		}
		if s.CompactStorage {
			p.refuse("COMPACT STORAGE tables are not allowed starting with version 4.0")
		}
	}
	return u
}

// alterViewStatement is rule alterMaterializedViewStatement.
func (p *parser) alterViewStatement() Statement {
	u := &Unsupported{What: "ALTER MATERIALIZED VIEW"}
	p.expectAll(kAlter, kMaterialized, kView)
	u.IfExists = p.ifExists()
	u.Name = p.tableName()
	p.expect(kWith)
	p.properties()
	return u
}

// dropViewStatement is rule dropMaterializedViewStatement.
func (p *parser) dropViewStatement() Statement {
	u := &Unsupported{What: "DROP MATERIALIZED VIEW"}
	p.expectAll(kDrop, kMaterialized, kView)
	u.IfExists = p.ifExists()
	u.Name = p.tableName()
	return u
}
