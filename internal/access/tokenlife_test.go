package access

import (
	"errors"
	"log/slog"
	"testing"
	"time"
)

// TestTokenLife: a token ends when it is to, and its last use is kept.
func TestTokenLife(t *testing.T) {
	s, secret := benchStore(t)
	ctx, now := t.Context(), time.Now().UTC().Truncate(time.Second)
	s.now = func() time.Time { return now }
	if _, err := s.MakeToken(ctx, &NewToken{Role: ReadOnlyUser.Name, Expires: now}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a token that has expired already: %v", err)
	}
	short, err := s.MakeToken(ctx, &NewToken{Role: ReadOnlyUser.Name, Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Token(ctx, short.Token)
	if err != nil || !p.Alive() {
		t.Fatalf("before it ends: %v", err)
	}
	session, err := s.Door("auth", "").OpenSession(ctx, short.ClientID, short.ClientSecret)
	if err != nil {
		t.Fatal(err)
	}
	s.Follow(slog.New(slog.DiscardHandler))
	s.Close() // writes last uses
	again, err := Open(ctx, s.back)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.state.Load().tokens[short.ClientID]; !got.Expires.Equal(now.Add(time.Hour)) || !got.LastUsed().Equal(now) {
		t.Errorf("read back: expires %v, used %v", got.Expires, got.LastUsed())
	}
	if got := again.state.Load().tokens[secret.ClientID]; !got.LastUsed().IsZero() || !got.Expires.IsZero() {
		t.Errorf("the other one: expires %v, used %v", got.Expires, got.LastUsed())
	}
	now = now.Add(time.Hour)
	if p.Alive() {
		t.Error("who logged in before outlives its token")
	}
	for what, token := range map[string]string{"token": short.Token, "session": session} {
		if _, err := s.Token(ctx, token); err == nil {
			t.Errorf("the %s outlives its end", what)
		}
	}
	if _, err := s.Login(ctx, short.ClientID, short.ClientSecret); err == nil {
		t.Error("a login after the end")
	}
}
