package cql

// addIdentityStatement is rule addIdentityStatement.
func (p *parser) addIdentityStatement() Statement {
	p.expectAll(kAdd, kIdentity)
	s := &AddIdentity{IfNotExists: p.ifNotExists(), Identity: p.identity()}
	p.expectAll(kTo, kRole)
	s.Role = p.identity()
	return s
}

// dropIdentityStatement is rule dropIdentityStatement.
func (p *parser) dropIdentityStatement() Statement {
	p.expectAll(kDrop, kIdentity)
	return &DropIdentity{IfExists: p.ifExists(), Identity: p.identity()}
}

// identity is rule identity.
func (p *parser) identity() string {
	return p.plainName("Quoted strings are are not supported for identity")
}
