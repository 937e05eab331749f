package devops

import (
	"errors"
	"net/http"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// tokenView is a token as it is listed: never its secret. Times are RFC 3339;
// those behind description are not in Astra's own answer.
type tokenView struct {
	ClientID    string   `json:"clientId"`
	Roles       []string `json:"roles"`
	GeneratedOn string   `json:"generatedOn"`
	Description string   `json:"description"`
	TokenExpiry string   `json:"tokenExpiry,omitempty"`
	LastUsedOn  string   `json:"lastUsedOn,omitempty"`
}

// timeText is RFC 3339, "" for the zero time.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

func (h *Handler) listTokens(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	clients := []tokenView{}
	for _, t := range h.access.Tokens() {
		clients = append(clients, tokenView{t.ClientID, []string{t.Role.String()}, timeText(t.Created), t.Description,
			timeText(t.Expires), timeText(t.LastUsed())})
	}
	respond(w, http.StatusOK, map[string]any{"clients": clients})
	return nil
}

func (h *Handler) createToken(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	var body struct {
		Roles       []string `json:"roles"`
		Description string   `json:"description"`
		TokenExpiry string   `json:"tokenExpiry"`
	}
	if err := decode(r, &body); err != nil {
		return err
	}
	if len(body.Roles) != 1 {
		return &failure{http.StatusBadRequest, 0, "roles must name exactly one role"}
	}
	n := &access.NewToken{Role: body.Roles[0], Description: body.Description, By: who}
	if body.TokenExpiry != "" {
		var err error
		if n.Expires, err = time.Parse(time.RFC3339, body.TokenExpiry); err != nil {
			return &failure{http.StatusBadRequest, 0, "tokenExpiry is no time like 2030-01-31T12:00:00Z"}
		}
	}
	secret, err := h.access.MakeToken(r.Context(), n)
	if errors.Is(err, access.ErrNotFound) {
		return &failure{http.StatusBadRequest, 0, err.Error()}
	}
	if err != nil {
		return err
	}
	answer := map[string]any{"clientId": secret.ClientID, "secret": secret.ClientSecret, "token": secret.Token,
		"orgId": h.access.Organization().ID, "roles": body.Roles, "generatedOn": time.Now().UTC().Format(time.RFC3339Nano)}
	if !n.Expires.IsZero() {
		answer["tokenExpiry"] = timeText(n.Expires.UTC())
	}
	respond(w, http.StatusOK, answer)
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
