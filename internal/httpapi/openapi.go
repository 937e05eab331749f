package httpapi

import (
	"encoding/json"
	"net/http"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/astrolabe-db/astrolabe/internal/cors"
)

// OpenAPI serves a door's OpenAPI document.
type OpenAPI struct {
	text []byte
	json func() ([]byte, error)
}

// NewOpenAPI returns what serves a document given as YAML.
func NewOpenAPI(text []byte) *OpenAPI {
	return &OpenAPI{text, sync.OnceValues(func() ([]byte, error) {
		var tree map[string]any
		if err := yaml.Unmarshal(text, &tree); err != nil {
			return nil, err
		}
		return json.Marshal(tree)
	})}
}

// Serve answers with the document as YAML, with ?format=json as JSON. It asks
// for no token.
func (o *OpenAPI) Serve(w http.ResponseWriter, r *http.Request) {
	cors.Allow(w.Header(), r)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("format") != "json" {
		w.Header().Set("Content-Type", "application/yaml;charset=UTF-8")
		_, _ = w.Write(o.text) // a client that is gone misses nothing
		return
	}
	text, err := o.JSON()
	if err != nil { // a test reads it
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header()["Content-Type"] = JSONType
	_, _ = w.Write(text) // a client that is gone misses nothing
}

// JSON returns the document as JSON.
func (o *OpenAPI) JSON() ([]byte, error) { return o.json() }
