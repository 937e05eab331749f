package document

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// createDocuments is POST …/collections/{collection}/batch: an array of
// documents, with ids of their own or, with id-path, those that they hold. All
// are checked before any is written. Each is written as one; one that is there
// already is replaced.
func createDocuments(c *call) error {
	if err := c.checkTTL(); err != nil {
		return err
	}
	v, err := c.document()
	if err != nil {
		return err
	}
	documents, ids, err := c.documents(v)
	if err != nil {
		return err
	}
	on, err := c.ensured()
	if err != nil {
		return err
	}
	for _, document := range documents {
		if err := c.validate(on, document); err != nil {
			return err
		}
	}
	if err := c.writeAll(on, documents, ids); err != nil {
		return err
	}
	c.out = append(c.out, `{"documentIds":[`...)
	for i, id := range ids {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = cell.AppendString(c.out, id)
	}
	c.out = append(c.out, ']')
	c.out = append(c.appendProfile(c.out), '}')
	return c.answer(http.StatusAccepted)
}

// writeAll writes documents, a few at a time: the store then makes several
// durable at once. After an error no further one is begun.
func (c *call) writeAll(on *collection, documents []cell.Value, ids []string) error {
	writers := min(batchWriters, len(documents))
	if c.profile != nil {
		writers = 1 // it is told in order
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	written := make([]bool, len(documents))
	var all sync.WaitGroup
	for range writers {
		w := &call{door: c.door, ctx: c.ctx, who: c.who, params: c.params, profile: c.profile}
		all.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(documents) {
					return
				}
				if err := w.writeOne(on, documents[i], ids[i]); err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				written[i] = true
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		var done []string
		for i, ok := range written {
			if ok {
				done = append(done, ids[i])
			}
		}
		return partly(*err, done)
	}
	return nil
}

// writeOne writes one document of a batch.
func (c *call) writeOne(on *collection, document cell.Value, id string) error {
	if err := c.shred(nil, document); err != nil {
		return err
	}
	if c.params.hasIDPath {
		return c.replace(on, id, c.params.ttl.n)
	}
	return c.insert(on, id, c.params.ttl.n)
}

// partly adds to an error which documents have been written nevertheless.
func partly(err error, written []string) error {
	f := *httpapi.FailureOf(err)
	more := []byte(f.More + `,"documentIds":[`)
	for i, id := range written {
		if i > 0 {
			more = append(more, ',')
		}
		more = cell.AppendString(more, id)
	}
	f.More = string(append(more, ']'))
	return &f
}

// documents returns the documents of a batch and their ids, all checked.
func (c *call) documents(v cell.Value) (documents []cell.Value, ids []string, err error) {
	if v.Kind() != cell.Array {
		return nil, nil, httpapi.BadRequest("The payload for the batched document write must be a JSON array.")
	}
	known := map[string]bool{}
	for e := v.Elements(); e.Next(); {
		if len(documents) == maxBatch {
			return nil, nil, httpapi.BadRequest("A batched document write has at most %d documents.", maxBatch)
		}
		if err := c.shred(nil, e.Value); err != nil {
			return nil, nil, err
		}
		id := ""
		if c.params.hasIDPath {
			if id, err = documentID(e.Value, c.params.idPath); err != nil {
				return nil, nil, err
			}
			if known[id] {
				return nil, nil, httpapi.BadRequest("Found duplicate ID %s in more than one document when doing batched document write.", id)
			}
			known[id] = true
		} else {
			id = uuid.NewString()
		}
		documents, ids = append(documents, e.Value), append(ids, id)
	}
	return documents, ids, nil
}

// documentID returns the scalar at a path with dots in a document.
func documentID(document cell.Value, idPath string) (string, error) {
	segments, err := path.Dotted(idPath)
	if err != nil {
		return "", refused(err)
	}
	pointer := ""
	v := document
	for _, segment := range segments {
		if n, ok := path.Index(segment); ok {
			segment = strconv.Itoa(n)
		}
		pointer += "/" + segment
		if v != nil {
			v = child(v, segment)
		}
	}
	found := "missing node"
	switch {
	case v == nil:
	case v.Kind() == cell.String:
		if text := string(v.Text(nil)); text != "" {
			return text, nil
		}
		found = `""`
	case v.Kind() == cell.Number, v.Kind() == cell.Bool:
		return string(v), nil
	default:
		found = string(v.AppendCompact(nil))
	}
	return "", httpapi.BadRequest("JSON document %s requires a scalar value at the path %s in order to resolve document ID, found %s. Batch write failed.",
		document.AppendCompact(nil), pointer, found)
}

// child returns the member or element of v that a segment of a JSON pointer
// names, or nil.
func child(v cell.Value, segment string) cell.Value {
	var found cell.Value
	switch v.Kind() {
	case cell.Object:
		for m := v.Members(); m.Next(); {
			if path.Unescape(string(m.Key(nil))) == segment {
				found = m.Value
			}
		}
	case cell.Array:
		n, err := strconv.Atoi(segment)
		if err != nil || strings.HasPrefix(segment, "-") {
			return nil
		}
		e := v.Elements()
		for e.Next() {
			if n == 0 {
				return e.Value
			}
			n--
		}
	}
	return found
}
