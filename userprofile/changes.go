package userprofile

import (
	"context"
	"errors"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// change runs edit on the account id as it is now, under its lock. at is a
// write time behind everything stored of it.
func (a *accounts) change(ctx context.Context, id gocql.UUID, edit func(u *user, at int64) error) error {
	return a.locked(ctx, id, func(lease int64) error {
		u, written, err := a.profile(ctx, id)
		if err != nil {
			return err
		}
		c, err := a.credential(ctx, u.Email)
		if err != nil {
			return err
		}
		if c.owner != id {
			return errNoAccount
		}
		u.password = c.password
		return edit(u, max(lease, written, c.written)+1)
	})
}

// confirmed is change for what asks for the password again.
func (a *accounts) confirmed(ctx context.Context, id gocql.UUID, password string, edit func(u *user, at int64) error) error {
	return a.change(ctx, id, func(u *user, at int64) error {
		ok, _, err := a.hasher.check(ctx, u.password, password)
		if err != nil {
			return err
		}
		if !ok {
			return errCredentials
		}
		return edit(u, at)
	})
}

// edit changes the names.
func (a *accounts) edit(ctx context.Context, id gocql.UUID, firstname, lastname string) (*user, error) {
	var changed *user
	err := a.change(ctx, id, func(u *user, at int64) error {
		u.Firstname, u.Lastname = firstname, lastname
		changed = u
		return a.save(ctx, u, "", at)
	})
	return changed, err
}

// changeEmail moves an account to another e-mail.
func (a *accounts) changeEmail(ctx context.Context, id gocql.UUID, email, password string) (*user, error) {
	var changed *user
	err := a.confirmed(ctx, id, password, func(u *user, at int64) error {
		before := *u
		changed = u
		if u.Email = email; email == before.Email {
			return nil
		}
		claimed, err := a.claim(ctx, u)
		if err != nil {
			return err
		}
		return a.move(ctx, u, &before, max(at, claimed+1))
	})
	return changed, err
}

// move writes u, whose e-mail is claimed, in the place of before. If the claim
// expired on the way and the e-mail is another's now, before is put back.
func (a *accounts) move(ctx context.Context, u, before *user, at int64) error {
	if err := a.save(ctx, u, before.Email, at); err != nil {
		return err
	}
	ours, err := a.owns(ctx, u)
	if err != nil || ours {
		return err
	}
	if err := a.save(ctx, before, "", at+1); err != nil {
		return err
	}
	return errEmailTaken
}

// changePassword sets a new password and ends all sessions but keep's.
func (a *accounts) changePassword(ctx context.Context, id gocql.UUID, current, password string, keep []byte) error {
	err := a.confirmed(ctx, id, current, func(u *user, at int64) (err error) {
		if u.password, err = a.hasher.hash(ctx, password); err != nil {
			return err
		}
		return a.save(ctx, u, "", at)
	})
	if err != nil {
		return err
	}
	return a.endSessions(ctx, id, keep)
}

// rehash replaces a password that was stored as it is by its hash, unless it was
// changed meanwhile. The login succeeds even when this fails: the next one tries
// again.
func (a *accounts) rehash(ctx context.Context, u *user, password string) {
	err := a.change(ctx, u.ID, func(now *user, at int64) (err error) {
		if now.password != u.password {
			return nil
		}
		if now.password, err = a.hasher.hash(ctx, password); err != nil {
			return err
		}
		return a.save(ctx, now, "", at)
	})
	if err != nil {
		a.log.Warn("a plain password could not be replaced by its hash", "error", err)
	}
}

// stillRight reports whether password still opens u's account: a session that is
// started while the password changes could else outlive the change.
func (a *accounts) stillRight(ctx context.Context, u *user, password string) (bool, error) {
	c, err := a.credential(ctx, u.Email)
	if errors.Is(err, errNoAccount) {
		return false, nil
	}
	if err != nil || c.owner == u.ID && c.password == u.password {
		return err == nil, err
	}
	ok, _, err := a.hasher.check(ctx, c.password, password)
	return ok && c.owner == u.ID, err
}

// remove deletes an account with all its sessions; those that a crash leaves
// behind open nothing and expire.
func (a *accounts) remove(ctx context.Context, id gocql.UUID, password string) error {
	err := a.confirmed(ctx, id, password, func(u *user, at int64) error {
		batch := a.db.Batch(gocql.LoggedBatch).WithTimestamp(at)
		batch.Query(`DELETE FROM user_credentials WHERE email = ?`, u.Email)
		batch.Query(`DELETE FROM users WHERE userid = ?`, id)
		if err := batch.ExecContext(ctx); err != nil {
			return fmt.Errorf("deleting an account: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.endSessions(ctx, id, nil)
}
