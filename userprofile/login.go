package userprofile

import (
	"errors"
	"net/http"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
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
	if errors.Is(err, errSignedUp) {
		u, err = h.again(r, id, email, password)
	}
	if err != nil {
		return err
	}
	return h.enter(w, r, http.StatusCreated, u, password)
}

// again answers a sign-up that had completed before, only to who knows the
// password: an id alone must not open an account.
func (h *handler) again(r *http.Request, id gocql.UUID, email, password string) (u *user, err error) {
	err = h.limited(r, email, func() (err error) {
		u, err = h.accounts.logIn(r.Context(), email, password)
		return err
	})
	if p, ok := err.(*problem); ok && p.status == http.StatusUnauthorized || err == nil && u.ID != id {
		return nil, errEmailTaken
	}
	return u, err
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
	return h.enter(w, r, http.StatusOK, u, form.Password)
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
		return wrongCredentials()
	}
	h.limiter.forgive(keys) // it succeeded, or failed by no fault of theirs
	return err
}

func wrongCredentials() *problem {
	return &problem{status: http.StatusUnauthorized, Message: "The e-mail or the password is wrong."}
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
