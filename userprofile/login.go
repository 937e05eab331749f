package userprofile

import (
	"errors"
	"net/http"
	"strings"
)

// signUp is POST /api/signup.
func (h *handler) signUp(w http.ResponseWriter, r *http.Request) error {
	var form struct{ Userid, Firstname, Lastname, Email, Password string }
	if err := decode(r, &form); err != nil {
		return err
	}
	f := fields{}
	first, last := f.name("firstname", form.Firstname), f.name("lastname", form.Lastname)
	email, password := f.email("email", form.Email), f.password("password", form.Password)
	if err := check(f); err != nil {
		return err
	}
	id, err := newID(form.Userid)
	if err != nil {
		return err
	}
	u, err := h.accounts.signUp(r.Context(), id, first, last, email, password)
	if err != nil {
		return err
	}
	return h.enter(w, r, http.StatusCreated, u)
}

// logIn is POST /api/login.
func (h *handler) logIn(w http.ResponseWriter, r *http.Request) error {
	var form struct{ Email, Password string }
	if err := decode(r, &form); err != nil {
		return err
	}
	f := fields{}
	typed := f.present("email", strings.TrimSpace(form.Email), "Enter your e-mail address.")
	f.present("password", form.Password, "Enter your password.")
	if err := check(f); err != nil {
		return err
	}
	var u *user
	err := h.limited(r, typed, func() (err error) {
		u, err = h.find(r, typed, form.Password)
		return err
	})
	if err != nil {
		return err
	}
	return h.enter(w, r, http.StatusOK, u)
}

// find logs in by the e-mail in lower case, as this app stores it, or else as
// typed, as the post's own client may have written it.
func (h *handler) find(r *http.Request, typed, password string) (*user, error) {
	lower := strings.ToLower(typed)
	u, err := h.accounts.logIn(r.Context(), lower, password)
	if errors.Is(err, errCredentials) && lower != typed {
		return h.accounts.logIn(r.Context(), typed, password)
	}
	return u, err
}

// limited runs a password check within the limits on failures, per account and
// per address. Every attempt counts until it has succeeded.
func (h *handler) limited(r *http.Request, email string, attempt func() error) error {
	keys := map[string]int{"account " + strings.ToLower(email): failuresPerAccount, "address " + address(r): failuresPerAddress}
	if wait := h.limiter.take(keys); wait > 0 {
		return &problem{status: http.StatusTooManyRequests, wait: wait, Message: "Too many failed attempts. Please wait a while and try again."}
	}
	err := attempt()
	if errors.Is(err, errCredentials) {
		return &problem{status: http.StatusUnauthorized, Message: "The e-mail or the password is wrong."}
	}
	h.limiter.forgive(keys) // it succeeded, or failed by no fault of theirs
	return err
}

// logOut is POST /api/logout.
func (h *handler) logOut(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(cookieName); err == nil {
		if err := h.accounts.endSession(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	setCookie(w, r, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
