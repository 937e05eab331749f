package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
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

// live answers that the process runs.
func live(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, nil)
}

// ready answers 200 when the back end can serve, else 503 with the reason.
func ready(back backend.Backend) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		c := check{Name: "backend", Status: "UP"}
		if err := back.Ready(ctx); err != nil {
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
