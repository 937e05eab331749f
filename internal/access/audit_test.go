package access

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// TestAudit: who, what, from where, allowed or not; no value and no secret.
func TestAudit(t *testing.T) {
	s, secret := benchStore(t)
	var out bytes.Buffer
	s.Audit(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}})), []AuditCategory{AuditDML, AuditDDL, AuditDCL, AuditAuth})
	ctx := context.WithValue(t.Context(), clientKey{}, netip.MustParseAddr("192.0.2.7"))
	rest, native := s.Door("rest", REST), s.Door("native", CQL)
	p, err := rest.Token(ctx, secret.Token)
	if err != nil {
		t.Fatal(err)
	}
	authorize := func(text string) {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_ = p.Authorize(parsed.Statement, "k")
	}
	for _, c := range []struct {
		what string
		do   func()
		want string
	}{
		{"a write", func() { authorize("INSERT INTO t (a, b) VALUES (1, 'very secret')") },
			`msg=audit category=DML operation=INSERT outcome=allowed door=rest principal=` + p.Name() + ` role="R/W User" client=192.0.2.7 on=k.t`},
		{"a read that nobody asked for", func() { authorize("SELECT * FROM t") }, ""},
		{"a batch", func() {
			authorize("BEGIN BATCH INSERT INTO a (k) VALUES (1); DELETE FROM b.c WHERE k = 1; APPLY BATCH")
		}, `operation=BATCH outcome=allowed`},
		{"a refusal of a category that is off", func() { authorize("SELECT * FROM system_auth.roles") }, `category=QUERY operation=SELECT outcome=denied`},
		{"a schema change", func() { authorize("CREATE TABLE other.t (a int PRIMARY KEY)") },
			`category=DDL operation="CREATE TABLE" outcome=denied door=rest principal=` + p.Name() + ` role="R/W User" client=192.0.2.7 on=other.t reason="User ` + p.Name() + ` has no CREATE permission on <all tables in other> or any of its parents"`},
		{"a password", func() { authorize("CREATE ROLE x WITH PASSWORD = 'very secret'") }, `operation="CREATE ROLE" outcome=denied`},
		{"a bad token", func() { _, _ = rest.Token(ctx, secret.Token[:60]+strings.Repeat("0", 37)) },
			`category=AUTH operation=LOGIN outcome=denied door=rest principal=` + secret.ClientID},
		{"half a token", func() { _, _ = rest.Token(ctx, secret.Token[:50]) }, `operation=LOGIN outcome=denied door=rest principal=AstraCS:…`},
		{"a login", func() { _, _ = native.Login(ctx, secret.ClientID, secret.ClientSecret) }, `category=AUTH operation=LOGIN outcome=allowed door=native`},
		{"a failed login", func() { _, _ = native.Login(ctx, "joe", "very secret") }, `operation=LOGIN outcome=denied door=native principal=joe`},
	} {
		out.Reset()
		c.do()
		got := out.String()
		if !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
		for _, secret := range []string{"very secret", secret.Token, secret.Token[40:], secret.ClientSecret} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: a secret is told: %s", c.what, got)
			}
		}
	}
	s.Audit(nil, nil)
	out.Reset()
	authorize("INSERT INTO t (a) VALUES (1)")
	if out.Len() > 0 {
		t.Errorf("turned off: %s", &out)
	}
}
