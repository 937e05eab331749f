package access

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Door is one way in, as access control knows it. Whoever it lets in has what the
// door asks of a role. It is safe for concurrent use.
type Door struct {
	store *Store
	name  string
	// needs is the action that a role must have to use this door at all, "" for none.
	needs Action
}

// Door returns the way in of a name, which needs an action of a role: Astra's API
// roles, for one, have no CQL.
func (s *Store) Door(name string, needs Action) *Door { return &Door{s, name, needs} }

// Token authenticates an application token or a session token. The error is
// 0x0100 for a bad, unknown or expired one, and 0x2100 for one whose role does
// not use this door.
func (d *Door) Token(ctx context.Context, token string) (*Principal, error) {
	p, err := d.store.check(ctx, token)
	if err == nil && !d.open(p) {
		err = cqlerr.Unauthorizedf("Role %s has no %s permission", p.RoleName(), d.needs)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Login authenticates a name and a password: user "token" with an application
// token, a client id with its secret, or a role with its password. The error of
// a login that fails is 0x0100.
func (d *Door) Login(ctx context.Context, user, password string) (*Principal, error) {
	p, err := d.store.checkLogin(ctx, user, password)
	if err == nil && !d.open(p) {
		err = cqlerr.Newf(cqlerr.BadCredentials, "Role %s has no %s permission", p.RoleName(), d.needs)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (d *Door) open(p *Principal) bool { return d.needs == "" || p.May(d.needs, "", "") }

// Token authenticates at no door in particular.
func (s *Store) Token(ctx context.Context, token string) (*Principal, error) {
	return s.Door("", "").Token(ctx, token)
}

// Login authenticates as a login to the native protocol does.
func (s *Store) Login(ctx context.Context, user, password string) (*Principal, error) {
	return s.Door("native", CQL).Login(ctx, user, password)
}
