package userprofile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// claimSeconds is how long an e-mail stays claimed when a sign-up (or a change
// of e-mail) stops half-way: then the claim expires by itself.
const claimSeconds = 120

// The errors of accounts that a person can do something about.
var (
	errEmailTaken  = errors.New("an account with this e-mail exists already")
	errCredentials = errors.New("the e-mail or the password is wrong")
	errNoAccount   = errors.New("no such account")
)

// user is a row of users.
type user struct {
	ID        gocql.UUID `json:"userid"`
	Firstname string     `json:"firstname"`
	Lastname  string     `json:"lastname"`
	Email     string     `json:"email"`
	Created   time.Time  `json:"created_date"`
}

// accounts are the rules of accounts over the tables.
//
// An account is complete when both its rows are there. They are in two tables,
// so they are written in two steps that can stop in between without harm:
//
//  1. claim: INSERT INTO user_credentials ... IF NOT EXISTS USING TTL – one of
//     several people wins the e-mail; a claim that is not completed expires.
//  2. complete: one logged batch writes users and, without TTL, user_credentials.
//
// A login needs both rows, so nobody ever gets into half an account. A sign-up
// that is sent again with the same id goes on where the first one stopped.
type accounts struct {
	db     *gocql.Session
	hasher *hasher
	log    *slog.Logger
}

func newAccounts(db *gocql.Session, log *slog.Logger) (*accounts, error) {
	h, err := newHasher()
	if err != nil {
		return nil, err
	}
	return &accounts{db: db, hasher: h, log: log}, nil
}

// signUp makes an account. id is chosen by the client and makes retries safe.
func (a *accounts) signUp(ctx context.Context, id gocql.UUID, firstname, lastname, email, password string) (*user, error) {
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	done, err := a.claim(ctx, email, hash, id)
	if err != nil {
		return nil, err
	}
	if done { // an earlier try with this id has completed
		return a.retried(ctx, id, email, password)
	}
	u := &user{ID: id, Firstname: firstname, Lastname: lastname, Email: email, Created: time.Now().UTC().Truncate(time.Millisecond)}
	at, err := a.afterClaim(ctx, email)
	if err != nil {
		return nil, err
	}
	batch := a.db.Batch(gocql.LoggedBatch).WithTimestamp(at)
	batch.Query(`INSERT INTO users (userid, firstname, lastname, email, created_date) VALUES (?, ?, ?, ?, ?)`, u.ID, u.Firstname, u.Lastname, u.Email, u.Created)
	batch.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?)`, email, hash, id)
	if err := batch.ExecContext(ctx); err != nil {
		return nil, fmt.Errorf("completing a sign-up: %w", err)
	}
	return u, nil
}

// claim takes email for id. done means that id has a complete account already.
func (a *accounts) claim(ctx context.Context, email, hash string, id gocql.UUID) (done bool, err error) {
	current := map[string]any{}
	applied, err := a.db.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?) IF NOT EXISTS USING TTL ?`,
		email, hash, id, claimSeconds).MapScanCASContext(ctx, current)
	if err != nil {
		return false, fmt.Errorf("claiming an e-mail: %w", err)
	}
	if applied {
		return false, nil
	}
	if owner, ok := current["userid"].(gocql.UUID); !ok || owner != id {
		return false, errEmailTaken
	}
	_, err = a.user(ctx, id)
	if errors.Is(err, errNoAccount) {
		return false, nil // our own claim, of a try that stopped: go on
	}
	return err == nil, err
}

// retried answers a sign-up that had completed before: only to who knows the
// password, for an id alone must not open an account.
func (a *accounts) retried(ctx context.Context, id gocql.UUID, email, password string) (*user, error) {
	u, err := a.logIn(ctx, email, password)
	if err != nil || u.ID != id {
		return nil, errEmailTaken
	}
	return u, nil
}

// afterClaim returns a write time behind the claim's, so that the rows that
// complete the account win over it whatever the clocks of client and server say.
func (a *accounts) afterClaim(ctx context.Context, email string) (int64, error) {
	var written int64
	err := a.db.Query(`SELECT writetime(userid) FROM user_credentials WHERE email = ?`, email).
		Consistency(gocql.LocalSerial).ScanContext(ctx, &written)
	if err != nil {
		return 0, fmt.Errorf("reading a claim: %w", err)
	}
	return max(written+1, time.Now().UnixMicro()), nil
}

// user reads a profile.
func (a *accounts) user(ctx context.Context, id gocql.UUID) (*user, error) {
	u := &user{ID: id}
	err := a.db.Query(`SELECT firstname, lastname, email, created_date FROM users WHERE userid = ?`, id).
		ScanContext(ctx, &u.Firstname, &u.Lastname, &u.Email, &u.Created)
	if errors.Is(err, gocql.ErrNotFound) || err == nil && u.Email == "" {
		return nil, errNoAccount
	}
	return u, err
}

// credentials reads a row of user_credentials.
func (a *accounts) credentials(ctx context.Context, email string) (password string, id gocql.UUID, err error) {
	err = a.db.Query(`SELECT password, userid FROM user_credentials WHERE email = ?`, email).ScanContext(ctx, &password, &id)
	if errors.Is(err, gocql.ErrNotFound) {
		err = errNoAccount
	}
	return password, id, err
}

// logIn returns the account of email if password is right, else errCredentials,
// after the same work whether the account exists or not.
func (a *accounts) logIn(ctx context.Context, email, password string) (*user, error) {
	stored, id, err := a.credentials(ctx, email)
	missing := errors.Is(err, errNoAccount)
	if err != nil && !missing {
		return nil, err
	}
	if missing {
		stored = a.hasher.dummy
	}
	ok, old, err := a.hasher.check(ctx, stored, password)
	if err != nil {
		return nil, err
	}
	if missing || !ok {
		return nil, errCredentials
	}
	u, err := a.user(ctx, id)
	if errors.Is(err, errNoAccount) {
		return nil, errCredentials // a claim that is not an account yet
	}
	if err != nil {
		return nil, err
	}
	u.Email = email
	if old {
		a.rehash(ctx, email, stored, password)
	}
	return u, nil
}

// rehash replaces a password that was stored as it is. The login succeeds even
// when this fails: the next one tries again.
func (a *accounts) rehash(ctx context.Context, email, stored, password string) {
	if err := a.replacePassword(ctx, email, stored, password); err != nil {
		a.log.Warn("a plain password could not be replaced by its hash", "error", err)
	}
}

// replacePassword sets a new password if the stored one is still the given.
func (a *accounts) replacePassword(ctx context.Context, email, stored, password string) error {
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	applied, err := a.db.Query(`UPDATE user_credentials SET password = ? WHERE email = ? IF password = ?`, hash, email, stored).
		MapScanCASContext(ctx, map[string]any{})
	if err == nil && !applied {
		err = errors.New("the password was changed by someone else at the same time")
	}
	return err
}

// confirm checks the password of a logged-in person again.
func (a *accounts) confirm(ctx context.Context, email, password string) (stored string, err error) {
	stored, _, err = a.credentials(ctx, email)
	if err != nil {
		return "", err
	}
	ok, _, err := a.hasher.check(ctx, stored, password)
	if err == nil && !ok {
		err = errCredentials
	}
	return stored, err
}

// edit changes the names.
func (a *accounts) edit(ctx context.Context, id gocql.UUID, firstname, lastname string) error {
	applied, err := a.db.Query(`UPDATE users SET firstname = ?, lastname = ? WHERE userid = ? IF EXISTS`, firstname, lastname, id).
		MapScanCASContext(ctx, map[string]any{})
	if err == nil && !applied {
		err = errNoAccount // deleted meanwhile: do not bring half of it back
	}
	return err
}

// changeEmail moves an account to another e-mail: claim the new one, then one
// logged batch moves the credentials and alters the profile.
func (a *accounts) changeEmail(ctx context.Context, u *user, email, password string) error {
	stored, err := a.confirm(ctx, u.Email, password)
	if err != nil || email == u.Email {
		return err
	}
	current := map[string]any{}
	applied, err := a.db.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?) IF NOT EXISTS USING TTL ?`,
		email, stored, u.ID, claimSeconds).MapScanCASContext(ctx, current)
	if err != nil {
		return fmt.Errorf("claiming an e-mail: %w", err)
	}
	if owner, ok := current["userid"].(gocql.UUID); !applied && (!ok || owner != u.ID) {
		return errEmailTaken
	}
	at, err := a.afterClaim(ctx, email)
	if err != nil {
		return err
	}
	batch := a.db.Batch(gocql.LoggedBatch).WithTimestamp(at)
	batch.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?)`, email, stored, u.ID)
	batch.Query(`UPDATE users SET email = ? WHERE userid = ?`, email, u.ID)
	batch.Query(`DELETE FROM user_credentials WHERE email = ?`, u.Email)
	if err := batch.ExecContext(ctx); err != nil {
		return fmt.Errorf("changing an e-mail: %w", err)
	}
	return nil
}

// changePassword sets a new password and ends all other sessions.
func (a *accounts) changePassword(ctx context.Context, u *user, current, password string, keep []byte) error {
	stored, err := a.confirm(ctx, u.Email, current)
	if err != nil {
		return err
	}
	if err := a.replacePassword(ctx, u.Email, stored, password); err != nil {
		return err
	}
	return a.endSessions(ctx, u.ID, keep)
}

// remove deletes an account with all its sessions.
func (a *accounts) remove(ctx context.Context, u *user, password string) error {
	if _, err := a.confirm(ctx, u.Email, password); err != nil {
		return err
	}
	if err := a.endSessions(ctx, u.ID, nil); err != nil {
		return err
	}
	at, err := a.afterClaim(ctx, u.Email)
	if err != nil {
		return err
	}
	batch := a.db.Batch(gocql.LoggedBatch).WithTimestamp(at)
	batch.Query(`DELETE FROM user_credentials WHERE email = ?`, u.Email)
	batch.Query(`DELETE FROM users WHERE userid = ?`, u.ID)
	if err := batch.ExecContext(ctx); err != nil {
		return fmt.Errorf("deleting an account: %w", err)
	}
	return nil
}
