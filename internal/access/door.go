package access

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Door is one way in, as access control knows it. Whoever it lets in has what the
// door asks of a role; failed attempts are counted, and it tells the audit log.
// It is safe for concurrent use.
type Door struct {
	store *Store
	name  string
	// needs is the action that a role must have to use this door at all, "" for none.
	needs Action
}

// Door returns the way in of a name, which needs an action of a role: Astra's API
// roles, for one, have no CQL.
func (s *Store) Door(name string, needs Action) *Door { return &Door{s, name, needs} }

// maxAccountName bounds the names that failed attempts are counted by, in bytes.
const maxAccountName = 256

// Token authenticates an application token, a session token or a JSON Web Token. The
// error is 0x0100 for a bad, unknown or expired one, a *TooManyAttemptsError and a
// *WebTokenError among them, and 0x2100 for one whose role does not use this door.
func (d *Door) Token(ctx context.Context, token string) (*Principal, error) {
	p, err := d.store.check(ctx, token)
	if err != nil {
		return nil, d.failed(ctx, presentableToken(token), "", err)
	}
	d.enter(ctx, p)
	if !d.open(p) {
		err := cqlerr.Unauthorizedf("Role %s has no %s permission", p.RoleName(), d.needs)
		if a := d.store.audit.Load(); a != nil {
			a.record(AuditAuth, p, "LOGIN", nil, err)
		}
		return nil, err
	}
	return p, nil
}

// Login authenticates a name and a password: user "token" with an application
// token, a client id with its secret, or a role with its password. The error of
// a login that fails is 0x0100.
func (d *Door) Login(ctx context.Context, user, password string) (*Principal, error) {
	p, err := d.checkLogin(ctx, user, password)
	if err != nil {
		return nil, err
	}
	d.enter(ctx, p)
	if !d.open(p) {
		err = cqlerr.Newf(cqlerr.BadCredentials, "Role %s has no %s permission", p.RoleName(), d.needs)
	}
	d.tell(ctx, user, p, err)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// checkLogin finds out who logs in, with failed attempts counted and told.
func (d *Door) checkLogin(ctx context.Context, user, password string) (*Principal, error) {
	p, fault := d.store.checkSecret(ctx, user, password)
	if p != nil {
		return p, nil
	}
	account := user[:min(len(user), maxAccountName)]
	done, err := d.turn(ctx, account)
	if err != nil {
		d.tell(ctx, user, nil, err)
		return nil, err
	}
	defer done()
	if p, err = d.store.checkRole(user, password); err != nil {
		if fault != nil { // for the audit log
			err = &WebTokenError{wrongPassword(user), fault.reason}
		}
		return nil, d.failed(ctx, user, account, err)
	}
	d.store.attempts.succeed(clientOf(ctx), account, d.store.now())
	return p, nil
}

// turn waits until a password for account may be checked, which done ends. The
// error is a *TooManyAttemptsError, or that of ctx.
func (d *Door) turn(ctx context.Context, account string) (done func(), err error) {
	refused := func() error {
		if wait := d.store.attempts.wait(clientOf(ctx), account, d.store.now()); wait > 0 {
			return tooManyAttempts(wait)
		}
		return nil
	}
	if err := refused(); err != nil {
		return nil, err
	}
	select {
	case passwordChecks <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done = func() { <-passwordChecks }
	if err := refused(); err != nil { // others that were in front may have failed
		done()
		return nil, err
	}
	return done, nil
}

// failed counts a failed attempt. Where there were too many it says so instead.
func (d *Door) failed(ctx context.Context, user, account string, err error) error {
	if cqlerr.From(err).Code != cqlerr.BadCredentials {
		return err // of the back end
	}
	client, now := clientOf(ctx), d.store.now()
	if wait := d.store.attempts.wait(client, account, now); wait > 0 {
		err = tooManyAttempts(wait)
	} else {
		d.store.attempts.fail(client, account, now)
	}
	d.tell(ctx, user, nil, err)
	return err
}

// tell writes a login to the audit log.
func (d *Door) tell(ctx context.Context, user string, p *Principal, err error) {
	if a := d.store.audit.Load(); a != nil {
		a.login(d, clientOf(ctx), user, p, err)
	}
}

// enter notes where p came in.
func (d *Door) enter(ctx context.Context, p *Principal) {
	p.door = d.name
	if d.store.audit.Load() != nil {
		p.client = clientOf(ctx)
	}
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
