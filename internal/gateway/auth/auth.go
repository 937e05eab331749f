// Package auth is the door of /v1/auth: it gives session tokens for a name and a
// password, as Stargate does on port 8081 and Astra did below /api/rest.
//
//	{"username","password"} --Logins--> {"authToken":"<uuid>"}
//
// What a name and a password are worth is not this package's business; it only
// speaks the API: its JSON, its texts and its Cache-Control. Session tokens then
// count at every door like application tokens.
package auth

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cors"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// Logins opens sessions.
type Logins interface {
	// OpenSession returns a session token for a name and password. The error of
	// a login that fails is a *cqlerr.Error with code BadCredentials.
	OpenSession(ctx context.Context, user, password string) (string, error)
	// OpenSessionFor does so for a name alone, which is trusted.
	OpenSessionFor(ctx context.Context, user string) (string, error)
}

// Options say what a Handler stands on.
type Options struct {
	Logins Logins
	// Lifetime of a session token that is not used; clients may keep the answer
	// for a little less.
	Lifetime time.Duration
	// UsernameToken turns on /v1/admin/auth/usernametoken, which asks for no
	// password: whoever reaches the port can be anybody.
	UsernameToken bool
	Log           *slog.Logger
}

// Handler serves the API. Make it with New.
type Handler struct {
	options Options
	mux     *httpapi.Routes
	success string // Cache-Control of a token
}

// Paths of the API, below each of the bases.
const (
	authPath          = "/v1/auth"
	generatePath      = "/v1/auth/token/generate"
	usernameTokenPath = "/v1/admin/auth/usernametoken"
)

// bases are Stargate's and Astra's.
var bases = []string{"", "/api/rest"}

// Patterns are the path patterns under which a server hands requests to a
// Handler.
func Patterns() []string {
	var all []string
	for _, base := range bases {
		all = append(all, base+authPath, base+generatePath, base+usernameTokenPath)
	}
	return all
}

// Operations are "METHOD path" of the calls, without the bases of paths.
func Operations() []string {
	return []string{"POST " + authPath, "POST " + generatePath, "POST " + usernameTokenPath}
}

// New returns the door.
func New(o Options) *Handler {
	h := &Handler{options: o, mux: httpapi.NewRoutes(), success: cacheControl(o.Lifetime)}
	for path, e := range map[string]endpoint{authPath: h.logIn, generatePath: h.generate, usernameTokenPath: h.usernameToken} {
		for _, base := range bases {
			h.mux.Guarded(base+path, h.serve(e))
		}
	}
	h.mux.Refusal("/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { frameworkError(w, http.StatusNotFound, "") }))
	return h
}

// cacheControl lets a token be kept until shortly before it ends.
func cacheControl(lifetime time.Duration) string {
	seconds := int(lifetime / time.Second)
	if seconds > 100 {
		seconds -= 10
	} else {
		seconds--
	}
	n := strconv.Itoa(max(seconds, 0))
	return "no-transform, max-age=" + n + ", s-maxage=" + n
}

// noStore is the Cache-Control of errors.
const noStore = "no-store, no-transform, max-age=0, s-maxage=0"

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cors.Allow(w.Header(), r)
	h.mux.ServeHTTP(w, r)
}

// endpoint makes a token from a body.
type endpoint func(ctx context.Context, b *body) (string, error)

// serve answers the methods of one path.
func (h *Handler) serve(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			h.post(w, r, e)
		case http.MethodOptions:
			cors.Preflight(w.Header(), r)
			w.Header().Set("Allow", "POST,OPTIONS")
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte("POST, OPTIONS")) // a client that is gone misses nothing
		default:
			w.Header().Set("Allow", "POST,OPTIONS")
			frameworkError(w, http.StatusMethodNotAllowed, "")
		}
	}
}

func (h *Handler) post(w http.ResponseWriter, r *http.Request, e endpoint) {
	b, status, message := readBody(w, r)
	if status != 0 {
		frameworkError(w, status, message)
		return
	}
	token := ""
	err := error(badRequest("Must provide a body to the request"))
	if b != nil {
		token, err = e(r.Context(), b)
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	w.Header().Set("Cache-Control", h.success)
	write(w, http.StatusCreated, struct {
		AuthToken string `json:"authToken"`
	}{token})
}

// fail answers {"description"} with an error.
func (h *Handler) fail(w http.ResponseWriter, err error) {
	status, description := http.StatusInternalServerError, ""
	if httpapi.RetryAfter(w.Header(), err) {
		status, description = http.StatusTooManyRequests, "Failed to create token: "+cqlerr.From(err).Message
	} else if refusal, ok := err.(*refusal); ok {
		status, description = refusal.status, refusal.description
	} else {
		h.options.Log.Error("no session token could be made", "error", err)
		description = "Failed to create token: " + cqlerr.From(err).Message
		if cqlerr.OutOfService(err) {
			status = http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Cache-Control", noStore)
	write(w, status, struct {
		Description string `json:"description"`
	}{description})
}

// refusal is an error that is the client's to mend.
type refusal struct {
	status      int
	description string
}

func (r *refusal) Error() string { return r.description }

func badRequest(description string) *refusal { return &refusal{http.StatusBadRequest, description} }

// refused turns a failed login into the API's words; other errors stay.
func refused(err error, description string) error {
	if err != nil && cqlerr.From(err).Code == cqlerr.BadCredentials && !httpapi.RetryAfter(http.Header{}, err) {
		return &refusal{http.StatusUnauthorized, "Failed to create token: " + description}
	}
	return err
}

// logIn is POST /v1/auth.
func (h *Handler) logIn(ctx context.Context, b *body) (string, error) {
	return h.open(ctx, b.Username, b.Password, "username", "password")
}

// generate is POST /v1/auth/token/generate.
func (h *Handler) generate(ctx context.Context, b *body) (string, error) {
	return h.open(ctx, b.Key, b.Secret, "key", "secret")
}

func (h *Handler) open(ctx context.Context, user, password text, userMember, passwordMember string) (string, error) {
	switch {
	case user == "":
		return "", badRequest("Must provide " + userMember + " in request")
	case password == "":
		return "", badRequest("Must provide " + passwordMember + " in request")
	}
	token, err := h.options.Logins.OpenSession(ctx, string(user), string(password))
	return token, refused(err, "Provided username "+string(user)+" and/or password are incorrect")
}

// usernameToken is POST /v1/admin/auth/usernametoken.
func (h *Handler) usernameToken(ctx context.Context, b *body) (string, error) {
	switch {
	case !h.options.UsernameToken:
		return "", badRequest("Generating a token for a username is not allowed")
	case b.Username == "":
		return "", badRequest("Must provide username in request")
	}
	token, err := h.options.Logins.OpenSessionFor(ctx, string(b.Username))
	return token, refused(err, "Provided username "+string(b.Username)+" is incorrect")
}

// isJSON reports whether a Content-Type says JSON.
func isJSON(header string) bool {
	mediaType, _, _ := strings.Cut(header, ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "application/json")
}
