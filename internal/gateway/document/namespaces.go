package document

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// listNamespaces is GET /v2/schemas/namespaces.
func listNamespaces(c *call) error {
	c.openData()
	c.out = append(c.out, '[')
	first := true
	for _, k := range c.door.backend.Schema().InOrder() {
		if !c.who.Visible(k.Name, "") {
			continue
		}
		if !first {
			c.out = append(c.out, ',')
		}
		first = false
		c.out = c.appendNamespace(c.out, k)
	}
	c.out = append(c.out, ']')
	return c.closeData()
}

// openData begins {"data":, or nothing when it is raw.
func (c *call) openData() {
	if !c.params.raw {
		c.out = append(c.out, `{"data":`...)
	}
}

func (c *call) closeData() error {
	if !c.params.raw {
		c.out = append(c.out, '}')
	}
	return c.answer(http.StatusOK)
}

// getNamespace is GET /v2/schemas/namespaces/{namespace}.
func getNamespace(c *call) error {
	k := c.door.backend.Schema().Keyspaces[c.namespace]
	if err := c.visible(""); err != nil {
		return err
	}
	if k == nil {
		return c.noNamespace()
	}
	c.openData()
	c.out = c.appendNamespace(c.out, k)
	return c.closeData()
}

func (c *call) noNamespace() error {
	return c.pick(httpapi.NotFound("Namespace %s does not exist.", c.namespace), httpapi.NotFound("unable to describe namespace"))
}

// dropNamespace is DELETE /v2/schemas/namespaces/{namespace}.
func dropNamespace(c *call) error {
	if c.door.backend.Schema().Keyspaces[c.namespace] == nil {
		if err := c.who.Authorize(&cql.DropKeyspace{Name: c.namespace}, ""); err != nil {
			return err
		}
		return c.pick(c.noNamespace(), httpapi.BadRequest("Bad request: Keyspace %s does not exists", c.namespace))
	}
	if _, err := c.run(&cql.DropKeyspace{Name: c.namespace, IfExists: true}); err != nil {
		return err
	}
	return c.noContent()
}

// appendNamespace appends {"name"} with "replicas", of SimpleStrategy, or
// "datacenters", of NetworkTopologyStrategy.
func (c *call) appendNamespace(dst []byte, k *schema.Keyspace) []byte {
	dst = append(dst, `{"name":`...)
	dst = cell.AppendString(dst, k.Name)
	switch class := k.Replication["class"]; class[strings.LastIndexByte(class, '.')+1:] {
	case "SimpleStrategy":
		if c.door.v1 {
			break
		}
		dst = append(dst, `,"replicas":`...)
		dst = strconv.AppendInt(dst, replicas(k.Replication["replication_factor"]), 10)
	case "NetworkTopologyStrategy":
		var names []string
		for name := range k.Replication {
			if name != "class" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		dst = append(dst, `,"datacenters":[`...)
		for i, name := range names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"name":`...)
			dst = cell.AppendString(dst, name)
			dst = append(dst, `,"replicas":`...)
			dst = append(strconv.AppendInt(dst, replicas(k.Replication[name]), 10), '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// replicas reads a replication factor; transient replication has "3/1": three
// replicas, one of them transient.
func replicas(text string) int64 {
	text, _, _ = strings.Cut(text, "/")
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0
	}
	return n
}

// newNamespace is the body of POST /v2/schemas/namespaces.
type newNamespace struct {
	Name        *string      `json:"name"`
	Replicas    *int32       `json:"replicas"`
	Datacenters []datacenter `json:"datacenters"`
}

// datacenter is one of its datacenters.
type datacenter struct {
	Name     *string `json:"name"`
	Replicas *int32  `json:"replicas"`
}

// replicasPerDatacenter is how many there are where the body does not say.
const replicasPerDatacenter = 3

// createNamespace is POST /v2/schemas/namespaces. The answer is what was given.
func createNamespace(c *call) error {
	var def newNamespace
	body, err := c.typedBody(&def)
	if err != nil {
		return err
	}
	replication, err := def.replication(c)
	if err != nil {
		return err
	}
	_, err = c.run(&cql.CreateKeyspace{Name: *def.Name, IfNotExists: c.door.v1, Properties: []cql.Property{{Name: "replication", IsMap: true, Map: replication}}})
	var e *cqlerr.Error
	if errors.As(err, &e) && e.Code == cqlerr.AlreadyExists {
		return &httpapi.Failure{Status: http.StatusConflict, Description: "Create failed: namespace " + *def.Name + " already exists."}
	}
	if err != nil {
		return err
	}
	c.location(namespacesPath + "/" + *def.Name)
	c.out = def.append(c.out, body, c.door.v1)
	return c.answer(http.StatusCreated)
}

// append appends the members of the body that the API knows; that of Stargate v1
// tells the name alone.
func (n *newNamespace) append(dst []byte, body cell.Value, v1 bool) []byte {
	dst = append(dst, '{')
	members := []string{"name", "replicas", "datacenters"}
	if v1 {
		members = members[:1]
	}
	for _, known := range members {
		value := child(body, known)
		if value == nil || value.Kind() == cell.Null {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(cell.AppendString(dst, known), ':')
		dst = value.AppendCompact(dst)
	}
	return append(dst, '}')
}

// replication checks the body and returns the option of CREATE KEYSPACE.
func (n *newNamespace) replication(c *call) ([]cql.PropertyEntry, error) {
	switch {
	case n.Name == nil || *n.Name == "":
		return nil, c.invalid("`name` is required to create a namespace.")
	case n.Replicas != nil && *n.Replicas < 1:
		return nil, c.invalid("minimum amount of `replicas` for `SimpleStrategy` is one.")
	case len(n.Datacenters) == 0:
		factor := int32(1)
		if n.Replicas != nil {
			factor = *n.Replicas
		}
		return []cql.PropertyEntry{{Key: "class", Value: "SimpleStrategy"}, {Key: "replication_factor", Value: strconv.Itoa(int(factor))}}, nil
	}
	entries := []cql.PropertyEntry{{Key: "class", Value: "NetworkTopologyStrategy"}}
	for _, d := range n.Datacenters {
		factor := int32(replicasPerDatacenter)
		if d.Replicas != nil {
			factor = *d.Replicas
		}
		switch {
		case d.Name == nil || *d.Name == "":
			return nil, c.invalid("a datacenter `name` is required when using `NetworkTopologyStrategy`.")
		case factor < 1:
			return nil, c.invalid("minimum amount of `replicas` for a datacenter is one.")
		}
		entries = append(entries, cql.PropertyEntry{Key: *d.Name, Value: strconv.Itoa(int(factor))})
	}
	return entries, nil
}

// typedBody reads a body of a known form into a struct and returns it as JSON,
// too.
func (c *call) typedBody(into any) (cell.Value, error) {
	v, err := c.payload("payload not provided.", false)
	if err != nil {
		return nil, err
	}
	if v.Kind() == cell.Null {
		return nil, c.invalid("payload not provided.")
	}
	if err := json.Unmarshal(v, into); err != nil {
		return nil, httpapi.OfStatus(http.StatusBadRequest)
	}
	return v, nil
}
