package cql

import "strconv"

// alterTableStatement is rule alterTableStatement.
func (p *parser) alterTableStatement() Statement {
	p.expectAll(kAlter, kColumnFamily)
	s := &AlterTable{IfExists: p.ifExists(), Table: p.tableName()}
	switch p.tok {
	case kAdd:
		p.peek(2)
		p.alterTableAdd(s)
	case kRename:
		p.peek(2)
		p.advance()
		s.Kind, s.IfColumn = AlterRename, p.ifExists()
		s.Rename = p.renamings()
	case kWith:
		p.peek(2)
		p.advance()
		s.Kind, s.Properties = AlterWith, p.properties()
	case kAlter:
		p.alterTableAlter(s)
	case kDrop:
		p.alterTableDrop(s)
	default:
		p.noViable(1)
	}
	return s
}

// alterTableAdd is ADD column, or ADD (column, ...).
func (p *parser) alterTableAdd(s *AlterTable) {
	p.expect(kAdd)
	s.Kind, s.IfColumn = AlterAdd, p.ifNotExists()
	if p.tok != tokLParen {
		s.Add = []ColumnDef{p.columnDef()}
		return
	}
	p.advance()
	s.Add = append(s.Add, p.columnDef())
	for p.accept(tokComma) {
		s.Add = append(s.Add, p.columnDef())
	}
	p.expect(tokRParen)
}

// alterTableAlter is ALTER column TYPE, or a change of the column's mask.
func (p *parser) alterTableAlter(s *AlterTable) {
	second := p.peek(2)
	if second != kIf {
		if !second.is(classIdent) && second != tokEmptyQuotedName {
			p.noViable(2)
			return
		}
		switch p.peek(3) {
		case kType:
			p.expect(kAlter)
			s.Kind, s.Column = AlterColumnType, p.cident()
			p.expect(kType)
			s.Type = p.comparatorType()
			return
		case kDrop, kMasked:
			p.peek(4)
		default:
			p.noViable(3)
			return
		}
	}
	p.peek(3)
	p.expect(kAlter)
	s.Kind, s.IfColumn = AlterMask, p.ifExists()
	s.Column = p.cident()
	switch p.tok {
	case kMasked:
		s.Mask = p.columnMask()
	case kDrop:
		p.expectAll(kDrop, kMasked)
	default:
		p.noViable(1)
	}
}

// alterTableDrop is DROP column, DROP (column, ...) or DROP COMPACT STORAGE.
func (p *parser) alterTableDrop(s *AlterTable) {
	second := p.peek(2)
	switch {
	case second == kCompact:
		switch p.peek(3) {
		case kStorage:
			p.peek(4)
			p.expectAll(kDrop, kCompact, kStorage)
			s.Kind = AlterDropCompact
			return
		case kUsing, tokSemicolon, tokEOF:
			p.peek(4)
		default:
			p.noViable(3)
			return
		}
	case !second.is(classIdent) && second != kIf && second != tokLParen:
		p.noViable(2)
		return
	}
	p.peek(3)
	p.expect(kDrop)
	s.Kind, s.IfColumn = AlterDrop, p.ifExists()
	switch {
	case p.tok == tokLParen:
		p.advance()
		s.Drop = p.idents()
		p.expect(tokRParen)
	default:
		s.Drop = []string{p.ident()}
	}
	if p.tok == kUsing {
		p.expectAll(kUsing, kTimestamp)
		s.DropTimestamp = p.timestampLiteral()
	}
}

// timestampLiteral is an INTEGER that fits a Java long.
func (p *parser) timestampLiteral() *Literal {
	if p.tok != tokInteger {
		p.mismatched(tokInteger)
		return nil
	}
	if _, err := strconv.ParseInt(p.text(), 10, 64); err != nil {
		p.refuse(failedParsing+"NumberFormatException For input string: \"%s\"", p.lex.text, p.text())
	}
	return p.constant()
}

// renamings is ident TO ident (AND ident TO ident)*.
func (p *parser) renamings() (list []Renaming) {
	for {
		from := p.ident()
		p.expect(kTo)
		list = append(list, Renaming{From: from, To: p.ident()})
		if !p.accept(kAnd) {
			return list
		}
	}
}
