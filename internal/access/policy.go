package access

import (
	"fmt"
	"slices"
	"strings"
)

// Policy is what a role may do in the form of Astra's DevOps API: actions on
// resources, whose names (drn) are
//
//	drn:astra:org:<id>
//	drn:astra:org:<id>:db:<id or *>
//	drn:astra:org:<id>:db:<id or *>:keyspace:<name or *>
//	drn:astra:org:<id>:db:<id or *>:keyspace:<name or *>:table:<name or *>
type Policy struct {
	Description string   `json:"description"`
	Resources   []string `json:"resources"`
	Actions     []Action `json:"actions"`
	Effect      string   `json:"effect"` // always "allow"
}

// everyKeyspace is the resource of every keyspace, and of the whole database when
// no action on a keyspace or table goes with it.
var everyKeyspace = Resource{Keyspace: "*"}

// PolicyOf shows a role's grants as a policy.
func (s *Store) PolicyOf(r *Role) Policy {
	p := Policy{Description: r.Description, Resources: []string{}, Actions: []Action{}, Effect: "allow"}
	for _, g := range r.Grants {
		p.Resources = append(p.Resources, s.drn(&g))
		for _, a := range g.Actions {
			if !slices.Contains(p.Actions, a) {
				p.Actions = append(p.Actions, a)
			}
		}
	}
	return p
}

func (s *Store) drn(g *Grant) string {
	r := g.Resource
	drn := "drn:astra:org:" + s.Organization().ID.String()
	if r == (Resource{}) {
		return drn
	}
	drn += ":db:" + s.Database().ID.String()
	if r == everyKeyspace && !slices.ContainsFunc(g.Actions, inDatabase) {
		return drn
	}
	drn += ":keyspace:" + r.Keyspace
	if r.Table != "" {
		drn += ":table:" + r.Table
	}
	return drn
}

// Grants converts a policy; the error is ErrInvalid. Every resource gets all
// actions; those on keyspaces and tables need a resource that is one.
func (s *Store) Grants(p *Policy) ([]Grant, error) {
	if p.Effect != "" && p.Effect != "allow" {
		return nil, fmt.Errorf("the effect %q is %w: there is allow alone", p.Effect, ErrInvalid)
	}
	if len(p.Actions) == 0 {
		return nil, fmt.Errorf("a policy without actions is %w", ErrInvalid)
	}
	var grants []Grant
	scoped := false
	for _, drn := range p.Resources {
		r, err := s.resource(drn)
		if err != nil {
			return nil, err
		}
		actions := p.Actions
		named := strings.Contains(drn, ":keyspace:")
		if !named { // of the database or the organization
			actions = slices.DeleteFunc(slices.Clone(actions), inDatabase)
		}
		scoped = scoped || named
		grants = append(grants, Grant{Resource: r, Actions: actions})
	}
	if i := slices.IndexFunc(p.Actions, inDatabase); i >= 0 && !scoped {
		return nil, fmt.Errorf("the action %s on no keyspace or table is %w: a resource like drn:astra:org:…:db:…:keyspace:*:table:* is wanted", p.Actions[i], ErrInvalid)
	}
	return grants, nil
}

// inDatabase reports whether an action is about a keyspace or table, and not
// about all keyspaces.
func inDatabase(a Action) bool { return a.scoped() && a != KeyspacesCreate && a != KeyspacesDescribe }

// resource reads the name of a resource.
func (s *Store) resource(drn string) (Resource, error) {
	invalid := func(why string) (Resource, error) {
		return Resource{}, fmt.Errorf("the resource %q is %w: %s", drn, ErrInvalid, why)
	}
	parts := strings.Split(drn, ":")
	if len(parts) < 4 || len(parts) > 10 || len(parts)%2 != 0 || parts[0] != "drn" || parts[1] != "astra" || slices.Contains(parts, "") {
		return invalid("it has not the form drn:astra:org:<id>:db:<id>:keyspace:<name>:table:<name>")
	}
	for i, name := range []string{"org", "db", "keyspace", "table"} {
		if at := 2 + 2*i; at < len(parts) && parts[at] != name {
			return invalid("where " + parts[at] + " is, " + name + " was expected")
		}
	}
	if parts[3] != s.Organization().ID.String() {
		return invalid("this organization is " + s.Organization().ID.String())
	}
	if len(parts) == 4 {
		return Resource{}, nil
	}
	if id := parts[5]; id != "*" && id != s.Database().ID.String() {
		return invalid("there is no such database here")
	}
	switch len(parts) {
	case 6:
		return everyKeyspace, nil
	case 8:
		return Resource{Keyspace: parts[7]}, nil
	}
	return Resource{Keyspace: parts[7], Table: parts[9]}, nil
}
