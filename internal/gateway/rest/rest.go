// Package rest is the REST API v2 door: rows and schemas of tables over HTTP
// and JSON, as Stargate v2 and late Astra had it.
//
//	HTTP request --route, token, table--> endpoint
//	  JSON, path and query values --package cell--> wire bytes of bind values
//	  AST with bind markers --Prepare, once per shape--> backend.Prepared
//	  Execute --> rows as raw cells --package cell--> JSON appended to the answer
//
// No endpoint writes CQL text, but for /v2/cql, whose body is CQL. Errors, in
// the API's own JSON form, are written in one place (errors.go).
//
// A client is known by its application token in the header X-Cassandra-Token
// and by nothing else: this door never looks at cookies, which is why it may
// answer pages of every origin.
package rest

import (
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cors"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// Options say what a Handler stands on.
type Options struct {
	Backend backend.Backend
	Auth    Authenticator
	// Metrics is where the door registers its metrics; nil for nowhere.
	Metrics prometheus.Registerer
	// Bytes bounds the memory held by large request bodies, in bytes; other doors
	// may share it. nil is a bound of the door's own.
	Bytes *inflight.Limit
	// Answers bounds the memory of large answers that clients have not read; other
	// doors may share it. nil is a bound of the door's own.
	Answers *outbound.Room
	// MostValue is the size in bytes past which any value that a role sends is
	// refused by Backend, negative for none: what is larger is not read whole. nil:
	// there is no such size.
	MostValue func(role string) int64
	// Profile of the REST API v2.
	Profile Profile
	// CQL turns on POST /v2/cql, which runs one statement given as text.
	CQL bool
	// ArrayMaps makes maps arrays of {"key","value"} where a request has no
	// compactMapData; they are objects otherwise.
	ArrayMaps bool
}

// Handler serves the API. Make it with New.
type Handler struct {
	backend   backend.Backend
	auth      Authenticator
	arrayMaps bool
	profile   Profile
	mux       *httpapi.Routes
	direct    [2]directRoutes // by base
	endpoints []string        // "METHOD path" of all, without the bases
	metrics   *httpapi.Metrics
	// unrouted are the metrics of requests that no endpoint was there for.
	unrouted *httpapi.RouteMetrics
	calls    sync.Pool // of *call
	bodies   *httpapi.Bodies
	most     func(role string) int64
	answers  *outbound.Room
	cache    atomic.Pointer[generation]
}

// New returns the door. It panics when the metrics are registered already.
func New(o Options) *Handler {
	h := &Handler{backend: o.Backend, bodies: httpapi.NewBodies(o.Bytes), answers: outbound.OrNew(o.Answers), most: o.MostValue, auth: o.Auth, arrayMaps: o.ArrayMaps, profile: o.Profile, mux: httpapi.NewRoutes(), metrics: httpapi.NewMetrics(o.Metrics, "rest", "REST API", module(o.Profile))}
	h.unrouted = h.metrics.Unrouted()
	h.calls.New = func() any { return new(call) }
	h.routes(o.CQL)
	return h
}

// module is how Stargate's metrics name the service.
func module(p Profile) string {
	if p == ProfileV1 {
		return "restapi"
	}
	return "sgv2-restapi"
}

// Operations are "METHOD path" of all endpoints, without the bases of paths.
func (h *Handler) Operations() []string { return h.endpoints }

// Public are the patterns that ask for no token.
func (h *Handler) Public() []string { return h.mux.PublicPatterns() }

// Patterns are the path patterns under which a server hands requests to a
// Handler; other doors may have longer ones. What is not there below them is
// answered with the API's own 404.
func Patterns() []string { return []string{"/v1/", "/v2/", bases[1] + "/"} }

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cors.Allow(w.Header(), r)
	if r.Method == http.MethodOptions {
		cors.Preflight(w.Header(), r)
		w.WriteHeader(http.StatusOK)
		return
	}
	if rt, name := h.directRoute(r); rt != nil {
		r.Pattern = rt.pattern
		rt.serve(w, r, name)
		return
	}
	h.mux.ServeHTTP(w, httpapi.TidySlashes(r))
}
