package cql

// describeFollow ends the name of a DESCRIBE.
var describeFollow = setOf(kWith, tokSemicolon, tokEOF)

// describeWhole are the keywords that describe something without a name.
var describeWhole = map[kind]DescribeKind{
	kCluster: DescribeCluster, kKeyspaces: DescribeKeyspaces, kTables: DescribeTables, kTypes: DescribeTypes,
	kFunctions: DescribeFunctions, kAggregates: DescribeAggregates, kSchema: DescribeSchema,
}

// describeStatement is rule describeStatement.
func (p *parser) describeStatement() Statement {
	p.advance()
	s := &Describe{}
	if whole, ok := describeWhole[p.tok]; ok {
		if p.tok != kSchema {
			p.peek(3)
		}
		s.Kind = whole
		p.advance()
	} else {
		p.describeNamed(s)
	}
	if p.tok == kWith {
		p.expectAll(kWith, kInternals)
		s.Internals = true
	}
	return s
}

// describeNamed is a DESCRIBE with a name. Some of its keywords may be the name
// itself, which the next token decides.
func (p *parser) describeNamed(s *Describe) {
	switch p.tok {
	case kFull:
		s.Kind = DescribeFullSchema
		p.expectAll(kFull, kSchema)
	case kKeyspace:
		p.describeKeyspace(s)
	case kColumnFamily:
		p.advance()
		s.Kind, s.Name = DescribeTable, p.tableName()
	case kIndex:
		p.advance()
		s.Kind, s.Name = DescribeIndex, p.tableName()
	case kMaterialized:
		p.expectAll(kMaterialized, kView)
		s.Kind, s.Name = DescribeView, p.tableName()
	case kOnly, kType, kFunction, kAggregate:
		next := p.peek(2)
		switch {
		case next == tokDot || describeFollow.has(next):
			p.describeGeneric(s)
		case !p.describeObject(s, next):
			p.noViable(2)
		}
	default:
		p.describeGeneric(s)
	}
}

// describeObject is a DESCRIBE of the object that the current keyword says;
// false when next can't stand behind it.
func (p *parser) describeObject(s *Describe, next kind) bool {
	k := p.tok
	isName := next.is(classIdent)
	switch {
	case k == kOnly && next == kKeyspace:
		s.Only = true
		p.advance()
		p.describeKeyspace(s)
	case k == kType && isName:
		p.advance()
		s.Kind, s.Name = DescribeType, p.userTypeName()
	case (k == kFunction || k == kAggregate) && (isName || next == kToken || next == tokQMark):
		s.Kind = DescribeFunction
		if k == kAggregate {
			s.Kind = DescribeAggregate
		}
		p.advance()
		s.Name = p.functionName()
	default:
		return false
	}
	return true
}

// describeKeyspace is KEYSPACE name?.
func (p *parser) describeKeyspace(s *Describe) {
	p.expect(kKeyspace)
	s.Kind = DescribeKeyspace
	if p.tok.is(classIdent) || p.tok == tokQMark {
		s.Name.Keyspace = p.keyspaceName()
	}
}

// describeGeneric is DESCRIBE (keyspace '.')? name.
func (p *parser) describeGeneric(s *Describe) {
	if !p.tok.is(classIdent) {
		p.noViable(1)
		return
	}
	s.Kind = DescribeGeneric
	switch next := p.peek(2); {
	case next == tokDot:
		s.Name.Keyspace = p.ident()
		p.advance()
	case !describeFollow.has(next):
		p.noViable(2)
		return
	default:
		p.peek(3)
	}
	s.Name.Name = p.ident()
}
