package access_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
)

func openStore(t *testing.T, dir string) (*access.Store, *engine.Engine) {
	t.Helper()
	e, err := engine.Open(engine.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	s, err := access.Open(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return s, e
}

func token(t *testing.T, s *access.Store, role string) *access.Secret {
	t.Helper()
	secret, err := s.CreateToken(t.Context(), role, "test")
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func login(t *testing.T, s *access.Store, secret *access.Secret) *access.Principal {
	t.Helper()
	p, err := s.Token(t.Context(), secret.Token)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDecisions crosses roles with statements: "" is allowed, else the text of
// the refusal behind "User x has no ", as a Cassandra 5.0.9 with authorization gives it.
func TestDecisions(t *testing.T) {
	s, _ := openStore(t, t.TempDir())
	if err := s.CreateRole(t.Context(), access.KeyspaceRole("app", "mine")); err != nil {
		t.Fatal(err)
	}
	roles := []string{"Organization Administrator", "Database Administrator", "R/W User", "RO User", "app"}
	const ok = ""
	modify, create, alter, drop := "MODIFY permission on <table mine.t>", "CREATE permission on <all tables in mine>", "ALTER permission on <table mine.t>", "DROP permission on <table mine.t>"
	cases := []struct {
		text string
		want [5]string
	}{
		{"SELECT * FROM mine.t", [5]string{ok, ok, ok, ok, ok}},
		{"SELECT * FROM other.t", [5]string{ok, ok, ok, ok, "SELECT permission on <table other.t>"}},
		{"INSERT INTO mine.t (k) VALUES (1)", [5]string{ok, ok, ok, modify, ok}},
		{"UPDATE mine.t SET v = 1 WHERE k = 1 IF v = 2", [5]string{ok, ok, ok, modify, ok}},
		{"DELETE FROM mine.t WHERE k = 1", [5]string{ok, ok, ok, modify, ok}},
		{"BEGIN BATCH INSERT INTO mine.t (k) VALUES (1); INSERT INTO other.t (k) VALUES (1); APPLY BATCH", [5]string{ok, ok, ok, modify, "MODIFY permission on <table other.t>"}},
		{"TRUNCATE mine.t", [5]string{ok, ok, ok, modify, ok}},
		{"CREATE TABLE mine.n (k int PRIMARY KEY)", [5]string{ok, ok, create, create, ok}},
		{"CREATE TYPE mine.n (k int)", [5]string{ok, ok, create, create, ok}},
		{"ALTER TABLE mine.t ADD x int", [5]string{ok, ok, alter, alter, ok}},
		{"CREATE INDEX ON mine.t (v)", [5]string{ok, ok, alter, alter, ok}},
		{"DROP TABLE mine.t", [5]string{ok, ok, drop, drop, ok}},
		{"CREATE KEYSPACE n WITH replication = {'class': 'SimpleStrategy'}", [5]string{ok, ok, "CREATE permission on <all keyspaces>", "CREATE permission on <all keyspaces>", "CREATE permission on <all keyspaces>"}},
		{"DROP KEYSPACE mine", [5]string{ok, ok, "DROP permission on <keyspace mine>", "DROP permission on <keyspace mine>", "DROP permission on <keyspace mine>"}},
		{"SELECT * FROM system.local", [5]string{ok, ok, ok, ok, ok}},
		{"USE mine", [5]string{ok, ok, ok, ok, ok}},
	}
	for i, role := range roles {
		p := login(t, s, token(t, s, role))
		for _, c := range cases {
			parsed, err := cql.Parse(c.text)
			if err != nil {
				t.Fatalf("%s: %v", c.text, err)
			}
			check(t, role+": "+c.text, p, p.Authorize(parsed.Statement, ""), c.want[i])
		}
	}
}

func check(t *testing.T, what string, p *access.Principal, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	want = "User " + p.Name() + " has no " + want + " or any of its parents"
	var e *cqlerr.Error
	if !errors.As(err, &e) || e.Code != cqlerr.Unauthorized || e.Message != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

// TestOwnKeyspace: no role, not even the administrator's, reaches the tokens.
func TestOwnKeyspace(t *testing.T) {
	s, _ := openStore(t, t.TempDir())
	p := login(t, s, token(t, s, "Organization Administrator"))
	for _, text := range []string{"SELECT * FROM tokens", "DELETE FROM tokens WHERE client_id = 'x'", "DROP TABLE tokens", "ALTER TABLE tokens ADD x int", "TRUNCATE tokens"} {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if p.Authorize(parsed.Statement, access.Keyspace) == nil {
			t.Errorf("%s is allowed", text)
		}
	}
	drop := &cql.DropKeyspace{Name: access.Keyspace}
	if p.Authorize(drop, "") == nil {
		t.Error("DROP KEYSPACE astrolabe is allowed")
	}
	if p.Visible(access.Keyspace, "") {
		t.Error("the keyspace is visible")
	}
}

func TestLogins(t *testing.T) {
	s, _ := openStore(t, t.TempDir())
	secret := token(t, s, "RO User")
	if len(secret.Token) != 97 || !strings.HasPrefix(secret.Token, "AstraCS:"+secret.ClientID+":") {
		t.Errorf("token %q", secret.Token)
	}
	for _, c := range []struct {
		user, password string
		ok             bool
	}{
		{"token", secret.Token, true}, {secret.ClientID, secret.ClientSecret, true}, {secret.ClientID, secret.Token, true},
		{"token", secret.ClientSecret, false}, {"token", "", false}, {"token", secret.Token[:96] + "!", false}, {secret.ClientID, "", false},
		{"nobody", secret.ClientSecret, false}, {"", "", false},
	} {
		_, err := s.Login(t.Context(), c.user, c.password)
		if (err == nil) != c.ok {
			t.Errorf("%q: %v", c.user, err)
		}
		if want := "Provided username " + c.user + " and/or password are incorrect"; !c.ok && err.Error() != want {
			t.Errorf("%q: %q", c.user, err)
		}
	}
	p := login(t, s, secret)
	if err := s.RevokeToken(t.Context(), secret.ClientID); err != nil {
		t.Fatal(err)
	}
	if p.Alive() || p.Authorize(&cql.Select{Table: cql.QualifiedName{Keyspace: "system", Name: "local"}}, "") == nil {
		t.Error("a revoked token still works")
	}
	if err := s.RevokeToken(t.Context(), secret.ClientID); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("revoking again: %v", err)
	}
}

// TestBootstrap: a start that dies before the token is kept begins anew; one
// that has completed is not repeated.
func TestBootstrap(t *testing.T) {
	dir := t.TempDir()
	s, e := openStore(t, dir)
	died := errors.New("died")
	if _, err := s.Bootstrap(t.Context(), "db", "here", "somewhere", func(access.Secret) error { return died }); !errors.Is(err, died) {
		t.Fatal(err)
	}
	var kept string
	keep := func(secret access.Secret) error { kept = secret.Token; return nil }
	first, err := s.Bootstrap(t.Context(), "db", "here", "somewhere", keep)
	if err != nil || first == nil || first.Administrator.Token != kept {
		t.Fatalf("%v %v", first, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	s, e = openStore(t, dir)
	if again, err := s.Bootstrap(t.Context(), "db", "here", "somewhere", keep); again != nil || err != nil {
		t.Errorf("a second bootstrap: %v %v", again, err)
	}
	if s.Database() != first.Database {
		t.Errorf("database %v, want %v", s.Database(), first.Database)
	}
	if _, err := s.Token(t.Context(), kept); err != nil {
		t.Errorf("the kept token: %v", err)
	}
	if bytes.Contains(dump(t, e), []byte(kept[33:])) {
		t.Error("the table holds the token itself")
	}
}

func dump(t *testing.T, e *engine.Engine) []byte {
	t.Helper()
	parsed, err := cql.Parse("SELECT * FROM astrolabe.tokens")
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Prepare(context.Background(), parsed.Statement, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Execute(context.Background(), p, &backend.Query{Consistency: backend.One})
	if err != nil {
		t.Fatal(err)
	}
	return r.Data
}
