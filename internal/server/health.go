package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// readyTimeout bounds the question whether the back end can serve.
const readyTimeout = 2 * time.Second

// check is one entry of a health answer, in the form of MicroProfile Health
// that Stargate's /stargate/health has too.
type check struct {
	Name   string            `json:"name"`
	Status string            `json:"status"`
	Data   map[string]string `json:"data,omitempty"`
}

// health registers the health endpoints of the port that all doors share.
func health(mux *httpapi.Routes, back backend.Backend) {
	mux.Public("GET /health", ready(back))
	mux.Public("GET /health/ready", ready(back))
	mux.Public("GET /health/live", http.HandlerFunc(live))
	quarkusHealth(mux, back)
}

// stargateHealth registers those of one of Stargate's ports, where /health is
// a text.
func stargateHealth(mux *httpapi.Routes, back backend.Backend) {
	mux.Public("GET /health", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text(w, isReady(r.Context(), back) == nil, "UP", "DOWN")
	}))
	quarkusHealth(mux, back)
}

// quarkusHealth registers /stargate/health and what is below it.
func quarkusHealth(mux *httpapi.Routes, back backend.Backend) {
	const prefix = "GET /stargate/health"
	mux.Public(prefix, ready(back))
	mux.Public(prefix+"/ready", ready(back))
	mux.Public(prefix+"/live", http.HandlerFunc(live))
	mux.Public(prefix+"/started", http.HandlerFunc(live))
}

// coordinatorChecks are the checks that Stargate's coordinator can be asked for.
// All but that of deadlocks hold while the back end is ready.
var coordinatorChecks = []string{"backend", "datastore", "deadlocks", "graphql", "grpc", "storage"}

// checker is the health port of Stargate's coordinator: texts, and 503 for a
// check that there is not; and all checks as JSON.
func checker(back backend.Backend) *httpapi.Routes {
	mux := httpapi.NewRoutes()
	mux.Public("GET /checker/liveness", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { text(w, true, "UP", "") }))
	mux.Public("GET /checker/readiness", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := true
		for _, check := range r.URL.Query()["check"] {
			known = known && slices.Contains(coordinatorChecks, check)
		}
		text(w, known && isReady(r.Context(), back) == nil, "READY", "NOT READY")
	}))
	mux.Public("GET /admin/healthcheck", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, body := coordinatorHealth(isReady(r.Context(), back))
		writeJSON(w, code, body)
	}))
	mux.Refusal("/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"code":404,"message":"HTTP 404 Not Found"}`)) // the client has gone: nobody to tell
	}))
	return mux
}

// coordinatorCheck is what one of the coordinator's checks has found.
type coordinatorCheck struct {
	Healthy bool   `json:"healthy"`
	Message string `json:"message,omitempty"`
}

// coordinatorHealth are all checks of the coordinator, by what the back end says
// of itself.
func coordinatorHealth(backEnd error) (code int, checks map[string]coordinatorCheck) {
	code, checks = http.StatusOK, map[string]coordinatorCheck{}
	one := coordinatorCheck{true, "Available"}
	if backEnd != nil {
		code, one = http.StatusInternalServerError, coordinatorCheck{false, backEnd.Error()}
	}
	for _, name := range coordinatorChecks {
		checks[name] = one
	}
	checks["deadlocks"] = coordinatorCheck{Healthy: true}
	return code, checks
}

// text answers one word: 200 when all is well, else 503.
func text(w http.ResponseWriter, well bool, yes, no string) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Cache-Control", "no-store")
	if !well {
		w.WriteHeader(http.StatusServiceUnavailable)
		yes = no
	}
	_, _ = w.Write([]byte(yes)) // the client has gone: nobody to tell
}

// isReady asks the back end whether it can serve.
func isReady(ctx context.Context, back backend.Backend) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return back.Ready(ctx)
}

// live answers that the process runs.
func live(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, nil)
}

// ready answers 200 when the back end can serve, else 503 with the reason.
func ready(back backend.Backend) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := check{Name: "backend", Status: "UP"}
		if err := isReady(r.Context(), back); err != nil {
			c.Status, c.Data = "DOWN", map[string]string{"reason": err.Error()}
		}
		writeHealth(w, []check{c})
	}
}

func writeHealth(w http.ResponseWriter, checks []check) {
	body := struct {
		Status string  `json:"status"`
		Checks []check `json:"checks"`
	}{"UP", append([]check{}, checks...)}
	code := http.StatusOK
	for _, c := range checks {
		if c.Status != "UP" {
			body.Status, code = "DOWN", http.StatusServiceUnavailable
		}
	}
	writeJSON(w, code, body)
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // the client has gone: nobody to tell
}
