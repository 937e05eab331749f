package document

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/where"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// searchCollection is GET …/collections/{collection}: the documents that where
// is true of, in the order of storage, a page at a time.
func searchCollection(c *call) error {
	size := int32(defaultDocuments)
	if err := c.params.pageSize.check("Request invalid: the minimum number of documents to return is one."); err != nil {
		return err
	}
	if c.params.pageSize.given {
		if size = c.params.pageSize.n; size > maxDocuments {
			return httpapi.BadRequest("Request invalid: the max number of documents to return is %d.", maxDocuments)
		}
	}
	on, err := c.existing(reading)
	if err != nil {
		return err
	}
	e, err := where.Parse(c.params.where, nil)
	if err != nil {
		return refused(err)
	}
	after, err := c.pageState(on)
	if err != nil {
		return err
	}
	return c.findDocuments(on, e, after, int(size))
}

// findDocuments answers with the documents that fulfil e behind the id after.
func (c *call) findDocuments(on *collection, e where.Expr, after []byte, size int) error {
	fields, err := c.fields()
	if err != nil {
		return err
	}
	found, err := c.candidates(on, e, after)
	if err != nil {
		return err
	}
	// The data comes before it is known whether there is a page state, which
	// stands before it.
	data := append(c.out, '{')
	count := 0
	for count < size && len(data) < maxAnswer {
		id, err := found.next(c, after)
		if err != nil {
			return err
		}
		if id == nil {
			break
		}
		after = id
		leaves, err := c.load(on, id, nil, "LoadProperties")
		if err != nil {
			return err
		}
		if len(leaves) == 0 || !e.Matches(leaves) {
			continue
		}
		if count > 0 {
			data = append(data, ',')
		}
		count++
		data = append(cell.AppendString(data, id), ':')
		if data, err = appendDocument(data, selected(leaves, fields), 0, false); err != nil {
			return err
		}
	}
	data = append(data, '}')
	if c.params.raw {
		c.out = data
		return c.answer(http.StatusOK)
	}
	more := false
	if count == size || len(data) >= maxAnswer {
		if more, err = found.more(c, after); err != nil {
			return err
		}
	}
	answer := append(make([]byte, 0, len(data)+64), '{')
	if more {
		answer = append(c.appendPageState(answer, on, after), ',')
	}
	answer = append(append(answer, `"data":`...), data...)
	c.out = append(c.appendProfile(answer), '}')
	return c.answer(http.StatusOK)
}

// A page state is where the last page ended, behind a digest of the question
// that it belongs to.

// question is the digest of what a page state is good for.
func (c *call) question(on *collection) uint32 {
	h := fnv.New32a()
	_, _ = h.Write(on.def.ID[:])
	for _, part := range append([]string{c.id, c.params.where}, c.path...) {
		_, _ = h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		_, _ = h.Write([]byte(part))
	}
	return h.Sum32()
}

// appendPageState appends "pageState":…
func (c *call) appendPageState(dst []byte, on *collection, last []byte) []byte {
	state := append(binary.BigEndian.AppendUint32(nil, c.question(on)), last...)
	dst = append(dst, `"pageState":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, state), '"')
}

// pageState returns where the last page ended, nil for the first page.
func (c *call) pageState(on *collection) ([]byte, error) {
	if c.params.pageState == "" {
		return nil, nil
	}
	state, err := base64.StdEncoding.DecodeString(c.params.pageState)
	if err != nil || len(state) <= 4 || binary.BigEndian.Uint32(state) != c.question(on) {
		return nil, cqlerr.New(cqlerr.Protocol, "Invalid value for the paging state")
	}
	return state[4:], nil
}
