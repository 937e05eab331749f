package userprofile

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// sessionLifetime is the TTL of a session's rows and of its cookie.
const sessionLifetime = 7 * 24 * time.Hour

// sessionBytes is the size of the random value in a session's cookie.
const sessionBytes = 32

// sessionID is what the tables know of a cookie: its SHA-256.
func sessionID(cookie string) []byte {
	h := sha256.Sum256([]byte(cookie))
	return h[:]
}

// startSession makes a session and returns the value of its cookie.
func (a *accounts) startSession(ctx context.Context, u *user) (string, error) {
	random := make([]byte, sessionBytes)
	rand.Read(random)
	cookie := base64.RawURLEncoding.EncodeToString(random)
	ttl := int(sessionLifetime / time.Second)
	batch := a.db.Batch(gocql.LoggedBatch)
	batch.Query(`INSERT INTO sessions (id, userid) VALUES (?, ?) USING TTL ?`, sessionID(cookie), u.ID, ttl)
	batch.Query(`INSERT INTO user_sessions (userid, id) VALUES (?, ?) USING TTL ?`, u.ID, sessionID(cookie), ttl)
	if err := batch.ExecContext(ctx); err != nil {
		return "", fmt.Errorf("starting a session: %w", err)
	}
	return cookie, nil
}

// sessionUser returns who a cookie belongs to, or errNoAccount.
func (a *accounts) sessionUser(ctx context.Context, cookie string) (*user, error) {
	var id gocql.UUID
	err := a.db.Query(`SELECT userid FROM sessions WHERE id = ?`, sessionID(cookie)).ScanContext(ctx, &id)
	if errors.Is(err, gocql.ErrNotFound) {
		return nil, errNoAccount
	}
	if err != nil {
		return nil, err
	}
	return a.user(ctx, id)
}

// endSession ends one session; one that is gone already is no error.
func (a *accounts) endSession(ctx context.Context, cookie string) error {
	id := sessionID(cookie)
	var owner gocql.UUID
	err := a.db.Query(`SELECT userid FROM sessions WHERE id = ?`, id).ScanContext(ctx, &owner)
	if errors.Is(err, gocql.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.deleteSessions(ctx, owner, [][]byte{id})
}

// endSessions ends all sessions of a person but the one with id keep (nil: none
// is kept).
func (a *accounts) endSessions(ctx context.Context, owner gocql.UUID, keep []byte) error {
	var ids [][]byte
	iter := a.db.Query(`SELECT id FROM user_sessions WHERE userid = ?`, owner).IterContext(ctx)
	var id []byte
	for iter.Scan(&id) {
		if !bytes.Equal(id, keep) {
			ids = append(ids, bytes.Clone(id))
		}
	}
	if err := iter.Close(); err != nil {
		return err
	}
	return a.deleteSessions(ctx, owner, ids)
}

// deleteBatch bounds the sessions deleted in one batch.
const deleteBatch = 50

func (a *accounts) deleteSessions(ctx context.Context, owner gocql.UUID, ids [][]byte) error {
	for len(ids) > 0 {
		n := min(deleteBatch, len(ids))
		batch := a.db.Batch(gocql.LoggedBatch)
		for _, id := range ids[:n] {
			batch.Query(`DELETE FROM sessions WHERE id = ?`, id)
			batch.Query(`DELETE FROM user_sessions WHERE userid = ? AND id = ?`, owner, id)
		}
		if err := batch.ExecContext(ctx); err != nil {
			return fmt.Errorf("ending sessions: %w", err)
		}
		ids = ids[n:]
	}
	return nil
}
