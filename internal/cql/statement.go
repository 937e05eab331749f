package cql

// statement is rule cqlStatement: it picks the rule by the first tokens.
func (p *parser) statement() Statement {
	switch p.tok {
	case kSelect:
		return p.selectStatement()
	case kInsert:
		return p.insertStatement()
	case kUpdate:
		return p.updateStatement()
	case kDelete:
		return p.deleteStatement()
	case kBegin:
		return p.batchStatement()
	case kUse:
		return p.useStatement()
	case kTruncate:
		return p.truncateStatement()
	case kDescribe, kDesc:
		return p.describeStatement()
	case kAdd:
		return p.addIdentityStatement()
	case kCreate:
		return p.createStatement()
	case kDrop:
		return p.dropStatement()
	case kAlter:
		return p.alterStatement()
	case kGrant, kRevoke:
		return p.grantOrRevokeStatement()
	case kList:
		return p.listStatement()
	}
	p.noViable(1)
	return nil
}

func (p *parser) createStatement() Statement {
	k := 2
	if p.peek(2) == kOr {
		if p.peek(3) != kReplace {
			p.noViable(3)
			return nil
		}
		k = 4
	}
	object := p.peek(k)
	switch {
	case object == kFunction:
		return p.createFunctionStatement()
	case object == kAggregate:
		return p.createAggregateStatement()
	case k > 2:
		p.noViable(k)
		return nil
	}
	switch object {
	case kKeyspace:
		return p.createKeyspaceStatement()
	case kColumnFamily:
		return p.createTableStatement()
	case kUser:
		return p.createUserStatement()
	case kTrigger:
		return p.createTriggerStatement()
	case kType:
		return p.createTypeStatement()
	case kRole:
		return p.createRoleStatement()
	case kMaterialized:
		return p.createViewStatement()
	case kCustom, kIndex:
		return p.createIndexStatement()
	}
	p.noViable(2)
	return nil
}

func (p *parser) dropStatement() Statement {
	switch p.peek(2) {
	case kKeyspace:
		p.expectAll(kDrop, kKeyspace)
		return &DropKeyspace{IfExists: p.ifExists(), Name: p.keyspaceName()}
	case kColumnFamily:
		p.expectAll(kDrop, kColumnFamily)
		return &DropTable{IfExists: p.ifExists(), Table: p.tableName()}
	case kIndex:
		p.expectAll(kDrop, kIndex)
		return &DropIndex{IfExists: p.ifExists(), Index: p.indexName()}
	case kType:
		p.expectAll(kDrop, kType)
		return &DropType{IfExists: p.ifExists(), Type: p.userTypeName()}
	case kUser:
		p.expectAll(kDrop, kUser)
		return &DropRole{User: true, IfExists: p.ifExists(), Name: p.userName()}
	case kRole:
		p.expectAll(kDrop, kRole)
		return &DropRole{IfExists: p.ifExists(), Name: p.roleName()}
	case kTrigger:
		return p.dropTriggerStatement()
	case kFunction:
		return p.dropFunctionStatement("DROP FUNCTION")
	case kAggregate:
		return p.dropFunctionStatement("DROP AGGREGATE")
	case kMaterialized:
		return p.dropViewStatement()
	case kIdentity:
		return p.dropIdentityStatement()
	}
	p.noViable(2)
	return nil
}

func (p *parser) alterStatement() Statement {
	switch p.peek(2) {
	case kColumnFamily:
		return p.alterTableStatement()
	case kKeyspace:
		return p.alterKeyspaceStatement()
	case kUser:
		return p.alterUserStatement()
	case kType:
		return p.alterTypeStatement()
	case kRole:
		return p.alterRoleStatement()
	case kMaterialized:
		return p.alterViewStatement()
	}
	p.noViable(2)
	return nil
}

// useStatement is rule useStatement.
func (p *parser) useStatement() Statement {
	p.expect(kUse)
	return &Use{Keyspace: p.keyspaceName()}
}

// truncateStatement is rule truncateStatement.
func (p *parser) truncateStatement() Statement {
	p.expect(kTruncate)
	p.accept(kColumnFamily)
	return &Truncate{Table: p.tableName()}
}
