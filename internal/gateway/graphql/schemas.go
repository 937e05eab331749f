package graphql

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/cqlfirst"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// endpointSchema is a schema with the documents that were checked against it. All
// callers share both: what one of them must not see is left out at use.
type endpointSchema struct {
	*exec.Schema
	// keyspace is the version of the keyspace that it is of.
	keyspace  *schema.Keyspace
	documents *lru.Cache[documentKey, *exec.Document]
	used      time.Time // under schemas.mu
}

type documentKey struct{ text, operation string }

func newEndpointSchema(k *schema.Keyspace, s *exec.Schema) *endpointSchema {
	documents, err := lru.New[documentKey, *exec.Document](maxDocuments)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &endpointSchema{Schema: s, keyspace: k, documents: documents}
}

// document returns a checked document, out of which cuts were left. Only good ones
// that are whole are kept.
func (s *endpointSchema) document(text, operation string, cuts *elide.Cuts) (*exec.Document, []*exec.Failure, error) {
	if cuts.In([]byte(text)) {
		return exec.Parse(s.Schema, text, operation, cuts)
	}
	key := documentKey{text, operation}
	if d, ok := s.documents.Get(key); ok {
		return d, nil, nil
	}
	d, failures, err := exec.Parse(s.Schema, text, operation, nil)
	if d != nil && len(text) <= maxDocument {
		s.documents.Add(key, d)
	}
	return d, failures, err
}

// schemas are the schemas of keyspaces that are in use. One is made when it is
// asked for, anew when its keyspace has changed, and dropped when nobody has
// asked for it for a while.
type schemas struct {
	mu    sync.Mutex
	kept  map[string]*endpointSchema
	timer *time.Timer
}

// of returns the schema of a keyspace.
func (s *schemas) of(h *Handler, k *schema.Keyspace) *endpointSchema {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.kept[k.Name]; found != nil && found.keyspace == k {
		found.used = time.Now()
		return found
	}
	made := newEndpointSchema(k, cqlfirst.New(k, statement.NewRunner(h.backend)))
	made.used = time.Now()
	if s.kept == nil {
		s.kept = map[string]*endpointSchema{}
	}
	s.kept[k.Name] = made
	if len(s.kept) > maxSchemas {
		s.dropOldest()
	}
	if s.timer == nil {
		s.timer = time.AfterFunc(schemaIdle, s.sweep)
	}
	return made
}

func (s *schemas) dropOldest() {
	oldest := ""
	for name, e := range s.kept {
		if oldest == "" || e.used.Before(s.kept[oldest].used) {
			oldest = name
		}
	}
	delete(s.kept, oldest)
}

// sweep drops what nobody has used for a while.
func (s *schemas) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, e := range s.kept {
		if time.Since(e.used) >= schemaIdle {
			delete(s.kept, name)
		}
	}
	s.timer = nil
	if len(s.kept) > 0 {
		s.timer = time.AfterFunc(schemaIdle, s.sweep)
	}
}
