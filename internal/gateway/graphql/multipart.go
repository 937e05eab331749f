package graphql

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// maxFiles bounds the files of one multipart request.
const maxFiles = 10

// readMultipart reads a request with files (GraphQL multipart request
// specification): operations is the request as JSON, map says which variables the
// parts that follow are. The text of a file takes the place of the null that its
// variable has.
func (c *call) readMultipart() error {
	_, parameters, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || parameters["boundary"] == "" {
		return httpapi.OfStatus(http.StatusBadRequest)
	}
	body, held, err := c.door.bodies.Read(c.w, c.r, nil)
	c.held = held
	if err != nil {
		return err
	}
	bad := func(text string) error { return &transportError{http.StatusBadRequest, text} }
	files := map[string][]byte{}
	reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil || len(files) >= maxFiles+2 {
			return bad("Could not parse the multipart request")
		}
		content, err := io.ReadAll(part) // at most the body
		if err != nil {
			return bad("Could not parse the multipart request")
		}
		files[part.FormName()] = content
	}
	if files["operations"] == nil {
		return bad("Could not find GraphQL query: the part 'operations' is missing")
	}
	c.body = append(c.body[:0], files["operations"]...)
	if err := c.readMembers(); err != nil {
		return err
	}
	mapping, err := cell.Parse(files["map"], cell.Options{})
	if err != nil || mapping.Kind() != cell.Object {
		return bad("Could not parse map variable: it must be a JSON object")
	}
	named := map[string]string{} // text by variable
	for m := mapping.Members(); m.Next(); {
		text, ok := files[string(m.Key(nil))]
		if !ok || m.Value.Kind() != cell.Array {
			return bad("Could not parse map variable: there is no part '" + string(m.Key(nil)) + "'")
		}
		for e := m.Value.Elements(); e.Next(); {
			if e.Value.Kind() == cell.String {
				named[strings.TrimPrefix(string(e.Value.Text(nil)), "variables.")] = string(text)
			}
		}
	}
	return c.withFiles(named)
}

// withFiles puts files into the variables.
func (c *call) withFiles(named map[string]string) error {
	dst := []byte{'{'}
	add := func(name string, value []byte) {
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(cell.AppendString(dst, name), ':'), value...)
	}
	if c.request.variables != nil {
		for m := c.request.variables.Members(); m.Next(); {
			if name := string(m.Key(nil)); named[name] == "" {
				add(name, m.Value)
			}
		}
	}
	for name, text := range named {
		add(name, cell.AppendString(nil, strings.ToValidUTF8(text, "\uFFFD")))
	}
	v, err := cell.Parse(append(dst, '}'), cell.Options{})
	if err != nil {
		return httpapi.OfStatus(http.StatusBadRequest)
	}
	c.request.variables = v
	return nil
}
