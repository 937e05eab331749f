package access

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Resource is what a grant covers: Keyspace "*" is every keyspace, Table "*"
// every table of it.
type Resource struct {
	Keyspace string `json:"keyspace"`
	Table    string `json:"table"`
}

// Grant allows actions on a resource.
type Grant struct {
	Resource Resource `json:"resource"`
	Actions  []Action `json:"actions"`
}

// Role is what a token or a login may do: Astra's policies, and what CQL has
// granted. All that its fields reach is immutable; a change makes a new Role.
type Role struct {
	ID          uuid.UUID
	Name        string
	Description string
	// Grants are the role's policies; nil for a role made by CREATE ROLE.
	Grants []Grant
	// Superuser and CanLogin are the options of those names in CREATE ROLE. A
	// token needs no CanLogin.
	Superuser bool
	CanLogin  bool

	saltedHash  string                // of the password (bcrypt), "" for none
	memberOf    []uuid.UUID           // the roles granted to it
	permissions map[object]Permission // of GRANT
}

// KeyspaceRole returns a custom role that reaches one keyspace only: its
// tables can be made, altered, read and written, the keyspace itself neither
// created nor dropped.
func KeyspaceRole(name, keyspace string) *Role {
	return &Role{
		ID: uuid.New(), Name: name, Description: "Tables of keyspace " + keyspace,
		Grants: []Grant{{Resource{keyspace, "*"}, []Action{CQL, REST, GraphQL, KeyspaceDescribe, TableCreate, TableAlter, TableDrop, TableDescribe, TableSelect, TableModify}}},
	}
}

// does reports whether a policy of r has an action that is not about keyspaces.
func (r *Role) does(action Action) bool {
	return slices.ContainsFunc(r.Grants, func(g Grant) bool { return slices.Contains(g.Actions, action) })
}

// allows reports whether any policy covers action on keyspace.table. For an
// action on a keyspace table is "", for one on all its tables "*", for one on
// all keyspaces both are "". For an action that is not about keyspaces see does. Policies about every keyspace leave out the
// server's own (system).
func (r *Role) allows(action Action, keyspace, table string, system bool) bool {
	for i := range r.Grants {
		g := &r.Grants[i]
		if (g.Resource.Keyspace == "*" && !system || g.Resource.Keyspace == keyspace && keyspace != "") &&
			g.Resource.reaches(action, table) && slices.Contains(g.Actions, action) {
			return true
		}
	}
	return false
}

// reaches reports whether r covers a table of its keyspace, or for table "" the
// keyspace; an action on tables is then about any of them.
func (r *Resource) reaches(action Action, table string) bool {
	if table == "" {
		return r.Table == "" || r.Table == "*" || strings.HasPrefix(string(action), "db-table-")
	}
	return r.Table == "*" || r.Table == table
}
