package access

import (
	"cmp"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// listRoles answers LIST ROLES and LIST USERS: all for those who may see them,
// else those of who asks (ListRolesStatement).
func (c *decision) listRoles(q *cql.ListRoles) (*backend.Result, error) {
	all := c.state.allows(c.role, DescribePermission, allRoles)
	of := c.role
	if q.Of != "" {
		if of = c.state.byName[q.Of]; of == nil {
			return nil, cqlerr.Invalidf("%s doesn't exist", roleObject(q.Of))
		}
	}
	var roles []*Role
	switch {
	case all && q.Of == "":
		for _, r := range c.state.roles {
			roles = append(roles, r)
		}
	case !all && q.Of != "" && !c.state.granted(c.role, of):
		return nil, cqlerr.Unauthorizedf("You are not authorized to view roles granted to %s ", q.Of)
	case of != nil && q.NoRecursive:
		roles = append(roles, of)
		for _, id := range of.memberOf {
			if r := c.state.roles[id]; r != nil {
				roles = append(roles, r)
			}
		}
	case of != nil:
		roles = slices.Clone(c.state.lineage[of.ID])
	}
	slices.SortFunc(roles, func(a, b *Role) int { return cmp.Compare(a.Name, b.Name) })
	if q.Users {
		return listUsers(roles), nil
	}
	r := newList("roles", []backend.Column{
		{Name: "role", Type: cqltype.TypeText}, {Name: "super", Type: cqltype.TypeBoolean}, {Name: "login", Type: cqltype.TypeBoolean},
		{Name: "options", Type: cqltype.NewMap(cqltype.TypeText, cqltype.TypeText, false)}, {Name: "datacenters", Type: cqltype.TypeText},
	})
	for _, role := range roles {
		appendRow(r, schema.Text(role.Name), schema.Boolean(role.Superuser), schema.Boolean(role.CanLogin), schema.TextMap(nil), schema.Text("ALL"))
	}
	return finishList(r), nil
}

// listUsers lists the roles that can log in (ListUsersStatement).
func listUsers(roles []*Role) *backend.Result {
	r := newList("users", []backend.Column{
		{Name: "name", Type: cqltype.TypeText}, {Name: "super", Type: cqltype.TypeBoolean}, {Name: "datacenters", Type: cqltype.TypeText},
	})
	for _, role := range roles {
		if role.CanLogin {
			appendRow(r, schema.Text(role.Name), schema.Boolean(role.Superuser), schema.Text("ALL"))
		}
	}
	return finishList(r)
}

// listPermissions answers LIST PERMISSIONS (ListPermissionsStatement,
// CassandraAuthorizer.list).
func (c *decision) listPermissions(q *cql.ListPermissions, catalog *schema.Snapshot) (*backend.Result, error) {
	about, err := c.about(q, catalog)
	if err != nil {
		return nil, err
	}
	grantee := "everyone"
	var roles []*Role
	if q.Of != "" {
		grantee = q.Of
		roles = slices.Clone(c.state.lineage[c.state.byName[q.Of].ID])
	} else {
		for _, r := range c.state.roles {
			roles = append(roles, r)
		}
	}
	if !c.state.superuser(c.role) && !c.state.allows(c.role, DescribePermission, granteeObject(q.Of)) &&
		(q.Of == "" || !c.state.granted(c.role, c.state.byName[q.Of])) {
		return nil, cqlerr.Unauthorizedf("You are not authorized to view %s's permissions", grantee)
	}
	slices.SortFunc(roles, func(a, b *Role) int { return cmp.Compare(a.Name, b.Name) })
	wanted := permissionsOf(q.Permissions)
	if wanted == 0 { // ALL
		wanted = endPermission - 1
	}
	r := newList("permissions", []backend.Column{
		{Name: "role", Type: cqltype.TypeText}, {Name: "username", Type: cqltype.TypeText},
		{Name: "resource", Type: cqltype.TypeText}, {Name: "permission", Type: cqltype.TypeText},
	})
	for _, role := range roles {
		for _, g := range role.granted() {
			if about != nil && !slices.Contains(about, g.object) {
				continue
			}
			for _, name := range (g.permissions & wanted).names() {
				appendRow(r, schema.Text(role.Name), schema.Text(role.Name), schema.Text(g.object.String()), schema.Text(name))
			}
		}
	}
	return finishList(r), nil
}

func granteeObject(of string) object {
	if of == "" {
		return allRoles
	}
	return roleObject(of)
}

// about returns the objects that a LIST PERMISSIONS names, nil for all, and
// checks that they and the role are there.
func (c *decision) about(q *cql.ListPermissions, catalog *schema.Snapshot) ([]object, error) {
	var chain []object
	if q.Resource != nil {
		o, err := qualified(q.Resource, c.keyspace)
		if err != nil {
			return nil, err
		}
		if !o.exists(c.state, catalog) {
			return nil, cqlerr.Invalidf("%s doesn't exist", o)
		}
		chain = []object{o}
		for o, ok := o.parent(); ok && !q.NoRecursive; o, ok = o.parent() {
			chain = append(chain, o)
		}
	}
	if q.Of != "" && c.state.byName[q.Of] == nil {
		return nil, cqlerr.Invalidf("%s doesn't exist", roleObject(q.Of))
	}
	return chain, nil
}

// grantedOn is what a role has on one object.
type grantedOn struct {
	object      object
	permissions Permission
}

// granted lists what r itself has, in the order of the objects' paths; its
// policies as the permissions that they come to.
func (r *Role) granted() []grantedOn {
	sets := map[object]Permission{}
	for o, p := range r.permissions {
		sets[o] |= p
	}
	for _, g := range r.Grants {
		for _, action := range g.Actions {
			if p, o, ok := permissionOfAction(action, g.Resource); ok {
				sets[o] |= p
			}
		}
	}
	all := make([]grantedOn, 0, len(sets))
	for o, p := range sets {
		all = append(all, grantedOn{o, p})
	}
	slices.SortFunc(all, func(a, b grantedOn) int { return cmp.Compare(a.object.path(), b.object.path()) })
	return all
}

// permissionOfAction is how one of Astra's actions on a resource shows among
// CQL permissions; ok is false for those that CQL does not know.
func permissionOfAction(action Action, r Resource) (p Permission, o object, ok bool) {
	keyspace := object{kind: cql.KeyspaceResource, keyspace: r.Keyspace}
	table := object{kind: cql.TableResource, keyspace: r.Keyspace, name: r.Table}
	if r.Table == "*" {
		table = object{kind: cql.AllTables, keyspace: r.Keyspace}
	}
	if r.Keyspace == "*" {
		keyspace = object{kind: cql.AllKeyspaces}
		table = keyspace
	}
	switch action {
	case TableSelect:
		return SelectPermission, table, true
	case TableModify:
		return ModifyPermission, table, true
	case TableCreate, KeyspacesCreate:
		return CreatePermission, table, true
	case TableAlter:
		return AlterPermission, table, true
	case TableDrop:
		return DropPermission, table, true
	case TableAuthorize:
		return AuthorizePermission, table, true
	case KeyspaceAuthorize:
		return AuthorizePermission, keyspace, true
	case KeyspaceAlter:
		return AlterPermission, keyspace, true
	case KeyspaceDrop:
		return DropPermission, keyspace, true
	}
	return 0, o, false
}

// newList begins the rows of a LIST; table is what Cassandra names it after.
func newList(table string, columns []backend.Column) *backend.Result {
	for i := range columns {
		columns[i].Keyspace, columns[i].Table = schema.AuthKeyspace, table
	}
	return &backend.Result{Kind: backend.Rows, Columns: columns}
}

func appendRow(r *backend.Result, cells ...[]byte) {
	r.RowCount++
	for _, cell := range cells {
		r.Data = backend.AppendCell(r.Data, cell)
	}
}

// finishList makes an empty list Void, as Cassandra does.
func finishList(r *backend.Result) *backend.Result {
	if r.RowCount == 0 {
		return &backend.Result{Kind: backend.Void}
	}
	return r
}
