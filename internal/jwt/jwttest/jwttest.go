// Package jwttest is an identity provider for tests: it has keys, shows their
// public halves as a JSON Web Key Set, and signs tokens.
package jwttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
	josejwt "github.com/go-jose/go-jose/v4/jwt"

	"github.com/astrolabe-db/astrolabe/internal/jwt"
)

// Provider is an identity provider with a server for its key set.
type Provider struct {
	*httptest.Server
	// Reads counts the requests for the key set.
	Reads atomic.Int32

	mu   sync.Mutex
	keys []jose.JSONWebKey // of the set, public
	down bool
}

// rsaKey is one for all tests: to make one takes long.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// RSA returns a private key for RS256, the same each time, under a name.
func RSA(kid string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: rsaKey(), KeyID: kid, Algorithm: string(jose.RS256), Use: "sig"}
}

// EC returns a new private key for ES256 under a name.
func EC(t testing.TB, kid string) jose.JSONWebKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: key, KeyID: kid, Algorithm: string(jose.ES256), Use: "sig"}
}

// New starts a provider that shows the public halves of some keys.
func New(t testing.TB, keys ...jose.JSONWebKey) *Provider {
	t.Helper()
	p := &Provider{}
	p.Show(keys...)
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Server.Close)
	return p
}

// Show makes the key set that of these keys.
func (p *Provider) Show(keys ...jose.JSONWebKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = nil
	for _, k := range keys {
		p.keys = append(p.keys, k.Public())
	}
}

// Down says whether the provider answers errors.
func (p *Provider) Down(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *Provider) serve(w http.ResponseWriter, _ *http.Request) {
	p.Reads.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write(Set(p.keys...))
}

// Set is the text of a key set.
func Set(keys ...jose.JSONWebKey) []byte {
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		panic(err)
	}
	return text
}

// Open returns a verifier of the provider's tokens.
func (p *Provider) Open(t testing.TB) *jwt.Verifier {
	t.Helper()
	v, err := jwt.Open(t.Context(), jwt.Options{Keys: p.URL, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

// Sign signs claims with a private key, whose name and algorithm the header tells.
func Sign(t testing.TB, key jose.JSONWebKey, claims any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := josejwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Claims are those of a token of a role that ends in an hour, with further
// x-stargate- claims as names and values.
func Claims(role string, columns ...string) map[string]any {
	own := map[string]any{"x-stargate-role": role}
	for i := 0; i < len(columns); i += 2 {
		own["x-stargate-"+columns[i]] = columns[i+1]
	}
	return map[string]any{"exp": time.Now().Add(time.Hour).Unix(), "stargate_claims": own}
}
