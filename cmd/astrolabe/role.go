package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// roleCommand manages roles.
type roleCommand struct {
	administered

	Create roleCreate `cmd:"" help:"Make a custom role."`
	List   roleList   `cmd:"" help:"List roles."`
	Show   roleShow   `cmd:"" help:"Show what a role may do."`
	Delete roleDelete `cmd:"" help:"Delete a role; its tokens stop working at once."`
}

type roleCreate struct {
	Name        string   `arg:"" help:"Name of the role."`
	On          []string `help:"What the role reaches: keyspace, keyspace.table or keyspace.*; * for every keyspace. Resources of the DevOps API (drn:…) will do, too." required:"" placeholder:"RESOURCE,..."`
	Action      []string `help:"What it may do there, such as db-cql, db-rest, db-table-select; see 'role show \"Organization Administrator\"' for all." required:"" placeholder:"ACTION,..."`
	Description string   `help:"What the role is for." default:""`
}

type roleList struct{}

type roleShow struct {
	Role string `arg:"" help:"Name or id of the role."`
}

type roleDelete struct {
	Role string `arg:"" help:"Name or id of the role."`
}

// roleRow is a role as the DevOps API shows it.
type roleRow struct {
	ID, Name, Kind string
	Policy         access.Policy
}

func (a *administration) roles(ctx context.Context) ([]roleRow, error) {
	var roles []roleRow
	err := a.call(ctx, http.MethodGet, "/v2/organizations/roles", nil, &roles)
	return roles, err
}

func (a *administration) role(ctx context.Context, nameOrID string) (roleRow, error) {
	var role roleRow
	err := a.call(ctx, http.MethodGet, "/v2/organizations/roles/"+url.PathEscape(nameOrID), nil, &role)
	return role, err
}

func (c *roleCreate) Run(ctx context.Context, parent *roleCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		var org struct{ ID string }
		if err := a.call(ctx, http.MethodGet, "/v2/currentOrg", nil, &org); err != nil {
			return err
		}
		policy := access.Policy{Description: c.Description, Effect: "allow"}
		for _, on := range c.On {
			drn, err := resourceName(org.ID, on)
			if err != nil {
				return err
			}
			policy.Resources = append(policy.Resources, drn)
		}
		for _, action := range c.Action {
			policy.Actions = append(policy.Actions, access.Action(action))
		}
		var made roleRow
		if err := a.call(ctx, http.MethodPost, "/v2/organizations/roles", map[string]any{"name": c.Name, "policy": policy}, &made); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "made %s  %s\n", made.ID, made.Name)
		return err
	})
}

// resourceName is the resource that --on names.
func resourceName(org, on string) (string, error) {
	if strings.HasPrefix(on, "drn:") {
		return on, nil
	}
	keyspace, table, hasTable := strings.Cut(on, ".")
	if keyspace == "" || hasTable && table == "" || strings.Contains(table, ".") {
		return "", errors.New("--on: " + on + " is neither keyspace nor keyspace.table")
	}
	drn := "drn:astra:org:" + org + ":db:*:keyspace:" + keyspace
	if hasTable {
		drn += ":table:" + table
	}
	return drn, nil
}

func (c *roleList) Run(ctx context.Context, parent *roleCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		roles, err := a.roles(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tKIND\tID\tDESCRIPTION")
		for _, r := range roles {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Kind, r.ID, r.Policy.Description)
		}
		return w.Flush()
	})
}

func (c *roleShow) Run(ctx context.Context, parent *roleCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		r, err := a.role(ctx, c.Role)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "name\t%s\nid\t%s\nkind\t%s\ndescription\t%s\n", r.Name, r.ID, r.Kind, r.Policy.Description)
		for _, resource := range r.Policy.Resources {
			fmt.Fprintf(w, "resource\t%s\n", resource)
		}
		for _, action := range r.Policy.Actions {
			fmt.Fprintf(w, "action\t%s\n", action)
		}
		if r.Kind == "cql" {
			fmt.Fprintf(w, "permissions\tof GRANT: LIST ALL PERMISSIONS OF %q\n", r.Name)
		}
		return w.Flush()
	})
}

func (c *roleDelete) Run(ctx context.Context, parent *roleCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		if err := a.call(ctx, http.MethodDelete, "/v2/organizations/roles/"+url.PathEscape(c.Role), nil, nil); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "deleted %s\n", c.Role)
		return err
	})
}
