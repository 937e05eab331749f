package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// tokenCommand manages application tokens: through the running server of the
// data directory if there is one, else in the directory itself; those of gateways
// in their cluster.
type tokenCommand struct {
	administered

	Create tokenCreate `cmd:"" help:"Make a token and print it once."`
	List   tokenList   `cmd:"" help:"List tokens (never their secrets)."`
	Revoke tokenRevoke `cmd:"" help:"Revoke a token by its client id; it stops working at once."`
}

type tokenCreate struct {
	Role        string        `help:"Name or id of the role." default:"Database Administrator"`
	Description string        `help:"What the token is for." default:""`
	Expires     time.Duration `help:"How long the token lasts, such as 720h; for ever if not given." placeholder:"DURATION"`
}

type tokenList struct{}

type tokenRevoke struct {
	ClientID string `arg:"" help:"Client id: the 24 characters behind AstraCS: in the token; the whole token will do."`
}

// tokenRow is a token as the DevOps API lists it.
type tokenRow struct {
	ClientID, GeneratedOn, Description, TokenExpiry, LastUsedOn string
	Roles                                                       []string
}

func (c *tokenCreate) Run(ctx context.Context, parent *tokenCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		body := map[string]any{"roles": []string{c.Role}, "description": c.Description}
		if c.Expires != 0 {
			body["tokenExpiry"] = time.Now().Add(c.Expires).UTC().Format(time.RFC3339)
		}
		var out struct{ ClientID, Secret, Token, TokenExpiry string }
		if err := a.call(ctx, http.MethodPost, "/v2/clientIdSecrets", body, &out); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "client id      %s\nclient secret  %s\ntoken          %s\n", out.ClientID, out.Secret, out.Token)
		if err == nil && out.TokenExpiry != "" {
			_, err = fmt.Fprintf(s.out, "expires        %s\n", out.TokenExpiry)
		}
		return err
	})
}

func (c *tokenList) Run(ctx context.Context, parent *tokenCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		rows, err := a.tokens(ctx)
		if err != nil {
			return err
		}
		roles, err := a.roles(ctx)
		if err != nil {
			return err
		}
		names := map[string]string{}
		for _, r := range roles {
			names[r.ID] = r.Name
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "CLIENT ID\tROLE\tCREATED\tEXPIRES\tLAST USED\tDESCRIPTION")
		for _, r := range rows {
			role := ""
			if len(r.Roles) == 1 {
				role = cmp.Or(names[r.Roles[0]], r.Roles[0])
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ClientID, role, r.GeneratedOn, cmp.Or(r.TokenExpiry, "never"), cmp.Or(r.LastUsedOn, "never"), r.Description)
		}
		return w.Flush()
	})
}

func (a *administration) tokens(ctx context.Context) ([]tokenRow, error) {
	var out struct{ Clients []tokenRow }
	err := a.call(ctx, http.MethodGet, "/v2/clientIdSecrets", nil, &out)
	return out.Clients, err
}

// Run looks first: the API answers alike for a token that never was.
func (c *tokenRevoke) Run(ctx context.Context, parent *tokenCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		id := c.ClientID
		if within, ok := access.ClientID(id); ok {
			id = within
		}
		rows, err := a.tokens(ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(rows, func(row tokenRow) bool { return row.ClientID == id }) {
			return fmt.Errorf("token %q: %w", id, access.ErrNotFound)
		}
		if err := a.call(ctx, http.MethodDelete, "/v2/clientIdSecrets/"+url.PathEscape(id), nil, nil); err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "revoked %s\n", id)
		return err
	})
}
