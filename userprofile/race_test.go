package userprofile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// TestRetriesAtOnce: the same sign-up sent many times at once is one account,
// and its id gets no second e-mail: who knows an id must not take it over.
func TestRetriesAtOnce(t *testing.T) {
	f := start(t)
	id, email, thief := gocql.MustRandomUUID(), someone(), someone()
	sign := signUpForm(email, "userid", id.String())
	answers := together(5, func(int) (int, string) { return f.browser().send("POST", "/api/signup", sign) })
	if number(answers, 201) != 5 {
		t.Fatalf("answers: %v", answers)
	}
	f.browser().must(409, "POST", "/api/signup", signUpForm(thief, "userid", id.String()))
	f.rows(id, true, thief, false)
	if text := f.opens(true, email, secretText); !strings.Contains(text, id.String()) {
		t.Errorf("the account is now %s", text)
	}
}

// TestGuessingBySignUp: sign-ups sent again are no way around the limit on wrong
// passwords.
func TestGuessingBySignUp(t *testing.T) {
	f := start(t)
	email := someone()
	_, id := f.signUp(email)
	guess := strings.Replace(signUpForm(email, "userid", id.String()), secretText, "a wrong guess", 1)
	for range failuresPerAccount {
		f.browser().must(409, "POST", "/api/signup", guess)
	}
	f.browser().must(429, "POST", "/api/signup", guess)
}

// TestChangesAtOnce: changes of one account at once end in a state that they ask
// for, whole.
func TestChangesAtOnce(t *testing.T) {
	f := start(t)
	email := someone()
	b, id := f.signUp(email)
	targets := []string{someone(), someone(), someone(), someone()}
	answers := together(8, func(i int) (int, string) {
		if i%2 == 0 {
			return b.send("POST", "/api/email", form("email", targets[i/2], "password", secretText))
		}
		return b.send("PATCH", "/api/profile", form("firstname", fmt.Sprint("First", i), "lastname", fmt.Sprint("Last", i)))
	})
	if number(answers, 200) != 8 {
		t.Errorf("answers: %v", answers)
	}
	u, err := f.accounts.user(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(targets, u.Email) || strings.TrimPrefix(u.Firstname, "First") != strings.TrimPrefix(u.Lastname, "Last") {
		t.Errorf("the account is now %+v", u)
	}
	for _, e := range append(targets, email) {
		f.rows(id, true, e, e == u.Email)
	}
	f.opens(true, u.Email, secretText)
}

// TestPasswordRacesEmail: a password that was changed stays changed when the
// e-mail changes at the same time.
func TestPasswordRacesEmail(t *testing.T) {
	f := start(t)
	for range 5 {
		email, moved := someone(), someone()
		b, _ := f.signUp(email)
		answers := together(2, func(i int) (int, string) {
			if i == 0 {
				return b.send("POST", "/api/email", form("email", moved, "password", secretText))
			}
			return b.send("POST", "/api/password", form("current", secretText, "password", "another password"))
		})
		if answers[1].status != 204 {
			t.Fatalf("answers: %v", answers)
		}
		if answers[0].status == 200 {
			email = moved
		}
		f.opens(false, email, secretText)
		f.opens(true, email, "another password")
	}
}

// TestDeleteRacesEdit: a deleted account does not come back, not even half.
func TestDeleteRacesEdit(t *testing.T) {
	f := start(t)
	for range 5 {
		email := someone()
		b, id := f.signUp(email)
		answers := together(4, func(i int) (int, string) {
			if i == 0 {
				return b.send("POST", "/api/delete", form("password", secretText))
			}
			return b.send("PATCH", "/api/profile", form("firstname", "Back", "lastname", "Again"))
		})
		if answers[0].status != 204 {
			t.Fatalf("answers: %v", answers)
		}
		f.rows(id, false, email, false)
	}
}

// TestLoginRacesPassword: no session that the old password opened outlives it.
func TestLoginRacesPassword(t *testing.T) {
	f := start(t)
	for range 3 {
		email := someone()
		b, _ := f.signUp(email)
		others := []*browser{f.browser(), f.browser(), f.browser()}
		answers := together(4, func(i int) (int, string) {
			if i == 0 {
				return b.send("POST", "/api/password", form("current", secretText, "password", "another password"))
			}
			return others[i-1].send("POST", "/api/login", form("email", email, "password", secretText))
		})
		if answers[0].status != 204 {
			t.Fatalf("answers: %v", answers)
		}
		for _, other := range others {
			other.must(401, "GET", "/api/profile", "")
		}
	}
}

// TestRehashRacesPassword: a plain password that is changed while it is being
// rehashed stays changed.
func TestRehashRacesPassword(t *testing.T) {
	f := start(t)
	id, email := gocql.MustRandomUUID(), someone()
	for text, values := range map[string][]any{
		`INSERT INTO users (userid, firstname, lastname, email) VALUES (?, 'Ada', 'Lovelace', ?)`:    {id, email},
		`INSERT INTO user_credentials (email, password, userid) VALUES (?, 'the plain password', ?)`: {email, id},
	} {
		if err := f.accounts.db.Query(text, values...).ExecContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	seen := &user{ID: id, Email: email, password: "the plain password"}
	b := f.browser()
	b.must(200, "POST", "/api/login", form("email", email, "password", "the plain password"))
	b.must(204, "POST", "/api/password", form("current", "the plain password", "password", "another password"))
	f.accounts.rehash(t.Context(), seen, "the plain password")
	f.opens(false, email, "the plain password")
	f.opens(true, email, "another password")
}

// TestFailuresAtOnce: attempts sent together don't slip through the limit.
func TestFailuresAtOnce(t *testing.T) {
	f := start(t)
	email := someone()
	f.signUp(email)
	answers := together(15, func(int) (int, string) {
		return f.browser().send("POST", "/api/login", form("email", email, "password", "wrong"))
	})
	if number(answers, 401) != failuresPerAccount || number(answers, 429) != 15-failuresPerAccount {
		t.Errorf("answers: %v", answers)
	}
}
