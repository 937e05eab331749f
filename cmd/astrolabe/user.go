package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
)

// userCommand manages users: members of the organization that log in with a name
// and a password – by CQL, or for a token of /v1/auth – and have the roles that
// they were given. In CQL each is a role with LOGIN.
type userCommand struct {
	administered

	Create   userCreate   `cmd:"" help:"Make a user."`
	List     userList     `cmd:"" help:"List users."`
	Roles    userRoles    `cmd:"" help:"Give a user just these roles."`
	Password userPassword `cmd:"" help:"Set a user's password."`
	Delete   userDelete   `cmd:"" help:"Delete a user."`
}

type userCreate struct {
	Name         string   `arg:"" help:"Name that the user logs in with."`
	Role         []string `help:"Names or ids of roles." placeholder:"ROLE,..."`
	PasswordFile string   `name:"password-file" help:"File that holds the password; without one the user can't log in yet." type:"path"`
}

type userList struct{}

type userRoles struct {
	Name string   `arg:"" help:"Name or id of the user."`
	Role []string `help:"Names or ids of roles; none to take all." placeholder:"ROLE,..."`
}

type userPassword struct {
	Name         string `arg:"" help:"Name or id of the user."`
	PasswordFile string `name:"password-file" help:"File that holds the password." required:"" type:"path"`
}

type userDelete struct {
	Name string `arg:"" help:"Name or id of the user."`
}

const usersPath = "/v2/organizations/users"

// readPassword reads a file, whose last line end does not count; "" for none.
func readPassword(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("--password-file: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", errors.New("--password-file: the file is empty")
	}
	return password, nil
}

func (c *userCreate) Run(ctx context.Context, parent *userCommand, s *streams) error {
	password, err := readPassword(c.PasswordFile)
	if err != nil {
		return err
	}
	return parent.with(ctx, func(a *administration) error {
		body := map[string]any{"email": c.Name, "roles": append([]string{}, c.Role...), "password": password}
		var made struct{ UserID, Email string }
		if err := a.call(ctx, http.MethodPut, usersPath, body, &made); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "made %s  %s\n", made.UserID, made.Email)
		return err
	})
}

func (c *userList) Run(ctx context.Context, parent *userCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		var out struct {
			Users []struct {
				UserID, Email, Status string
				Roles                 []roleRow
			}
		}
		if err := a.call(ctx, http.MethodGet, usersPath, nil, &out); err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tSTATUS\tROLES\tID")
		for _, u := range out.Users {
			var names []string
			for _, r := range u.Roles {
				names = append(names, r.Name)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Email, u.Status, strings.Join(names, ", "), u.UserID)
		}
		return w.Flush()
	})
}

func (c *userRoles) Run(ctx context.Context, parent *userCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		path := usersPath + "/" + url.PathEscape(c.Name) + "/roles"
		if err := a.call(ctx, http.MethodPut, path, map[string]any{"roles": append([]string{}, c.Role...)}, nil); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "%s has %d roles\n", c.Name, len(c.Role))
		return err
	})
}

func (c *userPassword) Run(ctx context.Context, parent *userCommand, s *streams) error {
	password, err := readPassword(c.PasswordFile)
	if err != nil {
		return err
	}
	return parent.with(ctx, func(a *administration) error {
		path := usersPath + "/" + url.PathEscape(c.Name) + "/password"
		if err := a.call(ctx, http.MethodPut, path, map[string]any{"password": password}, nil); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "the password of %s is set\n", c.Name)
		return err
	})
}

func (c *userDelete) Run(ctx context.Context, parent *userCommand, s *streams) error {
	return parent.with(ctx, func(a *administration) error {
		if err := a.call(ctx, http.MethodDelete, usersPath+"/"+url.PathEscape(c.Name), nil, nil); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "deleted %s\n", c.Name)
		return err
	})
}
