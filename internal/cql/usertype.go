package cql

// createTypeStatement is rule createTypeStatement.
func (p *parser) createTypeStatement() Statement {
	p.expectAll(kCreate, kType)
	s := &CreateType{IfNotExists: p.ifNotExists(), Type: p.userTypeName()}
	p.expect(tokLParen)
	s.Fields = append(s.Fields, p.fieldDef())
	for p.accept(tokComma) {
		if p.tok.is(classIdent) {
			s.Fields = append(s.Fields, p.fieldDef())
		}
	}
	p.expect(tokRParen)
	return s
}

// fieldDef is rule typeColumns.
func (p *parser) fieldDef() FieldDef {
	return FieldDef{Name: p.ident(), Type: p.comparatorType()}
}

// alterTypeStatement is rule alterTypeStatement.
func (p *parser) alterTypeStatement() Statement {
	p.expectAll(kAlter, kType)
	s := &AlterType{IfExists: p.ifExists(), Type: p.userTypeName()}
	switch p.tok {
	case kAlter:
		p.advance()
		f := FieldDef{Name: p.ident()}
		p.expect(kType)
		f.Type = p.comparatorType()
		s.Alter = &f
	case kAdd:
		p.advance()
		s.IfField = p.ifNotExists()
		s.Add = []FieldDef{p.fieldDef()}
	case kRename:
		p.advance()
		s.IfField = p.ifExists()
		s.Rename = p.renamings()
	default:
		p.noViable(1)
	}
	return s
}
