// Package graphql is the GraphQL door: data, schema and deployment over HTTP, as
// Stargate v2 and late Astra had it.
//
//	/graphql/{keyspace}   data: the schema that is deployed, else one made from the tables
//	/graphql-schema       keyspaces, tables, types, indexes                  (package ddl)
//	/graphql-admin        deployment of schemas that are written first       (package schemafirst)
//	/graphql-files/…      their texts
//	/playground           a page to try all that
//
//	request --body, token--> exec.Parse (kept by text) --> exec.Run
//	  --package cqlfirst, ddl, schemafirst--> AST with bind markers, Authorize, Execute
//	  rows as raw cells --package value--> JSON appended to the answer
//
// A client is known by its application token in the header X-Cassandra-Token and
// by nothing else: this door never looks at cookies, which is why it may answer
// pages of every origin.
package graphql

import (
	"context"
	"io/fs"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cors"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/ddl"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/schemafirst"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/inflight"
	"github.com/astrolabe-db/astrolabe/internal/outbound"
)

// Authenticator knows application tokens.
type Authenticator interface {
	// Token returns whom the token stands for. An unknown, bad or expired one
	// is a *cqlerr.Error with code BadCredentials.
	Token(ctx context.Context, token string) (exec.Session, error)
}

// Options say what a Handler stands on.
type Options struct {
	Backend backend.Backend
	Auth    Authenticator
	// Pages are the built files of web/console, playground.html at their root; nil for
	// none.
	Pages fs.FS
	// Metrics is where the door registers its metrics; nil for nowhere.
	Metrics prometheus.Registerer
	// Bytes bounds the memory held by large request bodies, in bytes; other doors
	// may share it. nil is a bound of the door's own.
	Bytes *inflight.Limit
	// MostValue is the size in bytes past which any value that a role sends is
	// refused by Backend, negative for none: what is larger is not read whole. nil:
	// there is no such size.
	MostValue func(role string) int64
	// V1 makes the API refuse whom it does not know as Stargate v1 did.
	V1 bool
	// Answers bounds the memory of large answers that clients have not read; other
	// doors may share it. nil is a bound of the door's own.
	Answers *outbound.Room
}

// Handler serves the API. Make it with New.
type Handler struct {
	backend   backend.Backend
	auth      Authenticator
	v1        bool
	mux       *httpapi.Routes
	metrics   *metrics
	calls     sync.Pool // of *call
	bodies    *httpapi.Bodies
	most      func(role string) int64
	answers   *outbound.Room
	schemas   schemas
	deployed  deployed
	ddl       *endpointSchema
	admin     *endpointSchema
	fixed     *statement.Runner
	endpoints []string // "METHOD path" of all, without the bases
}

// New returns the door. It panics when the metrics are registered already.
func New(o Options) *Handler {
	h := &Handler{backend: o.Backend, bodies: httpapi.NewBodies(o.Bytes), answers: outbound.OrNew(o.Answers), most: o.MostValue, auth: o.Auth, v1: o.V1, mux: httpapi.NewRoutes(), metrics: newMetrics(o.Metrics), fixed: statement.NewRunner(o.Backend)}
	h.calls.New = func() any { return new(call) }
	h.ddl = newEndpointSchema(nil, ddl.New(h.fixed))
	h.deployed.sources = schemafirst.Sources{Backend: o.Backend}
	h.admin = newEndpointSchema(nil, schemafirst.NewAdmin(h.fixed, h.deployed.forget))
	h.routes(o.Pages)
	return h
}

// Operations are "METHOD path" of all endpoints, without the bases of paths.
func (h *Handler) Operations() []string { return h.endpoints }

// Public are the patterns that ask for no token.
func (h *Handler) Public() []string { return h.mux.PublicPatterns() }

// bases are the paths that the API is served below: Stargate's and Astra's.
var bases = []string{"", "/api"}

// Patterns are the path patterns under which a server hands requests to a
// Handler.
func Patterns() []string {
	var patterns []string
	for _, base := range bases {
		for _, path := range []string{"/graphql", "/graphql/", "/graphql-schema", "/graphql-admin", "/graphql-files/", "/playground", "/playground/"} {
			patterns = append(patterns, base+path)
		}
	}
	return patterns
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cors.Allow(w.Header(), r)
	if r.Method == http.MethodOptions {
		cors.Preflight(w.Header(), r)
		w.WriteHeader(http.StatusOK)
		return
	}
	if !isPage(r) {
		r = httpapi.TidySlashes(r)
	}
	h.mux.ServeHTTP(w, r)
}
