package cql

// createTableStatement is rule createTableStatement.
func (p *parser) createTableStatement() Statement {
	p.expectAll(kCreate, kColumnFamily)
	s := &CreateTable{IfNotExists: p.ifNotExists(), Table: p.tableName()}
	p.expect(tokLParen)
	p.tableColumns(s)
	for p.accept(tokComma) {
		if p.tok.is(classIdent) || p.tok == kPrimary {
			p.tableColumns(s)
		}
	}
	p.expect(tokRParen)
	if p.accept(kWith) {
		p.tableProperty(s)
		for p.accept(kAnd) {
			p.tableProperty(s)
		}
	}
	return s
}

// tableColumns is rule tableColumns: a column, or the PRIMARY KEY clause.
func (p *parser) tableColumns(s *CreateTable) {
	if p.tok == kPrimary {
		p.expectAll(kPrimary, kKey, tokLParen)
		s.PrimaryKeys++
		s.PartitionKey = p.partitionKey()
		for p.accept(tokComma) {
			s.Clustering = append(s.Clustering, p.ident())
		}
		p.expect(tokRParen)
		return
	}
	if !p.tok.is(classIdent) {
		p.noViable(1)
		return
	}
	c := p.columnDef()
	if p.tok == kPrimary {
		p.expectAll(kPrimary, kKey)
		c.PrimaryKey = true
		s.PrimaryKeys++
		s.PartitionKey = []string{c.Name}
	}
	s.Columns = append(s.Columns, c)
}

// columnDef is ident comparatorType STATIC? columnMask?.
func (p *parser) columnDef() ColumnDef {
	c := ColumnDef{Name: p.ident(), Type: p.comparatorType()}
	c.Static = p.accept(kStatic)
	if p.tok == kMasked {
		c.Mask = p.columnMask()
	}
	return c
}

// partitionKey is rule tablePartitionKey.
func (p *parser) partitionKey() []string {
	if p.tok != tokLParen {
		return []string{p.ident()}
	}
	p.advance()
	names := p.idents()
	p.expect(tokRParen)
	return names
}

// tableProperty is rule tableProperty.
func (p *parser) tableProperty(s *CreateTable) {
	if p.tok == kCompact || p.tok == kClustering {
		next := p.peek(2)
		switch {
		case p.tok == kCompact && next == kStorage:
			p.expectAll(kCompact, kStorage)
			s.CompactStorage = true
			return
		case p.tok == kClustering && next == kOrder:
			p.expectAll(kClustering, kOrder, kBy)
			s.ClusteringOrder = append(s.ClusteringOrder, p.clusteringOrder()...)
			return
		case next != tokEq:
			p.noViable(2)
			return
		}
	}
	p.property(&s.Properties)
}

// clusteringOrder is the list in parentheses behind CLUSTERING ORDER BY.
func (p *parser) clusteringOrder() (list []ClusteringOrder) {
	p.expect(tokLParen)
	for {
		o := ClusteringOrder{Column: p.ident(), Desc: p.tok == kDesc}
		if p.tok != kAsc && p.tok != kDesc {
			p.noViable(1)
		}
		p.advance()
		list = append(list, o)
		if !p.accept(tokComma) {
			p.expect(tokRParen)
			return list
		}
	}
}

// columnMask is rule columnMask. MASKED WITH DEFAULT is mask_default().
func (p *parser) columnMask() *FunctionCall {
	if p.peek(2) != kWith {
		p.noViable(2)
		return nil
	}
	isDefault := false
	switch function := p.peek(3); {
	case function == kDefault:
		switch next := p.peek(4); {
		case next == tokRParen || next == tokComma || next == tokSemicolon || next == kPrimary || next == tokEOF:
			isDefault = true
		case next != tokLParen && next != tokDot:
			p.noViable(4)
			return nil
		}
	case !function.is(classIdent) && function != kToken && function != tokQMark:
		p.noViable(3)
		return nil
	}
	p.expectAll(kMasked, kWith)
	if isDefault {
		p.advance()
		return &FunctionCall{Keyspace: "system", Name: "mask_default"}
	}
	name := p.functionName()
	mask := &FunctionCall{Keyspace: name.Keyspace, Name: name.Name}
	if p.tok != tokLParen {
		p.noViable(1)
		return nil
	}
	if next := p.peek(2); next != tokRParen && !next.is(classTerm) {
		p.noViable(2)
		return nil
	}
	p.expect(tokLParen)
	if p.tok != tokRParen {
		mask.Args = p.terms()
	}
	p.expect(tokRParen)
	return mask
}
