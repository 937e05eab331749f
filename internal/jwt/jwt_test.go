package jwt_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/astrolabe-db/astrolabe/internal/jwt"
	"github.com/astrolabe-db/astrolabe/internal/jwt/jwttest"
)

// part is one part of a token, made by hand.
func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// with is the claims of role web_user with one of them changed; nil takes it out.
func with(name string, value any) map[string]any {
	c := maps.Clone(jwttest.Claims("web_user"))
	if c[name] = value; value == nil {
		delete(c, name)
	}
	return c
}

// raw is a token whose payload is a text.
func raw(t testing.TB, key jose.JSONWebKey, payload string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return compact(t, signer, payload)
}

func compact(t testing.TB, signer jose.Signer, payload string) string {
	t.Helper()
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestVerify(t *testing.T) {
	first, second := jwttest.RSA("first"), jwttest.EC(t, "second")
	stranger, double := jwttest.EC(t, "stranger"), jwttest.EC(t, "second")
	nameless := second
	nameless.KeyID = ""
	v := jwttest.New(t, first, second).Open(t)
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	good := jwttest.Sign(t, first, jwttest.Claims("web_user"))
	parts := strings.Split(good, ".")
	ends := fmt.Sprintf(`"exp":%d`, in(time.Hour))
	// The public key as the secret of an HMAC: what a check that trusts the header's
	// algorithm falls for.
	public := jwttest.Set(first.Public())
	shared := jose.JSONWebKey{Key: public, KeyID: "first", Algorithm: string(jose.HS256)}
	pss := first
	pss.Algorithm = string(jose.PS256)

	const (
		malformed = "Failed to process JWT: it can't be parsed"
		signature = "Invalid JWT: Signed JWT rejected: Invalid signature"
		noKey     = "Invalid JWT: Signed JWT rejected: Another algorithm expected, or no matching key(s) found"
		expired   = "Invalid JWT: Expired JWT"
		noRole    = "JWT must have a value for x-stargate-role"
		badClaim  = "Failed to parse claim from JWT"
	)
	for name, c := range map[string]struct{ token, want string }{
		"RS256":                         {good, ""},
		"ES256":                         {jwttest.Sign(t, second, jwttest.Claims("web_user")), ""},
		"no kid":                        {jwttest.Sign(t, nameless, jwttest.Claims("web_user")), ""},
		"the clock of the provider":     {jwttest.Sign(t, first, with("nbf", in(30*time.Second))), ""},
		"one part":                      {"abc", "Valid JWT should contain 3 parts but provided only contains 1"},
		"two parts":                     {parts[0] + "." + parts[1], "Valid JWT should contain 3 parts but provided only contains 2"},
		"five parts":                    {good + ".a.b", "Valid JWT should contain 3 parts but provided only contains 5"},
		"nothing":                       {"", "Valid JWT should contain 3 parts but provided only contains 1"},
		"empty parts":                   {"..", noKey},
		"no base64":                     {"%.%.%", malformed},
		"no JSON":                       {part("x") + "." + parts[1] + "." + parts[2], malformed},
		"too long":                      {jwttest.Sign(t, first, with("padding", strings.Repeat("x", 4096))), "Invalid JWT: JWT is longer than 4096 characters"},
		"other claims":                  {parts[0] + "." + part(`{"exp":99999999999,"stargate_claims":{"x-stargate-role":"admin"}}`) + "." + parts[2], signature},
		"no signature":                  {parts[0] + "." + parts[1] + ".", signature},
		"the signature of another":      {jwttest.Sign(t, double, jwttest.Claims("web_user")), signature},
		"none":                          {part(`{"alg":"none","kid":"first"}`) + "." + parts[1] + ".", noKey},
		"None":                          {part(`{"alg":"None","kid":"first"}`) + "." + parts[1] + ".", noKey},
		"the public key as a secret":    {jwttest.Sign(t, shared, jwttest.Claims("web_user")), noKey},
		"PS256":                         {jwttest.Sign(t, pss, jwttest.Claims("web_user")), noKey},
		"the algorithm of another key":  {part(`{"alg":"ES256","kid":"first"}`) + "." + parts[1] + "." + parts[2], noKey},
		"unknown kid":                   {jwttest.Sign(t, stranger, jwttest.Claims("web_user")), noKey},
		"the token's own key":           {ownKey(t, stranger), signature},
		"a critical header":             {critical(t, second), malformed},
		"expired":                       {jwttest.Sign(t, first, with("exp", in(-time.Second))), expired},
		"expired, 1970":                 {jwttest.Sign(t, first, with("exp", 0)), expired},
		"not yet":                       {jwttest.Sign(t, first, with("nbf", in(time.Hour))), "Invalid JWT: JWT before use time"},
		"no exp":                        {jwttest.Sign(t, first, with("exp", nil)), "Invalid JWT: JWT missing required claims: [exp]"},
		"exp is null":                   {raw(t, first, `{"exp":null,"stargate_claims":{"x-stargate-role":"r"}}`), "Invalid JWT: JWT missing required claims: [exp]"},
		"exp is text":                   {jwttest.Sign(t, first, with("exp", "tomorrow")), malformed},
		"exp is out of range":           {raw(t, first, `{"exp":1e300,"stargate_claims":{"x-stargate-role":"r"}}`), malformed},
		"nbf is out of range":           {raw(t, first, `{"nbf":1e300,`+ends+`,"stargate_claims":{"x-stargate-role":"r"}}`), malformed},
		"two exps":                      {raw(t, first, `{"exp":1,`+ends+`,"stargate_claims":{"x-stargate-role":"r"}}`), malformed},
		"an array":                      {raw(t, first, `[]`), malformed},
		"no claims of Stargate's":       {jwttest.Sign(t, first, with("stargate_claims", nil)), badClaim},
		"they are null":                 {raw(t, first, `{`+ends+`,"stargate_claims":null}`), badClaim},
		"they are text":                 {jwttest.Sign(t, first, with("stargate_claims", `{"x-stargate-role":"r"}`)), badClaim},
		"they are an array":             {jwttest.Sign(t, first, with("stargate_claims", []string{"x-stargate-role"})), badClaim},
		"no role":                       {jwttest.Sign(t, first, with("stargate_claims", map[string]any{"x-stargate-userid": "1"})), noRole},
		"an empty role":                 {jwttest.Sign(t, first, jwttest.Claims("")), noRole},
		"a role that is a number":       {jwttest.Sign(t, first, with("stargate_claims", map[string]any{"x-stargate-role": 1})), badClaim},
		"a value that is a number":      {jwttest.Sign(t, first, with("stargate_claims", map[string]any{"x-stargate-role": "r", "x-stargate-userid": 9876})), badClaim},
		"a value that is null":          {jwttest.Sign(t, first, with("stargate_claims", map[string]any{"x-stargate-role": "r", "x-stargate-userid": nil})), badClaim},
		"a value that is many":          {jwttest.Sign(t, first, with("stargate_claims", map[string]any{"x-stargate-role": "r", "x-stargate-userid": []string{"1", "2"}})), badClaim},
		"a claim in another case":       {jwttest.Sign(t, first, with("stargate_claims", map[string]any{"x-stargate-role": "r", "X-Stargate-userid": "1"})), badClaim},
		"two values for one claim":      {raw(t, first, `{`+ends+`,"stargate_claims":{"x-stargate-role":"r","x-stargate-userid":"1","x-stargate-userid":"2"}}`), badClaim},
		"the claims in another case":    {raw(t, first, `{`+ends+`,"Stargate_Claims":{"x-stargate-role":"r"}}`), badClaim},
		"claims of others are no claim": {jwttest.Sign(t, first, with("stargate_claims", map[string]any{"x-stargate-role": "r", "x-hasura-role": 1})), ""},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // known or not, it is the same
				got, err := v.Verify(t.Context(), c.token)
				if reason := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && reason != c.want {
					t.Fatalf("got %+v, %v\nwant %s", got, err, c.want)
				}
			}
		})
	}
}

// ownKey is a token that brings the key to check it with.
func ownKey(t *testing.T, key jose.JSONWebKey) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	return compact(t, signer, administrator())
}

// critical is a token with a header that has to be understood, and is not.
func critical(t *testing.T, key jose.JSONWebKey) string {
	t.Helper()
	o := &jose.SignerOptions{}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, o.WithCritical("x").WithHeader("x", 1))
	if err != nil {
		t.Fatal(err)
	}
	return compact(t, signer, administrator())
}

// administrator is a payload that nothing is wrong with.
func administrator() string {
	return fmt.Sprintf(`{"exp":%d,"stargate_claims":{"x-stargate-role":"admin"}}`, time.Now().Add(time.Hour).Unix())
}

// TestClaims: what a token says is what its claims hold.
func TestClaims(t *testing.T) {
	key := jwttest.RSA("k")
	v := jwttest.New(t, key).Open(t)
	claims := jwttest.Claims("web_user", "userid", "9876", "Tenant", "a b")
	got, err := v.Verify(t.Context(), jwttest.Sign(t, key, claims))
	if err != nil {
		t.Fatal(err)
	}
	if got.Role != "web_user" || !maps.Equal(got.Columns, map[string]string{"userid": "9876", "Tenant": "a b"}) || got.Expires.Unix() != claims["exp"] {
		t.Errorf("got %+v", got)
	}
}

// TestFile: the key set may be a file, which is read again when a token has a key
// that is not in it. One that is not there is an error at once.
func TestFile(t *testing.T) {
	key := jwttest.EC(t, "k")
	path := filepath.Join(t.TempDir(), "keys.json")
	o := jwt.Options{Keys: path, Log: slog.New(slog.DiscardHandler)}
	if _, err := jwt.Open(t.Context(), o); err == nil {
		t.Error("a file that is not there was no error")
	}
	for text, want := range map[string]string{
		"": "JSON", "{}": "no public key", `{"keys":[{"kty":"oct","k":"AAAA"}]}`: "no public key", `{"keys":1}`: "JSON",
		`{"keys":[` + strings.Repeat("1,", 101) + `1]}`: "more than 100",
		strings.Repeat(" ", 1<<20) + "{}":               "larger than",
	} {
		write(t, path, []byte(text))
		if _, err := jwt.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, wanted %s", text, err, want)
		}
	}
	// Keys of no use beside one that is: a secret, a private key, one for
	// encryption, a small one, one of a kind that nobody knows.
	set := bytes.TrimSuffix(jwttest.Set(key.Public()), []byte("]}"))
	encryption := jwttest.RSA("encryption")
	encryption.Use = "enc"
	for _, other := range [][]byte{[]byte(`{"kty":"oct","k":"AAAA"}`), marshal(t, key), marshal(t, encryption.Public()), []byte(`{"kty":"LWE"}`), []byte(`{"kty":"RSA","n":"AQAB","e":"AQAB"}`)} {
		set = append(append(set, ','), other...)
	}
	write(t, path, append(set, "]}"...))
	v, err := jwt.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Verify(t.Context(), jwttest.Sign(t, key, jwttest.Claims("r"))); err != nil {
		t.Error(err)
	}
	encryption.Use = "sig"
	if _, err := v.Verify(t.Context(), jwttest.Sign(t, encryption, jwttest.Claims("r"))); err == nil {
		t.Error("a key for encryption checked a signature")
	}
}

func marshal(t *testing.T, key jose.JSONWebKey) []byte {
	t.Helper()
	text, err := key.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzVerify: no text makes it panic, and none is good but those that were signed.
func FuzzVerify(f *testing.F) {
	key := jwttest.RSA("k")
	v := jwttest.New(f, key).Open(f)
	good := jwttest.Sign(f, key, jwttest.Claims("web_user", "userid", "9876"))
	for _, seed := range []string{good, good[:len(good)-1], "..", part(`{"alg":"none"}`) + "." + part(`{}`) + ".", part(`{"alg":"RS256","kid":"k"}`) + "." + part(`{}`) + ".AA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := v.Verify(t.Context(), token)
		if (err == nil) != (got != nil) {
			t.Fatalf("%+v, %v", got, err)
		}
		// The same bytes may be written in base64 in more than one way, at their end.
		if err == nil && !strings.HasPrefix(token, good[:len(good)-1]) {
			t.Fatalf("%q is good", token)
		}
	})
}
