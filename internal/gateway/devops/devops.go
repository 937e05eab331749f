// Package devops is the door for the part of Astra's DevOps API v2 that this
// release serves: application tokens, roles, users, the organization and the database.
//
//	Authorization: Bearer AstraCS:...  ->  access.Store  ->  JSON
//
// Errors are {"errors":[{"ID":n,"message":"..."}]}, as its clients parse them.
package devops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// maxBody bounds a request body, in bytes.
const maxBody = 64 << 10

// invalidToken is the ID of the error that clients know as "invalid token".
const invalidToken = 340018

// Handler serves the DevOps API under /v2/.
type Handler struct {
	access *access.Store
	door   *access.Door
	log    *slog.Logger
	mux    *httpapi.Routes
	// operations are "METHOD path" of the endpoints.
	operations []string
}

// New returns the door over a.
func New(a *access.Store, log *slog.Logger) *Handler {
	h := &Handler{access: a, door: a.Door("devops", ""), log: log, mux: httpapi.NewRoutes()}
	h.route("GET /v2/currentOrg", "", h.currentOrg)
	h.route("GET /v2/databases", access.DBView, h.listDatabases)
	h.route("GET /v2/databases/{id}", access.DBView, h.getDatabase)
	h.route("GET /v2/organizations/roles", access.RoleRead, h.listRoles)
	h.route("POST /v2/organizations/roles", access.RoleWrite, h.createRole)
	h.route("GET /v2/organizations/roles/{id}", access.RoleRead, h.getRole)
	h.route("PUT /v2/organizations/roles/{id}", access.RoleWrite, h.updateRole)
	h.route("DELETE /v2/organizations/roles/{id}", access.RoleDelete, h.deleteRole)
	h.route("GET /v2/organizations/users", access.UserRead, h.listUsers)
	h.route("PUT /v2/organizations/users", access.UserWrite, h.inviteUser)
	h.route("GET /v2/organizations/users/{id}", access.UserRead, h.getUser)
	h.route("DELETE /v2/organizations/users/{id}", access.UserWrite, h.deleteUser)
	h.route("PUT /v2/organizations/users/{id}/roles", access.UserWrite, h.setUserRoles)
	h.route("PUT /v2/organizations/users/{id}/password", access.UserWrite, h.setPassword)
	h.route("GET /v2/clientIdSecrets", access.TokenRead, h.listTokens)
	h.route("POST /v2/clientIdSecrets", access.TokenWrite, h.createToken)
	h.route("POST /v2/tokens", access.TokenWrite, h.createToken)
	h.route("DELETE /v2/clientIdSecrets/{id}", access.TokenWrite, h.revokeToken)
	h.mux.Refusal("/v2/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h.fail(w, &failure{status: http.StatusNotFound, message: "there is no such endpoint"})
	}))
	return h
}

// route registers an endpoint and the action that it needs, "" for any token.
func (h *Handler) route(operation string, action access.Action, serve endpoint) {
	h.mux.Guarded(operation, h.with(action, serve))
	h.operations = append(h.operations, operation)
}

// Operations are "METHOD path" of the endpoints.
func (h *Handler) Operations() []string { return h.operations }

// Patterns are the paths this door wants of the server's mux.
func Patterns() []string {
	return []string{"/v2/currentOrg", "/v2/databases", "/v2/databases/", "/v2/organizations/", "/v2/clientIdSecrets", "/v2/clientIdSecrets/", "/v2/tokens"}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

type endpoint func(w http.ResponseWriter, r *http.Request, who *access.Principal) error

// failure is an error with its HTTP status.
type failure struct {
	status, id int
	message    string
}

func (f *failure) Error() string { return f.message }

// with authenticates, asks for action, bounds the body and writes the error.
func (h *Handler) with(action access.Action, serve endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		err := h.authorized(w, r, action, func(who *access.Principal) error { return serve(w, r, who) })
		if err == nil {
			return
		}
		var f *failure
		switch {
		case errors.As(err, &f):
		case cqlerr.OutOfService(err):
			f = &failure{status: http.StatusServiceUnavailable, message: cqlerr.From(err).Message}
		default:
			h.log.Error("devops request failed", "path", r.URL.Path, "error", err)
			f = &failure{status: http.StatusInternalServerError, message: "internal error"}
		}
		h.fail(w, f)
	})
}

func (h *Handler) fail(w http.ResponseWriter, f *failure) {
	respond(w, f.status, map[string]any{"errors": []any{map[string]any{"ID": f.id, "message": f.message}}})
}

func (h *Handler) authorized(w http.ResponseWriter, r *http.Request, action access.Action, serve func(*access.Principal) error) error {
	who, err := h.whoAsks(w, r)
	if err != nil {
		return err
	}
	object := r.PathValue("id")
	if action != "" && !who.May(action, "", "") {
		err := &failure{http.StatusForbidden, 0, fmt.Sprintf("the token's role %q lacks %s", who.RoleName(), action)}
		who.Record(r.Pattern, object, err)
		return err
	}
	err = refused(serve(who))
	who.Record(r.Pattern, object, err)
	return err
}

// principalKey is the key of ServeAs's value.
type principalKey struct{}

// ServeAs serves a request of somebody who is known already, without looking for
// a token.
func (h *Handler) ServeAs(w http.ResponseWriter, r *http.Request, who *access.Principal) {
	h.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), principalKey{}, who)))
}

// whoAsks finds out who asks.
func (h *Handler) whoAsks(w http.ResponseWriter, r *http.Request) (*access.Principal, error) {
	if who, ok := r.Context().Value(principalKey{}).(*access.Principal); ok {
		return who, nil
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, &failure{http.StatusUnauthorized, invalidToken, "Missing token, expecting one in the Authorization header"}
	}
	who, err := h.door.Token(r.Context(), token)
	switch {
	case httpapi.RetryAfter(w.Header(), err):
		return nil, &failure{http.StatusTooManyRequests, 0, cqlerr.From(err).Message}
	case err != nil && cqlerr.From(err).Code != cqlerr.BadCredentials:
		return nil, err
	case err != nil:
		return nil, &failure{http.StatusUnauthorized, invalidToken, "Invalid token"}
	}
	return who, nil
}

// refused makes the mistakes of who asks answers of the API.
func refused(err error) error {
	var e *cqlerr.Error
	switch {
	case errors.Is(err, access.ErrForbidden):
		return &failure{http.StatusForbidden, 0, err.Error()}
	case errors.Is(err, access.ErrExists):
		return &failure{http.StatusConflict, 0, err.Error()}
	case errors.Is(err, access.ErrNotFound):
		return &failure{http.StatusNotFound, 0, err.Error()}
	case errors.Is(err, access.ErrInvalid):
		return &failure{http.StatusBadRequest, 0, err.Error()}
	case errors.As(err, &e) && e.Code == cqlerr.Invalid:
		return &failure{http.StatusBadRequest, 0, e.Message}
	case errors.As(err, &e) && e.Code == cqlerr.Overloaded && !cqlerr.OutOfService(err): // a password that was set just now
		return &failure{http.StatusTooManyRequests, 0, e.Message}
	}
	return err
}

// decode reads a JSON body.
func decode(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &failure{http.StatusRequestEntityTooLarge, 0, fmt.Sprintf("the body is longer than %d bytes", tooLarge.Limit)}
	}
	if err != nil {
		return &failure{http.StatusBadRequest, 0, "the body is not valid JSON: " + err.Error()}
	}
	return nil
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone: nobody to tell
}
