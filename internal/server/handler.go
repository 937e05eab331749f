package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// joined takes slashes in a row for one, at all doors.
func joined(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, httpapi.JoinSlashes(r)) })
}

// recovered answers 500 when a handler panics, and logs where: net/http alone
// would cut the connection and tell nobody.
func recovered(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { // the handler's wish, not an accident
				panic(cause)
			}
			log.Error("an HTTP handler panicked", "method", r.Method, "path", r.URL.Path, "cause", cause, "stack", string(debug.Stack()))
			w.WriteHeader(http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}
