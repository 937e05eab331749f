package access

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// NewToken says what token is to be made.
type NewToken struct {
	// Role is the name or id of a role.
	Role        string
	Description string
	// Expires is when the token ends; zero for never.
	Expires time.Time
	// By is who makes it, who can't give more than it has itself; nil for the
	// server.
	By *Principal
}

// CreateToken makes an application token of a role (by name or id) that does not
// end. The secret is returned once and kept nowhere.
func (s *Store) CreateToken(ctx context.Context, role, description string) (*Secret, error) {
	return s.MakeToken(ctx, &NewToken{Role: role, Description: description})
}

// MakeToken makes an application token. The secret is returned once and kept
// nowhere. The mistakes of who asks are ErrNotFound, ErrInvalid and ErrForbidden.
func (s *Store) MakeToken(ctx context.Context, n *NewToken) (*Secret, error) {
	s.write.Lock()
	defer s.write.Unlock()
	switch {
	case len(n.Description) > maxDescription:
		return nil, fmt.Errorf("a description of %d bytes is %w: the limit is %d", len(n.Description), ErrInvalid, maxDescription)
	case !n.Expires.IsZero() && !n.Expires.After(s.now()):
		return nil, fmt.Errorf("a token that has expired already is %w", ErrInvalid)
	}
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	r, err := s.Role(n.Role)
	if err != nil {
		return nil, err
	}
	if err := n.By.mayGive(r); err != nil {
		return nil, err
	}
	secret := newSecret()
	t := &Token{ClientID: secret.ClientID, Role: r.ID, Description: n.Description, Created: s.now().UTC(), Expires: n.Expires.UTC().Truncate(time.Millisecond), use: &use{},
		tokenHash: sha256.Sum256([]byte(secret.Token)), secretHash: sha256.Sum256([]byte(secret.ClientSecret))}
	if !t.Expires.IsZero() { // first: the token must not be there without it
		if err := s.insertLife(ctx, t); err != nil {
			return nil, err
		}
	}
	if err := s.insertToken(ctx, t); err != nil {
		return nil, err
	}
	s.publish(func(st *state) { st.tokens[t.ClientID] = t })
	return &secret, nil
}

// Tokens lists all tokens, oldest first.
func (s *Store) Tokens() []*Token {
	var all []*Token
	for _, t := range s.state.Load().tokens {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *Token) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ClientID, b.ClientID))
	})
	return all
}

// revocationAhead is how far in the future a revocation is written, so that it
// wins over the making of the token whatever the clocks of the nodes say; a
// client id is never used again.
const revocationAhead = 24 * time.Hour

// RevokeToken deletes a token by its client id. From its return on no door of
// this server accepts it; those of other servers in front of the same back end
// within a second.
func (s *Store) RevokeToken(ctx context.Context, clientID string) error {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.catchUp(ctx); err != nil {
		return err
	}
	if s.state.Load().tokens[clientID] == nil {
		return fmt.Errorf("token %q: %w", clientID, ErrNotFound)
	}
	at := binary.BigEndian.AppendUint64(nil, uint64(s.now().Add(revocationAhead).UnixMicro()))
	if _, err := s.run(ctx, `DELETE FROM astrolabe.tokens USING TIMESTAMP ? WHERE client_id = ?`, at, []byte(clientID)); err != nil {
		return err
	}
	s.publish(func(st *state) { delete(st.tokens, clientID) })
	_, err := s.run(ctx, `DELETE FROM astrolabe.token_life WHERE client_id = ?`, []byte(clientID))
	return err
}
