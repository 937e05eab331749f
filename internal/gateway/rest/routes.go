package rest

import (
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// bases are the paths that the API is served below: Stargate's and Astra's.
var bases = []string{"", "/api/rest"}

// endpoint answers one call. What it returns becomes the API's error answer; an
// endpoint that fails has written nothing.
type endpoint func(*call) error

// methods are the endpoints of one path, by HTTP method.
type methods map[string]endpoint

// rowsPath is the path of a table's rows, rowPath that of some of them.
const (
	rowsPath = "/v2/keyspaces/{keyspace}/{table}"
	rowPath  = rowsPath + "/{key...}"
)

// routes registers all endpoints.
func (h *Handler) routes(cql bool) {
	const (
		tables = "/v2/schemas/keyspaces/{keyspace}/tables"
		table  = tables + "/{table}"
		types  = "/v2/schemas/keyspaces/{keyspace}/types"
		rows   = rowsPath
	)
	h.path(rows, methods{"GET": getRowsWhere, "POST": createRow})
	h.path(rowPath, methods{"GET": getRow, "PUT": updateRow, "PATCH": updateRow, "DELETE": deleteRow})
	// Only GET: a key of that name can still be written and deleted.
	h.verb("GET", rows+"/rows", getAllRows)

	h.path("/v2/schemas/keyspaces", methods{"GET": listKeyspaces, "POST": createKeyspace})
	h.path("/v2/schemas/keyspaces/{keyspace}", methods{"GET": getKeyspace, "DELETE": dropKeyspace})
	h.path(tables, methods{"GET": listTables, "POST": createTable})
	h.path(table, methods{"GET": getTable, "PUT": updateTable, "DELETE": dropTable})
	h.path(table+"/columns", methods{"GET": listColumns, "POST": createColumn})
	h.path(table+"/columns/{column}", methods{"GET": getColumn, "PUT": renameColumn, "DELETE": dropColumn})
	h.path(table+"/indexes", methods{"GET": listIndexes, "POST": createIndex})
	h.path(table+"/indexes/{index}", methods{"DELETE": dropIndex})
	h.path(types, methods{"GET": listTypes, "POST": createType, "PUT": updateType})
	h.path(types+"/{type}", methods{"GET": getType, "DELETE": dropType})
	h.routesV1()
	if cql {
		h.path("/v2/cql", methods{"POST": runCQL})
	}
	h.mux.Public("GET "+openAPIPath, http.HandlerFunc(document.Serve))
	h.mux.Refusal("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.refuse(w, r, httpapi.NoEndpoint())
	}))
}

// path registers the endpoints of one path under all bases, and the answer to
// other methods.
func (h *Handler) path(path string, m methods) {
	var allowed []string
	for method, e := range m {
		h.verb(method, path, e)
		allowed = append(allowed, method)
	}
	sort.Strings(allowed)
	allow := strings.Join(append(allowed, "OPTIONS"), ", ")
	for _, base := range bases {
		h.mux.Refusal(base+path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			h.refuse(w, r, httpFailure(http.StatusMethodNotAllowed))
		}))
	}
}

// isV1 reports whether a path is of the REST API v1, which has the older profile
// always.
func isV1(path string) bool { return strings.HasPrefix(path, "/v1/") }

// verb registers one endpoint under all bases.
func (h *Handler) verb(method, path string, e endpoint) {
	h.endpoints = append(h.endpoints, method+" "+path)
	v1 := h.profile == ProfileV1 || isV1(path)
	for i, base := range bases {
		rt := &route{door: h, pattern: method + " " + base + path, endpoint: e, metrics: h.metrics.Route(method, path), v1: v1}
		h.mux.Guarded(rt.pattern, rt)
		h.direct[i].add(method, path, rt)
	}
}

// route is an endpoint under one base.
type route struct {
	door     *Handler
	pattern  string
	endpoint endpoint
	metrics  *httpapi.RouteMetrics
	v1       bool
}

// ServeHTTP implements http.Handler, for a request that a ServeMux has matched.
func (rt *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt.serve(w, r, cql.QualifiedName{Keyspace: r.PathValue("keyspace"), Name: r.PathValue("table")})
}

// serve answers one request, whose path has those names.
func (rt *route) serve(w http.ResponseWriter, r *http.Request, target cql.QualifiedName) {
	start := time.Now()
	h := rt.door
	c := h.calls.Get().(*call)
	c.begin(rt, w, r, target)
	if err := c.serve(rt.endpoint); err != nil {
		c.fail(err)
	}
	rt.metrics.Observe(c.status, time.Since(start))
	cut := c.cut
	c.end()
	h.calls.Put(c)
	if cut {
		panic(http.ErrAbortHandler)
	}
}

// refuse answers a request that has no endpoint.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, f *failure) {
	writeFailure(w, f, nil, h.profile == ProfileV1 || isV1(strings.TrimPrefix(r.URL.Path, bases[1])))
	h.unrouted.Observe(f.Status, 0)
}
