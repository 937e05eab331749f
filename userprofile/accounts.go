package userprofile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// The errors of accounts that a person can do something about.
var (
	errEmailTaken  = errors.New("an account with this e-mail exists already")
	errCredentials = errors.New("the e-mail or the password is wrong")
	errNoAccount   = errors.New("no such account")
	// errSignedUp: an earlier try of this sign-up has completed; log in.
	errSignedUp = errors.New("this sign-up has completed already")
	errBusy     = errors.New("another change of this account is under way")
)

// user is an account: a row of users and the password of its user_credentials.
type user struct {
	ID        gocql.UUID `json:"userid"`
	Firstname string     `json:"firstname"`
	Lastname  string     `json:"lastname"`
	Email     string     `json:"email"`
	Created   time.Time  `json:"created_date"`
	// password as it is stored; "" where only the profile was read.
	password string
}

// accounts are the rules of accounts over the tables.
//
// An account is its row of users and the row of user_credentials with the same
// e-mail; a login needs both. Whatever stops or races, nobody gets half of one:
//
//   - All changes of an account go through its lock (lock.go), one at a time.
//   - An e-mail is claimed before it is used: INSERT INTO user_credentials ... IF
//     NOT EXISTS USING TTL. One of several people wins; a claim that is not
//     completed expires, and opens nothing meanwhile.
//   - A change writes both rows whole, in one logged batch (save), at a write
//     time behind the lock's, the claim's and everything stored before. So what
//     a client that was cut off left on its way is older, and loses whole.
//   - After the claim only such batches write a row: a later conditional write
//     could carry an older time than the batch, be "applied", and be lost.
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

// signUp makes an account. id is chosen by the client and makes retries safe: a
// try that stopped is gone on with; one that had completed gives errSignedUp.
func (a *accounts) signUp(ctx context.Context, id gocql.UUID, firstname, lastname, email, password string) (*user, error) {
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	u := &user{ID: id, Firstname: firstname, Lastname: lastname, Email: email, password: hash,
		Created: time.Now().UTC().Truncate(time.Millisecond)}
	return u, a.locked(ctx, id, func(lease int64) error {
		// An id that has an account must not get a second e-mail: whoever knows
		// the id would take the account over.
		switch present, err := a.user(ctx, id); {
		case err == nil && present.Email == email:
			return errSignedUp
		case err == nil:
			return errEmailTaken
		case !errors.Is(err, errNoAccount):
			return err
		}
		claimed, err := a.claim(ctx, u)
		if err != nil {
			return err
		}
		return a.complete(ctx, u, max(lease, claimed)+1)
	})
}

// complete makes an account of a claim. If the claim expired on the way and the
// e-mail is another's now, nothing is left behind.
func (a *accounts) complete(ctx context.Context, u *user, at int64) error {
	if err := a.save(ctx, u, "", at); err != nil {
		return err
	}
	ours, err := a.owns(ctx, u)
	if err != nil || ours {
		return err
	}
	if err := a.db.Query(`DELETE FROM users WHERE userid = ?`, u.ID).WithTimestamp(at + 1).ExecContext(ctx); err != nil {
		return fmt.Errorf("undoing a sign-up: %w", err)
	}
	return errEmailTaken
}

// user reads a profile.
func (a *accounts) user(ctx context.Context, id gocql.UUID) (*user, error) {
	u, _, err := a.profile(ctx, id)
	return u, err
}

// profile reads a row of users and its newest write time.
func (a *accounts) profile(ctx context.Context, id gocql.UUID) (*user, int64, error) {
	u := &user{ID: id}
	var first, last, email, created int64
	err := a.db.Query(`SELECT firstname, lastname, email, created_date, writetime(firstname), writetime(lastname), writetime(email), writetime(created_date)
		FROM users WHERE userid = ?`, id).
		ScanContext(ctx, &u.Firstname, &u.Lastname, &u.Email, &u.Created, &first, &last, &email, &created)
	if errors.Is(err, gocql.ErrNotFound) || err == nil && u.Email == "" {
		return nil, 0, errNoAccount
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading a profile: %w", err)
	}
	return u, max(first, last, email, created), nil
}

// credential is a row of user_credentials.
type credential struct {
	password string
	owner    gocql.UUID
	written  int64 // the newest write time in it, in microseconds
}

// credential reads the row of an e-mail.
func (a *accounts) credential(ctx context.Context, email string) (credential, error) {
	var c credential
	var password, owner int64
	err := a.db.Query(`SELECT password, userid, writetime(password), writetime(userid) FROM user_credentials WHERE email = ?`, email).
		ScanContext(ctx, &c.password, &c.owner, &password, &owner)
	if errors.Is(err, gocql.ErrNotFound) {
		return c, errNoAccount
	}
	if err != nil {
		return c, fmt.Errorf("reading credentials: %w", err)
	}
	c.written = max(password, owner)
	return c, nil
}

// logIn returns the account of email if password is right, else errCredentials,
// after the same work whether the account exists or not.
func (a *accounts) logIn(ctx context.Context, email, password string) (*user, error) {
	c, err := a.credential(ctx, email)
	missing := errors.Is(err, errNoAccount)
	if err != nil && !missing {
		return nil, err
	}
	if missing {
		c.password = a.hasher.dummy
	}
	ok, plain, err := a.hasher.check(ctx, c.password, password)
	if err != nil {
		return nil, err
	}
	if missing || !ok {
		return nil, errCredentials
	}
	u, err := a.user(ctx, c.owner)
	if errors.Is(err, errNoAccount) || err == nil && u.Email != email {
		return nil, errCredentials // a claim, not an account
	}
	if err != nil {
		return nil, err
	}
	u.password = c.password
	if plain {
		a.rehash(ctx, u, password)
	}
	return u, nil
}
