package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// specification is the OpenAPI document, read once.
var specification = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(documentText)
})

// checkDocumented fails the test when the OpenAPI document does not know an
// answer. target is the path that was asked for.
func checkDocumented(t testing.TB, h *Handler, method, target string, w *httptest.ResponseRecorder) {
	t.Helper()
	escaped, _, _ := strings.Cut(target, "?")
	segments := split(strings.TrimPrefix(escaped, bases[1]))
	for _, route := range h.routes {
		if _, ok := route.methods[method]; !ok || !route.matches(segments) {
			continue
		}
		if err := checkAnswer(method, route.template, w); err != nil {
			t.Errorf("%s %s: %d: not as the OpenAPI document says: %v", method, target, w.Code, err)
		}
		return
	}
}

func checkAnswer(method, template string, w *httptest.ResponseRecorder) error {
	doc, err := specification()
	if err != nil {
		return err
	}
	item := doc.Paths.Value(template)
	if item == nil || item.GetOperation(method) == nil {
		return fmt.Errorf("there is no such operation")
	}
	response := item.GetOperation(method).Responses.Status(w.Code)
	if response == nil {
		return fmt.Errorf("there is no such status: %.300s", w.Body)
	}
	if w.Body.Len() == 0 {
		return nil
	}
	content := response.Value.Content["application/json"]
	if content == nil {
		return fmt.Errorf("a body where there is none: %.200s", w.Body)
	}
	var body any
	decoder := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	decoder.UseNumber() // there are numbers that no double holds
	if err := decoder.Decode(&body); err != nil {
		return err
	}
	if err := content.Schema.Value.VisitJSON(body); err != nil {
		return fmt.Errorf("%.200v: %.300s", body, err.Error())
	}
	return nil
}

// TestDocument: it is OpenAPI, and has exactly the endpoints that there are.
func TestDocument(t *testing.T) {
	doc, err := specification()
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	served, described := New(Options{}).Operations(), []string(nil)
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(described)
	if !slices.Equal(served, described) {
		t.Errorf("served:\n%s\ndescribed:\n%s", strings.Join(served, "\n"), strings.Join(described, "\n"))
	}
}

// TestServeDocument: anybody may read it, as YAML and as JSON.
func TestServeDocument(t *testing.T) {
	h := New(Options{})
	w := ask(h, "GET", openAPIPath, "", "X-Cassandra-Token", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/yaml;charset=UTF-8" || w.Body.String() != string(documentText) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	w = ask(h, "GET", openAPIPath+"?format=json", "", "X-Cassandra-Token", "")
	loaded, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil || w.Code != 200 || loaded.Paths.Len() < 10 {
		t.Errorf("%d %v %.100s", w.Code, err, w.Body)
	}
}
