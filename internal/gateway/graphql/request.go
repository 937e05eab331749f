package graphql

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// request is what a client asks for, whichever way it says so.
type request struct {
	query, operation string
	// variables is a checked JSON object, or nil.
	variables cell.Value
}

// read reads the request: GET with everything in the URL, POST with JSON or with
// the document alone as the body. values: what it holds are values of columns.
func (c *call) read(values bool) error {
	if len(c.r.URL.RawQuery) > maxURL {
		return &transportError{http.StatusRequestURITooLong, "The query is too long for a URL; use POST"}
	}
	parameters, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return httpapi.OfStatus(http.StatusBadRequest)
	}
	if c.r.Method == http.MethodGet {
		return c.readGet(parameters)
	}
	mediaType, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	switch mediaType {
	case "application/json", "":
	case "application/graphql":
	default:
		return httpapi.CheckContentType(c.r, "application/json")
	}
	if err := c.readBody(values, mediaType == "application/graphql"); err != nil {
		return err
	}
	if mediaType == "application/graphql" {
		return c.readText(parameters)
	}
	return c.readJSON(parameters)
}

func (c *call) readGet(parameters url.Values) error {
	c.request.query, c.request.operation = parameters.Get("query"), parameters.Get("operationName")
	if strings.TrimSpace(c.request.query) == "" {
		return &transportError{http.StatusBadRequest, "You must provide a GraphQL query as a URL parameter"}
	}
	return c.parseVariables([]byte(parameters.Get("variables")))
}

// parseVariables reads variables given as text.
func (c *call) parseVariables(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	v, err := cell.Parse(text, cell.Options{})
	switch {
	case err != nil:
		return &transportError{http.StatusBadRequest, "Could not parse variables: " + err.Error()}
	case v.Kind() == cell.Null:
		return nil
	case v.Kind() != cell.Object:
		return &transportError{http.StatusBadRequest, "Could not parse variables: they must be a JSON object"}
	}
	c.request.variables = v
	return nil
}

const (
	bothQueries = "You can't provide a GraphQL query both as a query parameter and in the request body"
	noQuery     = "You must provide a GraphQL query, either as a query parameter or in the request body"
)

func (c *call) readText(parameters url.Values) error {
	inURL := parameters.Get("query")
	c.request.query, c.request.operation = string(c.body), parameters.Get("operationName")
	switch {
	case inURL != "" && c.request.query != "":
		return &transportError{http.StatusBadRequest, bothQueries}
	case inURL != "":
		c.request.query = inURL
	}
	if strings.TrimSpace(c.request.query) == "" {
		return &transportError{http.StatusBadRequest, noQuery}
	}
	return c.parseVariables([]byte(parameters.Get("variables")))
}

func (c *call) readJSON(parameters url.Values) error {
	inURL := parameters.Get("query")
	c.request.operation = parameters.Get("operationName")
	if len(strings.TrimSpace(string(c.body))) == 0 && inURL == "" {
		return &transportError{http.StatusBadRequest, noQuery}
	}
	if len(c.body) > 0 {
		if err := c.readMembers(); err != nil {
			return err
		}
	}
	switch {
	case inURL != "" && c.request.query != "":
		return &transportError{http.StatusBadRequest, bothQueries}
	case inURL != "":
		c.request.query = inURL
	}
	if strings.TrimSpace(c.request.query) == "" {
		return &transportError{http.StatusBadRequest, noQuery}
	}
	if c.request.variables == nil && parameters.Get("variables") != "" {
		return c.parseVariables([]byte(parameters.Get("variables")))
	}
	return nil
}

// readMembers reads {"query", "operationName", "variables"}; other members are
// ignored.
func (c *call) readMembers() error {
	v, err := cell.Parse(c.body, cell.Options{})
	if err != nil || v.Kind() != cell.Object {
		return httpapi.OfStatus(http.StatusBadRequest)
	}
	for m := v.Members(); m.Next(); {
		if m.Value.Kind() == cell.Null {
			continue
		}
		switch string(m.Key(nil)) {
		case "query":
			if m.Value.Kind() != cell.String {
				return httpapi.OfStatus(http.StatusBadRequest)
			}
			c.request.query = string(m.Value.Text(nil))
		case "operationName":
			if m.Value.Kind() != cell.String {
				return httpapi.OfStatus(http.StatusBadRequest)
			}
			c.request.operation = string(m.Value.Text(nil))
		case "variables":
			if m.Value.Kind() != cell.Object {
				return &transportError{http.StatusBadRequest, "Could not parse variables: they must be a JSON object"}
			}
			c.request.variables = m.Value
		}
	}
	return nil
}
