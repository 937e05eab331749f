package access

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestPolicies: what a policy says comes back as it was, and does what it says.
func TestPolicies(t *testing.T) {
	s, _ := benchStore(t)
	org, db := "drn:astra:org:"+s.Organization().ID.String(), ":db:"+s.Database().ID.String()
	for _, c := range []struct {
		resources []string
		actions   []Action
		invalid   string
	}{
		{[]string{org + db + ":keyspace:k:table:t"}, []Action{CQL, TableSelect}, ""},
		{[]string{org + db + ":keyspace:*", org + db + ":keyspace:*:table:*"}, []Action{KeyspaceDescribe, TableModify}, ""},
		{[]string{org + db, org + db + ":keyspace:k"}, []Action{KeyspacesCreate, KeyspaceAlter, DBView}, ""},
		{[]string{org}, []Action{TokenRead}, ""},
		{[]string{org + db}, []Action{TableSelect}, "on no keyspace or table"},
		{[]string{org + db + ":keyspace:k"}, nil, "without actions"},
		{[]string{"drn:astra:org:other" + db}, []Action{CQL}, "this organization is"},
		{[]string{org + ":db:other"}, []Action{CQL}, "no such database"},
		{[]string{org + db + ":table:t"}, []Action{CQL}, "keyspace was expected"},
		{[]string{org + db + ":keyspace:"}, []Action{CQL}, "has not the form"},
		{[]string{"all"}, []Action{CQL}, "has not the form"},
	} {
		grants, err := s.Grants(&Policy{Resources: c.resources, Actions: c.actions, Effect: "allow"})
		if c.invalid != "" {
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.invalid) {
				t.Errorf("%v %v: %v", c.resources, c.actions, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v %v: %v", c.resources, c.actions, err)
			continue
		}
		back := s.PolicyOf(&Role{Grants: grants})
		slices.Sort(back.Actions)
		slices.Sort(c.actions)
		if !slices.Equal(back.Resources, c.resources) || !slices.Equal(back.Actions, c.actions) {
			t.Errorf("%v %v came back as %v %v", c.resources, c.actions, back.Resources, back.Actions)
		}
	}
	grants, _ := s.Grants(&Policy{Resources: []string{org + db, org + db + ":keyspace:k"}, Actions: []Action{KeyspacesCreate, KeyspaceAlter}})
	r := &Role{Grants: grants}
	for _, c := range []struct {
		action   Action
		keyspace string
		want     bool
	}{{KeyspaceAlter, "k", true}, {KeyspaceAlter, "other", false}, {KeyspacesCreate, "", true}} {
		if r.allows(c.action, c.keyspace, "", false) != c.want {
			t.Errorf("%s on %q: %v", c.action, c.keyspace, !c.want)
		}
	}
}
