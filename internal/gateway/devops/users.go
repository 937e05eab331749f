package devops

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// userView is a member of the organization. A user here is a role of CQL that
// logs in; its email is that role's name. One without a password is invited.
type userView struct {
	UserID uuid.UUID  `json:"userID"`
	Email  string     `json:"email"`
	Status string     `json:"status"`
	Roles  []roleView `json:"roles"`
}

func (h *Handler) userView(u *access.Role) userView {
	status := "active"
	if !u.HasPassword() {
		status = "invited"
	}
	return userView{u.ID, u.Name, status, h.views(h.access.RolesOf(u))}
}

func (h *Handler) listUsers(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	users := []userView{}
	for _, u := range h.access.Users() {
		users = append(users, h.userView(u))
	}
	o := h.access.Organization()
	respond(w, http.StatusOK, map[string]any{"orgID": o.ID, "orgName": o.Name, "users": users})
	return nil
}

func (h *Handler) getUser(w http.ResponseWriter, r *http.Request, _ *access.Principal) error {
	u, err := h.access.User(r.PathValue("id"))
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, h.userView(u))
	return nil
}

// inviteUser makes a user. No mail is sent: a password may come along, or later.
func (h *Handler) inviteUser(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	var body struct {
		Email    string   `json:"email"`
		Roles    []string `json:"roles"`
		Password string   `json:"password"`
	}
	if err := decode(r, &body); err != nil {
		return err
	}
	u, err := h.access.CreateUser(r.Context(), body.Email, body.Password, body.Roles, who)
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, h.userView(u))
	return nil
}

func (h *Handler) deleteUser(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	u, err := h.access.User(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := h.access.DeleteRole(r.Context(), u.ID.String(), who); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *Handler) setUserRoles(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	var body struct {
		Roles []string `json:"roles"`
	}
	if err := decode(r, &body); err != nil {
		return err
	}
	if err := h.access.SetUserRoles(r.Context(), r.PathValue("id"), body.Roles, who); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// setPassword is ours: Astra's users log in elsewhere.
func (h *Handler) setPassword(w http.ResponseWriter, r *http.Request, who *access.Principal) error {
	var body struct {
		Password string `json:"password"`
	}
	if err := decode(r, &body); err != nil {
		return err
	}
	if body.Password == "" {
		return &failure{http.StatusBadRequest, 0, "password must not be empty"}
	}
	if err := h.access.SetPassword(r.Context(), r.PathValue("id"), body.Password, who); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
