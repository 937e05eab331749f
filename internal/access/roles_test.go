package access_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// What Cassandra has too is in test/conformance/access. The tests here are
// about what it has not: tokens, policies, and how the store is kept.

// say runs statements as p, as a door does, until one fails.
func say(ctx context.Context, s *access.Store, p *access.Principal, texts ...string) error {
	for _, text := range texts {
		parsed, err := cql.Parse(text)
		if err != nil {
			return err
		}
		prepared, err := s.Backend().Prepare(ctx, parsed.Statement, parsed.Markers, "")
		if err != nil {
			return err
		}
		if err := p.Authorize(parsed.Statement, ""); err != nil {
			return err
		}
		if _, err := s.Backend().Execute(ctx, prepared, &backend.Query{Caller: p.Caller(), Consistency: backend.One}); err != nil {
			return err
		}
	}
	return nil
}

func mustSay(t *testing.T, s *access.Store, p *access.Principal, texts ...string) {
	t.Helper()
	if err := say(t.Context(), s, p, texts...); err != nil {
		t.Fatal(err)
	}
}

// admin opens a store and the principal of an administrator's token.
func admin(t *testing.T) (*access.Store, *access.Principal) {
	s, _ := openStore(t, t.TempDir())
	return s, login(t, s, token(t, s, "Organization Administrator"))
}

const (
	makeKeyspace = "CREATE KEYSPACE mine WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
	makeTable    = "CREATE TABLE mine.t (k int PRIMARY KEY, v int)"
)

// TestTokenOfCQLRole: a token can be of a role that CREATE ROLE made, may do
// what was granted to it, and is good for nothing when the role is gone.
func TestTokenOfCQLRole(t *testing.T) {
	s, boss := admin(t)
	mustSay(t, s, boss, makeKeyspace, makeTable, "CREATE ROLE app", "GRANT SELECT ON mine.t TO app")
	p := login(t, s, token(t, s, "app"))
	mustSay(t, s, p, "SELECT * FROM mine.t")
	err := say(t.Context(), s, p, "INSERT INTO mine.t (k) VALUES (1)")
	if want := "User " + p.Name() + " has no MODIFY permission on <table mine.t> or any of its parents"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if !p.May(access.REST, "", "") || !p.Visible("mine", "t") || p.Visible("mine", "u") || p.Visible("other", "") || p.May(access.TokenWrite, "", "") {
		t.Error("the token's role shows the wrong things")
	}
	mustSay(t, s, boss, "DROP ROLE app")
	if p.Alive() || say(t.Context(), s, p, "SELECT key FROM system.local") == nil {
		t.Error("the token outlives its role")
	}
}

// TestSuperuserRole: roles may be superusers, by themselves or by a grant; tokens
// are none.
func TestSuperuserRole(t *testing.T) {
	s, boss := admin(t)
	mustSay(t, s, boss, "CREATE ROLE super WITH SUPERUSER = true", "CREATE ROLE plain", "CREATE ROLE heir", "GRANT super TO heir")
	for name, want := range map[string]bool{"super": true, "heir": true, "plain": false, "nobody": false, boss.Name(): false} {
		if got := s.SuperuserRole(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestBuiltInRoles: they can be granted to roles and not changed.
func TestBuiltInRoles(t *testing.T) {
	s, boss := admin(t)
	mustSay(t, s, boss, makeKeyspace, makeTable, "CREATE ROLE app WITH LOGIN = true AND PASSWORD = 'p'", `GRANT "R/W User" TO app`)
	p, err := s.Login(t.Context(), "app", "p")
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, s, p, "INSERT INTO mine.t (k) VALUES (1)", "SELECT * FROM mine.t")
	if say(t.Context(), s, p, "SELECT role FROM system_auth.roles") == nil {
		t.Error("a policy about every keyspace reaches system_auth")
	}
	for _, text := range []string{
		`ALTER ROLE "R/W User" WITH LOGIN = true`, `DROP ROLE "R/W User"`, `GRANT app TO "R/W User"`,
		`GRANT SELECT ON mine.t TO "R/W User"`, `DROP ROLE IF EXISTS "Organization Administrator"`,
	} {
		if err := say(t.Context(), s, boss, text); err == nil {
			t.Errorf("%s is done", text)
		}
	}
	if err := say(t.Context(), s, p, `GRANT "Organization Administrator" TO app`); err == nil {
		t.Error("a role made itself an administrator")
	}
}

// TestOwnKeyspaceGrants: nothing can be granted on the store's own keyspace.
func TestOwnKeyspaceGrants(t *testing.T) {
	s, boss := admin(t)
	mustSay(t, s, boss, "CREATE ROLE app")
	for _, text := range []string{"GRANT SELECT ON KEYSPACE astrolabe TO app", "GRANT SELECT ON astrolabe.tokens TO app", "REVOKE SELECT ON ALL TABLES IN KEYSPACE astrolabe FROM app"} {
		var e *cqlerr.Error
		if err := say(t.Context(), s, boss, text); !errors.As(err, &e) || e.Code != cqlerr.Unauthorized {
			t.Errorf("%s: %v", text, err)
		}
	}
	mustSay(t, s, boss, "GRANT ALL ON ALL KEYSPACES TO app")
	p := login(t, s, token(t, s, "app"))
	if say(t.Context(), s, p, "SELECT * FROM astrolabe.tokens") == nil || p.Visible(access.Keyspace, "") {
		t.Error("ALL KEYSPACES reaches the tokens")
	}
}

// TestRolesAreKept: all that statements change is there after a restart.
func TestRolesAreKept(t *testing.T) {
	dir := t.TempDir()
	s, e := openStore(t, dir)
	boss := login(t, s, token(t, s, "Organization Administrator"))
	mustSay(t, s, boss, makeKeyspace, makeTable,
		"CREATE ROLE team", "CREATE ROLE app WITH LOGIN = true AND PASSWORD = 'p'", "CREATE ROLE gone", "GRANT team TO app", "GRANT gone TO app",
		"GRANT SELECT, MODIFY ON mine.t TO team", "REVOKE MODIFY ON mine.t FROM team", "GRANT ALTER ON ROLE gone TO app",
		"ADD IDENTITY 'spiffe://x' TO ROLE 'app'", "ADD IDENTITY 'spiffe://y' TO ROLE 'gone'", "DROP ROLE gone")
	before := dumpAuth(s)
	if !strings.Contains(before, "spiffe://x") || strings.Contains(before, "gone") {
		t.Errorf("before the restart:\n%s", before)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	s, _ = openStore(t, dir)
	if after := dumpAuth(s); after != before {
		t.Errorf("after the restart:\n%s\nbefore:\n%s", after, before)
	}
	p, err := s.Login(t.Context(), "app", "p")
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, s, p, "SELECT * FROM mine.t")
	if say(t.Context(), s, p, "DELETE FROM mine.t WHERE k = 1") == nil {
		t.Error("what was revoked is back")
	}
}

func dumpAuth(s *access.Store) string {
	var b strings.Builder
	for _, table := range []string{"roles", "role_members", "role_permissions", "resource_role_permissons_index", "identity_to_role"} {
		for _, row := range s.SystemAuthRows(table) {
			b.WriteString(table)
			for _, cell := range row {
				b.WriteString(" " + string(cell))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// TestOlderTables: a data directory from before there were CQL roles opens.
func TestOlderTables(t *testing.T) {
	dir := t.TempDir()
	e, err := engine.Open(engine.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`CREATE KEYSPACE astrolabe WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
		`CREATE TABLE astrolabe.databases (id uuid PRIMARY KEY, name text, region text, organization uuid, organization_name text, created timestamp)`,
		`CREATE TABLE astrolabe.roles (id uuid PRIMARY KEY, name text, description text, grants text)`,
		`CREATE TABLE astrolabe.tokens (client_id text PRIMARY KEY, role uuid, description text, created timestamp, token_hash blob, secret_hash blob)`,
		`INSERT INTO astrolabe.roles (id, name, description, grants) VALUES (00000000-0000-4000-8000-000000000000, 'old', 'd', '[{"resource":{"keyspace":"k","table":"*"},"actions":["db-cql"]}]')`,
	} {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Prepare(t.Context(), parsed.Statement, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Execute(t.Context(), p, &backend.Query{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	s, _ := openStore(t, dir)
	r, err := s.Role("old")
	if err != nil || len(r.Grants) != 1 || r.CanLogin || r.Superuser {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestPasswords: what Cassandra takes is taken; a hash that would keep a
// processor busy for minutes is not.
func TestPasswords(t *testing.T) {
	s, boss := admin(t)
	long := strings.Repeat("0123456789", 10) // bcrypt looks at 72 bytes
	mustSay(t, s, boss, "CREATE ROLE a WITH LOGIN = true AND PASSWORD = '"+long+"'")
	// as a Cassandra 5.0.9 keeps the password "sécret pass"
	mustSay(t, s, boss, "CREATE ROLE moved WITH LOGIN = true AND HASHED PASSWORD = '$2a$10$av75Y4ujXIQCtm9TazubcesjQoVpY4qKgbvnC0WQTLkr5eQNEGo/C'")
	for _, c := range []struct {
		user, password string
		ok             bool
	}{{"moved", "sécret pass", true}, {"moved", "secret pass", false}, {"a", long, true}, {"a", long[:72], true}, {"a", long[:71], false}, {"a", "", false}, {"nobody", "x", false}} {
		if _, err := s.Login(t.Context(), c.user, c.password); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.user, err)
		}
	}
	err := say(t.Context(), s, boss, "CREATE ROLE c WITH HASHED PASSWORD = '$2a$31$JSJEMFm6GeaW9XxT5JIheuEtPvat6i7uKbnTcxX3c1wshIIsGyUtG'")
	if err == nil || !strings.Contains(err.Error(), "too costly") {
		t.Errorf("31 rounds: %v", err)
	}
}

// TestAuthorizeAllocates nothing but for the refusal.
func TestAuthorizeAllocates(t *testing.T) {
	s, boss := admin(t)
	mustSay(t, s, boss, makeKeyspace, makeTable, "CREATE ROLE team", "GRANT SELECT ON KEYSPACE mine TO team", "CREATE ROLE app", "GRANT team TO app")
	p := login(t, s, token(t, s, "app"))
	parsed, err := cql.Parse("SELECT * FROM mine.t WHERE k = 1")
	if err != nil {
		t.Fatal(err)
	}
	if n := steady.Allocs(0, 100, func() {
		if p.Authorize(parsed.Statement, "") != nil {
			t.Fatal("refused")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestSystemTables: no role at all may write into the server's own tables,
// whatever back end they are on, but for those in memory, which answer
// themselves.
func TestSystemTables(t *testing.T) {
	_, boss := admin(t)
	for text, want := range map[string]bool{
		"INSERT INTO system_auth.roles (role) VALUES ('x')": false,
		"TRUNCATE system_traces.events":                     false,
		"BEGIN BATCH DELETE FROM system.local WHERE key = 'local'; DELETE FROM system.peers WHERE peer = '::1'; APPLY BATCH": false,
		"UPDATE system_views.settings SET value = 'x' WHERE name = 'y'":                                                      true,
		"SELECT * FROM system_auth.roles": true,
	} {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var e *cqlerr.Error
		err = boss.Authorize(parsed.Statement, "")
		if (err == nil) != want || err != nil && (!errors.As(err, &e) || e.Code != cqlerr.Unauthorized) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
