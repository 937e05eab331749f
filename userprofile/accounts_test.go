package userprofile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/server"
)

// cassandraEnv names a real Cassandra (host:port, no login) to run these tests
// on in place of our own server.
const cassandraEnv = "USERPROFILE_CASSANDRA"

// site is the app on a database, with a driver session beside it.
type site struct {
	url     string
	db      *gocql.Session
	options Options
}

var running *site

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (int, error) {
	host, user, password := os.Getenv(cassandraEnv), "", ""
	if host == "" {
		fmt.Println("on our own server; " + cassandraEnv + "=host:port names a Cassandra to run on")
		stop, addr, token, err := startServer()
		if err != nil {
			return 1, err
		}
		defer stop()
		host, user, password = addr, "token", token
	}
	cluster := gocql.NewCluster(host)
	if user != "" {
		cluster.Authenticator = gocql.PasswordAuthenticator{Username: user, Password: password}
	}
	admin, err := cluster.CreateSession()
	if err != nil {
		return 1, err
	}
	defer admin.Close()
	keyspace := fmt.Sprintf("user_profile_%d", time.Now().UnixNano()) // a Cassandra may have one that people use
	if err := admin.Query(strings.Replace(KeyspaceStatement, "user_profile", keyspace, 1)).ExecContext(context.Background()); err != nil {
		return 1, err
	}
	defer func() { _ = admin.Query("DROP KEYSPACE " + keyspace).Exec() }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1, err
	}
	options := Options{Listener: l, Hosts: []string{host}, Username: user, Password: password,
		Keyspace: keyspace, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	app, err := Start(context.Background(), options)
	if err != nil {
		return 1, err
	}
	defer app.Close(context.Background())
	cluster.Keyspace = keyspace
	db, err := cluster.CreateSession()
	if err != nil {
		return 1, err
	}
	defer db.Close()
	running = &site{"http://" + l.Addr().String(), db, options}
	return m.Run(), nil
}

// startServer runs our own server in this process.
func startServer() (stop func(), addr, token string, err error) {
	dir, err := os.MkdirTemp("", "userprofile-")
	if err != nil {
		return nil, "", "", err
	}
	var listeners [2]net.Listener
	for i := range listeners {
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, "", "", err
		}
	}
	cql := listeners[1].Addr().String()
	e, err := engine.Open(engine.Options{Dir: dir, Address: netip.MustParseAddrPort(cql)})
	if err != nil {
		return nil, "", "", err
	}
	store, err := access.Open(context.Background(), e)
	if err != nil {
		return nil, "", "", err
	}
	secret, err := store.CreateToken(context.Background(), access.DatabaseAdministrator.Name, "test")
	if err != nil {
		return nil, "", "", err
	}
	s, err := server.Start(server.Options{Backend: e, Access: store, HTTP: listeners[0], CQL: listeners[1], Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()})
	if err != nil {
		return nil, "", "", err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_ = s.Close(ctx)
		_ = e.Close()
		_ = os.RemoveAll(dir)
	}, cql, secret.Token, nil
}

// browser is a client with cookies.
type browser struct {
	t      *testing.T
	client *http.Client
	header http.Header
	url    string
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, &http.Client{Jar: jar}, http.Header{}, running.url}
}

// send makes one call and returns its status and body.
func (b *browser) send(method, path, body string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header = b.header.Clone()
	answer, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (b *browser) must(status int, method, path, body string) string {
	b.t.Helper()
	got, text := b.send(method, path, body)
	if got != status {
		b.t.Fatalf("%s %s: %d, want %d: %s", method, path, got, status, text)
	}
	return text
}

var people atomic.Int64

// someone is an e-mail that no other test uses.
func someone() string {
	return fmt.Sprintf("person%d.%d@example.com", people.Add(1), time.Now().UnixNano())
}

const secretText = "correct horse battery"

func form(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	text, _ := json.Marshal(m)
	return string(text)
}

func signUpForm(email string, more ...string) string {
	return form(append([]string{"firstname", "John", "lastname", "Smith", "email", email, "password", secretText}, more...)...)
}

// stored is what user_credentials holds of an e-mail.
func stored(t *testing.T, email string) (password string, id gocql.UUID, ttl int) {
	t.Helper()
	var left *int
	err := running.db.Query(`SELECT password, userid, ttl(userid) FROM user_credentials WHERE email = ?`, email).ScanContext(t.Context(), &password, &id, &left)
	if err != nil {
		t.Fatalf("credentials of %s: %v", email, err)
	}
	if left != nil {
		ttl = *left
	}
	return password, id, ttl
}

func count(t *testing.T, text string, values ...any) (n int) {
	t.Helper()
	if err := running.db.Query(text, values...).ScanContext(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLifeOfAnAccount(t *testing.T) {
	b, email := newBrowser(t), someone()
	b.must(http.StatusUnauthorized, "GET", "/api/profile", "")
	b.must(http.StatusCreated, "POST", "/api/signup", signUpForm("  "+strings.ToUpper(email)))
	if text := b.must(http.StatusOK, "GET", "/api/profile", ""); !strings.Contains(text, email) {
		t.Errorf("profile: %s", text)
	}
	hash, _, ttl := stored(t, email)
	if !strings.HasPrefix(hash, "$argon2id$") || ttl != 0 {
		t.Errorf("stored %q with TTL %d", hash, ttl)
	}
	b.must(http.StatusOK, "PATCH", "/api/profile", form("firstname", "Johnny", "lastname", "S"))
	b.must(http.StatusNoContent, "POST", "/api/logout", "{}")
	b.must(http.StatusUnauthorized, "GET", "/api/profile", "")
	if text := b.must(http.StatusOK, "POST", "/api/login", form("email", email, "password", secretText)); !strings.Contains(text, "Johnny") {
		t.Errorf("logged in: %s", text)
	}

	other := newBrowser(t)
	other.must(http.StatusOK, "POST", "/api/login", form("email", email, "password", secretText))
	b.must(http.StatusForbidden, "POST", "/api/password", form("current", "wrong", "password", "another password"))
	b.must(http.StatusNoContent, "POST", "/api/password", form("current", secretText, "password", "another password"))
	other.must(http.StatusUnauthorized, "GET", "/api/profile", "")
	b.must(http.StatusOK, "GET", "/api/profile", "")

	moved := someone()
	b.must(http.StatusOK, "POST", "/api/email", form("email", moved, "password", "another password"))
	other.must(http.StatusUnauthorized, "POST", "/api/login", form("email", email, "password", "another password"))
	other.must(http.StatusOK, "POST", "/api/login", form("email", moved, "password", "another password"))
	if n := count(t, `SELECT count(*) FROM user_credentials WHERE email = ?`, email); n != 0 {
		t.Error("the old e-mail is still there")
	}
	if _, _, ttl := stored(t, moved); ttl != 0 {
		t.Errorf("the new e-mail expires in %d s", ttl)
	}
	_, id, _ := stored(t, moved)
	b.must(http.StatusForbidden, "POST", "/api/delete", form("password", "wrong"))
	b.must(http.StatusNoContent, "POST", "/api/delete", form("password", "another password"))
	other.must(http.StatusUnauthorized, "GET", "/api/profile", "")
	for _, text := range []string{`SELECT count(*) FROM users WHERE userid = ?`, `SELECT count(*) FROM user_sessions WHERE userid = ?`} {
		if n := count(t, text, id); n != 0 {
			t.Errorf("%s: %d rows are left", text, n)
		}
	}
}

func TestOneAccountAnEmail(t *testing.T) {
	email := someone()
	var made, taken atomic.Int64
	ids := make([]gocql.UUID, 20)
	var wg sync.WaitGroup
	for i := range ids {
		ids[i] = gocql.MustRandomUUID()
		b := newBrowser(t)
		wg.Go(func() {
			switch status, text := b.send("POST", "/api/signup", signUpForm(email, "userid", ids[i].String())); status {
			case http.StatusCreated:
				made.Add(1)
			case http.StatusConflict:
				taken.Add(1)
			default:
				t.Errorf("%d %s", status, text)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || taken.Load() != 19 {
		t.Errorf("%d made, %d refused", made.Load(), taken.Load())
	}
	rows := 0
	for _, id := range ids {
		rows += count(t, `SELECT count(*) FROM users WHERE userid = ?`, id)
	}
	if rows != 1 {
		t.Errorf("%d rows in users", rows)
	}
}

func TestASignUpThatStopped(t *testing.T) {
	email, id := someone(), gocql.MustRandomUUID()
	err := running.db.Query(`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?) USING TTL 60`, email, secretText, id).ExecContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	newBrowser(t).must(http.StatusUnauthorized, "POST", "/api/login", form("email", email, "password", secretText))
	newBrowser(t).must(http.StatusConflict, "POST", "/api/signup", signUpForm(email))
	b := newBrowser(t)
	b.must(http.StatusCreated, "POST", "/api/signup", signUpForm(email, "userid", id.String()))
	if _, _, ttl := stored(t, email); ttl != 0 {
		t.Errorf("the completed account expires in %d s", ttl)
	}
	b.must(http.StatusCreated, "POST", "/api/signup", signUpForm(email, "userid", id.String())) // sent again
	b.must(http.StatusConflict, "POST", "/api/signup", strings.Replace(signUpForm(email, "userid", id.String()), secretText, "someone else's", 1))
}

func TestThePostsOwnRows(t *testing.T) {
	email, id := "Ada."+someone(), gocql.MustRandomUUID()
	for text, values := range map[string][]any{
		`INSERT INTO users (userid, firstname, lastname, email, created_date) VALUES (?, ?, ?, ?, ?)`: {id, "Ada", "Lovelace", email, time.Now()},
		`INSERT INTO user_credentials (email, password, userid) VALUES (?, ?, ?)`:                     {email, "plain", id},
	} {
		if err := running.db.Query(text, values...).ExecContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b := newBrowser(t)
	b.must(http.StatusUnauthorized, "POST", "/api/login", form("email", email, "password", "wrong"))
	b.must(http.StatusOK, "POST", "/api/login", form("email", email, "password", "plain"))
	if hash, _, _ := stored(t, email); !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("stored %q", hash)
	}
	b.must(http.StatusOK, "POST", "/api/login", form("email", email, "password", "plain"))
}

func TestFailedLogins(t *testing.T) {
	b, email := newBrowser(t), someone()
	b.must(http.StatusCreated, "POST", "/api/signup", signUpForm(email))
	unknown := someone()
	for range 5 {
		wrong := b.must(http.StatusUnauthorized, "POST", "/api/login", form("email", email, "password", "wrong"))
		none := b.must(http.StatusUnauthorized, "POST", "/api/login", form("email", unknown, "password", "wrong"))
		if wrong != none {
			t.Fatalf("they tell an account from none:\n%s\n%s", wrong, none)
		}
	}
	for _, e := range []string{email, unknown} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", running.url+"/api/login", strings.NewReader(form("email", e, "password", secretText)))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
			t.Errorf("the sixth attempt: %d, Retry-After %q", answer.StatusCode, answer.Header.Get("Retry-After"))
		}
	}
}

func TestBadRequests(t *testing.T) {
	b := newBrowser(t)
	for body, part := range map[string]string{
		"{": "not valid JSON", `[]`: "not valid JSON", `{"firstname": 1}`: "not valid JSON",
		form("firstname", "", "lastname", "a\x00b", "email", "nope", "password", "short"):                           "8 characters at least",
		form("firstname", strings.Repeat("x", 101), "lastname", "b", "email", someone(), "password", secretText):    "100 characters at most",
		form("firstname", "a", "lastname", "b", "email", "a b@example.com", "password", secretText):                 "not an e-mail address",
		form("firstname", "a", "lastname", "b", "email", someone(), "password", secretText, "userid", "not a uuid"): "version 4",
	} {
		if status, text := b.send("POST", "/api/signup", body); status != http.StatusBadRequest || !strings.Contains(text, part) {
			t.Errorf("%.60s: %d %s", body, status, text)
		}
	}
	b.must(http.StatusNotFound, "GET", "/api/nothing", "")
}

func TestOtherOrigins(t *testing.T) {
	email := someone()
	for name, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
		b := newBrowser(t)
		b.header.Set(name, value)
		if status, text := b.send("POST", "/api/signup", signUpForm(email)); status != http.StatusForbidden || !strings.Contains(text, "origin") {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), "POST", running.url+"/api/signup", strings.NewReader(signUpForm(email)))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	c := answer.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 {
		t.Errorf("cookie %v", c)
	}
	if n := count(t, `SELECT ttl(userid) FROM sessions LIMIT 1`); n <= 0 {
		t.Errorf("a session's TTL is %d", n)
	}
}
