package cql

// createRoleStatement is rule createRoleStatement.
func (p *parser) createRoleStatement() Statement {
	p.expectAll(kCreate, kRole)
	s := &CreateRole{IfNotExists: p.ifNotExists(), Name: p.roleName()}
	if p.accept(kWith) {
		p.roleOptions(&s.Options)
	}
	return s
}

// alterRoleStatement is rule alterRoleStatement.
func (p *parser) alterRoleStatement() Statement {
	p.expectAll(kAlter, kRole)
	s := &AlterRole{IfExists: p.ifExists(), Name: p.roleName()}
	if p.accept(kWith) {
		p.roleOptions(&s.Options)
	}
	return s
}

// createUserStatement is rule createUserStatement. A user is a role that may
// log in, and a superuser only if it says so.
func (p *parser) createUserStatement() Statement {
	p.expectAll(kCreate, kUser)
	s := &CreateRole{User: true, IfNotExists: p.ifNotExists(), Name: p.userName()}
	p.userOptions(&s.Options)
	login := true
	s.Options.Login = &login
	if s.Options.Superuser == nil {
		s.Options.Superuser = new(bool)
	}
	return s
}

// alterUserStatement is rule alterUserStatement.
func (p *parser) alterUserStatement() Statement {
	p.expectAll(kAlter, kUser)
	s := &AlterRole{User: true, IfExists: p.ifExists(), Name: p.userName()}
	p.userOptions(&s.Options)
	return s
}

// userOptions is (WITH userPassword)? (SUPERUSER | NOSUPERUSER)?.
func (p *parser) userOptions(o *RoleOptions) {
	if p.accept(kWith) {
		switch {
		case p.accept(kPassword):
			password := p.stringLiteral()
			o.Password = &password
		case p.accept(kHashed):
			p.expect(kPassword)
			password := p.stringLiteral()
			o.HashedPassword = &password
		default:
			p.noViable(1)
		}
	}
	if p.tok == kSuperuser || p.tok == kNoSuperuser {
		superuser := p.tok == kSuperuser
		o.Superuser = &superuser
		p.advance()
	}
}

// roleOptions is rule roleOptions.
func (p *parser) roleOptions(o *RoleOptions) {
	p.roleOption(o)
	for p.accept(kAnd) {
		p.roleOption(o)
	}
	if o.Password != nil && o.HashedPassword != nil {
		p.refuse("Options 'password' and 'hashed password' are mutually exclusive")
	}
}

// roleOption is rule roleOption.
func (p *parser) roleOption(o *RoleOptions) {
	switch p.tok {
	case kPassword:
		p.expectAll(kPassword, tokEq)
		setOption(p, &o.Password, "PASSWORD", p.stringLiteral())
	case kHashed:
		p.expectAll(kHashed, kPassword, tokEq)
		setOption(p, &o.HashedPassword, "HASHED_PASSWORD", p.stringLiteral())
	case kOptions:
		p.expectAll(kOptions, tokEq)
		if o.Options != nil {
			p.refuseSecond("OPTIONS")
		}
		o.Options = p.propertyMap()
	case kSuperuser:
		p.expectAll(kSuperuser, tokEq)
		setOption(p, &o.Superuser, "SUPERUSER", p.boolean())
	case kLogin:
		p.expectAll(kLogin, tokEq)
		setOption(p, &o.Login, "LOGIN", p.boolean())
	case kAccess:
		p.roleAccess(o)
	default:
		p.noViable(1)
	}
}

// setOption sets an option that may be given once
// (org.apache.cassandra.auth.RoleOptions.setOption).
func setOption[T any](p *parser, option **T, name string, value T) {
	if *option != nil {
		p.refuseSecond(name)
	}
	*option = &value
}

func (p *parser) refuseSecond(name string) {
	p.refuse("Multiple definition for property '%s'", name)
}

// boolean is a BOOLEAN token.
func (p *parser) boolean() bool {
	if p.tok != tokBoolean {
		p.mismatched(tokBoolean)
		return false
	}
	return p.constant().Text == "true"
}

// roleAccess is ACCESS TO ... DATACENTERS or ACCESS FROM ... CIDRS.
func (p *parser) roleAccess(o *RoleOptions) {
	direction, list, restriction := p.peek(2), kDatacenters, &o.AccessToDCs
	switch direction {
	case kTo:
	case kFrom:
		list, restriction = kCIDRs, &o.AccessFromCIDR
	default:
		p.noViable(2)
		return
	}
	switch p.peek(3) {
	case kAll:
		p.peek(4)
		p.expectAll(kAccess, direction, kAll, list)
		if len(*restriction) > 0 {
			what := map[kind]string{kDatacenters: "DCs", kCIDRs: "CIDR Groups"}[list]
			p.refuse(failedParsing+"IllegalArgumentException %s have already been set", p.lex.text, what)
		}
		*restriction = []string{}
		return
	case list:
		p.peek(4)
		p.expectAll(kAccess, direction, list, tokLBrace)
		if *restriction != nil && len(*restriction) == 0 {
			p.refuse(failedParsing+"IllegalArgumentException All has been set", p.lex.text)
		}
		*restriction = append(*restriction, p.stringLiteral())
		for p.accept(tokComma) {
			*restriction = append(*restriction, p.stringLiteral())
		}
		p.expect(tokRBrace)
		return
	}
	p.noViable(3)
}

// roleName is rule roleName (and userOrRoleName).
func (p *parser) roleName() string {
	if p.tok == tokString {
		return p.stringLiteral()
	}
	return p.objectName("role")
}

// userName is rule username.
func (p *parser) userName() string {
	return p.plainName("Quoted strings are are not supported for user names and USER is deprecated, please use ROLE")
}

// plainName is a string, or a word that is no name: it keeps its case, and may
// not be quoted as one.
func (p *parser) plainName(quoted string) string {
	switch p.tok {
	case tokString:
		return p.stringLiteral()
	case tokIdent:
		s := p.text()
		p.advance()
		return s
	case tokQuotedName:
		p.refuse("%s", quoted)
		p.advance()
	default:
		p.noViable(1)
	}
	return ""
}
