package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// provider signs JSON Web Tokens (ES256), made here by hand.
type provider struct{ key *ecdsa.PrivateKey }

// newProvider makes a provider, and writes its key set to a file.
func newProvider(t *testing.T) (p provider, path string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "keys.json")
	set := fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":%q,"y":%q}]}`, part(public[1:33]), part(public[33:]))
	if err := os.WriteFile(path, []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	return provider{key}, path
}

func part(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token is one of a role, kept to the rows of a user.
func (p provider) token(t *testing.T, role, userid string) string {
	t.Helper()
	text := part([]byte(`{"alg":"ES256","kid":"k"}`)) + "." + part(fmt.Appendf(nil,
		`{"exp":%d,"stargate_claims":{"x-stargate-role":%q,"x-stargate-userid":%q}}`, time.Now().Add(time.Hour).Unix(), role, userid))
	hash := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + part(signature)
}

// TestWebTokenRows: whose rows are whose is decided in front of a cluster, too, whose
// nodes know nothing of it: not for what is forwarded as it comes, not for what
// others have prepared.
func TestWebTokenRows(t *testing.T) {
	p, keys := newProvider(t)
	g := gateway(t, "--jwt-jwks", keys)
	admin := connectGateway(t, g, wire.V5)
	for _, text := range []string{
		createKeyspace,
		"CREATE TABLE IF NOT EXISTS gw.carts (userid text PRIMARY KEY, items int)",
		"CREATE TABLE IF NOT EXISTS gw.notes (id int PRIMARY KEY, userid text, note text)",
		"INSERT INTO gw.carts (userid, items) VALUES ('1234', 7)",
		"INSERT INTO gw.notes (id, userid, note) VALUES (1, '9876', 'mine')",
		"INSERT INTO gw.notes (id, userid, note) VALUES (2, '1234', 'theirs')",
		"CREATE ROLE IF NOT EXISTS shopper WITH LOGIN = true",
		"GRANT SELECT ON KEYSPACE gw TO shopper",
		"GRANT MODIFY ON KEYSPACE gw TO shopper",
	} {
		must(t, admin, text)
	}
	insert := prepare(t, admin, "INSERT INTO gw.carts (userid, items) VALUES (?, 1)")
	c := login(t, g.CQL, wire.V5, "token", p.token(t, "shopper", "9876"))
	own := prepare(t, c, "SELECT items FROM gw.carts WHERE userid = ?")
	for userid, want := range map[string]string{"9876": "", "1234": "Not allowed to access this resource"} {
		value := wire.Value{Bytes: []byte(userid)}
		batch := &wire.Batch{Params: params()}
		batch.Add(wire.BatchEntry{ID: insert.ID}, value)
		batch.Add(wire.BatchEntry{Text: "UPDATE gw.carts SET items = 2 WHERE userid = '9876'"})
		for what, got := range map[string]string{
			"QUERY":            refusal(t, c, wire.OpQuery, query("SELECT items FROM gw.carts WHERE userid = '"+userid+"'")),
			"EXECUTE":          refusal(t, c, wire.OpExecute, execute(insert, value)),
			"EXECUTE its own":  refusal(t, c, wire.OpExecute, execute(own, value)),
			"BATCH":            refusal(t, c, wire.OpBatch, batch),
			"a row that shows": refusal(t, c, wire.OpQuery, query("SELECT * FROM gw.notes WHERE id = "+map[string]string{"9876": "1", "1234": "2"}[userid])),
			"a condition":      refusal(t, c, wire.OpQuery, query("UPDATE gw.notes SET note = 'mine' WHERE id = "+map[string]string{"9876": "1", "1234": "2"}[userid]+" IF userid = '9876'")),
		} {
			if got != want {
				t.Errorf("%s for user %s: %q, wanted %q", what, userid, got, want)
			}
		}
	}
	if got := column(t, admin, "SELECT items FROM gw.carts WHERE userid = '1234'", 0); len(got) != 1 || got[0] != "\x00\x00\x00\x07" {
		t.Errorf("the row of user 1234 has %q", got)
	}
}

// refusal is the text of a request's error, "" for none.
func refusal(t *testing.T, c *wiretest.Client, op wire.Opcode, m wire.Body) string {
	t.Helper()
	if err := do(t, c, op, m).Err(); err != nil {
		return err.Error()
	}
	return ""
}
