package userprofile

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// fixture is an app of one test, whose limits on failures no other test uses
// up, with a look into its tables.
type fixture struct {
	*testing.T
	url      string
	accounts *accounts
}

func start(t *testing.T) *fixture {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := running.options
	o.Listener = l
	app, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), steady.Timeout)
		defer cancel()
		if err := app.Close(ctx); err != nil {
			t.Errorf("closing the app: %v", err)
		}
	})
	a, err := newAccounts(app.session, o.Log)
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{t, "http://" + l.Addr().String(), a}
}

func (f *fixture) browser() *browser {
	b := newBrowser(f.T)
	b.url = f.url
	return b
}

// signUp makes an account and returns its id and the browser it is logged in at.
func (f *fixture) signUp(email string) (*browser, gocql.UUID) {
	f.Helper()
	b := f.browser()
	var p struct{ Userid string }
	if err := json.Unmarshal([]byte(b.must(201, "POST", "/api/signup", signUpForm(email))), &p); err != nil {
		f.Fatal(err)
	}
	id, err := gocql.ParseUUID(p.Userid)
	if err != nil {
		f.Fatal(err)
	}
	return b, id
}

// opens checks that an e-mail and a password let in, or that they don't.
func (f *fixture) opens(yes bool, email, password string) string {
	f.Helper()
	status := 401
	if yes {
		status = 200
	}
	return f.browser().must(status, "POST", "/api/login", form("email", email, "password", password))
}

// rows checks whether the rows of a profile and of an e-mail are there.
func (f *fixture) rows(id gocql.UUID, profile bool, email string, credentials bool) {
	f.Helper()
	if n := count(f.T, `SELECT count(*) FROM users WHERE userid = ?`, id); (n == 1) != profile {
		f.Errorf("%d rows of users", n)
	}
	if n := count(f.T, `SELECT count(*) FROM user_credentials WHERE email = ?`, email); (n == 1) != credentials {
		f.Errorf("%d rows of user_credentials of %s", n, email)
	}
}

// claim is what a sign-up that stopped leaves; it returns the write time. A claim
// of a second may last for less, so that it has to be made again to be read.
func (f *fixture) claim(id gocql.UUID, email string, ttl int) int64 {
	f.Helper()
	hash, err := f.accounts.hasher.hash(f.Context(), secretText)
	if err != nil {
		f.Fatal(err)
	}
	var written int64
	steady.Until(f, "the claim is read before it expires", func() bool {
		applied, err := f.accounts.db.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?) IF NOT EXISTS USING TTL ?`,
			email, hash, id, ttl).MapScanCASContext(f.Context(), map[string]any{})
		if err != nil || !applied {
			f.Fatalf("claiming: %v, %v", applied, err)
		}
		c, err := f.accounts.credential(f.Context(), email)
		if err != nil && !errors.Is(err, errNoAccount) {
			f.Fatal(err)
		}
		written = c.written
		return err == nil
	})
	return written
}

// gone waits until the claim of an e-mail has expired.
func (f *fixture) gone(email string) {
	f.Helper()
	steady.Until(f, "the claim has expired", func() bool {
		_, err := f.accounts.credential(f.Context(), email)
		return errors.Is(err, errNoAccount)
	})
}

// answer is what one call gave.
type answer struct {
	status int
	text   string
}

// together runs n calls at once. One that is told to try again, for others were at
// work for long, does so.
func together(n int, call func(i int) (int, string)) []answer {
	answers := make([]answer, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			status, text := call(i)
			for tries := 0; status == 503 && tries < 20; tries++ {
				status, text = call(i)
			}
			answers[i] = answer{status, strings.TrimSpace(text)}
		})
	}
	all.Wait()
	return answers
}

// number counts the answers of a status.
func number(answers []answer, status int) int {
	n := 0
	for _, a := range answers {
		if a.status == status {
			n++
		}
	}
	return n
}
