// Package console is the door of the CQL console and dashboard in the browser:
// its pages and the small JSON API they use, below /console/.
//
//	token --POST /console/api/session--> HttpOnly cookie --> POST /console/api/query --> backend
//
// The browser exchanges an application token for a session; scripts can read
// neither. Sessions live in memory only: a restart asks for the token again.
package console

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// Limits of the door.
const (
	// maxBody bounds a request's body, in bytes: long scripts are run
	// statement by statement.
	maxBody = 4 << 20
	// maxPageSize bounds the rows of one answer.
	maxPageSize     = 5000
	defaultPageSize = 100
)

// Authenticator turns an application token into a principal.
type Authenticator interface {
	Token(ctx context.Context, token string) (Principal, error)
}

// Principal is who a session acts for. It must notice by itself when its token
// is revoked.
type Principal interface {
	// Name is the client id of the token.
	Name() string
	RoleName() string
	// Caller is whom its statements run for.
	Caller() backend.Caller
	// Alive is false once the token is revoked.
	Alive() bool
	// Ends is when a token ends that says so itself (JWT), zero for any other.
	Ends() time.Time
	// RunsCQL is false for a role that has APIs alone.
	RunsCQL() bool
	Authorize(stmt cql.Statement, keyspace string) error
	Visible(keyspace, table string) bool
}

// Options of the door.
type Options struct {
	Backend backend.Backend
	Auth    Authenticator
	// Tokens makes the tokens with which sessions call APIs.
	Tokens TokenMaker
	// Answers bounds the memory of large answers that clients have not read; other
	// doors may share it. nil is a bound of the door's own.
	Answers *outbound.Room
	// APIs are the HTTP APIs that pages may call.
	APIs http.Handler
	// CQLPort and GRPCPort are told to people who want to connect; 0 if unknown.
	CQLPort, GRPCPort int
	// Pages are the built files of web/console, index.html at their root.
	Pages fs.FS
	// Organization serves the DevOps API, below /v2/, to a principal: tokens, roles
	// and users. nil for none.
	Organization func(w http.ResponseWriter, r *http.Request, p Principal)
	// Guard holds the database's limits; nil for none.
	Guard *guardrail.Guard
	// DatabaseID, DatabaseName and Region are shown in the header.
	DatabaseID           uuid.UUID
	DatabaseName, Region string
	Log                  *slog.Logger
}

// Handler serves /console/.
type Handler struct {
	options  Options
	sessions *sessions
	handler  http.Handler
	// operations are "METHOD path" of the API.
	operations []string
	// public are the patterns that need no session.
	public []string
}

// New returns the door.
func New(o Options) *Handler {
	if o.Guard == nil {
		o.Guard = guardrail.New(guardrail.None(), nil)
	}
	o.Answers = outbound.OrNew(o.Answers)
	h := &Handler{options: o, sessions: newSessions()}
	mux := httpapi.NewRoutes()
	for operation, serve := range map[string]endpoint{
		"POST /console/api/session":   h.logIn,
		"GET /console/api/session":    h.with(h.whoAmI),
		"DELETE /console/api/session": h.logOut,
		"POST /console/api/query":     h.with(h.query),
		"GET /console/api/schema":     h.with(h.schema),
		"GET /console/api/guardrails": h.with(h.guardrails),
		organizationPath:              h.with(h.organization),
		"GET /console/api/connection": h.with(h.connection),
		"GET " + callPath + "/":       h.with(h.call),
		"POST " + callPath + "/":      h.with(h.call),
		"PUT " + callPath + "/":       h.with(h.call),
		"PATCH " + callPath + "/":     h.with(h.call),
		"DELETE " + callPath + "/":    h.with(h.call),
	} {
		mux.Guarded(operation, h.api(serve))
		h.operations = append(h.operations, operation)
	}
	mux.Refusal("/console/api/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h.respond(w, http.StatusNotFound, &problem{Message: "There is nothing here."})
	}))
	mux.Public("/console/", h.pages())
	h.public = mux.PublicPatterns()
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h.respond(w, http.StatusForbidden, &problem{Message: "Requests from another origin are refused."})
	}))
	h.handler = securityHeaders(guard.Handler(mux))
	return h
}

// organizationPath is where the DevOps API is for a session, whatever the method:
// with its own rights and no token in the browser.
const organizationPath = "/console/api/v2/{path...}"

func (h *Handler) organization(w http.ResponseWriter, r *http.Request, p Principal) error {
	if h.options.Organization == nil {
		return &problem{status: http.StatusNotFound, Message: "There is nothing here."}
	}
	http.StripPrefix("/console/api", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.options.Organization(w, r, p)
	})).ServeHTTP(w, r)
	return nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(w, r) }

// Operations are "METHOD path" of the console's API.
func (h *Handler) Operations() []string { return h.operations }

// Public are the patterns that ask for no session.
func (h *Handler) Public() []string { return h.public }

// securityHeaders: the console loads nothing from elsewhere and sits in no frame.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// problem is the error of this API: a message and, for an error of a
// statement, its CQL error code (native_protocol_v5.spec §9).
type problem struct {
	status  int
	Message string       `json:"message"`
	Code    *cqlerr.Code `json:"code,omitempty"`
}

func (p *problem) Error() string { return p.Message }

type endpoint func(w http.ResponseWriter, r *http.Request) error

// api bounds a request and writes its error.
func (h *Handler) api(serve endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		err := serve(w, r)
		if err == nil {
			return
		}
		var p *problem
		if !errors.As(err, &p) {
			e := cqlerr.From(err)
			p = &problem{status: http.StatusBadRequest, Message: e.Message, Code: &e.Code}
			switch {
			case e.Unreachable:
				p.status = http.StatusServiceUnavailable
			case e.Code == cqlerr.ServerError:
				h.options.Log.Error("console request failed", "path", r.URL.Path, "error", err)
				p.status = http.StatusInternalServerError
			}
		}
		h.respond(w, p.status, p)
	})
}

func (h *Handler) respond(w http.ResponseWriter, status int, body any) {
	if status == 0 {
		status = http.StatusBadRequest
	}
	header(w, status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		h.options.Log.Debug("an answer could not be sent", "error", err)
	}
}

func header(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
}

func decode(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &problem{status: http.StatusRequestEntityTooLarge, Message: "The statement is too long for the console."}
	}
	if err != nil {
		return &problem{Message: "The request is not valid JSON of the expected form."}
	}
	return nil
}
