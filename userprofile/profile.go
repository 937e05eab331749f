package userprofile

import "net/http"

// profile is GET /api/profile.
func (h *handler) profile(w http.ResponseWriter, _ *http.Request, v visitor) error {
	h.respond(w, http.StatusOK, v.user)
	return nil
}

// edit is PATCH /api/profile: the names.
func (h *handler) edit(w http.ResponseWriter, r *http.Request, v visitor) error {
	var form struct{ Firstname, Lastname string }
	if err := decode(r, &form); err != nil {
		return err
	}
	f := fields{}
	first, last := f.name("firstname", form.Firstname), f.name("lastname", form.Lastname)
	if err := check(f); err != nil {
		return err
	}
	changed, err := h.accounts.edit(r.Context(), v.ID, first, last)
	if err != nil {
		return err
	}
	h.respond(w, http.StatusOK, changed)
	return nil
}

// changeEmail is POST /api/email.
func (h *handler) changeEmail(w http.ResponseWriter, r *http.Request, v visitor) error {
	var form struct{ Email, Password string }
	if err := decode(r, &form); err != nil {
		return err
	}
	f := fields{}
	email := f.email("email", form.Email)
	f.present("password", form.Password, "Enter your password.")
	if err := check(f); err != nil {
		return err
	}
	var changed *user
	err := h.confirmed(r, v, "password", func() (err error) {
		changed, err = h.accounts.changeEmail(r.Context(), v.ID, email, form.Password)
		return err
	})
	if err != nil {
		return err
	}
	h.respond(w, http.StatusOK, changed)
	return nil
}

// changePassword is POST /api/password.
func (h *handler) changePassword(w http.ResponseWriter, r *http.Request, v visitor) error {
	var form struct{ Current, Password string }
	if err := decode(r, &form); err != nil {
		return err
	}
	f := fields{}
	f.present("current", form.Current, "Enter your current password.")
	f.password("password", form.Password)
	if err := check(f); err != nil {
		return err
	}
	err := h.confirmed(r, v, "current", func() error {
		return h.accounts.changePassword(r.Context(), v.ID, form.Current, form.Password, sessionID(v.cookie))
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// remove is POST /api/delete: the account, for good.
func (h *handler) remove(w http.ResponseWriter, r *http.Request, v visitor) error {
	var form struct{ Password string }
	if err := decode(r, &form); err != nil {
		return err
	}
	f := fields{}
	f.present("password", form.Password, "Enter your password.")
	if err := check(f); err != nil {
		return err
	}
	err := h.confirmed(r, v, "password", func() error { return h.accounts.remove(r.Context(), v.ID, form.Password) })
	if err != nil {
		return err
	}
	setCookie(w, r, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// confirmed runs what asks for the password again, within the limits on
// failures; a wrong one is told at its field.
func (h *handler) confirmed(r *http.Request, v visitor, field string, attempt func() error) error {
	err := h.limited(r, v.Email, attempt)
	if p, ok := err.(*problem); ok && p.status == http.StatusUnauthorized {
		return &problem{status: http.StatusForbidden, Message: "Please check the marked fields.", Fields: fields{field: "This password is wrong."}}
	}
	return err
}
