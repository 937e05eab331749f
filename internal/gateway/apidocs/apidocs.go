// Package apidocs is the page that shows the APIs' OpenAPI documents and makes
// calls with a token that is typed into it: Swagger UI, served by ourselves.
//
//	browser --/swagger-ui/--> the page --documents.json--> each door's document
//
// It knows no API: which documents there are is told when it is made.
package apidocs

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// Document is one OpenAPI document.
type Document struct {
	Name string `json:"name"`
	// URL of the document as JSON, on this server.
	URL string `json:"url"`
}

// Options say what a Handler stands on.
type Options struct {
	// Pages are the page's files, index.html at the root.
	Pages     fs.FS
	Documents []Document
}

// bases are where the page is: Stargate's path and Astra's.
var bases = []string{"/swagger-ui", "/api/rest/swagger-ui"}

// Patterns are the path patterns under which a server hands requests to the
// handler.
func Patterns() []string {
	var all []string
	for _, base := range bases {
		all = append(all, "GET "+base, "GET "+base+"/")
	}
	return all
}

// New returns the door.
func New(o Options) http.Handler {
	mux := httpapi.NewRoutes()
	files := http.FileServerFS(o.Pages)
	for _, base := range bases {
		mux.Public("GET "+base, http.RedirectHandler(base+"/", http.StatusFound))
		mux.Public("GET "+base+"/documents.json", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(o.Documents) // the client has gone: nobody to tell
		}))
		mux.Public("GET "+base+"/", http.StripPrefix(base, noListing(files)))
	}
	return securityHeaders(mux)
}

// noListing hides which files there are.
func noListing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" && strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// securityHeaders: the page loads nothing from elsewhere, talks to this server
// alone and sits in no frame.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
