package access

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// The built-in roles that code speaks of.
var (
	OrganizationAdministrator = builtInNamed("Organization Administrator")
	DatabaseAdministrator     = builtInNamed("Database Administrator")
	ReadWriteUser             = builtInNamed("R/W User")
	ReadOnlyUser              = builtInNamed("RO User")
)

// What the built-in roles may do. Sources: the DevOps API's documentation of the
// default roles for the users' and service accounts' ones; that of the
// administrators, of billing and of the view-only role follows their
// descriptions, for Astra's lists could not be read.
var (
	databaseManagement = []Action{"org-db-addpeering", "org-db-create", "org-db-expand", "org-db-managemigratorproxy", "org-db-passwordreset",
		"org-db-suspend", "org-db-terminate", DBView}
	adminActions = slices.Concat(apiActions, dataActions, databaseManagement, []Action{"org-billing-read", "org-billing-write", OrgRead, UserRead, UserWrite})
	readActions  = []Action{CQL, REST, GraphQL, "accesslist-read", KeyspacesDescribe, KeyspaceDescribe, TableDescribe, TableSelect, DBView, OrgRead, UserRead}
	writeActions = append(slices.Clone(readActions), TableModify)
	// notForServices is what service accounts can't list.
	notForServices = []Action{DBView, UserRead, UserWrite}
)

// builtIns are Astra's built-in roles by their names in its API, in the order of
// their ids, which are fixed so that tokens keep them across restarts.
var builtIns = makeBuiltIns()

func makeBuiltIns() []*Role {
	var all []*Role
	add := func(name, description string, actions []Action) {
		all = append(all, &Role{
			ID: uuid.MustParse(fmt.Sprintf("a0000000-0000-4000-8000-%012x", len(all)+1)), Name: name, Description: description,
			Grants: []Grant{{Resource{"*", "*"}, actions}},
		})
	}
	add("Organization Administrator", "Everything, tokens and roles included", Actions())
	all[0].Superuser = true
	add("Database Administrator", "Every keyspace and table", slices.Concat(apiActions, dataActions, databaseManagement, []Action{OrgRead, UserRead}))
	add("R/W User", "Read and write every table", writeActions)
	add("RO User", "Read every table", readActions)
	add("Admin User", "Every keyspace and table, and users", adminActions)
	add("Billing Admin", "Billing alone", []Action{"org-billing-read", "org-billing-write", "org-notification-write"})
	add("UI View Only", "See the organization and its databases", []Action{DBView, OrgRead})
	add("Admin Svc Acct", "Every keyspace and table, for a service", without(adminActions, notForServices...))
	add("R/W Svc Acct", "Read and write every table, for a service", without(writeActions, notForServices...))
	add("RO Svc Acct", "Read every table, for a service", without(readActions, notForServices...))
	add("API Admin User", "Every keyspace and table, and users; no CQL", without(adminActions, CQL))
	add("API R/W User", "Read and write every table; no CQL", without(writeActions, CQL))
	add("API RO User", "Read every table; no CQL", without(readActions, CQL))
	noCQL := append([]Action{CQL}, notForServices...)
	add("API Admin Svc Acct", "Every keyspace and table, for a service; no CQL", without(adminActions, noCQL...))
	add("API R/W Svc Acct", "Read and write every table, for a service; no CQL", without(writeActions, noCQL...))
	add("API RO Svc Acct", "Read every table, for a service; no CQL", without(readActions, noCQL...))
	return all
}

// without returns actions but for some.
func without(actions []Action, but ...Action) []Action {
	return slices.DeleteFunc(slices.Clone(actions), func(a Action) bool { return slices.Contains(but, a) })
}

func builtInNamed(name string) *Role {
	return builtIns[slices.IndexFunc(builtIns, func(r *Role) bool { return r.Name == name })]
}

// BuiltIn reports whether r is one of Astra's roles, which can't be changed.
func (r *Role) BuiltIn() bool {
	return slices.ContainsFunc(builtIns, func(b *Role) bool { return b.ID == r.ID })
}
