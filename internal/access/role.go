package access

import (
	"slices"

	"github.com/google/uuid"
)

// Action is one of Astra's actions (DevOps API, role policies).
type Action string

// The actions that doors ask for.
const (
	CQL              Action = "db-cql"
	REST             Action = "db-rest"
	KeyspacesCreate  Action = "db-all-keyspace-create"
	KeyspaceCreate   Action = "db-keyspace-create"
	KeyspaceAlter    Action = "db-keyspace-alter"
	KeyspaceDrop     Action = "db-keyspace-drop"
	KeyspaceDescribe Action = "db-keyspace-describe"
	TableCreate      Action = "db-table-create"
	TableAlter       Action = "db-table-alter"
	TableDrop        Action = "db-table-drop"
	TableDescribe    Action = "db-table-describe"
	TableSelect      Action = "db-table-select"
	TableModify      Action = "db-table-modify"
	TokenRead        Action = "org-token-read"
	TokenWrite       Action = "org-token-write"
)

var databaseActions = []Action{CQL, REST, KeyspacesCreate, KeyspaceCreate, KeyspaceAlter, KeyspaceDrop, KeyspaceDescribe,
	TableCreate, TableAlter, TableDrop, TableDescribe, TableSelect, TableModify}

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

// The built-in roles, by Astra's names. Their ids are fixed so that tokens keep
// them across restarts.
var (
	OrganizationAdministrator = &Role{
		ID: uuid.MustParse("a0000000-0000-4000-8000-000000000001"), Name: "Organization Administrator",
		Description: "Everything, tokens and roles included", Superuser: true,
		Grants: []Grant{{Resource{"*", "*"}, append([]Action{TokenRead, TokenWrite}, databaseActions...)}},
	}
	DatabaseAdministrator = &Role{
		ID: uuid.MustParse("a0000000-0000-4000-8000-000000000002"), Name: "Database Administrator",
		Description: "Every keyspace and table",
		Grants:      []Grant{{Resource{"*", "*"}, databaseActions}},
	}
	ReadWriteUser = &Role{
		ID: uuid.MustParse("a0000000-0000-4000-8000-000000000003"), Name: "R/W User",
		Description: "Read and write every table",
		Grants:      []Grant{{Resource{"*", "*"}, []Action{CQL, REST, KeyspaceDescribe, TableDescribe, TableSelect, TableModify}}},
	}
	ReadOnlyUser = &Role{
		ID: uuid.MustParse("a0000000-0000-4000-8000-000000000004"), Name: "RO User",
		Description: "Read every table",
		Grants:      []Grant{{Resource{"*", "*"}, []Action{CQL, REST, KeyspaceDescribe, TableDescribe, TableSelect}}},
	}
	builtInRoles = []*Role{OrganizationAdministrator, DatabaseAdministrator, ReadWriteUser, ReadOnlyUser}
)

// KeyspaceRole returns a custom role that reaches one keyspace only: its
// tables can be made, altered, read and written, the keyspace itself neither
// created nor dropped.
func KeyspaceRole(name, keyspace string) *Role {
	return &Role{
		ID: uuid.New(), Name: name, Description: "Tables of keyspace " + keyspace,
		Grants: []Grant{{Resource{keyspace, "*"}, []Action{CQL, REST, KeyspaceDescribe, TableCreate, TableAlter, TableDrop, TableDescribe, TableSelect, TableModify}}},
	}
}

// builtIn reports whether r can't be changed.
func (r *Role) builtIn() bool {
	return slices.ContainsFunc(builtInRoles, func(b *Role) bool { return b.ID == r.ID })
}

// usesCQL reports whether r may log in to the native protocol.
func (r *Role) usesCQL() bool {
	return r.Grants == nil || slices.ContainsFunc(r.Grants, func(g Grant) bool { return slices.Contains(g.Actions, CQL) })
}

// allows reports whether any policy covers action on keyspace.table. For an
// action on a keyspace table is "", for one on all its tables "*", for one on
// all keyspaces both are "". Policies about every keyspace leave out the
// server's own (system).
func (r *Role) allows(action Action, keyspace, table string, system bool) bool {
	for i := range r.Grants {
		g := &r.Grants[i]
		if (g.Resource.Keyspace == "*" && !system || g.Resource.Keyspace == keyspace && keyspace != "") &&
			(table == "" || g.Resource.Table == "*" || g.Resource.Table == table) &&
			slices.Contains(g.Actions, action) {
			return true
		}
	}
	return false
}
