package cql

// createKeyspaceStatement is rule createKeyspaceStatement.
func (p *parser) createKeyspaceStatement() Statement {
	p.expectAll(kCreate, kKeyspace)
	s := &CreateKeyspace{IfNotExists: p.ifNotExists(), Name: p.keyspaceName()}
	p.expect(kWith)
	s.Properties = p.properties()
	return s
}

// alterKeyspaceStatement is rule alterKeyspaceStatement.
func (p *parser) alterKeyspaceStatement() Statement {
	p.expectAll(kAlter, kKeyspace)
	s := &AlterKeyspace{IfExists: p.ifExists(), Name: p.keyspaceName()}
	p.expect(kWith)
	s.Properties = p.properties()
	return s
}
