package userprofile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

const (
	// cookieName of the session.
	cookieName = "profile_session"
	// maxBody bounds a request's body, in bytes.
	maxBody = 16 << 10
	// requestTimeout bounds one API call; well below lockSeconds and claimSeconds.
	requestTimeout = 20 * time.Second
)

// handler serves the app's API under /api/ and its pages.
type handler struct {
	accounts *accounts
	limiter  *limiter
	log      *slog.Logger
}

// newHandler returns the whole app. Requests that change something are refused
// when they come from another origin (Sec-Fetch-Site, or Origin and Host).
func newHandler(a *accounts, log *slog.Logger) http.Handler {
	h := &handler{accounts: a, limiter: newLimiter(), log: log}
	mux := http.NewServeMux()
	mux.Handle("POST /api/signup", h.api(h.signUp))
	mux.Handle("POST /api/login", h.api(h.logIn))
	mux.Handle("POST /api/logout", h.api(h.logOut))
	mux.Handle("GET /api/profile", h.api(h.loggedIn(h.profile)))
	mux.Handle("PATCH /api/profile", h.api(h.loggedIn(h.edit)))
	mux.Handle("POST /api/email", h.api(h.loggedIn(h.changeEmail)))
	mux.Handle("POST /api/password", h.api(h.loggedIn(h.changePassword)))
	mux.Handle("POST /api/delete", h.api(h.loggedIn(h.remove)))
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		h.fail(w, &problem{status: http.StatusNotFound, Message: "There is nothing here."})
	})
	mux.Handle("/", pages())
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h.fail(w, &problem{status: http.StatusForbidden, Message: "Requests from another origin are refused."})
	}))
	return securityHeaders(guard.Handler(mux))
}

// securityHeaders: the pages load nothing from elsewhere and sit in no frame.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// problem is an answer that says what is wrong: a message for the whole form,
// and one for each field.
type problem struct {
	status  int
	wait    time.Duration
	Message string `json:"message"`
	Fields  fields `json:"fields,omitempty"`
}

func (p *problem) Error() string { return p.Message }

type endpoint func(w http.ResponseWriter, r *http.Request) error

// api bounds a call and writes its error.
func (h *handler) api(serve endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := serve(w, r); err != nil {
			h.fail(w, h.problemOf(r, err))
		}
	})
}

// problemOf turns an error into what a person may see.
func (h *handler) problemOf(r *http.Request, err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, errEmailTaken):
		return &problem{status: http.StatusConflict, Message: "This e-mail can't be used.", Fields: fields{"email": "An account with this e-mail exists already."}}
	case errors.Is(err, errBusy):
		return &problem{status: http.StatusServiceUnavailable, wait: time.Second, Message: "Another change of this account is under way. Please try again."}
	case errors.Is(err, errNoAccount):
		return &problem{status: http.StatusUnauthorized, Message: "Please log in."}
	}
	h.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	return &problem{status: http.StatusServiceUnavailable, Message: "Something went wrong on our side. Please try again."}
}

func (h *handler) fail(w http.ResponseWriter, p *problem) {
	if p.wait > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(math.Ceil(p.wait.Seconds()))))
	}
	h.respond(w, p.status, p)
}

func (h *handler) respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		h.log.Debug("an answer could not be sent", "error", err)
	}
}

// decode reads a JSON form.
func decode(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &problem{status: http.StatusRequestEntityTooLarge, Message: "The request is too long."}
	}
	if err != nil {
		return &problem{status: http.StatusBadRequest, Message: "The request is not valid JSON of the expected form."}
	}
	return nil
}

// check answers 400 with what is wrong with each field.
func check(f fields) error {
	if len(f) == 0 {
		return nil
	}
	return &problem{status: http.StatusBadRequest, Message: "Please check the marked fields.", Fields: f}
}

// visitor is a logged-in person.
type visitor struct {
	*user
	cookie string
}

func (h *handler) loggedIn(serve func(http.ResponseWriter, *http.Request, visitor) error) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		cookie, err := r.Cookie(cookieName)
		if err != nil {
			return errNoAccount
		}
		u, err := h.accounts.sessionUser(r.Context(), cookie.Value)
		if errors.Is(err, errNoAccount) {
			setCookie(w, r, "", -1)
		}
		if err != nil {
			return err
		}
		return serve(w, r, visitor{u, cookie.Value})
	}
}

// setCookie sets the session's cookie for maxAge seconds, or deletes it (-1).
// Scripts can't read it, and other sites' requests don't carry it.
func setCookie(w http.ResponseWriter, r *http.Request, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
}

// enter starts a session for u, whom password let in, and answers with the
// profile.
func (h *handler) enter(w http.ResponseWriter, r *http.Request, status int, u *user, password string) error {
	cookie, err := h.accounts.startSession(r.Context(), u)
	if err != nil {
		return err
	}
	right, err := h.accounts.stillRight(r.Context(), u, password)
	if err == nil && !right {
		err = wrongCredentials()
	}
	if err != nil {
		return errors.Join(err, h.accounts.endSession(r.Context(), cookie))
	}
	setCookie(w, r, cookie, int(sessionLifetime/time.Second))
	h.respond(w, status, u)
	return nil
}

// address is who a request comes from, for the limits on failures.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// newID parses the id that a client chose for a sign-up, or makes one.
func newID(text string) (gocql.UUID, error) {
	if text == "" {
		return gocql.RandomUUID()
	}
	id, err := gocql.ParseUUID(text)
	if err != nil || id.Version() != 4 {
		return id, &problem{status: http.StatusBadRequest, Message: "userid must be a random (version 4) UUID."}
	}
	return id, nil
}
