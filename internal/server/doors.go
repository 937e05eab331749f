package server

import (
	"io/fs"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/apidocs"
	"github.com/astrolabe-db/astrolabe/internal/gateway/auth"
	"github.com/astrolabe-db/astrolabe/internal/gateway/console"
	"github.com/astrolabe-db/astrolabe/internal/gateway/devops"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/rest"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	webapidocs "github.com/astrolabe-db/astrolabe/web/apidocs"
	webconsole "github.com/astrolabe-db/astrolabe/web/console"
)

// door is one HTTP API: what serves it, and where.
type door struct {
	// name is that of its package in internal/gateway.
	name    string
	handler http.Handler
	// operations are what it does for who is let in, as its routes tell them; nil
	// for a door that asks for no credentials. TestAccess wants an entry for each
	// (testdata/access/README.md).
	operations []string
	// public are the patterns of what it tells anybody: TestPublicPages wants an
	// entry for each.
	public []string
	// patterns are its paths on the port that all doors share; a door without
	// any is only at its Stargate port, which then is all its own.
	patterns []string
	// stargate is the port of the Stargate service that it stands for, 0 for
	// none. There it has every path but those of health and metrics.
	stargate int
	// document is its OpenAPI document, if it has one: the page /swagger-ui/ shows
	// those of all doors, on a Stargate port that of the door.
	document *apidocs.Document
	// quarkus: its health there is only what is below /stargate/health.
	quarkus bool
	// root answers GET / there, nil for the door's own answer.
	root http.Handler
}

// StargatePort is a port that Stargate's services have.
type StargatePort struct {
	Port int
	// Service is what its clients look for there.
	Service string
}

// StargatePorts are the ports that a server can serve beside its own. A door
// that is added here names its port in doors, too.
var StargatePorts = []StargatePort{
	{8080, "GraphQL"},
	{8081, "authentication"},
	{8082, "REST"},
	{8084, "health"},
	{8180, "documents"},
}

// doors makes the HTTP doors.
func doors(o Options, memory bounds) ([]door, error) {
	pages, err := fs.Sub(webconsole.Dist, "dist")
	if err != nil {
		return nil, err
	}
	database := o.Access.Database()
	profile := rest.ProfileV2
	if o.API.OldProfile {
		profile = rest.ProfileV1
	}
	devopsDoor := devops.New(o.Access, o.Log)
	restDoor := rest.New(rest.Options{
		Backend: o.Backend, Auth: restAuth{o.Access.Door("rest", access.REST)}, Metrics: o.Registry,
		Profile: profile, CQL: o.API.CQL, ArrayMaps: o.API.ArrayMaps, Bytes: memory.requests, Answers: memory.answers, MostValue: mostValue(o.Guard),
	})
	documentDoor := document.New(document.Options{
		Backend: o.Backend, Auth: documentAuth{o.Access.Door("document", access.REST)}, Metrics: o.Registry, Bytes: memory.requests, Answers: memory.answers, MostValue: mostValue(o.Guard), V1: o.API.OldProfile,
	})
	var rows http.Handler = restDoor
	rowsPublic := restDoor.Public()
	if o.API.OldProfile { // Stargate v1 had both on one port
		both := httpapi.NewRoutes()
		both.Guarded("/", restDoor)
		for _, pattern := range document.Patterns() {
			both.Guarded(pattern, documentDoor)
		}
		rows, rowsPublic = both, append(rowsPublic, documentDoor.Public()...)
	}
	graphqlDoor := graphql.New(graphql.Options{Backend: o.Backend, Auth: graphqlAuth{o.Access.Door("graphql", access.GraphQL)}, Pages: pages, Metrics: o.Registry, Bytes: memory.requests, Answers: memory.answers, MostValue: mostValue(o.Guard), V1: o.API.OldProfile})
	authDoor := auth.New(auth.Options{
		Logins: o.Access.Door("auth", ""), Lifetime: access.SessionLifetime, UsernameToken: o.API.UsernameToken, Log: o.Log,
	})
	// What pages of the console may call.
	apis := httpapi.NewRoutes()
	for handler, patterns := range map[http.Handler][]string{restDoor: rest.Patterns(), documentDoor: document.Patterns(), graphqlDoor: graphql.Patterns()} {
		for _, pattern := range patterns {
			apis.Guarded(pattern, handler)
		}
	}
	consoleWay := o.Access.Door("console", "")
	consoleDoor := console.New(console.Options{
		Backend: o.Backend, Guard: o.Guard, Auth: consoleAuth{consoleWay}, Tokens: consoleWay, APIs: apis, Pages: pages, Answers: memory.answers, Log: o.Log,
		Organization: organization(devopsDoor),
		DatabaseID:   database.ID, DatabaseName: database.Name, Region: database.Region,
		CQLPort: portOf(o.CQL), GRPCPort: portOf(o.GRPC...),
	})
	checks := checker(o.Backend)
	return []door{
		{name: "console", handler: consoleDoor, operations: consoleDoor.Operations(), public: consoleDoor.Public(), patterns: []string{"/console/"}},
		{name: "devops", handler: devopsDoor, operations: devopsDoor.Operations(), patterns: devops.Patterns()},
		{name: "rest", handler: rows, operations: restDoor.Operations(), public: rowsPublic, patterns: rest.Patterns(),
			stargate: 8082, root: restRoot(o.API.OldProfile),
			document: &apidocs.Document{Name: "REST", URL: "/api/rest/openapi?format=json"}},
		{name: "document", handler: documentDoor, operations: documentDoor.Operations(), public: documentDoor.Public(), patterns: document.Patterns(), stargate: 8180, quarkus: true,
			document: &apidocs.Document{Name: "Document", URL: "/api/docs/openapi?format=json"}},
		{name: "graphql", handler: graphqlDoor, operations: graphqlDoor.Operations(), public: graphqlDoor.Public(), patterns: graphql.Patterns(), stargate: 8080, quarkus: true},
		{name: "auth", handler: authDoor, operations: auth.Operations(), patterns: auth.Patterns(), stargate: 8081},
		{handler: checks, public: checks.PublicPatterns(), stargate: 8084},
	}, nil
}

// maxKey is what a part of a key may have, in bytes, whatever other values may have.
const maxKey = cqltype.MaxPartitionKeyComponent

// mostValue returns the size past which any value that a role sends is refused,
// whatever it is for, in bytes; negative for none.
func mostValue(g *guardrail.Guard) func(role string) int64 {
	if g == nil {
		return nil
	}
	return func(role string) int64 {
		most := g.MostValue(role)
		if most == guardrail.Off {
			return most
		}
		return max(most, maxKey)
	}
}

// portOf is the port of the first of some listeners, 0 if there is none.
func portOf(listeners ...net.Listener) int {
	if len(listeners) == 0 || listeners[0] == nil {
		return 0
	}
	if a, ok := listeners[0].Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// restRoot is what Stargate's REST service has at /: a page in v2, a text in v1.
func restRoot(oldProfile bool) http.Handler {
	if !oldProfile {
		return http.RedirectHandler("/swagger-ui/", http.StatusFound)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { text(w, true, "It's Alive", "") })
}

// handlers returns the handler of the port that all doors share, and those of
// Stargate's ports.
func handlers(o Options, memory bounds) (shared *httpapi.Routes, stargate map[int]*httpapi.Routes, err error) {
	all, err := doors(o, memory)
	if err != nil {
		return nil, nil, err
	}
	return routes(o, all)
}

// routes puts doors at their ports, and beside them what belongs to none.
func routes(o Options, all []door) (shared *httpapi.Routes, stargate map[int]*httpapi.Routes, err error) {
	metrics := promhttp.HandlerFor(o.Registry, promhttp.HandlerOpts{Registry: o.Registry})
	mux := httpapi.NewRoutes()
	mux.Public("GET /metrics", metrics)
	mux.Public("GET /{$}", http.RedirectHandler("/console/", http.StatusFound))
	health(mux, o.Backend)
	pages, err := fs.Sub(webapidocs.Dist, "dist")
	if err != nil {
		return nil, nil, err
	}
	var documents []apidocs.Document
	stargate = map[int]*httpapi.Routes{}
	for _, d := range all {
		for _, pattern := range d.patterns {
			mux.Guarded(pattern, d.handler)
		}
		if d.document != nil {
			documents = append(documents, *d.document)
		}
		if d.stargate == 0 {
			continue
		}
		own := httpapi.NewRoutes()
		own.Guarded("/", d.handler)
		own.Public("GET /metrics", metrics)
		switch {
		case d.quarkus:
			quarkusHealth(own, o.Backend)
		case len(d.patterns) > 0:
			stargateHealth(own, o.Backend)
		}
		if d.document != nil {
			handlePage(own, pages, []apidocs.Document{*d.document})
		}
		if d.root != nil {
			own.Public("GET /{$}", d.root)
		}
		stargate[d.stargate] = own
	}
	handlePage(mux, pages, documents)
	return mux, stargate, nil
}

// handlePage registers the page of some OpenAPI documents.
func handlePage(mux *httpapi.Routes, pages fs.FS, documents []apidocs.Document) {
	page := apidocs.New(apidocs.Options{Pages: pages, Documents: documents})
	for _, pattern := range apidocs.Patterns() {
		mux.Public(pattern, page)
	}
}
