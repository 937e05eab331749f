package userprofile

import (
	"context"
	"errors"
	"fmt"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

const (
	// lockSeconds is the TTL of an account's lock; longer than a request may
	// take, so that only one whose holder is gone expires.
	lockSeconds = 30
	// lockWait is how long a change waits for the one before it.
	lockWait  = 5 * time.Second
	lockRetry = 50 * time.Millisecond
	// claimSeconds is how long an e-mail stays claimed when a sign-up (or a
	// change of e-mail) stops half-way.
	claimSeconds = 120
)

// locked runs change while no other change of the account id runs. lease is the
// write time of the lock: it grows from holder to holder, whatever their clocks
// say, so that the writes of one that lost its lock lose to the next one's.
func (a *accounts) locked(ctx context.Context, id gocql.UUID, change func(lease int64) error) error {
	holder, err := gocql.RandomUUID()
	if err != nil {
		return err
	}
	defer a.unlock(ctx, id, holder) // after an error too: the lock may have been taken
	deadline := time.Now().Add(lockWait)
	for {
		applied, err := a.db.Query(`INSERT INTO user_locks (userid, holder) VALUES (?, ?) IF NOT EXISTS USING TTL ?`, id, holder, lockSeconds).
			MapScanCASContext(ctx, map[string]any{})
		if err != nil {
			return fmt.Errorf("locking an account: %w", err)
		}
		if applied {
			break
		}
		if time.Now().After(deadline) {
			return errBusy
		}
		select {
		case <-time.After(lockRetry):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var present gocql.UUID
	var lease int64
	err = a.db.Query(`SELECT holder, writetime(holder) FROM user_locks WHERE userid = ?`, id).
		Consistency(gocql.LocalSerial).ScanContext(ctx, &present, &lease)
	if errors.Is(err, gocql.ErrNotFound) || err == nil && present != holder {
		return errBusy // it expired before we got here
	}
	if err != nil {
		return fmt.Errorf("reading a lock: %w", err)
	}
	return change(lease)
}

// unlock gives the lock back, also when the request has been cut off. If it
// fails, the lock expires.
func (a *accounts) unlock(ctx context.Context, id, holder gocql.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTimeout)
	defer cancel()
	_, err := a.db.Query(`DELETE FROM user_locks WHERE userid = ? IF holder = ?`, id, holder).MapScanCASContext(ctx, map[string]any{})
	if err != nil {
		a.log.Warn("the lock of an account could not be given back", "error", err)
	}
}

// claim takes u's e-mail for u, or takes it again after a try that stopped, and
// returns its write time. The caller holds u's lock.
func (a *accounts) claim(ctx context.Context, u *user) (int64, error) {
	present := map[string]any{}
	applied, err := a.db.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?) IF NOT EXISTS USING TTL ?`,
		u.Email, u.password, u.ID, claimSeconds).MapScanCASContext(ctx, present)
	if err == nil && !applied {
		if owner, ok := present["userid"].(gocql.UUID); !ok || owner != u.ID {
			return 0, errEmailTaken
		}
		// Our own claim may be about to expire.
		applied, err = a.db.Query(`UPDATE user_credentials USING TTL ? SET password = ?, userid = ? WHERE email = ? IF userid = ?`,
			claimSeconds, u.password, u.ID, u.Email, u.ID).MapScanCASContext(ctx, map[string]any{})
	}
	if err != nil {
		return 0, fmt.Errorf("claiming an e-mail: %w", err)
	}
	if !applied {
		return 0, errBusy // it expired in between
	}
	c, err := a.credential(ctx, u.Email)
	return c.written, err
}

// owns reports whether u's e-mail is u's.
func (a *accounts) owns(ctx context.Context, u *user) (bool, error) {
	c, err := a.credential(ctx, u.Email)
	if errors.Is(err, errNoAccount) {
		return false, nil
	}
	return err == nil && c.owner == u.ID, err
}

// save writes an account whole at the write time at, and removes the credentials
// of the e-mail that it had before ("" = none).
func (a *accounts) save(ctx context.Context, u *user, before string, at int64) error {
	var created any = u.Created
	if u.Created.IsZero() {
		created = gocql.UnsetValue // a row that never had one
	}
	batch := a.db.Batch(gocql.LoggedBatch).WithTimestamp(at)
	batch.Query(`INSERT INTO users (userid, firstname, lastname, email, created_date) VALUES (?, ?, ?, ?, ?)`, u.ID, u.Firstname, u.Lastname, u.Email, created)
	batch.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?)`, u.Email, u.password, u.ID)
	if before != "" && before != u.Email {
		batch.Query(`DELETE FROM user_credentials WHERE email = ?`, before)
	}
	if err := batch.ExecContext(ctx); err != nil {
		return fmt.Errorf("writing an account: %w", err)
	}
	return nil
}
