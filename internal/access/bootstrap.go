package access

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// First is what a first start made.
type First struct {
	Organization Organization
	Database     Database
	// Administrator is the secret of the first administrator token.
	Administrator Secret
}

// Bootstrap makes the organization, the database and an administrator token of
// a server, or of a cluster, that has none. It returns nil, nil when they are
// there already, or another server has made them; then TokenPlace tells where
// the token is. place is where keep puts the secret, for people to read.
//
// It can be cut at any step: the database is recorded last, after the token was
// handed to keep, so a start that was killed half-way is begun anew. Tokens that
// such a start left behind were shown to nobody and are deleted.
func (s *Store) Bootstrap(ctx context.Context, name, region, place string, keep func(Secret) error) (*First, error) {
	for s.Database().ID == uuid.Nil {
		turn, err := s.claim(ctx)
		if err != nil {
			return nil, err
		}
		if turn && s.Database().ID == uuid.Nil {
			return s.makeFirst(ctx, name, region, place, keep)
		}
	}
	return nil, nil
}

func (s *Store) makeFirst(ctx context.Context, name, region, place string, keep func(Secret) error) (*First, error) {
	for _, left := range s.Tokens() {
		if err := s.RevokeToken(ctx, left.ClientID); err != nil {
			return nil, err
		}
	}
	first := &First{
		Organization: Organization{ID: uuid.New(), Name: "local"},
		Database:     Database{ID: uuid.New(), Name: name, Region: region},
	}
	secret, err := s.CreateToken(ctx, OrganizationAdministrator.Name, "first administrator")
	if err != nil {
		return nil, err
	}
	first.Administrator = *secret
	if err := keep(*secret); err != nil {
		return nil, err
	}
	if err := s.keepClaim(ctx, place); err != nil {
		return nil, err
	}
	if err := s.insertDatabase(ctx, first.Organization, first.Database); err != nil {
		return nil, err
	}
	s.write.Lock()
	defer s.write.Unlock()
	s.publish(func(st *state) { st.organization, st.database = first.Organization, first.Database })
	return first, nil
}

// claimPause is how often a server looks whether the one that makes the first
// database has made it, or died: its claim ends after a minute.
const claimPause = 200 * time.Millisecond

// claim reports whether it is this server's turn to make the first database,
// which it always is when the tables are its own. Else it waits a moment, and
// loads what the others have made.
func (s *Store) claim(ctx context.Context) (bool, error) {
	if s.shared == nil {
		return true, nil
	}
	won, err := s.compareAndSet(ctx, `INSERT INTO astrolabe.bootstrap (id, owner) VALUES ('database', ?) IF NOT EXISTS USING TTL 60`, s.shared.self[:])
	if err != nil {
		return false, err
	}
	if !won {
		select {
		case <-time.After(claimPause):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	s.write.Lock()
	defer s.write.Unlock()
	_, err = s.reload(ctx)
	return won, err
}

// claimLostError: this server took so long that another one began.
type claimLostError struct{}

// Error tells what to do.
func (claimLostError) Error() string {
	return "another server began to make the first database; start this one again"
}

// keepClaim makes the claim last, with the place of the token.
func (s *Store) keepClaim(ctx context.Context, place string) error {
	if s.shared == nil {
		return nil
	}
	kept, err := s.compareAndSet(ctx, `UPDATE astrolabe.bootstrap USING TTL 60 SET owner = ?, place = ? WHERE id = 'database' IF owner = ?`,
		s.shared.self[:], []byte(place), s.shared.self[:])
	if err == nil && !kept {
		err = claimLostError{}
	}
	if err != nil {
		return err
	}
	_, err = s.run(ctx, `INSERT INTO astrolabe.bootstrap (id, place) VALUES ('token', ?)`, []byte(place))
	return err
}

// TokenPlace tells where the administrator's first token was put, "" when that
// is not known.
func (s *Store) TokenPlace(ctx context.Context) string {
	if s.shared == nil {
		return ""
	}
	rows, err := s.run(ctx, `SELECT place FROM astrolabe.bootstrap WHERE id = 'token'`)
	if err != nil || rows.RowCount == 0 {
		return ""
	}
	c := rows.Cursor()
	return string(c.Next())
}

// compareAndSet runs a conditional statement and reports whether it was applied.
func (s *Store) compareAndSet(ctx context.Context, text string, values ...[]byte) (bool, error) {
	rows, err := s.run(ctx, text, values...)
	if err != nil {
		return false, err
	}
	c := rows.Cursor()
	applied := c.Next()
	return len(applied) == 1 && applied[0] == 1, nil
}
