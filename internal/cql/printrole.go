package cql

import "strings"

// roleStatement writes a statement about roles or permissions.
func (w *printer) roleStatement(stmt Statement) {
	switch s := stmt.(type) {
	case *CreateRole:
		w.create(roleWord(s.User), s.IfNotExists)
		w.role(s.Name, s.User)
		w.roleOptions(&s.Options, s.User)
	case *AlterRole:
		w.change("ALTER "+roleWord(s.User)+" ", s.IfExists)
		w.role(s.Name, s.User)
		w.roleOptions(&s.Options, s.User)
	case *DropRole:
		w.change("DROP "+roleWord(s.User)+" ", s.IfExists)
		w.role(s.Name, s.User)
	case *AddIdentity:
		w.str("ADD IDENTITY ")
		w.when(s.IfNotExists, "IF NOT EXISTS ")
		w.str(QuoteString(s.Identity), " TO ROLE ", QuoteString(s.Role))
	case *DropIdentity:
		w.change("DROP IDENTITY ", s.IfExists)
		w.str(QuoteString(s.Identity))
	case *Grant:
		verb, link := grantWords(s.Revoke)
		w.str(verb, strings.Join(s.Permissions, ", "), " ON ")
		w.resource(&s.Resource)
		w.str(link)
		w.role(s.Role, false)
	case *GrantRole:
		verb, link := grantWords(s.Revoke)
		w.str(verb)
		w.role(s.Role, false)
		w.str(link)
		w.role(s.From, false)
	case *ListRoles:
		if s.Users {
			w.str("LIST USERS")
			return
		}
		w.str("LIST ROLES")
		w.ofRole(s.Of, s.NoRecursive)
	case *ListPermissions:
		w.str("LIST ", strings.Join(s.Permissions, ", "))
		if s.Resource != nil {
			w.str(" ON ")
			w.resource(s.Resource)
		}
		w.ofRole(s.Of, s.NoRecursive)
	}
}

func roleWord(user bool) string {
	if user {
		return "USER"
	}
	return "ROLE"
}

func grantWords(revoke bool) (verb, link string) {
	if revoke {
		return "REVOKE ", " FROM "
	}
	return "GRANT ", " TO "
}

// role writes a role's name: a string unless it is a plain word, for a role may
// be called anything. A user's name always is a string.
func (w *printer) role(name string, user bool) {
	if !user && isBareWord(name) && lookupWord(name) == tokIdent {
		w.str(name)
		return
	}
	w.str(QuoteString(name))
}

func (w *printer) ofRole(of string, noRecursive bool) {
	if of != "" {
		w.str(" OF ")
		w.role(of, false)
	}
	w.when(noRecursive, " NORECURSIVE")
}

func (w *printer) roleOptions(o *RoleOptions, user bool) {
	if user {
		w.userOptions(o)
		return
	}
	lead := " WITH "
	option := func(parts ...string) {
		w.str(lead)
		w.str(parts...)
		lead = " AND "
	}
	if o.Password != nil {
		option("PASSWORD = ", QuoteString(*o.Password))
	}
	if o.HashedPassword != nil {
		option("HASHED PASSWORD = ", QuoteString(*o.HashedPassword))
	}
	if o.Superuser != nil {
		option("SUPERUSER = ", boolText(*o.Superuser))
	}
	if o.Login != nil {
		option("LOGIN = ", boolText(*o.Login))
	}
	if o.Options != nil {
		option("OPTIONS = ")
		w.propertyMap(o.Options)
	}
	if o.AccessToDCs != nil {
		option("ACCESS TO ", accessList("DATACENTERS", o.AccessToDCs))
	}
	if o.AccessFromCIDR != nil {
		option("ACCESS FROM ", accessList("CIDRS", o.AccessFromCIDR))
	}
}

// userOptions writes the options in the form of CREATE USER, which has no LOGIN.
func (w *printer) userOptions(o *RoleOptions) {
	if o.Password != nil {
		w.str(" WITH PASSWORD ", QuoteString(*o.Password))
	}
	if o.HashedPassword != nil {
		w.str(" WITH HASHED PASSWORD ", QuoteString(*o.HashedPassword))
	}
	if o.Superuser != nil {
		w.when(*o.Superuser, " SUPERUSER")
		w.when(!*o.Superuser, " NOSUPERUSER")
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// accessList is ALL DATACENTERS, or DATACENTERS {'a', 'b'}.
func accessList(what string, names []string) string {
	if len(names) == 0 {
		return "ALL " + what
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = QuoteString(name)
	}
	return what + " {" + strings.Join(quoted, ", ") + "}"
}

func (w *printer) resource(r *Resource) {
	switch r.Kind {
	case AllKeyspaces:
		w.str("ALL KEYSPACES")
	case AllTables:
		w.str("ALL TABLES IN KEYSPACE ", QuoteIdentifier(r.Keyspace))
	case KeyspaceResource:
		w.str("KEYSPACE ", QuoteIdentifier(r.Keyspace))
	case TableResource:
		w.str("TABLE ")
		w.table(QualifiedName{Keyspace: r.Keyspace, Name: r.Name})
	case AllRoles:
		w.str("ALL ROLES")
	case RoleResource:
		w.str("ROLE ")
		w.role(r.Name, false)
	case AllFunctions:
		w.str("ALL FUNCTIONS")
	case KeyspaceFunctions:
		w.str("ALL FUNCTIONS IN KEYSPACE ", QuoteIdentifier(r.Keyspace))
	case FunctionResource:
		w.str("FUNCTION ")
		w.qualified(QualifiedName{Keyspace: r.Keyspace, Name: r.Name}, quoteFunctionName)
		w.str("(")
		w.list(len(r.Args), func(i int) { w.typeName(r.Args[i]) })
		w.str(")")
	case AllMBeans:
		w.str("ALL MBEANS")
	case MBeanResource:
		w.str("MBEAN ", QuoteString(r.Name))
	}
}
