// Package document is the Document API v2 door: JSON documents in collections,
// over HTTP, as Stargate v2 and late Astra had it. A collection is a table of a
// fixed shape, with a row for each value of each document.
//
//	HTTP request --route, token, collection--> endpoint
//	  JSON --package shred--> leaves --write.go--> one batch: range tombstones,
//	    then rows that are a microsecond younger
//	  where --package where--> conditions --search.go--> SELECTs on the indexes,
//	    whose candidates are read whole and judged again
//	  rows of one partition --package shred--> leaves --> JSON appended to the answer
//
// No endpoint writes CQL text. A document is written by one batch and read by
// one read of its partition, so that nobody sees half of a change.
//
// A client is known by its application token in the header X-Cassandra-Token
// and by nothing else: this door never looks at cookies, which is why it may
// answer pages of every origin.
package document

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cors"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// Authenticator knows application tokens.
type Authenticator interface {
	// Token returns whom the token stands for. An unknown, bad or expired one
	// is a *cqlerr.Error with code BadCredentials.
	Token(ctx context.Context, token string) (Session, error)
}

// Session is what one token may do. It is asked anew for each request.
type Session interface {
	// Caller is whom its statements run for: with each of them it goes to the back end.
	Caller() backend.Caller
	// Authorize returns nil when stmt may run, else a *cqlerr.Error with code
	// Unauthorized. keyspace is what unqualified names belong to.
	Authorize(stmt cql.Statement, keyspace string) error
	// Visible reports whether the definition of a table may be read; table "" is
	// the keyspace itself.
	Visible(keyspace, table string) bool
}

// Options say what a Handler stands on.
type Options struct {
	Backend backend.Backend
	Auth    Authenticator
	// Metrics is where the door registers its metrics; nil for nowhere.
	Metrics prometheus.Registerer
	// Bytes bounds the memory held by large request bodies, in bytes; other doors
	// may share it. nil is a bound of the door's own.
	Bytes *inflight.Limit
	// MostValue is the size in bytes past which any value that a role sends is
	// refused by Backend, negative for none: what is larger is not read whole. nil:
	// there is no such size.
	MostValue func(role string) int64
	// Answers bounds the memory of large answers that clients have not read; other
	// doors may share it. nil is a bound of the door's own.
	Answers *outbound.Room
	// V1 makes the API answer as Stargate v1 and old Astra did.
	V1 bool
}

// Handler serves the API. Make it with New.
type Handler struct {
	backend backend.Backend
	auth    Authenticator
	metrics *httpapi.Metrics
	mux     *httpapi.Routes
	routes  []*route
	v1      bool // see v1.go
	// unrouted are the metrics of requests without a route.
	unrouted *httpapi.RouteMetrics
	calls    sync.Pool // of *call
	bodies   *httpapi.Bodies
	most     func(role string) int64
	answers  *outbound.Room
	cache    atomic.Pointer[generation]
	clock    clock
	// functions are held while a function reads a document and writes it again.
	functions [64]sync.Mutex
}

// New returns the door. It panics when the metrics are registered already.
func New(o Options) *Handler {
	module := "sgv2-docsapi" // as Stargate's metrics name the service
	if o.V1 {
		module = "docsapi"
	}
	h := &Handler{backend: o.Backend, bodies: httpapi.NewBodies(o.Bytes), answers: outbound.OrNew(o.Answers), most: o.MostValue, auth: o.Auth, v1: o.V1, mux: httpapi.NewRoutes(), metrics: httpapi.NewMetrics(o.Metrics, "document", "Document API", module), clock: newClock(o.Backend)}
	h.unrouted = h.metrics.Unrouted()
	h.calls.New = func() any { return new(call) }
	h.register()
	return h
}

// Patterns are the path patterns under which a server hands requests to a
// Handler.
func Patterns() []string {
	var all []string
	for _, base := range bases {
		all = append(all, base+"/v2/namespaces/", base+"/v2/schemas/namespaces", base+"/v2/schemas/namespaces/")
	}
	return append(all, "GET "+openAPIPath)
}

// Public are the patterns that ask for no token.
func (h *Handler) Public() []string { return h.mux.PublicPatterns() }

// Operations are "METHOD path" of all endpoints, without the bases of paths.
func (h *Handler) Operations() []string {
	var all []string
	for _, route := range h.routes {
		for method := range route.methods {
			all = append(all, method+" "+route.template)
		}
	}
	slices.Sort(all)
	return all
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cors.Allow(w.Header(), r)
	if r.Method == http.MethodOptions {
		cors.Preflight(w.Header(), r)
		w.WriteHeader(http.StatusOK)
		return
	}
	h.mux.ServeHTTP(w, httpapi.TidySlashes(r))
}
