package access

import (
	"bytes"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// state is an immutable copy of the tables.
type state struct {
	organization Organization
	database     Database
	roles        map[uuid.UUID]*Role
	tokens       map[string]*Token // by client id
	identities   map[string]string // identity -> name of a role

	// The fields below follow from those above; link sets them.
	byName map[string]*Role
	// lineage holds, for each role, itself and all roles granted to it, directly
	// or by others.
	lineage map[uuid.UUID][]*Role
}

func newState() *state {
	st := &state{roles: map[uuid.UUID]*Role{}, tokens: map[string]*Token{}, identities: map[string]string{}}
	for _, r := range builtIns {
		st.roles[r.ID] = r
	}
	return st
}

func (st *state) clone() *state {
	c := *st
	c.roles, c.tokens, c.identities = maps.Clone(st.roles), maps.Clone(st.tokens), maps.Clone(st.identities)
	return &c
}

// link fills the fields that follow from the others.
func (st *state) link() {
	st.byName = make(map[string]*Role, len(st.roles))
	st.lineage = make(map[uuid.UUID][]*Role, len(st.roles))
	for id, r := range st.roles {
		// Two servers may have made a role of one name at the same moment: all
		// servers take the same one.
		if other := st.byName[r.Name]; other == nil || bytes.Compare(id[:], other.ID[:]) < 0 {
			st.byName[r.Name] = r
		}
		st.lineage[id] = st.ancestors(nil, r)
	}
}

// ancestors appends r and the roles granted to it that seen does not have.
func (st *state) ancestors(seen []*Role, r *Role) []*Role {
	if r == nil || slices.Contains(seen, r) {
		return seen
	}
	seen = append(seen, r)
	for _, id := range r.memberOf {
		seen = st.ancestors(seen, st.roles[id])
	}
	return seen
}

// granted reports whether role is r or was granted to it, be it by others.
func (st *state) granted(r, role *Role) bool {
	return r != nil && slices.Contains(st.lineage[r.ID], role)
}

// superuser reports whether r or a role granted to it is a superuser.
func (st *state) superuser(r *Role) bool {
	return r != nil && slices.ContainsFunc(st.lineage[r.ID], func(m *Role) bool { return m.Superuser })
}

// SuperuserRole reports whether the principal of a name (Principal.Name) is a role
// that is a superuser. A token is none, whatever its role may do: Astra has no
// superusers.
func (s *Store) SuperuserRole(name string) bool {
	st := s.state.Load()
	return st.tokens[name] == nil && st.superuser(st.byName[name])
}

// allows is the decision: whether r has permission p on o or what o belongs to.
// It allocates nothing. What is granted on all keyspaces does not reach the
// server's own (CassandraAuthorizer).
func (st *state) allows(r *Role, p Permission, o object) bool {
	if r == nil {
		return false
	}
	if st.superuser(r) {
		return true
	}
	system := o.isData() && schema.IsSystem(o.keyspace)
	action := actionOf(p, o)
	for _, m := range st.lineage[r.ID] {
		if action != "" && m.allows(action, o.keyspace, tableOf(o), system) {
			return true
		}
		if len(m.permissions) > 0 && m.has(p, o, system) {
			return true
		}
	}
	return false
}

// has reports whether r itself was granted p on o or what o belongs to.
func (r *Role) has(p Permission, o object, system bool) bool {
	for ok := true; ok; o, ok = o.parent() {
		if system && o.kind == cql.AllKeyspaces {
			return false
		}
		if r.permissions[o]&p != 0 {
			return true
		}
	}
	return false
}

// tableOf is o's table in the terms of policies.
func tableOf(o object) string {
	switch o.kind {
	case cql.TableResource:
		return o.name
	case cql.AllTables:
		return "*"
	}
	return ""
}

// actionOf returns Astra's action for permission p on o, "" when there is none:
// roles are changed by CQL with its own permissions alone, for in CQL who may
// grant a role may grant any.
func actionOf(p Permission, o object) Action {
	switch o.kind {
	case cql.AllKeyspaces, cql.KeyspaceResource, cql.AllTables, cql.TableResource:
	default:
		return ""
	}
	keyspace := o.kind == cql.AllKeyspaces || o.kind == cql.KeyspaceResource
	switch {
	case p == SelectPermission:
		return TableSelect
	case p == ModifyPermission:
		return TableModify
	case p == CreatePermission && o.kind == cql.AllKeyspaces:
		return KeyspacesCreate
	case p == CreatePermission:
		return TableCreate // types too: Cassandra has no permission of their own
	case p == AlterPermission && keyspace:
		return KeyspaceAlter
	case p == AlterPermission:
		return TableAlter
	case p == AuthorizePermission && keyspace:
		return KeyspaceAuthorize
	case p == AuthorizePermission:
		return TableAuthorize
	case p == DropPermission && keyspace:
		return KeyspaceDrop
	case p == DropPermission:
		return TableDrop
	}
	return ""
}

// describes reports whether r was granted anything about keyspace.table (table
// "" is the keyspace, both "" any), so that it may see that it is there.
func (st *state) describes(r *Role, keyspace, table string) bool {
	if r == nil {
		return false
	}
	if st.superuser(r) {
		return true
	}
	for _, m := range st.lineage[r.ID] {
		if m.allows(KeyspaceDescribe, keyspace, "", false) && table == "" ||
			m.allows(TableDescribe, keyspace, table, false) || m.allows(TableSelect, keyspace, table, false) {
			return true
		}
		for o := range m.permissions {
			if o.isData() && (o.kind == cql.AllKeyspaces || keyspace == "" || o.keyspace == keyspace) &&
				(o.kind != cql.TableResource || table == "" || o.name == table) {
				return true
			}
		}
	}
	return false
}
