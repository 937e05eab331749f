package access

import "slices"

// Action is one of Astra's actions (DevOps API, role policies).
type Action string

// The actions: which APIs a role may use, what it may do with keyspaces and
// tables, and what with the organization.
const (
	CQL     Action = "db-cql"
	REST    Action = "db-rest"
	GraphQL Action = "db-graphql"

	KeyspacesCreate   Action = "db-all-keyspace-create"
	KeyspacesDescribe Action = "db-all-keyspace-describe"
	KeyspaceCreate    Action = "db-keyspace-create"
	KeyspaceAlter     Action = "db-keyspace-alter"
	KeyspaceDrop      Action = "db-keyspace-drop"
	KeyspaceDescribe  Action = "db-keyspace-describe"
	KeyspaceAuthorize Action = "db-keyspace-authorize"
	KeyspaceGrant     Action = "db-keyspace-grant"
	KeyspaceModify    Action = "db-keyspace-modify"
	TableCreate       Action = "db-table-create"
	TableAlter        Action = "db-table-alter"
	TableDrop         Action = "db-table-drop"
	TableDescribe     Action = "db-table-describe"
	TableSelect       Action = "db-table-select"
	TableModify       Action = "db-table-modify"
	TableAuthorize    Action = "db-table-authorize"
	TableGrant        Action = "db-table-grant"

	TokenRead  Action = "org-token-read"
	TokenWrite Action = "org-token-write"
	RoleRead   Action = "org-role-read"
	RoleWrite  Action = "org-role-write"
	RoleDelete Action = "org-role-delete"
	UserRead   Action = "org-user-read"
	UserWrite  Action = "org-user-write"
	OrgRead    Action = "org-read"
	OrgWrite   Action = "org-write"
	AuditsRead Action = "org-audits-read"
	DBView     Action = "org-db-view"
)

var (
	// apiActions let a role use an API.
	apiActions = []Action{CQL, REST, GraphQL}
	// dataActions are about keyspaces and tables.
	dataActions = []Action{KeyspacesCreate, KeyspacesDescribe, KeyspaceCreate, KeyspaceAlter, KeyspaceDrop, KeyspaceDescribe,
		KeyspaceAuthorize, KeyspaceGrant, KeyspaceModify, TableCreate, TableAlter, TableDrop, TableDescribe, TableSelect, TableModify,
		TableAuthorize, TableGrant}
	// organizationActions are about the organization. Those that nothing here asks
	// for are known so that roles made for Astra can be made here.
	organizationActions = []Action{TokenRead, TokenWrite, RoleRead, RoleWrite, RoleDelete, UserRead, UserWrite, OrgRead, OrgWrite, AuditsRead, DBView,
		"org-billing-read", "org-billing-write", "org-db-addpeering", "org-db-create", "org-db-expand", "org-db-managemigratorproxy",
		"org-db-passwordreset", "org-db-suspend", "org-db-terminate", "org-external-auth-read", "org-external-auth-write",
		"org-notification-write", "accesslist-read", "accesslist-write"}
)

// Actions lists all actions that a policy may have.
func Actions() []Action { return slices.Concat(apiActions, dataActions, organizationActions) }

// scoped reports whether an action is about keyspaces and tables: a policy gives
// it on its resource alone. The others hold for the whole database and organization.
func (a Action) scoped() bool { return slices.Contains(dataActions, a) }
