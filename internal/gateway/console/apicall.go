package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// TokenMaker makes tokens for the HTTP APIs.
type TokenMaker interface {
	// OpenSessionFor returns a session token that stands for a principal, known by
	// its name.
	OpenSessionFor(ctx context.Context, name string) (string, error)
}

// callPath is in front of the path of an HTTP API that a page calls.
const callPath = "/console/api/call"

// apiTokenAge is when the session token that a console session uses at the APIs
// is made anew: well before it ends by not being used (access.SessionLifetime).
const apiTokenAge = 10 * time.Minute

// apiToken returns the token with which the session of a cookie calls the APIs.
// It never leaves the server.
func (h *Handler) apiToken(ctx context.Context, cookie string, p Principal) (string, error) {
	s := h.sessions
	s.mu.Lock()
	x := s.byKey[keyOf(cookie)]
	if x != nil && x.token != "" && (!p.Ends().IsZero() || s.now().Sub(x.made) < apiTokenAge) {
		defer s.mu.Unlock()
		return x.token, nil
	}
	s.mu.Unlock()
	if !p.Ends().IsZero() {
		return "", errors.New("the session has ended")
	}
	token, err := h.options.Tokens.OpenSessionFor(ctx, p.Name())
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if x != nil {
		x.token, x.made = token, s.now()
	}
	return token, nil
}

// forwarded are the headers of a page's call that reach the API. No other does:
// neither the cookie, nor an Origin, for which an API would let that page read
// the answer.
var forwarded = []string{"Content-Type", "Accept", "Content-Length"}

// call is METHOD /console/api/call/…: the page's call of the HTTP API at …, made
// with the session's rights.
func (h *Handler) call(w http.ResponseWriter, r *http.Request, p Principal) error {
	// A page of another port of this host would have the cookie sent along, too.
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return &problem{status: http.StatusForbidden, Message: "Requests from another origin are refused."}
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return err
	}
	token, err := h.apiToken(r.Context(), cookie.Value, p)
	if err != nil {
		return err
	}
	escaped := strings.TrimPrefix(r.URL.EscapedPath(), callPath)
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return &problem{Message: "The path can't be read."}
	}
	api := r.Clone(r.Context())
	api.URL = &url.URL{Path: path, RawPath: escaped, RawQuery: r.URL.RawQuery}
	api.RequestURI = ""
	api.Header = http.Header{httpapi.TokenHeader: {token}}
	for _, name := range forwarded {
		if value := r.Header[name]; value != nil {
			api.Header[name] = value
		}
	}
	h.options.APIs.ServeHTTP(w, api)
	return nil
}

// connection is GET /console/api/connection: where the other ports are, for a
// client that reaches this server under the name the browser used.
func (h *Handler) connection(w http.ResponseWriter, r *http.Request, _ Principal) error {
	host := r.Host
	if u, err := url.Parse("//" + r.Host); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	h.respond(w, http.StatusOK, map[string]any{
		"host": host, "cqlPort": h.options.CQLPort, "grpcPort": h.options.GRPCPort, "tls": r.TLS != nil,
	})
	return nil
}
