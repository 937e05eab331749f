package graphql

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/schemafirst"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// directivesFile is /graphql-files/cql_directives.graphql: what schemas are
// written with.
func (c *call) directivesFile() error {
	if err := c.authenticate(); err != nil {
		return err
	}
	return c.file("cql_directives.graphql", schemafirst.Directives)
}

// schemaFile is /graphql-files/keyspace/{keyspace}.graphql: a deployed schema.
func (c *call) schemaFile() error {
	if err := c.authenticate(); err != nil {
		return err
	}
	keyspace, ok := strings.CutSuffix(c.r.PathValue("file"), ".graphql")
	if !ok || !schema.IsWord(keyspace) {
		return &transportError{http.StatusBadRequest, "Invalid keyspace name"}
	}
	sources, ctx := c.door.deployed.sources, c.r.Context()
	var found *schemafirst.Source
	var err error
	if version := c.r.URL.Query().Get("version"); version != "" {
		id, bad := uuid.Parse(version)
		if bad != nil {
			return &transportError{http.StatusBadRequest, "Invalid version"}
		}
		if id.Version() == 1 { // others are no version of anything
			found, err = sources.Version(ctx, keyspace, id[:])
		}
		if err == nil && (found == nil || !c.who.Visible(keyspace, "")) {
			return &transportError{http.StatusNotFound, "The schema for keyspace " + keyspace + " and version " + version + " does not exist."}
		}
	} else {
		found, err = sources.Latest(ctx, keyspace)
	}
	if err != nil {
		return err
	}
	if found == nil || !c.who.Visible(keyspace, "") {
		c.status = http.StatusNotFound
		c.w.WriteHeader(http.StatusNotFound)
		return nil
	}
	return c.file(keyspace+".graphql", found.Contents)
}

func (c *call) file(name, text string) error {
	c.status = http.StatusOK
	header := c.w.Header()
	header.Set("Content-Type", "text/plain;charset=UTF-8")
	header.Set("Content-Disposition", `inline; filename="`+name+`"`)
	header.Set("X-Content-Type-Options", "nosniff")
	c.w.WriteHeader(http.StatusOK)
	c.answered.WriteWhole([]byte(text))
	return nil
}
