package cql

import "strings"

// Names of tables that are also words of resources end at one of these.
var resourceFollow = setOf(kFrom, kNoRecursive, kOf, kTo, tokDot, tokSemicolon, tokEOF)

// resource is rule resource: what permissions are about.
func (p *parser) resource() Resource {
	if !p.tok.is(classIdent) && p.tok != tokQMark && p.tok != kKeyspace && p.tok != kColumnFamily {
		p.noViable(1)
		return Resource{}
	}
	next := p.peek(2)
	name := resourceFollow.has(next)
	switch p.tok {
	case kAll:
		return p.allResource(next)
	case kRole:
		if next.is(classIdent) || next == tokQMark || next == tokString {
			p.advance()
			return Resource{Kind: RoleResource, Name: p.roleName()}
		}
	case kFunction:
		if next.is(classIdent) || next == tokQMark || next == kToken {
			return p.functionResource()
		}
	case kMBean, kMBeans:
		if next == tokString {
			return p.mbeanResource()
		}
	case kKeyspace:
		p.advance()
		return Resource{Kind: KeyspaceResource, Keyspace: p.keyspaceName()}
	case kColumnFamily:
		p.advance()
		name = true
	default:
		name = true
	}
	if !name {
		p.noViable(2)
		return Resource{}
	}
	table := p.tableName()
	return Resource{Kind: TableResource, Keyspace: table.Keyspace, Name: table.Name}
}

// allResource is a resource that starts with ALL (or a table of that name).
func (p *parser) allResource(next kind) Resource {
	switch next {
	case kKeyspaces:
		p.expectAll(kAll, kKeyspaces)
		return Resource{Kind: AllKeyspaces}
	case kTables:
		p.expectAll(kAll, kTables, kIn, kKeyspace)
		return Resource{Kind: AllTables, Keyspace: p.keyspaceName()}
	case kRoles:
		p.expectAll(kAll, kRoles)
		return Resource{Kind: AllRoles}
	case kMBeans:
		p.expectAll(kAll, kMBeans)
		return Resource{Kind: AllMBeans}
	case kFunctions:
		switch third := p.peek(3); {
		case third == kIn:
			p.expectAll(kAll, kFunctions, kIn, kKeyspace)
			return Resource{Kind: KeyspaceFunctions, Keyspace: p.keyspaceName()}
		case third == tokDot || !resourceFollow.has(third):
			p.noViable(3)
		}
		p.expectAll(kAll, kFunctions)
		return Resource{Kind: AllFunctions}
	}
	if !resourceFollow.has(next) {
		p.noViable(2)
		return Resource{}
	}
	table := p.tableName()
	return Resource{Kind: TableResource, Keyspace: table.Keyspace, Name: table.Name}
}

// functionResource is FUNCTION name(types).
func (p *parser) functionResource() Resource {
	p.expect(kFunction)
	name := p.functionName()
	return Resource{Kind: FunctionResource, Keyspace: name.Keyspace, Name: name.Name, Args: p.types()}
}

// mbeanResource is MBEAN or MBEANS and a JMX object name (a pattern for MBEANS).
func (p *parser) mbeanResource() Resource {
	plural := p.tok == kMBeans
	p.advance()
	r := Resource{Kind: MBeanResource, Name: p.stringLiteral()}
	domain, keys, ok := strings.Cut(r.Name, ":")
	pattern := strings.ContainsAny(domain, "*?") || strings.ContainsAny(keys, "*?")
	switch {
	case r.Name == "":
		p.refuse("Empty JMX object name supplied")
	case r.Name == "*:*":
		p.refuse("Please use ALL MBEANS instead of wildcard pattern")
	case !ok || keys == "" || keys != "*" && !strings.Contains(keys, "="):
		p.refuse("%s is not a valid JMX object name", r.Name)
	case plural && !pattern:
		p.refuse("Plural form used, but non-pattern JMX object name specified (%s)", r.Name)
	}
	return r
}
