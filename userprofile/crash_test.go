package userprofile

import (
	"context"
	"errors"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// TestClaimExpires: an e-mail whose sign-up never went on is free again; one
// that is completed shortly before that outlives its claim.
func TestClaimExpires(t *testing.T) {
	t.Parallel() // it waits
	f := start(t)
	email, renewed, id := someone(), someone(), gocql.MustRandomUUID()
	f.claim(gocql.MustRandomUUID(), email, 1)
	f.opens(false, email, secretText)
	f.gone(email)
	f.signUp(email)
	f.opens(true, email, secretText)

	f.claim(id, renewed, 3)
	f.browser().must(201, "POST", "/api/signup", signUpForm(renewed, "userid", id.String()))
	time.Sleep(4 * time.Second)
	f.opens(true, renewed, secretText)
}

// TestLateCompletion: a sign-up whose claim has expired and gone to another
// leaves nothing, and does not disturb the other.
func TestLateCompletion(t *testing.T) {
	t.Parallel() // it waits
	f := start(t)
	id, email := gocql.MustRandomUUID(), someone()
	claimed := f.claim(id, email, 1)
	f.gone(email)
	f.signUp(email)
	late := &user{ID: id, Firstname: "Late", Lastname: "Comer", Email: email, Created: time.Now(), password: "of the late comer"}
	if err := f.accounts.complete(t.Context(), late, claimed+1); !errors.Is(err, errEmailTaken) {
		t.Errorf("completing late gives %v", err)
	}
	f.rows(id, false, email, true)
	f.opens(true, email, secretText)
}

// TestLateMove is the same for a change of e-mail: the account keeps its old one.
func TestLateMove(t *testing.T) {
	t.Parallel() // it waits
	f := start(t)
	old, wanted := someone(), someone()
	_, id := f.signUp(old)
	err := f.accounts.change(t.Context(), id, func(u *user, at int64) error {
		before := *u
		u.Email = wanted
		claimed := f.claim(id, wanted, 1)
		f.gone(wanted)
		f.signUp(wanted)
		return f.accounts.move(t.Context(), u, &before, max(at, claimed+1))
	})
	if !errors.Is(err, errEmailTaken) {
		t.Errorf("moving late gives %v", err)
	}
	f.rows(id, true, old, true)
	for _, email := range []string{old, wanted} {
		u, err := f.accounts.logIn(t.Context(), email, secretText)
		if err != nil || u.Email != email || (u.ID == id) != (email == old) {
			t.Errorf("%s opens %+v, %v", email, u, err)
		}
	}
}

// TestLateWrite: what a client that lost its lock still had on its way loses
// whole to what came after it; a deleted account stays deleted.
func TestLateWrite(t *testing.T) {
	f := start(t)
	email := someone()
	b, id := f.signUp(email)
	var late user
	var at int64
	err := f.accounts.change(t.Context(), id, func(u *user, now int64) error {
		late, at = *u, now
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	late.Firstname = "Late"
	b.must(200, "PATCH", "/api/profile", form("firstname", "New", "lastname", "Name"))
	b.must(204, "POST", "/api/password", form("current", secretText, "password", "another password"))
	if err := f.accounts.save(t.Context(), &late, "", at); err != nil {
		t.Fatal(err)
	}
	f.opens(true, email, "another password")
	if u, err := f.accounts.user(t.Context(), id); err != nil || u.Firstname != "New" || u.Lastname != "Name" {
		t.Errorf("the late write left %+v, %v", u, err)
	}
	b.must(204, "POST", "/api/delete", form("password", "another password"))
	if err := f.accounts.save(t.Context(), &late, "", at); err != nil {
		t.Fatal(err)
	}
	f.rows(id, false, email, false)
}

// TestStoppedChangeOfEmail: one that stopped after its claim leaves the account
// as it was; the claim opens nothing, and the change can be made again.
func TestStoppedChangeOfEmail(t *testing.T) {
	f := start(t)
	old, wanted := someone(), someone()
	b, id := f.signUp(old)
	f.claim(id, wanted, claimSeconds)
	f.opens(false, wanted, secretText)
	f.opens(true, old, secretText)
	b.must(200, "POST", "/api/email", form("email", wanted, "password", secretText))
	f.opens(true, wanted, secretText)
	f.rows(id, true, old, false)
	if _, _, ttl := stored(t, wanted); ttl != 0 {
		t.Errorf("the new e-mail expires in %d s", ttl)
	}
}

// TestLostLock: a change waits for the lock of one that is gone, says so when
// that takes long, and goes on when it has expired. A request that is cut off
// gives its lock back.
func TestLostLock(t *testing.T) {
	t.Parallel() // it waits
	f := start(t)
	b, id := f.signUp(someone())
	holder := gocql.MustRandomUUID()
	lock := func(text string, values ...any) {
		t.Helper()
		applied, err := f.accounts.db.Query(text, values...).MapScanCASContext(t.Context(), map[string]any{})
		if err != nil || !applied {
			t.Fatal(applied, err)
		}
	}
	lock(`INSERT INTO user_locks (userid, holder) VALUES (?, ?) IF NOT EXISTS USING TTL 300`, id, holder)
	edit := form("firstname", "Ada", "lastname", "Lovelace")
	b.must(503, "PATCH", "/api/profile", edit)
	lock(`DELETE FROM user_locks WHERE userid = ? IF holder = ?`, id, holder)
	lock(`INSERT INTO user_locks (userid, holder) VALUES (?, ?) IF NOT EXISTS USING TTL 2`, id, holder)
	b.must(200, "PATCH", "/api/profile", edit)

	ctx, cancel := context.WithCancel(t.Context())
	err := f.accounts.locked(ctx, id, func(int64) error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cut-off change gives %v", err)
	}
	if n := count(t, `SELECT count(*) FROM user_locks WHERE userid = ?`, id); n != 0 {
		t.Error("its lock is still there")
	}
}
