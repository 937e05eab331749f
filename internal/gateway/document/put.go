package document

import (
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
)

// putDocument is PUT …/collections/{collection}/{document}: the document as a
// whole becomes what is given.
func putDocument(c *call) error {
	on, err := c.wholeDocument()
	if err != nil {
		return err
	}
	if err := c.replace(on, c.id, c.params.ttl.n); err != nil {
		return err
	}
	return c.written(http.StatusOK)
}

// wholeDocument takes the payload apart as a document, and returns the collection
// that it may be written to, which is made if it is not there.
func (c *call) wholeDocument() (*collection, error) {
	if err := c.checkTTL(); err != nil {
		return nil, err
	}
	v, err := c.document()
	if err != nil {
		return nil, err
	}
	if err := c.shred(nil, v); err != nil {
		return nil, err
	}
	on, err := c.ensured()
	if err != nil {
		return nil, err
	}
	return on, c.validate(on, v)
}

// document reads the payload as a document, or a part of one.
func (c *call) document() (cell.Value, error) {
	v, err := c.payload("payload must not be empty.", true)
	if c.door.v1 {
		err = malformedV1(err)
	}
	return v, err
}

// checkTTL refuses a time to live that is none.
func (c *call) checkTTL() error {
	text := "Request invalid: TTL value must be a positive integer."
	if c.door.v1 {
		text += "."
	}
	return c.params.ttl.check(text)
}

// shred takes the payload apart, as what stands at a path.
func (c *call) shred(below []string, v cell.Value) error {
	c.shredder.Reset()
	return refused(c.shredder.Shred(below, v))
}

// replace writes the leaves that were shred as the whole of a document.
func (c *call) replace(on *collection, id string, ttl int32) error {
	if err := c.start(on, id, ttl); err != nil {
		return err
	}
	if err := c.remove(deletePart, nil); err != nil {
		return err
	}
	c.writeLeaves()
	return c.commit("ASYNC UPDATE")
}

func (c *call) writeLeaves() {
	for i := range c.shredder.Leaves {
		c.batch.write(&c.shredder.Leaves[i])
	}
}

// written answers {"documentId":…}.
func (c *call) written(status int) error {
	c.out = append(c.out, `{"documentId":`...)
	c.out = cell.AppendString(c.out, c.id)
	c.out = append(c.appendProfile(c.out), '}')
	return c.answer(status)
}

// putPart is PUT …/{document}/{path}: what is at the path becomes what is given.
// The document, and what leads to the path, is made if it is not there.
func putPart(c *call) error {
	v, err := c.document()
	if err != nil {
		return err
	}
	below, err := c.writablePath()
	if err != nil {
		return err
	}
	if err := c.shred(below, v); err != nil {
		return err
	}
	on, err := c.ensured()
	if err != nil {
		return err
	}
	if err := on.refuseParts(); err != nil {
		return err
	}
	if err := c.putLeaves(on, below); err != nil {
		return err
	}
	return c.written(http.StatusOK)
}

// writablePath returns the path of the request in stored form, if one can write
// there.
func (c *call) writablePath() ([]string, error) {
	below, err := path.FromURL(c.path)
	if err == nil {
		err = path.CheckWritable(below)
	}
	return below, refused(err)
}

// remainingTTL is the time to live of what is added to a document: with ttl-auto
// what the document has left.
func (c *call) remainingTTL(on *collection) (int32, error) {
	if !c.params.ttlAuto {
		return 0, nil
	}
	return c.timeToLive(on, c.id)
}

// putLeaves writes the leaves that were shred in the place of what is at a path.
func (c *call) putLeaves(on *collection, below []string) error {
	ttl, err := c.remainingTTL(on)
	if err != nil {
		return err
	}
	if err := c.start(on, c.id, ttl); err != nil {
		return err
	}
	if err := c.removeOthers(below); err != nil {
		return err
	}
	if err := c.remove(deletePart, below); err != nil {
		return err
	}
	c.writeLeaves()
	return c.commit("ASYNC UPDATE")
}
