package access

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/jwt"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Principal is who a request acts for: a token and its role, or a role that
// logged in. It is looked up anew at each decision, so that revocation takes
// effect at once.
type Principal struct {
	store *Store
	// clientID of the token, "" for a role that logged in.
	clientID string
	roleID   uuid.UUID
	roleName string // of a role that logged in
	// webToken is what a JSON Web Token said, nil for who came without one.
	webToken *jwt.Token
	// sawAll: the role saw all definitions when it logged in.
	sawAll bool
	// door is where it came in; client, known when there is an audit log, from where.
	door   string
	client netip.Addr
}

// Operator is who has the server's data directory in hand, and so everything.
func (s *Store) Operator() *Principal {
	return &Principal{store: s, roleID: OrganizationAdministrator.ID, roleName: OrganizationAdministrator.Name, door: "local"}
}

// Name is the name that error texts and audit records show: the client id of
// a token, or the role's name.
func (p *Principal) Name() string {
	if p.clientID != "" {
		return p.clientID
	}
	return p.roleName
}

// Caller is whom the principal's statements run for.
func (p *Principal) Caller() backend.Caller {
	c := backend.Caller{Name: p.Name()}
	if p.rows() != nil {
		c.Rows = p
	}
	return c
}

// Alive reports whether the principal's token or role still exists.
func (p *Principal) Alive() bool { return p.role(p.store.state.Load()) != nil }

// role returns the principal's role, nil when it is gone.
func (p *Principal) role(st *state) *Role {
	if p.clientID == "" {
		if p.ended() {
			return nil
		}
		return st.roles[p.roleID]
	}
	if token := st.tokens[p.clientID]; token != nil && !token.ended(p.store.now()) {
		return st.roles[token.Role]
	}
	return nil
}

// RoleName returns the name of the principal's role, "" when it is gone.
func (p *Principal) RoleName() string {
	if r := p.role(p.store.state.Load()); r != nil {
		return r.Name
	}
	return ""
}

// May reports whether the principal may do action on keyspace.table ("" =
// not about a table, not about a keyspace). A role that CREATE ROLE made may
// use every API; what it reaches there is a matter of its permissions. Who is kept
// to some rows has none of the actions about the organization: with them it could
// make a token that is not.
func (p *Principal) May(action Action, keyspace, table string) bool {
	st := p.store.state.Load()
	r := p.role(st)
	if r == nil || p.rows() != nil && !action.scoped() && !slices.Contains(apiActions, action) {
		return false
	}
	return st.may(r, action, keyspace, table)
}

func (st *state) may(r *Role, action Action, keyspace, table string) bool {
	if st.superuser(r) {
		return true
	}
	for _, m := range st.lineage[r.ID] {
		switch {
		case m.Grants == nil:
			if slices.Contains(apiActions, action) {
				return true
			}
		case action.scoped():
			if m.allows(action, keyspace, table, schema.IsSystem(keyspace)) {
				return true
			}
		case m.does(action):
			return true
		}
	}
	return false
}

// RunsCQL reports whether the principal may give CQL text to be run.
func (p *Principal) RunsCQL() bool { return p.May(CQL, "", "") }

// Visible reports whether metadata of keyspace.table may be shown (table "" =
// the keyspace).
func (p *Principal) Visible(keyspace, table string) bool {
	st := p.store.state.Load()
	return st.visible(p.role(st), p.clientID != "", keyspace, table)
}

// visible reports whether r may see that keyspace.table is there. All see the
// server's own keyspaces, but for that of this package, which nobody sees. A
// role that logged in, without policies, sees the rest too, as every login does
// in Cassandra; a token sees what it may reach.
func (st *state) visible(r *Role, token bool, keyspace, table string) bool {
	switch {
	case keyspace == Keyspace:
		return false
	case schema.IsSystem(keyspace):
		return r != nil
	}
	return st.describes(r, keyspace, table) || r != nil && !token && !st.hasPolicies(r)
}

// hasPolicies reports whether r, or a role granted to it, is not made by CQL alone.
func (st *state) hasPolicies(r *Role) bool {
	return slices.ContainsFunc(st.lineage[r.ID], func(m *Role) bool { return m.Grants != nil })
}

func (d *decision) visible(keyspace, table string) bool {
	return d.state.visible(d.role, d.state.tokens[d.name] != nil, keyspace, table)
}

// Authorize returns nil when the principal may run stmt, or Cassandra's
// UnauthorizedException (0x2100). keyspace is what unqualified names belong to.
func (p *Principal) Authorize(stmt cql.Statement, keyspace string) error {
	err := p.decide(stmt, keyspace)
	if a := p.store.audit.Load(); a != nil {
		a.statement(p, stmt, keyspace, err)
	}
	return err
}

// Sees returns nil when the principal may be told how stmt fits the schema: what
// its bind markers and columns are, or what is wrong with it. It is asked before a
// back end is, for Cassandra prepares whatever it is asked to, and all its roles
// see all definitions; who does not see a table here learns the same of it as of
// one that is not there: Authorize's refusal. The sessions of a role that is dropped
// go on, as in Cassandra, with what it saw.
func (p *Principal) Sees(stmt cql.Statement, keyspace string) error {
	err := p.sees(stmt, keyspace)
	if a := p.store.audit.Load(); a != nil && err != nil {
		a.statement(p, stmt, keyspace, err)
	}
	return err
}

// Hides reports whether the principal may not be told that somebody else has
// prepared stmt: it is Sees for a request that is refused anyhow, and that is
// told to the audit log once.
func (p *Principal) Hides(stmt cql.Statement, keyspace string) bool {
	return p.sees(stmt, keyspace) != nil
}

func (p *Principal) sees(stmt cql.Statement, keyspace string) error {
	st := p.store.state.Load()
	r, token := p.role(st), p.clientID != ""
	if r == nil && p.sawAll {
		return nil
	}
	hidden := func(n cql.QualifiedName) bool {
		in := cmp.Or(n.Keyspace, keyspace)
		return in != "" && !st.visible(r, token, in, n.Name) // without one the statement's own error tells more
	}
	names, ofRows := cql.Tables(stmt)
	if ofRows && !slices.ContainsFunc(names, hidden) || !ofRows && r != nil && !token && !st.hasPolicies(r) {
		return nil
	}
	return p.decide(stmt, keyspace)
}

func (p *Principal) decide(stmt cql.Statement, keyspace string) error {
	st := p.store.state.Load()
	d := decision{state: st, role: p.role(st), name: p.Name(), sawAll: p.sawAll, keyspace: keyspace, back: p.store.back}
	switch {
	case d.role == nil && p.clientID != "":
		return cqlerr.Unauthorizedf("The application token of %s has been revoked or has expired", p.clientID)
	case p.ended():
		return cqlerr.Unauthorizedf("The JSON Web Token of %s has expired", p.roleName)
	}
	err := d.forEach(stmt)
	if err == nil && p.rows() != nil && changesRoles(stmt) {
		err = errNotThisRow
	}
	return err
}

// decision is one question: what may this role do, as things are now?
type decision struct {
	state *state
	role  *Role // nil when it is gone
	name  string
	// sawAll: the role, gone or not, saw all definitions when it logged in.
	sawAll bool
	// keyspace is what unqualified names belong to.
	keyspace string
	back     backend.Backend
}

// check answers a need of a statement.
func (d *decision) check(n need) error {
	o := n.object
	if o.isData() {
		if o.keyspace == Keyspace {
			return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", Keyspace)
		}
		if schema.IsSystem(o.keyspace) {
			if err := checkSystem(n); err != nil {
				return err
			}
			if n.permission == SelectPermission && readable(o) {
				return nil
			}
		}
	}
	if err := d.require(n.permission, o); err != nil {
		return err
	}
	if n.permission == ModifyPermission && o.isData() && schema.IsSystem(o.keyspace) && !schema.IsVirtual(o.keyspace) {
		// Cassandra lets a superuser do it, and does not survive it well.
		return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", o.keyspace)
	}
	return nil
}

// require is an error unless the role has p on o.
func (d *decision) require(p Permission, o object) error {
	if d.state.allows(d.role, p, o) {
		return nil
	}
	return cqlerr.Unauthorizedf("User %s has no %s permission on %s or any of its parents", d.name, p, o)
}

// checkSystem refuses changes to the definition of the server's own keyspaces,
// whoever asks (ClientState.preventSystemKSSchemaModification).
func checkSystem(n need) error {
	if n.permission&(CreatePermission|AlterPermission|DropPermission) == 0 {
		return nil
	}
	o := n.object
	if !schema.IsReplicatedSystem(o.keyspace) {
		return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", o.keyspace)
	}
	if n.permission == AlterPermission && o.kind == cql.KeyspaceResource {
		return nil // its replication may be changed
	}
	return cqlerr.Unauthorizedf("Cannot %s %s", n.permission, o)
}

// readable reports whether every login may read a table: what drivers need
// (ClientState.READABLE_SYSTEM_RESOURCES).
func readable(o object) bool {
	switch o.keyspace {
	case schema.SystemSchemaKeyspace, schema.VirtualSchemaKeyspace:
		return true
	case schema.TracesKeyspace:
		return o.name == "sessions" || o.name == "events"
	case schema.SystemKeyspace:
		switch o.name {
		case "local", "peers", "peers_v2", "size_estimates", "table_estimates":
			return true
		}
	}
	return false
}
