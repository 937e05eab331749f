package server

import (
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/astrolabe-db/astrolabe/internal/gateway/console"
	"github.com/astrolabe-db/astrolabe/internal/gateway/devops"
	"github.com/astrolabe-db/astrolabe/internal/gateway/rest"
	webconsole "github.com/astrolabe-db/astrolabe/web/console"
)

// newHandler routes the HTTP door: each gateway has its own prefix.
func newHandler(o Options) (http.Handler, error) {
	restDoor := rest.New(rest.Options{Backend: o.Backend, Auth: restAuth{o.Access}, Metrics: o.Registry})
	pages, err := fs.Sub(webconsole.Dist, "dist")
	if err != nil {
		return nil, err
	}
	database := o.Access.Database()
	mux := http.NewServeMux()
	mux.Handle("/console/", console.New(console.Options{
		Backend: o.Backend, Auth: consoleAuth{o.Access}, Pages: pages, Log: o.Log,
		DatabaseID: database.ID, DatabaseName: database.Name, Region: database.Region,
	}))
	devopsDoor := devops.New(o.Access, o.Log)
	for _, pattern := range devops.Patterns() {
		mux.Handle(pattern, devopsDoor)
	}
	for _, pattern := range rest.Patterns() {
		mux.Handle(pattern, restDoor)
	}
	for _, prefix := range []string{"/health", "/stargate/health"} {
		mux.HandleFunc("GET "+prefix, ready(o.Backend))
		mux.HandleFunc("GET "+prefix+"/ready", ready(o.Backend))
		mux.HandleFunc("GET "+prefix+"/live", live)
	}
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.Registry, promhttp.HandlerOpts{Registry: o.Registry}))
	mux.Handle("GET /{$}", http.RedirectHandler("/console/", http.StatusFound))
	return mux, nil
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
