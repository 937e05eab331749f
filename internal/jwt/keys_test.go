package jwt_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/astrolabe-db/astrolabe/internal/jwt"
	"github.com/astrolabe-db/astrolabe/internal/jwt/jwttest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// opened is a verifier that may read keys as often as it likes.
func opened(t *testing.T, o jwt.Options) *jwt.Verifier {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	v, err := jwt.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	v.SetPause(0)
	return v
}

func accepts(t *testing.T, v *jwt.Verifier, key jose.JSONWebKey, claims map[string]any) bool {
	t.Helper()
	_, err := v.Verify(t.Context(), jwttest.Sign(t, key, claims))
	return err == nil
}

// TestRotation: a key that is new is asked for when a token comes with it; one that
// is taken back is not accepted any more, not even in a token that was good before.
func TestRotation(t *testing.T) {
	first, second := jwttest.EC(t, "first"), jwttest.EC(t, "second")
	p := jwttest.New(t, first)
	v := opened(t, jwt.Options{Keys: p.URL})
	old := jwttest.Sign(t, first, jwttest.Claims("r"))
	if _, err := v.Verify(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	p.Show(second, first)
	if !accepts(t, v, second, jwttest.Claims("r")) {
		t.Error("the new key is not known")
	}
	if _, err := v.Verify(t.Context(), old); err != nil {
		t.Error("the old key is not known any more:", err)
	}
	p.Show(second)
	if err := v.Refresh(); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(t.Context(), old); err == nil {
		t.Error("a token of a key that was taken back is good")
	}
	// Another key under a known name.
	other := jwttest.EC(t, "second")
	p.Show(other)
	if err := v.Refresh(); err != nil {
		t.Fatal(err)
	}
	if !accepts(t, v, other, jwttest.Claims("r")) || accepts(t, v, second, jwttest.Claims("r")) {
		t.Error("a key that was replaced under its name is still in use")
	}
}

// TestProviderDown: a verifier opens without its provider, and has its keys when it
// is back; without it again the keys that are known go on being used.
func TestProviderDown(t *testing.T) {
	key, other := jwttest.EC(t, "k"), jwttest.EC(t, "other")
	p := jwttest.New(t, key)
	p.Down(true)
	v := opened(t, jwt.Options{Keys: p.URL})
	if _, err := v.Verify(t.Context(), jwttest.Sign(t, key, jwttest.Claims("r"))); err == nil || err.Error() != "Failed to process JWT: the keys of the provider could not be read" {
		t.Errorf("without keys: %v", err)
	}
	p.Down(false)
	if !accepts(t, v, key, jwttest.Claims("r")) {
		t.Error("the provider is back, its key is not")
	}
	p.Down(true)
	if accepts(t, v, other, jwttest.Claims("r")) {
		t.Error("a key that nobody showed is good")
	}
	if !accepts(t, v, key, jwttest.Claims("another")) {
		t.Error("a known key is forgotten while the provider is down")
	}
	p.Down(false)
	p.Show() // an empty set takes nothing back: it is a mistake
	if err := v.Refresh(); err != nil {
		t.Fatal(err)
	}
	if !accepts(t, v, key, jwttest.Claims("r")) {
		t.Error("an empty key set took the keys away")
	}
}

// TestUnknownKeysAreAskedForSeldom: tokens with names of keys that are nowhere don't
// make us ask the provider each time.
func TestUnknownKeysAreAskedForSeldom(t *testing.T) {
	key := jwttest.EC(t, "k")
	p := jwttest.New(t, key)
	v := opened(t, jwt.Options{Keys: p.URL})
	v.SetPause(time.Hour)
	var all sync.WaitGroup
	for range 20 {
		stranger := jwttest.Sign(t, jwttest.EC(t, "stranger"), jwttest.Claims("r"))
		all.Go(func() { _, _ = v.Verify(t.Context(), stranger) })
	}
	all.Wait()
	if n := p.Reads.Load(); n != 1 {
		t.Errorf("the provider was asked %d times", n)
	}
}

// TestOneReadingForAll: who comes while the keys are being read waits for them.
func TestOneReadingForAll(t *testing.T) {
	key := jwttest.EC(t, "k")
	var reads atomic.Int32
	go1, set := make(chan struct{}), jwttest.Set(key.Public())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if reads.Add(1) == 1 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		<-go1
		_, _ = w.Write(set)
	}))
	t.Cleanup(server.Close)
	v := opened(t, jwt.Options{Keys: server.URL})
	var good atomic.Int32
	var all sync.WaitGroup
	token := jwttest.Sign(t, key, jwttest.Claims("r"))
	for range 5 {
		all.Go(func() {
			if _, err := v.Verify(t.Context(), token); err == nil {
				good.Add(1)
			}
		})
	}
	steady.Until(t, "the keys are being read", func() bool { return reads.Load() == 2 })
	close(go1)
	all.Wait()
	if good.Load() == 0 {
		t.Error("nobody waited for the keys")
	}
}

// TestSource: what may be named, and where a provider may send its readers.
func TestSource(t *testing.T) {
	key := jwttest.EC(t, "k")
	set := jwttest.Set(key.Public())
	keys := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(set) }
	plain := httptest.NewServer(http.HandlerFunc(keys))
	t.Cleanup(plain.Close)
	secure := httptest.NewTLSServer(nil)
	t.Cleanup(secure.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/keys", keys)
	mux.Handle("/here", http.RedirectHandler("/keys", http.StatusFound))
	mux.Handle("/plain", http.RedirectHandler(plain.URL, http.StatusFound))
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	mux.Handle("/file", http.RedirectHandler("file:///etc/passwd", http.StatusFound))
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat(" ", 1<<20)))
		keys(w, r)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	secure.Config.Handler = mux
	open := func(text string) *jwt.Verifier {
		return opened(t, jwt.Options{Keys: text, Transport: secure.Client().Transport})
	}
	for text, want := range map[string]bool{
		plain.URL: true, secure.URL + "/keys": true, secure.URL + "/here": true,
		secure.URL + "/plain": false, secure.URL + "/loop": false, secure.URL + "/file": false, secure.URL + "/large": false, secure.URL + "/none": false,
	} {
		if accepts(t, open(text), key, jwttest.Claims("r")) != want {
			t.Errorf("%s: keys: %v", text, !want)
		}
	}
	if v, err := jwt.Open(t.Context(), jwt.Options{Keys: secure.URL + "/keys", Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Error(err)
	} else {
		defer v.Close()
		if accepts(t, v, key, jwttest.Claims("r")) {
			t.Error("keys came from a server whose certificate nobody has signed")
		}
	}
	for _, text := range []string{"", "ftp://x/keys", "https://", "http://%zz", "file:///keys"} {
		if _, err := jwt.Open(t.Context(), jwt.Options{Keys: text, Log: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// TestKnownTokensEnd: a token that was good is refused at its end.
func TestKnownTokensEnd(t *testing.T) {
	key := jwttest.EC(t, "k")
	p := jwttest.New(t, key)
	var ahead atomic.Int64
	v := opened(t, jwt.Options{Keys: p.URL, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	token := jwttest.Sign(t, key, jwttest.Claims("r"))
	for _, good := range []bool{true, true} {
		if _, err := v.Verify(t.Context(), token); (err == nil) != good {
			t.Fatal(err)
		}
	}
	if v.Known() != 1 {
		t.Errorf("%d tokens are known", v.Known())
	}
	ahead.Store(int64(time.Hour + time.Second))
	if _, err := v.Verify(t.Context(), token); err == nil || err.Error() != "Invalid JWT: Expired JWT" {
		t.Errorf("after its end: %v", err)
	}
}

// TestKnownTokenIsCheap: a token that was checked before costs no allocation.
func TestKnownTokenIsCheap(t *testing.T) {
	key := jwttest.RSA("k")
	v := jwttest.New(t, key).Open(t)
	token, ctx := jwttest.Sign(t, key, jwttest.Claims("web_user", "userid", "9876")), t.Context()
	if n := steady.Allocs(0, 1000, func() {
		if _, err := v.Verify(ctx, token); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
