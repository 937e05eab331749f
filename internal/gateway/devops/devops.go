// Package devops is the door for the part of Astra's DevOps API v2 that this
// release serves: application tokens, roles, the organization and the database.
//
//	Authorization: Bearer AstraCS:...  ->  access.Store  ->  JSON
//
// Errors are {"errors":[{"ID":n,"message":"..."}]}, as its clients parse them.
package devops

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// maxBody bounds a request body, in bytes.
const maxBody = 64 << 10

// invalidToken is the ID of the error that clients know as "invalid token".
const invalidToken = 340018

// Handler serves the DevOps API under /v2/.
type Handler struct {
	access *access.Store
	log    *slog.Logger
	mux    *http.ServeMux
	// operations are "METHOD path" of the endpoints.
	operations []string
}

// New returns the door over a.
func New(a *access.Store, log *slog.Logger) *Handler {
	h := &Handler{access: a, log: log, mux: http.NewServeMux()}
	h.route("GET /v2/currentOrg", "", h.currentOrg)
	h.route("GET /v2/databases", access.DBView, h.listDatabases)
	h.route("GET /v2/databases/{id}", access.DBView, h.getDatabase)
	h.route("GET /v2/organizations/roles", access.RoleRead, h.listRoles)
	h.route("GET /v2/clientIdSecrets", access.TokenRead, h.listTokens)
	h.route("POST /v2/clientIdSecrets", access.TokenWrite, h.createToken)
	h.route("POST /v2/tokens", access.TokenWrite, h.createToken)
	h.route("DELETE /v2/clientIdSecrets/{id}", access.TokenWrite, h.revokeToken)
	h.mux.HandleFunc("/v2/", func(w http.ResponseWriter, _ *http.Request) {
		h.fail(w, &failure{status: http.StatusNotFound, message: "there is no such endpoint"})
	})
	return h
}

// route registers an endpoint and the action that it needs, "" for any token.
func (h *Handler) route(operation string, action access.Action, serve endpoint) {
	h.mux.Handle(operation, h.with(action, serve))
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
		err := h.authorized(r, action, func(who *access.Principal) error { return serve(w, r, who) })
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

func (h *Handler) authorized(r *http.Request, action access.Action, serve func(*access.Principal) error) error {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return &failure{http.StatusUnauthorized, invalidToken, "Missing token, expecting one in the Authorization header"}
	}
	who, err := h.access.Token(r.Context(), token)
	if err != nil {
		return &failure{http.StatusUnauthorized, invalidToken, "Invalid token"}
	}
	if action != "" && !who.May(action, "", "") {
		return &failure{http.StatusForbidden, 0, fmt.Sprintf("the token's role %q lacks %s", who.RoleName(), action)}
	}
	return serve(who)
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone: nobody to tell
}

func (h *Handler) currentOrg(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	respond(w, http.StatusOK, map[string]any{"id": h.access.Organization().ID})
	return nil
}

func (h *Handler) database() map[string]any {
	d, o := h.access.Database(), h.access.Organization()
	return map[string]any{
		"id": d.ID, "orgId": o.ID, "ownerId": o.ID, "status": "ACTIVE", "observedStatus": "ACTIVE",
		"info":    map[string]any{"name": d.Name, "region": d.Region, "tier": "serverless", "cloudProvider": "local", "capacityUnits": 1},
		"storage": map[string]any{"nodeCount": 1, "replicationFactor": 1, "totalStorage": 0},
	}
}

func (h *Handler) listDatabases(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	respond(w, http.StatusOK, []any{h.database()})
	return nil
}

func (h *Handler) getDatabase(w http.ResponseWriter, r *http.Request, _ *access.Principal) error {
	if r.PathValue("id") != h.access.Database().ID.String() {
		return &failure{http.StatusNotFound, 0, "database not found"}
	}
	respond(w, http.StatusOK, h.database())
	return nil
}

func (h *Handler) listRoles(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	out := []any{}
	for _, role := range h.access.Roles() {
		out = append(out, map[string]any{"id": role.ID, "name": role.Name, "policy": h.policy(role)})
	}
	respond(w, http.StatusOK, out)
	return nil
}

// policy shows a role's grants as Astra's policy: resources and actions.
func (h *Handler) policy(role *access.Role) map[string]any {
	resources, actions := []string{}, []access.Action{}
	for _, g := range role.Grants {
		resources = append(resources, fmt.Sprintf("drn:astra:org:%s:db:%s:keyspace:%s:table:%s",
			h.access.Organization().ID, h.access.Database().ID, g.Resource.Keyspace, g.Resource.Table))
		actions = append(actions, g.Actions...)
	}
	return map[string]any{"description": role.Description, "resources": resources, "actions": actions, "effect": "allow"}
}

func (h *Handler) listTokens(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	clients := []any{}
	for _, t := range h.access.Tokens() {
		clients = append(clients, map[string]any{"clientId": t.ClientID, "roles": []any{t.Role},
			"generatedOn": t.Created.Format(time.RFC3339Nano), "description": t.Description})
	}
	respond(w, http.StatusOK, map[string]any{"clients": clients})
	return nil
}

func (h *Handler) createToken(w http.ResponseWriter, r *http.Request, _ *access.Principal) error {
	var body struct {
		Roles       []string `json:"roles"`
		Description string   `json:"description"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &failure{http.StatusRequestEntityTooLarge, 0, fmt.Sprintf("the body is longer than %d bytes", tooLarge.Limit)}
	}
	if err != nil {
		return &failure{http.StatusBadRequest, 0, "the body is not valid JSON: " + err.Error()}
	}
	if len(body.Roles) != 1 {
		return &failure{http.StatusBadRequest, 0, "roles must name exactly one role"}
	}
	secret, err := h.access.CreateToken(r.Context(), body.Roles[0], body.Description)
	if errors.Is(err, access.ErrNotFound) || errors.Is(err, access.ErrInvalid) {
		return &failure{http.StatusBadRequest, 0, err.Error()}
	}
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{"clientId": secret.ClientID, "secret": secret.ClientSecret, "token": secret.Token,
		"orgId": h.access.Organization().ID, "roles": body.Roles, "generatedOn": time.Now().UTC().Format(time.RFC3339Nano)})
	return nil
}

// revokeToken answers 204 for a token that is gone already too: clients repeat
// deletes.
func (h *Handler) revokeToken(w http.ResponseWriter, r *http.Request, _ *access.Principal) error {
	err := h.access.RevokeToken(r.Context(), r.PathValue("id"))
	if err != nil && !errors.Is(err, access.ErrNotFound) {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
