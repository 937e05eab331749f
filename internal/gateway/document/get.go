package document

import (
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// getDocument is GET …/collections/{collection}/{document}[/{path}]: a document
// or a part of one, or, with where or page-size, a search in it.
func getDocument(c *call) error {
	if err := c.params.pageSize.check("Request invalid: the minimum number of results to return is one."); err != nil {
		return err
	}
	on, err := c.existing(reading)
	if err != nil {
		return err
	}
	if c.params.where != "" || c.params.pageSize.given {
		return c.searchDocument(on)
	}
	below, err := path.FromURL(c.path)
	if err != nil {
		return refused(err)
	}
	fields, err := c.fields()
	if err != nil {
		return err
	}
	leaves, err := c.load(on, []byte(c.id), below, "GetFullDocument")
	if err != nil {
		return err
	}
	leaves = at(leaves, below)
	if len(leaves) == 0 {
		return c.missing()
	}
	if len(fields) > 0 {
		for i := range leaves { // they are relative to the path
			leaves[i].Path = leaves[i].Path[len(below):]
		}
		leaves, below = selected(leaves, fields), nil
	}
	c.open()
	if c.out, err = appendDocument(c.out, leaves, len(below), false); err != nil {
		return err
	}
	return c.close(http.StatusOK)
}

// missing is the answer when a document, or the path in it, is not there.
func (c *call) missing() error {
	if c.door.v1 {
		return &httpapi.Failure{Status: http.StatusNotFound, Bare: true}
	}
	if len(c.path) == 0 {
		return httpapi.NotFound("A document with the id %s does not exist.", c.id)
	}
	return httpapi.NotFound("A path [%s] in a document with the id %s, or the document itself, does not exist.", strings.Join(c.path, ", "), c.id)
}

// fields reads the parameter fields.
func (c *call) fields() ([]path.Pattern, error) {
	if c.params.fields == "" {
		return nil, nil
	}
	v, err := cell.Parse([]byte(c.params.fields), cell.Options{Prefix: true})
	if err != nil {
		return nil, httpapi.BadRequest("The `fields` parameter expects a valid JSON array containing field names.")
	}
	if v.Kind() != cell.Array {
		return nil, httpapi.BadRequest("`fields` must be a JSON array, found %s", v.AppendCompact(nil))
	}
	var fields []path.Pattern
	for e := v.Elements(); e.Next(); {
		if e.Value.Kind() != cell.String {
			return nil, httpapi.BadRequest("Each field must be a string, found %s", e.Value.AppendCompact(nil))
		}
		if len(fields) == maxFields {
			return nil, httpapi.BadRequest("`fields` must not have more than %d field names.", maxFields)
		}
		field, err := path.DottedPattern(string(e.Value.Text(nil)))
		if err != nil {
			return nil, refused(err)
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// open begins an answer about a document: {"documentId":…,"data":, or nothing
// when it is raw.
func (c *call) open() {
	if c.params.raw {
		return
	}
	c.out = append(c.out, `{"documentId":`...)
	c.out = append(cell.AppendString(c.out, c.id), `,"data":`...)
}

// close ends an answer that open began.
func (c *call) close(status int) error {
	if !c.params.raw {
		c.out = append(c.appendProfile(c.out), '}')
	}
	return c.answer(status)
}
