package access

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/jwt/jwttest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// benchStore is a store with a thousand tokens.
func benchStore(tb testing.TB) (*Store, *Secret) {
	tb.Helper()
	back, err := engine.Open(engine.Options{Dir: tb.TempDir(), Periodic: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = back.Close() })
	s, err := Open(tb.Context(), back)
	if err != nil {
		tb.Fatal(err)
	}
	secret, err := s.CreateToken(tb.Context(), ReadWriteUser.Name, "")
	if err != nil {
		tb.Fatal(err)
	}
	s.publish(func(st *state) { // as if they had been made
		for i := range 1000 {
			id := fmt.Sprintf("%024d", i)
			st.tokens[id] = &Token{ClientID: id, Role: ReadOnlyUser.ID, use: &use{}}
		}
	})
	return s, secret
}

// BenchmarkTokenCheck is what each HTTP request costs here: its token is checked,
// and its statement authorized. The goal is 2 µs.
func BenchmarkTokenCheck(b *testing.B) {
	s, secret := benchStore(b)
	door, ctx := s.Door("rest", REST), b.Context()
	stmt := &cql.Select{Table: cql.QualifiedName{Keyspace: "k", Name: "t"}}
	b.Run("token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := door.Token(ctx, secret.Token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("JSON Web Token", func(b *testing.B) {
		token := benchWebToken(b, s)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := door.Token(ctx, token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("token and statement", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := door.Token(ctx, secret.Token)
			if err == nil {
				err = p.Authorize(stmt, "")
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// benchWebToken makes the store take JSON Web Tokens, and returns one.
func benchWebToken(tb testing.TB, s *Store) string {
	tb.Helper()
	s.publish(func(st *state) {
		r := &Role{ID: uuid.New(), Name: "web_user", CanLogin: true}
		st.roles[r.ID] = r
	})
	key := jwttest.RSA("k")
	s.UseWebTokens(jwttest.New(tb, key).Open(tb))
	return jwttest.Sign(tb, key, jwttest.Claims("web_user", "userid", "9876"))
}

// TestTokenCheckIsCheap: one allocation, the principal, for a token, and none for
// a statement. A check may take 2 µs; that it allocates this little and looks at
// no table is what keeps it there, whatever else the machine does.
func TestTokenCheckIsCheap(t *testing.T) {
	s, secret := benchStore(t)
	door, ctx := s.Door("rest", REST), t.Context()
	stmt := &cql.Select{Table: cql.QualifiedName{Keyspace: "k", Name: "t"}}
	var p *Principal
	if n := steady.Allocs(1, 1000, func() { p, _ = door.Token(ctx, secret.Token) }); n > 1 || p == nil {
		t.Errorf("a token: %v allocations", n)
	}
	if n := steady.Allocs(0, 1000, func() {
		if err := p.Authorize(stmt, "k"); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("a statement: %v allocations", n)
	}
	webToken := benchWebToken(t, s)
	if n := steady.Allocs(1, 1000, func() { p, _ = door.Token(ctx, webToken) }); n > 1 || p == nil {
		t.Errorf("a JSON Web Token: %v allocations", n)
	}
}
