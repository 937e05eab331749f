package cql

// createIndexStatement is rule createIndexStatement.
func (p *parser) createIndexStatement() Statement {
	p.expect(kCreate)
	s := &CreateIndex{Custom: p.accept(kCustom)}
	p.expect(kIndex)
	s.IfNotExists = p.ifNotExists()
	if p.tok.is(classIdent) || p.tok == tokQMark {
		s.Name.Name = p.objectName("index")
	}
	p.expect(kOn)
	s.Table = p.tableName()
	p.expect(tokLParen)
	if p.tok.is(classIdent) || p.tok == tokEmptyQuotedName || p.tok == kEntries || p.tok == kFull {
		s.Targets = append(s.Targets, p.indexTarget())
		for p.accept(tokComma) {
			s.Targets = append(s.Targets, p.indexTarget())
		}
	}
	p.expect(tokRParen)
	if p.accept(kUsing) {
		s.Class, s.HasUsing = p.stringLiteral(), true
	}
	if p.accept(kWith) {
		for _, prop := range p.properties() {
			if prop.Name == "options" && prop.IsMap {
				s.Options = prop.Map
			} else {
				s.Properties = append(s.Properties, prop)
			}
		}
	}
	return s
}

// indexTarget is rule indexIdent.
func (p *parser) indexTarget() (t IndexTargetDef) {
	k := p.tok
	switch k {
	case kValues, kKeys:
		switch p.peek(2) {
		case tokLParen:
		case tokRParen, tokComma:
			t.Column = p.cident()
			return t
		default:
			p.noViable(2)
			return t
		}
		t.Kind = IndexValues
		if k == kKeys {
			t.Kind = IndexKeys
		}
	case kEntries:
		t.Kind = IndexEntries
	case kFull:
		t.Kind = IndexFull
	default:
		t.Column = p.cident()
		return t
	}
	p.advance()
	p.expect(tokLParen)
	t.Column = p.cident()
	p.expect(tokRParen)
	return t
}
