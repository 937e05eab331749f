package access

import (
	"errors"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

// TestSessions: a token lasts as long as it is used (auth.md §3, case 28),
// outlives a restart, and ends with the application token that it was given for.
func TestSessions(t *testing.T) {
	ctx := t.Context()
	back, err := engine.Open(engine.Options{Dir: t.TempDir(), Periodic: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = back.Close() })
	s, err := Open(ctx, back)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Now()
	s.now = func() time.Time { return clock }
	secret, err := s.CreateToken(ctx, ReadWriteUser.Name, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Door("auth", "").OpenSession(ctx, secret.ClientID, "wrong"); !isBadCredentials(err) {
		t.Fatalf("wrong password: %v", err)
	}
	if _, err := s.Door("auth", "").OpenSessionFor(ctx, "nobody"); !isBadCredentials(err) {
		t.Fatalf("unknown name: %v", err)
	}
	open := func() string {
		t.Helper()
		token, err := s.Door("auth", "").OpenSession(ctx, secret.ClientID, secret.ClientSecret)
		if err != nil || len(token) != sessionTokenLength {
			t.Fatalf("token %q, %v", token, err)
		}
		return token
	}
	token, idle := open(), open()
	if token == idle {
		t.Error("two logins gave one token")
	}
	works := func(s *Store, token string) bool {
		t.Helper()
		p, err := s.Token(ctx, token)
		if err != nil && !isBadCredentials(err) {
			t.Fatal(err)
		}
		return err == nil && p.Name() == secret.ClientID
	}
	for range 4 {
		clock = clock.Add(20 * time.Minute)
		if !works(s, token) {
			t.Fatal("a token that is used every 20 minutes has expired")
		}
	}
	if works(s, idle) {
		t.Error("a token that was not used for 30 minutes still works")
	}
	again, err := Open(ctx, back)
	if err != nil {
		t.Fatal(err)
	}
	again.now = s.now
	if !works(again, token) {
		t.Error("a restart has lost the token")
	}
	if works(s, "6ba7b810-9dad-41d1-80b4-00c04fd430c8") {
		t.Error("an unknown token works")
	}
	if _, err := s.Login(ctx, "token", token); err != nil {
		t.Errorf("CQL login with a session token: %v", err)
	}
	if err := s.RevokeToken(ctx, secret.ClientID); err != nil {
		t.Fatal(err)
	}
	if works(s, token) {
		t.Error("the session outlives the application token")
	}
}

func isBadCredentials(err error) bool {
	var e *cqlerr.Error
	return errors.As(err, &e) && e.Code == cqlerr.BadCredentials
}
