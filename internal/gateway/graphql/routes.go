package graphql

import (
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// endpoint answers one call. What it returns becomes an error answer; an
// endpoint that fails has written nothing.
type endpoint func(*call) error

func (h *Handler) routes(playground fs.FS) {
	for _, base := range bases {
		h.operations(base+"/graphql-schema", "/graphql-schema", (*call).schemaEndpoint)
		h.operations(base+"/graphql-admin", "/graphql-admin", (*call).adminEndpoint)
		h.handle("GET", base+"/graphql-files/cql_directives.graphql", "/graphql-files/cql_directives.graphql", (*call).directivesFile)
		h.handle("GET", base+"/graphql-files/keyspace/{file}", "/graphql-files/keyspace/{file}", (*call).schemaFile)
		h.operations(base+"/graphql/{keyspace}", "/graphql/{keyspace}", (*call).dataEndpoint)
		h.operations(base+"/graphql", "/graphql", (*call).defaultEndpoint)
		if playground != nil {
			h.page(base+"/playground", playground)
		}
	}
	h.mux.Refusal("/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { h.refuse(w, httpapi.OfStatus(http.StatusNotFound)) }))
}

// operations registers the two methods of a path that takes documents.
func (h *Handler) operations(path, route string, e endpoint) {
	h.handle("GET", path, route, e)
	h.handle("POST", path, route, e)
	h.mux.Refusal(path, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		h.refuse(w, httpapi.OfStatus(http.StatusMethodNotAllowed))
	}))
}

func (h *Handler) handle(method, path, route string, e endpoint) {
	observed := h.metrics.Route(method, route)
	if path == route {
		h.endpoints = append(h.endpoints, method+" "+path)
	}
	h.mux.Guarded(method+" "+path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		c := h.calls.Get().(*call)
		c.begin(h, w, r)
		if err := e(c); err != nil {
			c.fail(err)
		}
		observed.Observe(c.status, time.Since(start))
		c.finish()
		c.end()
		h.calls.Put(c)
	}))
}

// refuse answers a request that has no endpoint.
func (h *Handler) refuse(w http.ResponseWriter, f *httpapi.Failure) {
	f.Write(w, nil)
	h.metrics.unrouted.Observe(f.Status, 0)
}

// page serves playground.html of the built pages, and their assets. Its links are
// relative, to be right below both bases, so that the path must end with a slash.
func (h *Handler) page(path string, files fs.FS) {
	server := http.StripPrefix(path, http.FileServerFS(files))
	h.mux.Public("GET "+path, http.RedirectHandler(path+"/", http.StatusFound))
	serve := func(w http.ResponseWriter, r *http.Request) {
		// All of the page is ours; it talks to this server only.
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if r.PathValue("file") == "" {
			http.ServeFileFS(w, r, files, "playground.html")
			return
		}
		server.ServeHTTP(w, r)
	}
	h.mux.Public("GET "+path+"/{$}", http.HandlerFunc(serve))
	h.mux.Public("GET "+path+"/assets/{file}", http.HandlerFunc(serve))
}

// isPage reports whether a request is for the playground.
func isPage(r *http.Request) bool {
	path := strings.TrimPrefix(r.URL.Path, bases[1])
	return strings.HasPrefix(path, "/playground")
}
