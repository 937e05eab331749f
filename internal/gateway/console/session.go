package console

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

const (
	cookieName = "astrolabe_console"
	// sessionLifetime: a session ends this long after its last use.
	sessionLifetime = 12 * time.Hour
	// maxSessions bounds the sessions held; the one idle longest makes room.
	maxSessions = 1000
)

// sessions are the console's sessions by the SHA-256 of their cookie.
type sessions struct {
	mu    sync.Mutex
	byKey map[[sha256.Size]byte]*session
	now   func() time.Time
}

type session struct {
	principal Principal
	used      time.Time
	// token for the APIs, "" before the first call, and when it was made. A JSON Web
	// Token stays the one: another might outlive it, or reach more.
	token string
	made  time.Time
}

// keyOf is what is kept of a cookie.
func keyOf(cookie string) [sha256.Size]byte { return sha256.Sum256([]byte(cookie)) }

func newSessions() *sessions {
	return &sessions{byKey: map[[sha256.Size]byte]*session{}, now: time.Now}
}

// start makes a session of who came with a token and returns its cookie's value: at
// least 128 random bits (crypto/rand.Text).
func (s *sessions) start(p Principal, token string) string {
	cookie := rand.Text() + rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byKey) >= maxSessions {
		s.evict()
	}
	x := &session{principal: p, used: s.now()}
	if !p.Ends().IsZero() {
		x.token = token
	}
	s.byKey[keyOf(cookie)] = x
	return cookie
}

func (s *sessions) evict() {
	var oldest [sha256.Size]byte
	var used time.Time
	for key, x := range s.byKey {
		if used.IsZero() || x.used.Before(used) {
			oldest, used = key, x.used
		}
	}
	delete(s.byKey, oldest)
}

// find returns the principal of a cookie, or nil.
func (s *sessions) find(cookie string) Principal {
	key := keyOf(cookie)
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.byKey[key]
	if x == nil {
		return nil
	}
	if now := s.now(); now.Sub(x.used) <= sessionLifetime && x.principal.Alive() {
		x.used = now
		return x.principal
	}
	delete(s.byKey, key)
	return nil
}

func (s *sessions) end(cookie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byKey, keyOf(cookie))
}

// setCookie sets the cookie for as long as the browser runs, or deletes it.
func setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/console/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
}

// logIn is POST /console/api/session {token}: it exchanges an application token
// for a session.
func (h *Handler) logIn(w http.ResponseWriter, r *http.Request) error {
	var form struct{ Token string }
	if err := decode(r, &form); err != nil {
		return err
	}
	token := strings.TrimSpace(form.Token)
	p, err := h.options.Auth.Token(r.Context(), token)
	if httpapi.RetryAfter(w.Header(), err) {
		return &problem{status: http.StatusTooManyRequests, Message: "Too many attempts to log in have failed. Please try again later."}
	}
	if err != nil {
		return &problem{status: http.StatusUnauthorized, Message: "This is not a valid application token. It begins with AstraCS: and has 97 characters."}
	}
	setCookie(w, r, h.sessions.start(p, token), 0)
	return h.whoAmI(w, r, p)
}

// logOut is DELETE /console/api/session.
func (h *Handler) logOut(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(cookieName); err == nil {
		h.sessions.end(cookie.Value)
	}
	setCookie(w, r, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// with asks for a session.
func (h *Handler) with(serve func(http.ResponseWriter, *http.Request, Principal) error) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		if cookie, err := r.Cookie(cookieName); err == nil {
			if p := h.sessions.find(cookie.Value); p != nil {
				return serve(w, r, p)
			}
			setCookie(w, r, "", -1)
		}
		return &problem{status: http.StatusUnauthorized, Message: "Please log in with an application token."}
	}
}

// whoAmI is GET /console/api/session: what the header shows.
func (h *Handler) whoAmI(w http.ResponseWriter, _ *http.Request, p Principal) error {
	h.respond(w, http.StatusOK, map[string]any{
		"clientId": p.Name(), "role": p.RoleName(),
		"database": map[string]any{"id": h.options.DatabaseID, "name": h.options.DatabaseName, "region": h.options.Region},
	})
	return nil
}
