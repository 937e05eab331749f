package server

import (
	"net/http"
	"net/url"
	"strings"
)

// tolerateSlashes takes several slashes in a row for one, as Stargate does:
// clients that put a base and a path together send them. ServeMux would answer
// a redirect, which turns their POST into a GET. Slashes that a client has
// encoded (%2F) belong to a name or a key and stay.
func tolerateSlashes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped := r.URL.EscapedPath()
		if !strings.Contains(escaped, "//") {
			next.ServeHTTP(w, r)
			return
		}
		for strings.Contains(escaped, "//") {
			escaped = strings.ReplaceAll(escaped, "//", "/")
		}
		path, err := url.PathUnescape(escaped)
		if err != nil { // EscapedPath is always valid
			http.Error(w, "the path can't be read", http.StatusBadRequest)
			return
		}
		same := *r
		same.URL = new(url.URL)
		*same.URL = *r.URL
		same.URL.Path, same.URL.RawPath = path, escaped
		next.ServeHTTP(w, &same)
	})
}
