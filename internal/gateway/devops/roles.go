package devops

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// roleView is a role as the API shows it. Kind is ours: "built-in", "custom", or
// "cql" for one of CREATE ROLE, whose permissions the policy does not show.
type roleView struct {
	ID     uuid.UUID     `json:"id"`
	Name   string        `json:"name"`
	Kind   string        `json:"kind"`
	Policy access.Policy `json:"policy"`
}

func (h *Handler) view(r *access.Role) roleView {
	kind := "custom"
	switch {
	case r.BuiltIn():
		kind = "built-in"
	case r.Grants == nil:
		kind = "cql"
	}
	return roleView{r.ID, r.Name, kind, h.access.PolicyOf(r)}
}

func (h *Handler) views(roles []*access.Role) []roleView {
	out := []roleView{}
	for _, r := range roles {
		out = append(out, h.view(r))
	}
	return out
}

func (h *Handler) listRoles(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	respond(w, http.StatusOK, h.views(h.access.Roles()))
	return nil
}

func (h *Handler) getRole(w http.ResponseWriter, r *http.Request, _ *access.Principal) error {
	role, err := h.access.Role(r.PathValue("id"))
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, h.view(role))
	return nil
}

// readRole reads {name, policy}.
func (h *Handler) readRole(r *http.Request) (*access.Role, error) {
	var body struct {
		Name   string        `json:"name"`
		Policy access.Policy `json:"policy"`
	}
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	grants, err := h.access.Grants(&body.Policy)
	if err != nil {
		return nil, err
	}
	return &access.Role{ID: uuid.New(), Name: body.Name, Description: body.Policy.Description, Grants: grants}, nil
}

func (h *Handler) createRole(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	role, err := h.readRole(r)
	if err != nil {
		return err
	}
	if err := h.access.AddRole(r.Context(), role, who); err != nil {
		return err
	}
	respond(w, http.StatusCreated, h.view(role))
	return nil
}

func (h *Handler) updateRole(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	role, err := h.access.Role(r.PathValue("id"))
	if err != nil {
		return err
	}
	changed, err := h.readRole(r)
	if err != nil {
		return err
	}
	if changed.ID = role.ID; changed.Name == "" {
		changed.Name = role.Name
	}
	if err := h.access.ChangeRole(r.Context(), changed, who); err != nil {
		return err
	}
	respond(w, http.StatusOK, h.view(changed))
	return nil
}

func (h *Handler) deleteRole(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	if err := h.access.DeleteRole(r.Context(), r.PathValue("id"), who); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
