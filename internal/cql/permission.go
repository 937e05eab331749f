package cql

import "strings"

// permissionKinds are the tokens of rule permission.
var permissionKinds = setOf(kCreate, kAlter, kDrop, kSelect, kModify, kAuthorize, kDescribe, kExecute, kUnmask, kSelectMasked)

// grantOrRevokeStatement is one of grantPermissionsStatement, grantRoleStatement
// and the two with REVOKE.
func (p *parser) grantOrRevokeStatement() Statement {
	revoke, link := p.tok == kRevoke, kTo
	if revoke {
		link = kFrom
	}
	second := p.peek(2)
	isRole := false
	switch {
	case second == kAll || second == kUnmask || second == kSelectMasked:
		switch third := p.peek(3); {
		case third == link:
			isRole = true
		case third == kOn:
		case second == kAll && third == kPermissions:
		case second != kAll && (third == kPermission || third == tokComma):
		default:
			p.noViable(3)
			return nil
		}
	case permissionKinds.has(second):
	case second.is(classIdent) || second == tokString || second == tokQMark:
		isRole = true
	default:
		p.noViable(2)
		return nil
	}
	p.advance()
	if isRole {
		g := &GrantRole{Revoke: revoke, Role: p.roleName()}
		p.expect(link)
		g.From = p.roleName()
		return g
	}
	g := &Grant{Revoke: revoke, Permissions: p.permissionOrAll()}
	p.expect(kOn)
	g.Resource = p.resource()
	p.expect(link)
	g.Role = p.roleName()
	if !g.Resource.Kind.allowsAny(g.Permissions) {
		p.refuse("Resource type %s does not support any of the requested permissions", g.Resource.Kind.className())
	}
	return g
}

// permissionOrAll is rule permissionOrAll.
func (p *parser) permissionOrAll() []string {
	if p.accept(kAll) {
		p.accept(kPermissions)
		return []string{"ALL"}
	}
	if !permissionKinds.has(p.tok) {
		p.noViable(1)
		return nil
	}
	var list []string
	for {
		if !permissionKinds.has(p.tok) {
			p.mismatchedSet()
			return list
		}
		list = append(list, strings.ToUpper(p.text()))
		p.advance()
		p.accept(kPermission)
		if !p.accept(tokComma) {
			return list
		}
	}
}

// applicable lists the permissions that the resources of each class take
// (IResource.applicablePermissions).
var applicable = map[ResourceKind]string{
	AllKeyspaces:      "CREATE ALTER DROP SELECT MODIFY AUTHORIZE UNMASK SELECT_MASKED",
	KeyspaceResource:  "CREATE ALTER DROP SELECT MODIFY AUTHORIZE UNMASK SELECT_MASKED",
	AllTables:         "CREATE ALTER DROP SELECT MODIFY AUTHORIZE UNMASK SELECT_MASKED",
	TableResource:     "ALTER DROP SELECT MODIFY AUTHORIZE UNMASK SELECT_MASKED",
	AllRoles:          "CREATE ALTER DROP AUTHORIZE DESCRIBE",
	RoleResource:      "ALTER DROP AUTHORIZE DESCRIBE",
	AllFunctions:      "CREATE ALTER DROP AUTHORIZE EXECUTE",
	KeyspaceFunctions: "CREATE ALTER DROP AUTHORIZE EXECUTE",
	FunctionResource:  "ALTER DROP AUTHORIZE EXECUTE",
	AllMBeans:         "AUTHORIZE DESCRIBE EXECUTE MODIFY SELECT",
	MBeanResource:     "AUTHORIZE DESCRIBE EXECUTE MODIFY SELECT",
}

// Permissions returns the permissions that can be granted on a resource of
// kind k, in Cassandra's order.
func (k ResourceKind) Permissions() []string { return strings.Fields(applicable[k]) }

// allowsAny reports whether one of the permissions (ALL for all) can be granted
// on a resource of kind k.
func (k ResourceKind) allowsAny(permissions []string) bool {
	for _, allowed := range k.Permissions() {
		for _, p := range permissions {
			if p == "ALL" || p == allowed {
				return true
			}
		}
	}
	return false
}

// className is the Java class of resources of kind k, which errors show.
func (k ResourceKind) className() string {
	switch k {
	case AllRoles, RoleResource:
		return "RoleResource"
	case AllFunctions, KeyspaceFunctions, FunctionResource:
		return "FunctionResource"
	case AllMBeans, MBeanResource:
		return "JMXResource"
	default:
		return "DataResource"
	}
}

// listStatement is one of listUsersStatement, listRolesStatement and
// listPermissionsStatement.
func (p *parser) listStatement() Statement {
	second := p.peek(2)
	switch {
	case second == kUsers:
		p.expectAll(kList, kUsers)
		return &ListRoles{Users: true}
	case second == kRoles:
		p.expectAll(kList, kRoles)
		s := &ListRoles{}
		s.Of, s.NoRecursive = p.ofRole()
		return s
	case second != kAll && !permissionKinds.has(second):
		p.noViable(2)
		return nil
	}
	p.expect(kList)
	s := &ListPermissions{Permissions: p.permissionOrAll()}
	if p.accept(kOn) {
		r := p.resource()
		s.Resource = &r
	}
	s.Of, s.NoRecursive = p.ofRole()
	return s
}

// ofRole is (OF roleName)? NORECURSIVE?.
func (p *parser) ofRole() (role string, noRecursive bool) {
	if p.accept(kOf) {
		role = p.roleName()
	}
	return role, p.accept(kNoRecursive)
}
