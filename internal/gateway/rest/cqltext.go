package rest

import (
	"strings"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// runCQL is POST /v2/cql: it runs the body, one CQL statement as plain text.
// The answer always has the form of a page of rows.
func runCQL(c *call) error {
	if err := c.readBody("text/plain", elideText); err != nil {
		// Without a body the type that a client library adds means nothing.
		if c.r.ContentLength == 0 {
			return badRequest("Request invalid: CQL query body required.")
		}
		return err
	}
	if len(strings.TrimSpace(string(c.body))) == 0 {
		return badRequest("Request invalid: CQL query body required.")
	}
	if !utf8.Valid(c.body) {
		return badRequest("Request invalid: CQL query is not UTF-8.")
	}
	parsed, err := cql.Parse(string(c.body))
	if err != nil {
		return err
	}
	keyspace := c.params.keyspace
	if _, use := parsed.Statement.(*cql.Use); use {
		return cqlerr.Invalidf("USE <keyspace> not supported")
	}
	if n := len(parsed.Markers); n > 0 {
		return cqlerr.Invalidf("there were %d markers(?) in CQL but 0 bound variables", n)
	}
	if keyspace != "" && (c.door.backend.Schema().Keyspaces[keyspace] == nil || !c.who.Visible(keyspace, "")) {
		return cqlerr.Invalidf("Keyspace '%s' does not exist", keyspace)
	}
	if err := c.who.Authorize(parsed.Statement, keyspace); err != nil {
		return err
	}
	prepared, err := backend.PrepareOnce(c.ctx, c.door.backend, parsed.Statement, parsed.Markers, keyspace)
	if err != nil {
		return err
	}
	c.query = backend.Query{Consistency: backend.LocalQuorum, SerialConsistency: backend.Serial, Caller: c.who.Caller()}
	if err := c.page(); err != nil {
		return err
	}
	result, err := c.read(prepared)
	if err != nil {
		return err
	}
	if result.Kind != backend.Rows {
		result = &backend.Result{}
	}
	c.freeBody()
	return c.answerPage(result, memberNames(result.Columns))
}
