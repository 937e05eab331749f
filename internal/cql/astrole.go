package cql

// RoleOptions are the options of CREATE/ALTER ROLE|USER; nil = not given. An
// empty AccessToDCs or AccessFromCIDR that is not nil is ALL. CREATE USER sets
// Login and Superuser, as Cassandra does.
type RoleOptions struct {
	Password       *string
	HashedPassword *string
	Superuser      *bool
	Login          *bool
	Options        []PropertyEntry
	AccessToDCs    []string
	AccessFromCIDR []string
}

// CreateRole is CREATE ROLE or CREATE USER (User set).
type CreateRole struct {
	Name        string
	User        bool
	IfNotExists bool
	Options     RoleOptions
}

// AlterRole is ALTER ROLE or ALTER USER.
type AlterRole struct {
	Name     string
	User     bool
	IfExists bool
	Options  RoleOptions
}

// DropRole is DROP ROLE or DROP USER.
type DropRole struct {
	Name     string
	User     bool
	IfExists bool
}

// ResourceKind is the kind of thing a permission is about.
type ResourceKind uint8

// The kinds of resource.
const (
	AllKeyspaces ResourceKind = iota
	AllTables                 // ALL TABLES IN KEYSPACE k
	KeyspaceResource
	TableResource
	AllRoles
	RoleResource
	AllFunctions
	KeyspaceFunctions
	FunctionResource
	AllMBeans
	MBeanResource
)

// Resource is what a GRANT, REVOKE or LIST PERMISSIONS names.
type Resource struct {
	Kind     ResourceKind
	Keyspace string
	Name     string
	Args     []TypeName
}

// Grant is GRANT permissions ON resource TO role, or REVOKE ... FROM (Revoke set).
type Grant struct {
	Revoke      bool
	Permissions []string // upper case; ALL for all
	Resource    Resource
	Role        string
}

// GrantRole is GRANT role TO role, or REVOKE role FROM role.
type GrantRole struct {
	Revoke     bool
	Role, From string
}

// ListRoles is LIST ROLES or LIST USERS.
type ListRoles struct {
	Users       bool
	Of          string
	NoRecursive bool
}

// ListPermissions is LIST permissions [ON resource] [OF role].
type ListPermissions struct {
	Permissions []string
	Resource    *Resource
	Of          string
	NoRecursive bool
}

// AddIdentity is ADD IDENTITY identity TO ROLE role.
type AddIdentity struct {
	Identity, Role string
	IfNotExists    bool
}

// DropIdentity is DROP IDENTITY.
type DropIdentity struct {
	Identity string
	IfExists bool
}

func (*CreateRole) statement()      {}
func (*AlterRole) statement()       {}
func (*DropRole) statement()        {}
func (*Grant) statement()           {}
func (*GrantRole) statement()       {}
func (*ListRoles) statement()       {}
func (*ListPermissions) statement() {}
func (*AddIdentity) statement()     {}
func (*DropIdentity) statement()    {}
