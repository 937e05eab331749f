package rest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// listKeyspaces is GET /v2/schemas/keyspaces.
func listKeyspaces(c *call) error {
	var visible []*schema.Keyspace
	for _, k := range c.door.backend.Schema().Keyspaces {
		if c.who.Visible(k.Name, "") {
			visible = append(visible, k)
		}
	}
	slices.SortFunc(visible, func(a, b *schema.Keyspace) int { return strings.Compare(a.Name, b.Name) })
	c.opened()
	c.out = appendList(c.out, visible, appendKeyspace)
	return c.closed()
}

// getKeyspace is GET /v2/schemas/keyspaces/{ks}.
func getKeyspace(c *call) error {
	name := c.target.Keyspace
	if err := c.visible(name, ""); err != nil {
		return err
	}
	k := c.door.backend.Schema().Keyspaces[name]
	if k == nil {
		return c.pick(notFound("Unable to describe keyspace '%s'", name), notFound("unable to describe keyspace"))
	}
	c.opened()
	c.out = appendKeyspace(c.out, k)
	return c.closed()
}

// dropKeyspace is DELETE /v2/schemas/keyspaces/{ks}. One that is not there is
// no error but in the older profile.
func dropKeyspace(c *call) error {
	name := c.target.Keyspace
	there := c.door.backend.Schema().Keyspaces[name] != nil
	if _, err := c.run(&cql.DropKeyspace{Name: name, IfExists: true}); err != nil {
		return err
	}
	if c.v1 && !there {
		return badRequest("Bad request: Keyspace %s does not exists", name)
	}
	return c.write(http.StatusNoContent, nil)
}

// appendKeyspace appends {"name"} and, with NetworkTopologyStrategy,
// "datacenters".
func appendKeyspace(dst []byte, k *schema.Keyspace) []byte {
	dst = append(dst, `{"name":`...)
	dst = cell.AppendString(dst, k.Name)
	if class := k.Replication["class"]; class[strings.LastIndexByte(class, '.')+1:] == "NetworkTopologyStrategy" {
		var names []string
		for name := range k.Replication {
			if name != "class" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		dst = append(dst, `,"datacenters":`...)
		dst = appendList(dst, names, func(dst []byte, name string) []byte {
			// Transient replication has "3/1": three replicas, one of them transient.
			replicas, _, _ := strings.Cut(k.Replication[name], "/")
			n, err := strconv.Atoi(replicas)
			if err != nil {
				n = 0
			}
			dst = append(dst, `{"name":`...)
			dst = cell.AppendString(dst, name)
			dst = append(dst, `,"replicas":`...)
			return append(strconv.AppendInt(dst, int64(n), 10), '}')
		})
	}
	return append(dst, '}')
}

// datacenter is one of the datacenters of a new keyspace.
type datacenter struct {
	name     string
	replicas int32
}

// newKeyspace is the body of POST /v2/schemas/keyspaces.
type newKeyspace struct {
	name        string
	replicas    int32
	datacenters []datacenter
	networked   bool
}

// Replicas where the body does not say.
const (
	simpleReplicas    = 1
	networkedReplicas = 3
)

// createKeyspace is POST /v2/schemas/keyspaces. One that is there already is
// no error.
func createKeyspace(c *call) error {
	def, err := c.readKeyspace()
	if err != nil {
		return err
	}
	if def.name == "" { // no syntax tree stands for it; this is what the parser says
		return cql.EmptyStatement("CREATE KEYSPACE IF NOT EXISTS ", `""`)
	}
	replication := cql.Property{Name: "replication", IsMap: true}
	if def.networked {
		replication.Map = append(replication.Map, cql.PropertyEntry{Key: "class", Value: "NetworkTopologyStrategy"})
		for _, dc := range def.datacenters {
			replication.Map = append(replication.Map, cql.PropertyEntry{Key: dc.name, Value: strconv.Itoa(int(dc.replicas))})
		}
	} else {
		replication.Map = []cql.PropertyEntry{{Key: "class", Value: "SimpleStrategy"}, {Key: "replication_factor", Value: strconv.Itoa(int(def.replicas))}}
	}
	_, err = c.run(&cql.CreateKeyspace{Name: def.name, IfNotExists: true, Properties: []cql.Property{replication}})
	if err != nil {
		return unknownDatacenter(err, def.datacenters)
	}
	return c.named(http.StatusCreated, def.name)
}

// unknownOption is Cassandra's refusal of a datacenter that the cluster does
// not have (AbstractReplicationStrategy.validateExpectedOptions).
var unknownOption = regexp.MustCompile(`^Unrecognized strategy option \{([^}]*)\}`)

// unknownDatacenter says of err that a datacenter is unknown, if it is that.
func unknownDatacenter(err error, datacenters []datacenter) error {
	match := unknownOption.FindStringSubmatch(cqlerr.From(err).Message)
	if match == nil {
		return err
	}
	var names []string
	for _, dc := range datacenters {
		names = append(names, dc.name)
	}
	if !slices.Contains(names, match[1]) {
		return err
	}
	return badRequest("Bad request: one or more of datacenters passed ([%s]) invalid", strings.Join(names, ", "))
}

// readKeyspace reads {name, replicas} or {name, datacenters:[{name, replicas}]}.
func (c *call) readKeyspace() (*newKeyspace, error) {
	if err := c.readBody("application/json", nil); err != nil {
		return nil, err
	}
	v, err := cell.Parse(c.body, cell.Options{})
	switch {
	case err != nil && c.v1:
		return nil, badRequest("Bad request: Input provided is not valid json. %s", err)
	case err != nil && len(strings.TrimSpace(string(c.body))) == 0:
		return nil, badRequest("Request invalid: must not be blank.")
	case err != nil:
		return nil, badRequest("Invalid JSON payload for Keyspace creation, problem: %s", err)
	}
	payload := string(v.AppendCompact(nil))
	if v.Kind() != cell.Object {
		return nil, badRequest("Invalid JSON payload for Keyspace creation; must be JSON Object: %s", payload)
	}
	def, found := &newKeyspace{replicas: simpleReplicas}, false
	for m := v.Members(); m.Next(); {
		problem := ""
		switch string(m.Key(nil)) {
		case "name":
			found = m.Value.Kind() != cell.Null
			def.name, problem = keyspaceText(m.Value)
		case "replicas":
			def.replicas, problem = keyspaceInt(m.Value, def.replicas)
		case "datacenters":
			def.networked = m.Value.Kind() != cell.Null
			def.datacenters, problem = datacentersOf(m.Value)
		}
		if problem != "" {
			return nil, badRequest("Malformatted JSON payload (%s) for Keyspace creation, problem %s", payload, problem)
		}
	}
	switch {
	case !found:
		return nil, badRequest("Missing 'name' String property in payload Object: %s", payload)
	case def.networked && len(def.datacenters) == 0:
		return nil, badRequest("malformatted JSON payload (%s) for Keyspace creation: empty 'datacenters'", payload)
	}
	for _, dc := range def.datacenters {
		if dc.name == "" {
			return nil, badRequest("malformatted JSON payload (%s) for Keyspace creation: one of 'datacenters' entries missing 'name'", payload)
		}
	}
	return def, nil
}

func datacentersOf(v cell.Value) (list []datacenter, problem string) {
	err := listOf(v, func(e cell.Value) error {
		dc := datacenter{replicas: networkedReplicas}
		err := objectOf(e, func(name string, value cell.Value) error {
			switch name {
			case "name":
				dc.name, problem = keyspaceText(value)
			case "replicas":
				dc.replicas, problem = keyspaceInt(value, dc.replicas)
			}
			if problem != "" {
				return fmt.Errorf("%s", problem)
			}
			return nil
		})
		list = append(list, dc)
		return err
	})
	if err != nil && problem == "" {
		problem = "'datacenters' must be an array of objects"
	}
	return list, problem
}

func keyspaceText(v cell.Value) (text, problem string) {
	text, err := textOf(v)
	if err != nil {
		return "", "a name must be a String"
	}
	return text, ""
}

// keyspaceInt reads a number of replicas. The text about one that is none is
// the reference's to the letter.
func keyspaceInt(v cell.Value, byDefault int32) (n int32, problem string) {
	value, err := intOf(v)
	switch {
	case err == nil && value != nil:
		return *value, ""
	case err == nil:
		return byDefault, ""
	}
	text := string(v)
	if v.Kind() == cell.String {
		text = `"` + string(v.Text(nil)) + `"`
	}
	return 0, "Cannot deserialize value of type `int` from String " + text + ": not a valid `int` value\n at [Source: UNKNOWN; byte offset: #UNKNOWN] " +
		`(through reference chain: io.stargate.sgv2.restapi.service.resources.schemas.SchemaBuilderHelper$KeyspaceCreateDefinition["replicas"])`
}
