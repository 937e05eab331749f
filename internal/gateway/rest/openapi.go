package rest

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/astrolabe-db/astrolabe/internal/cors"
)

// document is the API's OpenAPI document. It was written first; the tests hold
// routes and answers to it.
//
//go:embed openapi.yaml
var document []byte

// documentJSON is the document as JSON.
var documentJSON = sync.OnceValues(func() ([]byte, error) {
	var tree map[string]any
	if err := yaml.Unmarshal(document, &tree); err != nil {
		return nil, err
	}
	return json.Marshal(tree)
})

// openAPIPath is where the document is.
const openAPIPath = "/api/rest/openapi"

// serveDocument is GET /api/rest/openapi: the document as YAML, with
// ?format=json as JSON. It asks for no token.
func serveDocument(w http.ResponseWriter, r *http.Request) {
	cors.Allow(w.Header(), r)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("format") != "json" {
		w.Header().Set("Content-Type", "application/yaml;charset=UTF-8")
		_, _ = w.Write(document) // a client that is gone misses nothing
		return
	}
	text, err := documentJSON()
	if err != nil { // a test reads it
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write(text) // a client that is gone misses nothing
}
