package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// auditFlags are the flags about the audit log.
type auditFlags struct {
	Log        string   `name:"audit-log" help:"Tell who did what, from where, and whether it was allowed: to this file, or with - to the server's log. Off if not given." placeholder:"FILE" env:"ASTROLABE_AUDIT_LOG"`
	Categories []string `name:"audit-categories" help:"What is told of what is allowed: AUTH, QUERY, DML, DDL, DCL, ADMIN, OTHER. What is refused is told always." default:"AUTH,QUERY,DML,DDL,DCL,ADMIN,OTHER" env:"ASTROLABE_AUDIT_CATEGORIES"`
}

// open begins the audit log, if there is to be one. The file is only ever added
// to; close closes it.
func (f *auditFlags) open(store *access.Store, log *slog.Logger) (close io.Closer, err error) {
	if f.Log == "" {
		return nil, nil
	}
	var want []access.AuditCategory
	for _, name := range f.Categories {
		c := access.AuditCategory(strings.ToUpper(strings.TrimSpace(name)))
		if !slices.Contains(access.AuditCategories(), c) {
			return nil, fmt.Errorf("--audit-categories: there is no %q", name)
		}
		want = append(want, c)
	}
	if f.Log == "-" {
		store.Audit(log, want)
		return nil, nil
	}
	file, err := os.OpenFile(f.Log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--audit-log: %w", err)
	}
	store.Audit(slog.New(slog.NewJSONHandler(file, nil)), want)
	return file, nil
}

// closeAudit ends the audit log.
func (n *node) closeAudit() error {
	if n.audit == nil {
		return nil
	}
	n.access.Audit(nil, nil)
	return n.audit.Close()
}
