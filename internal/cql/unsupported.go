package cql

// The statements below are parsed in full, so that mistakes in them are told
// as Cassandra does, and then come out as *Unsupported.

// createFunctionStatement is rule createFunctionStatement.
func (p *parser) createFunctionStatement() Statement {
	p.expect(kCreate)
	if p.accept(kOr) {
		p.expect(kReplace)
	}
	p.expect(kFunction)
	p.ifNotExists()
	p.functionName()
	p.expect(tokLParen)
	if p.tok.is(classIdent) {
		p.fieldDef()
		for p.accept(tokComma) {
			p.fieldDef()
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
	p.unsupported = "CREATE FUNCTION"
	return nil
}

// createAggregateStatement is rule createAggregateStatement.
func (p *parser) createAggregateStatement() Statement {
	p.expect(kCreate)
	if p.accept(kOr) {
		p.expect(kReplace)
	}
	p.expect(kAggregate)
	p.ifNotExists()
	p.functionName()
	p.types()
	p.expect(kSFunc)
	p.allowedFunctionName()
	p.expect(kSType)
	p.comparatorType()
	if p.accept(kFinalFunc) {
		p.allowedFunctionName()
	}
	if p.accept(kInitCond) {
		p.term()
	}
	p.unsupported = "CREATE AGGREGATE"
	return nil
}

// dropFunctionStatement is rule dropFunctionStatement or dropAggregateStatement.
func (p *parser) dropFunctionStatement(what string) Statement {
	p.expect(kDrop)
	p.advance()
	p.ifExists()
	p.functionName()
	if p.tok == tokLParen {
		p.types()
	}
	p.unsupported = what
	return nil
}

// createTriggerStatement is rule createTriggerStatement.
func (p *parser) createTriggerStatement() Statement {
	p.expectAll(kCreate, kTrigger)
	p.ifNotExists()
	p.ident()
	p.expect(kOn)
	p.tableName()
	p.expectAll(kUsing, tokString)
	p.unsupported = "CREATE TRIGGER"
	return nil
}

// dropTriggerStatement is rule dropTriggerStatement.
func (p *parser) dropTriggerStatement() Statement {
	p.expectAll(kDrop, kTrigger)
	p.ifExists()
	p.ident()
	p.expect(kOn)
	p.tableName()
	p.unsupported = "DROP TRIGGER"
	return nil
}

// createViewStatement is rule createMaterializedViewStatement.
func (p *parser) createViewStatement() Statement {
	p.expectAll(kCreate, kMaterialized, kView)
	p.ifNotExists()
	p.tableName()
	p.expectAll(kAs, kSelect)
	p.selectors()
	p.expect(kFrom)
	p.tableName()
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
	p.unsupported = "CREATE MATERIALIZED VIEW"
	return nil
}

// alterViewStatement is rule alterMaterializedViewStatement.
func (p *parser) alterViewStatement() Statement {
	p.expectAll(kAlter, kMaterialized, kView)
	p.ifExists()
	p.tableName()
	p.expect(kWith)
	p.properties()
	p.unsupported = "ALTER MATERIALIZED VIEW"
	return nil
}

// dropViewStatement is rule dropMaterializedViewStatement.
func (p *parser) dropViewStatement() Statement {
	p.expectAll(kDrop, kMaterialized, kView)
	p.ifExists()
	p.tableName()
	p.unsupported = "DROP MATERIALIZED VIEW"
	return nil
}

// addIdentityStatement is rule addIdentityStatement.
func (p *parser) addIdentityStatement() Statement {
	p.expectAll(kAdd, kIdentity)
	p.ifNotExists()
	p.identity()
	p.expectAll(kTo, kRole)
	p.identity()
	p.unsupported = "ADD IDENTITY"
	return nil
}

// dropIdentityStatement is rule dropIdentityStatement.
func (p *parser) dropIdentityStatement() Statement {
	p.expectAll(kDrop, kIdentity)
	p.ifExists()
	p.identity()
	p.unsupported = "DROP IDENTITY"
	return nil
}

// identity is rule identity.
func (p *parser) identity() {
	switch p.tok {
	case tokIdent, tokString:
		p.advance()
	case tokQuotedName:
		p.refuse("Quoted strings are are not supported for identity")
		p.advance()
	default:
		p.noViable(1)
	}
}
