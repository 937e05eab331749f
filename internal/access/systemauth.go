package access

import (
	"cmp"
	"maps"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// SystemAuthRows are the rows of a table of system_auth, which show the store
// as Cassandra keeps it: cells in the order of the table's columns, rows by
// partition and in clustering order.
func (s *Store) SystemAuthRows(table string) []schema.Row {
	st := s.state.Load()
	var rows []schema.Row
	switch table {
	case "roles":
		for _, r := range st.roles {
			var memberOf []byte
			if names := st.names(r); len(names) > 0 {
				memberOf = schema.TextList(names...)
			}
			rows = append(rows, schema.Row{schema.Text(r.Name), schema.Boolean(r.CanLogin), schema.Boolean(r.Superuser), memberOf, textOrNull(r.saltedHash)})
		}
	case "role_members":
		for _, r := range st.roles {
			for _, name := range st.names(r) {
				rows = append(rows, schema.Row{schema.Text(name), schema.Text(r.Name)})
			}
		}
	case "role_permissions":
		for _, r := range st.roles {
			for _, g := range r.granted() {
				rows = append(rows, schema.Row{schema.Text(r.Name), schema.Text(g.object.path()), schema.TextList(sorted(g.permissions.names())...)})
			}
		}
	case "resource_role_permissons_index": // spelt so by Cassandra
		for _, r := range st.roles {
			for _, g := range r.granted() {
				rows = append(rows, schema.Row{schema.Text(g.object.path()), schema.Text(r.Name)})
			}
		}
	case "identity_to_role":
		for _, identity := range slices.Sorted(maps.Keys(st.identities)) {
			rows = append(rows, schema.Row{schema.Text(identity), schema.Text(st.identities[identity])})
		}
	}
	slices.SortFunc(rows, func(a, b schema.Row) int {
		return cmp.Or(cmp.Compare(string(a[0]), string(b[0])), cmp.Compare(string(a[1]), string(b[1])))
	})
	return rows
}

// names returns the names of the roles granted to r directly, in order.
func (st *state) names(r *Role) []string {
	var names []string
	for _, id := range r.memberOf {
		if granted := st.roles[id]; granted != nil {
			names = append(names, granted.Name)
		}
	}
	return sorted(names)
}
