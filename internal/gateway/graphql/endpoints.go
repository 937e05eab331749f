package graphql

import (
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/schemafirst"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// schemaEndpoint is /graphql-schema. As in the reference a bad token is found out
// field by field.
func (c *call) schemaEndpoint() error {
	if err := c.identify(); err != nil {
		return err
	}
	if err := c.read(false); err != nil {
		return err
	}
	return c.execute(c.door.ddl)
}

// adminEndpoint is /graphql-admin.
func (c *call) adminEndpoint() error {
	if err := c.identify(); err != nil {
		return err
	}
	if strings.HasPrefix(c.r.Header.Get("Content-Type"), "multipart/form-data") && c.r.Method == http.MethodPost {
		if err := c.readMultipart(); err != nil {
			return err
		}
	} else if err := c.read(false); err != nil {
		return err
	}
	return c.execute(c.door.admin)
}

// dataEndpoint is /graphql/{keyspace}.
func (c *call) dataEndpoint() error {
	if err := c.authenticate(); err != nil {
		return err
	}
	if err := c.read(true); err != nil {
		return err
	}
	name := c.r.PathValue("keyspace")
	if !schema.IsWord(name) {
		return &transportError{http.StatusBadRequest, "Invalid keyspace name"}
	}
	return c.data(name)
}

func (c *call) data(name string) error {
	k := c.door.backend.Schema().Keyspaces[name]
	if k == nil {
		return &transportError{http.StatusNotFound, "Unknown keyspace '" + name + "'"}
	}
	deployed, err := c.door.deployed.of(c.r.Context(), c.door.backend, name)
	if err != nil {
		return err
	}
	if deployed != nil {
		return c.execute(deployed)
	}
	return c.execute(c.door.schemas.of(c.door, k))
}

// defaultEndpoint is /graphql: the data of the default keyspace.
func (c *call) defaultEndpoint() error {
	if err := c.authenticate(); err != nil {
		return err
	}
	if err := c.read(true); err != nil {
		return err
	}
	name := ""
	for _, k := range c.door.backend.Schema().Keyspaces {
		if !k.System && !schema.IsSystem(k.Name) && k.Name != schemafirst.Keyspace && c.who.Visible(k.Name, "") && (name == "" || k.Name < name) {
			name = k.Name
		}
	}
	if name == "" {
		return &transportError{http.StatusNotFound, "No default keyspace defined"}
	}
	return c.data(name)
}
