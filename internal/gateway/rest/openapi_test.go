package rest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// specification is the OpenAPI document, read once.
var specification = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(documentText)
})

// undocumented collects the answers that the document does not know.
var undocumented struct {
	sync.Mutex
	answers []string
	checked int
}

// TestMain fails when an answer to any call of the other tests is not in the
// OpenAPI document.
func TestMain(m *testing.M) {
	code := m.Run()
	slices.Sort(undocumented.answers)
	for _, answer := range slices.Compact(undocumented.answers) {
		fmt.Println("not as the OpenAPI document says:", answer)
		code = 1
	}
	os.Exit(code)
}

// documented holds the answer to a call against the document, when the call has
// reached an endpoint of the default profile.
func documented(h http.Handler, r *http.Request, w *httptest.ResponseRecorder) {
	door, ok := h.(*Handler)
	if !ok || door.profile != ProfileV2 {
		return
	}
	if f, ok := door.backend.(*fake); ok && f.err != nil {
		return // an error that a test has made up, which the call can't have
	}
	pattern := door.mux.Pattern(httpapi.TidySlashes(r))
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || path == openAPIPath {
		return // no endpoint, or not of the API
	}
	undocumented.Lock()
	defer undocumented.Unlock()
	undocumented.checked++
	if err := checkAnswer(method, strings.TrimPrefix(path, bases[1]), w); err != nil {
		undocumented.answers = append(undocumented.answers, fmt.Sprintf("%s: %d: %v", pattern, w.Code, err))
	}
}

func checkAnswer(method, path string, w *httptest.ResponseRecorder) error {
	doc, err := specification()
	if err != nil {
		return err
	}
	item := doc.Paths.Value(documentPath(path))
	if item == nil || item.GetOperation(method) == nil {
		return fmt.Errorf("there is no such operation")
	}
	response := item.GetOperation(method).Responses.Status(w.Code)
	if response == nil {
		return fmt.Errorf("there is no such status: %.300s", w.Body)
	}
	if w.Body.Len() == 0 || response.Value.Content == nil && w.Code >= http.StatusBadRequest {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil {
		return err
	}
	content := response.Value.Content[mediaType]
	if content == nil {
		return fmt.Errorf("media type %s is not there", mediaType)
	}
	if mediaType != "application/json" {
		return nil
	}
	var body any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		return err
	}
	if err := content.Schema.Value.VisitJSON(body); err != nil {
		return fmt.Errorf("%.200s: %.300s", w.Body, err.Error())
	}
	return nil
}

// documentPath writes a route's path as the document does.
func documentPath(path string) string { return strings.ReplaceAll(path, "...}", "}") }

// TestDocument: it is OpenAPI, and has exactly the endpoints that there are.
// (/v1/auth is in it, too, but served by another door.)
func TestDocument(t *testing.T) {
	doc, err := specification()
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, endpoint := range New(Options{Backend: newFake(t), Auth: everyone{}, CQL: true}).endpoints {
		served[documentPath(endpoint)] = true
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if name := method + " " + path; !served[name] && !strings.Contains(path, "/auth") {
				t.Errorf("%s is documented, but not served", name)
			}
			delete(served, method+" "+path)
		}
	}
	for name := range served {
		t.Errorf("%s is served, but not documented", name)
	}
	for name := range optionNames {
		found := false
		for _, p := range doc.Components.Parameters {
			found = found || p.Value.Name == name && p.Value.In == "query"
		}
		if !found {
			t.Errorf("the parameter %s is not documented", name)
		}
	}
}

// TestServeDocument: anybody may read it, as YAML and as JSON.
func TestServeDocument(t *testing.T) {
	h := New(Options{Backend: newFake(t), Auth: everyone{}})
	w := ask(h, "GET", openAPIPath, "", "X-Cassandra-Token", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/yaml;charset=UTF-8" || w.Body.String() != string(documentText) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	w = ask(h, "GET", openAPIPath+"?format=json", "", "X-Cassandra-Token", "")
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil || w.Code != 200 || !json.Valid(w.Body.Bytes()) || doc.Paths.Len() < 20 {
		t.Errorf("%d %v %.100s", w.Code, err, w.Body)
	}
}
