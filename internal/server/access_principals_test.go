package server

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/gateway/native"
	"github.com/astrolabe-db/astrolabe/internal/jwt/jwttest"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// kitchen is a site with tables, and principals that may do this and that with them.
type kitchen struct {
	*site
	principals []*accessPrincipal
	statements []*accessEntry
	doors      []door
	cqlAddress string
	grpc       proto.StargateClient
	// ready holds the before lines that are in force.
	ready map[string]bool
}

// prepare runs the before lines of an entry, unless they are in force: schema
// changes are what takes long here.
func (k *kitchen) prepare(t *testing.T, e *accessEntry) {
	t.Helper()
	if k.ready[strings.Join(e.before, ";")] {
		return
	}
	for _, text := range e.before {
		k.run(t, text)
	}
	k.ready[strings.Join(e.before, ";")] = true
}

// restore follows a call that succeeded. One without after lines has undone what
// its before lines did.
func (k *kitchen) restore(t *testing.T, e *accessEntry) {
	t.Helper()
	for _, text := range e.after {
		k.run(t, text)
	}
	if len(e.after) == 0 {
		delete(k.ready, strings.Join(e.before, ";"))
	}
}

// kitchenTables are what the tables of testdata/access speak of.
var kitchenTables = []string{
	`CREATE KEYSPACE kitchen WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
	`CREATE KEYSPACE cellar WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
	`CREATE TABLE kitchen.spoons (k int, c int, v text, PRIMARY KEY (k, c))`,
	`CREATE INDEX spoons_v ON kitchen.spoons (v)`,
	`CREATE TABLE kitchen.forks (k int PRIMARY KEY, v text, u text)`,
	`CREATE TYPE kitchen.metal (name text)`,
	`CREATE TABLE kitchen.recipes ` + collectionColumns,
	`INSERT INTO kitchen.recipes JSON '{"key":"soup",` + collectionPath("soup") + `"leaf":"soup"}'`,
	`CREATE TABLE cellar.wines (k int PRIMARY KEY, v text)`,
}

func newKitchen(t *testing.T) *kitchen {
	t.Helper()
	api := APIOptions{CQL: true, UsernameToken: true}
	k := &kitchen{site: newSite(t, api), ready: map[string]bool{}}
	for _, text := range kitchenTables {
		k.run(t, text)
	}
	var err error
	k.access.UseWebTokens(jwttest.New(t, webTokenKey).Open(t))
	k.doors, err = doors(Options{Backend: k.access.Backend(), Access: k.access, API: api, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()}, bounds{})
	if err != nil {
		t.Fatal(err)
	}
	k.listenCQL(t)
	k.listenGRPC(t)
	for _, b := range readBlocks(t, "principals") {
		k.principals = append(k.principals, k.principal(t, b))
	}
	for _, r := range k.access.Roles() {
		if r.BuiltIn() && !slices.ContainsFunc(k.principals, func(p *accessPrincipal) bool { return p.name == r.Name }) {
			t.Errorf("role %s is not in testdata/access/principals.txt", r.Name)
		}
	}
	k.statements = readStatements(t)
	return k
}

func (k *kitchen) listenCQL(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := native.New(native.Options{Listener: l, Backend: k.access.Backend(), Auth: nativeAuth{k.access.Door("native", access.CQL)}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve() }()
	t.Cleanup(func() { _ = server.Close(t.Context()) })
	k.cqlAddress = l.Addr().String()
}

// accessPrincipal is who asks.
type accessPrincipal struct {
	name string
	// token is what HTTP doors get, user and password what logins take; all are ""
	// for nobody.
	token, user, password string
	// shown is the name in error texts.
	shown string
	// role is the name of its role.
	role string
	may  []string
	gone bool
	// webToken: the token is a JSON Web Token, which is no name and password.
	webToken bool
}

// webTokenKey is that of the provider of JSON Web Tokens.
var webTokenKey = jwttest.RSA("kitchen")

// principal makes one, from its block in principals.txt.
func (k *kitchen) principal(t *testing.T, b accessBlock) *accessPrincipal {
	t.Helper()
	p := &accessPrincipal{name: b.title}
	var policies []access.Grant
	state := ""
	for _, line := range b.lines {
		switch line[0] {
		case "role":
			k.give(t, p, line[1])
		case "policy":
			policies = append(policies, policyOf(t, line[1]))
		case "cql":
			k.run(t, line[1])
			p.user, p.password, p.shown, p.role = p.name, "secret", p.name, p.name
		case "jwt":
			var columns []string
			if column, value, ok := strings.Cut(line[1], "="); ok {
				columns = []string{column, value}
			}
			p.token = jwttest.Sign(t, webTokenKey, jwttest.Claims(p.role, columns...))
			p.user, p.password, p.webToken = "token", p.token, true
		case "may":
			p.may = append(p.may, split(line[1])...)
		case "state":
			state, p.gone = line[1], true
		case "none":
			p.gone = true
		default:
			t.Fatalf("principals.txt: %s: there is no %q", p.name, line[0])
		}
	}
	if policies != nil {
		role := &access.Role{ID: uuid.New(), Name: p.name, Grants: policies}
		if err := k.access.CreateRole(t.Context(), role); err != nil {
			t.Fatal(err)
		}
		k.give(t, p, p.name)
	}
	if p.user == p.name && p.user != "" {
		var err error
		if p.token, err = k.access.Door("auth", "").OpenSession(t.Context(), p.user, p.password); err != nil {
			t.Fatal(err)
		}
	}
	k.end(t, p, state)
	return p
}

// give makes a token of a role.
func (k *kitchen) give(t *testing.T, p *accessPrincipal, role string) {
	t.Helper()
	secret, err := k.access.CreateToken(t.Context(), role, "")
	if err != nil {
		t.Fatal(err)
	}
	p.token, p.user, p.password, p.shown, p.role = secret.Token, secret.ClientID, secret.ClientSecret, secret.ClientID, role
}

// end brings a principal into the state in which it is let in nowhere any more.
func (k *kitchen) end(t *testing.T, p *accessPrincipal, state string) {
	t.Helper()
	switch state {
	case "":
	case "revoked":
		if err := k.access.RevokeToken(t.Context(), p.user); err != nil {
			t.Fatal(err)
		}
	case "expired":
		var secret *access.Secret
		var expires time.Time
		steady.Until(t, "a token is made before it expires", func() bool {
			var err error
			expires = time.Now().Add(50 * time.Millisecond)
			secret, err = k.access.MakeToken(t.Context(), &access.NewToken{Role: p.role, Expires: expires})
			return err == nil
		})
		p.token, p.user, p.password = secret.Token, secret.ClientID, secret.ClientSecret
		time.Sleep(time.Until(expires.Add(time.Millisecond)))
	case "dropped":
		k.run(t, `DROP ROLE `+p.name)
	default:
		t.Fatalf("principals.txt: %s: there is no state %q", p.name, state)
	}
}

func policyOf(t *testing.T, text string) access.Grant {
	t.Helper()
	resource, actions, ok := strings.Cut(text, ": ")
	if !ok {
		t.Fatalf("principals.txt: policy %s", text)
	}
	keyspace, table, _ := strings.Cut(resource, ".")
	g := access.Grant{Resource: access.Resource{Keyspace: keyspace, Table: table}}
	for _, action := range strings.Fields(actions) {
		g.Actions = append(g.Actions, access.Action(action))
	}
	return g
}

// meets reports whether p has what an operation needs.
func (p *accessPrincipal) meets(need string) bool {
	if need == "NEVER" {
		return false
	}
	return slices.ContainsFunc(p.may, func(may string) bool { return may == "everything" || may == need || covers(may, need) })
}

// covers reports whether a need with * for any keyspace or table covers another
// one. The server's own keyspaces are not among any.
func covers(may, need string) bool {
	mayVerb, mayObject, _ := strings.Cut(may, " ")
	verb, object, _ := strings.Cut(need, " ")
	mayKeyspace, mayTable, mayHasTable := strings.Cut(mayObject, ".")
	keyspace, table, hasTable := strings.Cut(object, ".")
	any := mayKeyspace == "*" && !strings.HasPrefix(keyspace, "system")
	return verb == mayVerb && mayHasTable == hasTable && (any || keyspace == mayKeyspace) && (mayTable == "*" || table == mayTable)
}

// expect is the answer that p is to get.
func (p *accessPrincipal) expect(e *accessEntry) accessAnswer {
	switch {
	case e.public:
	case p.gone && p.token == "" && e.refusals["missing"].status != 0:
		return p.fill(e.refusals["missing"], "")
	case p.gone:
		return p.fill(e.refusals["unknown"], "")
	}
	for _, need := range e.needs {
		if p.meets(need) {
			continue
		}
		word := "denied"
		switch {
		case strings.HasPrefix(need, "SEE "):
			word = "hidden"
		case strings.HasPrefix(need, "db-") || strings.HasPrefix(need, "org-"):
			word = "closed"
		}
		return p.fill(e.refusals[word], need)
	}
	if refused, ok := e.refusals["refused"]; ok {
		return refused
	}
	return accessAnswer{e.status, e.has}
}

// fill writes names into the text of a refusal.
func (p *accessPrincipal) fill(a accessAnswer, need string) accessAnswer {
	verb, object, _ := strings.Cut(need, " ")
	kind := "keyspace"
	if strings.Contains(object, ".") {
		kind = "table"
	}
	a.text = strings.NewReplacer("{user}", p.user, "{role}", p.role, "{need}", need, "{kind}", kind, "{object}", object, "{denial}", p.denial(verb, object)).Replace(a.text)
	return a
}

// denial is Cassandra's text about a permission that lacks.
func (p *accessPrincipal) denial(verb, object string) string {
	keyspace, table, _ := strings.Cut(object, ".")
	resource := "<keyspace " + keyspace + ">"
	switch {
	case verb == "ROLES":
		return "User " + p.shown + " does not have sufficient privileges to perform the requested operation"
	case verb == "CREATE" && table == "":
		resource = "<all keyspaces>"
	case table == "*":
		resource = "<all tables in " + keyspace + ">"
	case table != "":
		resource = "<table " + keyspace + "." + table + ">"
	}
	return "User " + p.shown + " has no " + verb + " permission on " + resource + " or any of its parents"
}

// collectionColumns are the columns of a collection of documents.
var collectionColumns = func() string {
	columns, key := "key text", "key"
	for i := range 64 {
		columns += fmt.Sprintf(", p%d text", i)
		key += fmt.Sprintf(", p%d", i)
	}
	return "(" + columns + ", leaf text, text_value text, dbl_value double, bool_value boolean, PRIMARY KEY (" + key + "))"
}()

// collectionPath are the path columns of a leaf with that name, as JSON.
func collectionPath(name string) string {
	text := ""
	for i := range 64 {
		text += fmt.Sprintf("%q:%q,", fmt.Sprint("p", i), name)
		name = ""
	}
	return text
}
