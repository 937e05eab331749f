package access

import (
	"context"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Principal is who a request acts for: a token and its role, looked up anew at
// each decision, so that revocation takes effect at once.
type Principal struct {
	store    *Store
	clientID string
}

// Name is the name that error texts and audit records show: the client id.
func (p *Principal) Name() string { return p.clientID }

// Alive reports whether the principal's token still exists.
func (p *Principal) Alive() bool { return p.role() != nil }

func (p *Principal) role() *Role {
	st := p.store.state.Load()
	token := st.tokens[p.clientID]
	if token == nil {
		return nil
	}
	return st.roles[token.Role]
}

// RoleName returns the name of the token's role, "" after its revocation.
func (p *Principal) RoleName() string {
	if r := p.role(); r != nil {
		return r.Name
	}
	return ""
}

// May reports whether the principal may do action on keyspace.table ("" =
// not about a table, not about a keyspace).
func (p *Principal) May(action Action, keyspace, table string) bool {
	r := p.role()
	return r != nil && r.allows(action, keyspace, table)
}

// Visible reports whether metadata of keyspace.table may be shown (table "" =
// the keyspace).
func (p *Principal) Visible(keyspace, table string) bool {
	if keyspace == Keyspace {
		return false
	}
	if schema.IsSystem(keyspace) {
		return p.Alive()
	}
	r := p.role()
	return r != nil && (r.allows(KeyspaceDescribe, keyspace, table) || r.allows(TableDescribe, keyspace, table))
}

// Authorize returns nil when the principal may run stmt, or Cassandra's
// UnauthorizedException (0x2100). keyspace is what unqualified names belong to.
func (p *Principal) Authorize(stmt cql.Statement, keyspace string) error {
	role := p.role()
	if role == nil {
		return cqlerr.Unauthorizedf("The application token of %s has been revoked", p.clientID)
	}
	return forEachNeed(stmt, keyspace, func(n Need) error { return p.check(role, n) })
}

func (p *Principal) check(role *Role, n Need) error {
	if n.Keyspace == Keyspace {
		return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", Keyspace)
	}
	if schema.IsSystem(n.Keyspace) && (n.Permission != AlterPermission || n.Table != "") {
		// What drivers read at connect is open to every login. That nobody
		// changes these keyspaces is the back end's own answer, except for the
		// replication of some, which needs a permission like any other.
		return nil
	}
	if role.allows(n.action(), n.Keyspace, n.Table) {
		return nil
	}
	return cqlerr.Unauthorizedf("User %s has no %s permission on %s or any of its parents", p.clientID, n.Permission, n.resource())
}

// resource names n's resource as Cassandra does (DataResource.toString).
func (n Need) resource() string {
	switch {
	case n.Permission == AuthorizePermission:
		return "<all roles>"
	case n.Keyspace == "":
		return "<all keyspaces>"
	case n.Table == "":
		return fmt.Sprintf("<keyspace %s>", n.Keyspace)
	case n.Table == allTables:
		return fmt.Sprintf("<all tables in %s>", n.Keyspace)
	}
	return fmt.Sprintf("<table %s.%s>", n.Keyspace, n.Table)
}

// Token authenticates an application token. The error is 0x0100 for a bad or
// unknown one.
func (s *Store) Token(_ context.Context, token string) (*Principal, error) {
	id, ok := ClientID(token)
	if ok {
		if t := s.state.Load().tokens[id]; t != nil && matches(t.tokenHash, token) {
			return &Principal{store: s, clientID: id}, nil
		}
	}
	return nil, cqlerr.New(cqlerr.BadCredentials, "Invalid token")
}

// Login authenticates a CQL login: user "token" with an application token, or a
// client id with its secret (or with the token itself). The error has
// Cassandra's text (PasswordAuthenticator).
func (s *Store) Login(ctx context.Context, user, password string) (*Principal, error) {
	if user == "token" {
		if p, err := s.Token(ctx, password); err == nil {
			return p, s.mayUseCQL(p)
		}
	} else if t := s.state.Load().tokens[user]; t != nil && (matches(t.secretHash, password) || matches(t.tokenHash, password)) {
		p := &Principal{store: s, clientID: user}
		return p, s.mayUseCQL(p)
	}
	return nil, cqlerr.Newf(cqlerr.BadCredentials, "Provided username %s and/or password are incorrect", user)
}

// mayUseCQL refuses the API-only roles, which Astra gives no CQL access.
func (s *Store) mayUseCQL(p *Principal) error {
	r := p.role()
	if r == nil {
		return cqlerr.New(cqlerr.BadCredentials, "Invalid token")
	}
	for _, g := range r.Grants {
		for _, a := range g.Actions {
			if a == CQL {
				return nil
			}
		}
	}
	return cqlerr.Newf(cqlerr.BadCredentials, "Role %s has no %s permission", r.Name, CQL)
}
