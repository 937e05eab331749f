package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// AuditCategory is a kind of what the audit log tells (Cassandra's
// AuditLogEntryCategory, and ADMIN for the organization's APIs).
type AuditCategory string

// The categories.
const (
	AuditAuth  AuditCategory = "AUTH"
	AuditQuery AuditCategory = "QUERY"
	AuditDML   AuditCategory = "DML"
	AuditDDL   AuditCategory = "DDL"
	AuditDCL   AuditCategory = "DCL"
	AuditOther AuditCategory = "OTHER"
	AuditAdmin AuditCategory = "ADMIN"
)

// AuditCategories lists all categories.
func AuditCategories() []AuditCategory {
	return []AuditCategory{AuditAuth, AuditQuery, AuditDML, AuditDDL, AuditDCL, AuditOther, AuditAdmin}
}

// audit is where records go, and of what.
type audit struct {
	log  *slog.Logger
	want []AuditCategory
}

// maxAuditName bounds, in bytes, what is told of a name that a client gave.
const maxAuditName = 100

// Audit makes the store tell, from now on, who did what from where, and whether
// it was allowed: what is of the categories, and all that was refused. Values and
// secrets are never told. A nil log turns it off.
func (s *Store) Audit(log *slog.Logger, want []AuditCategory) {
	if log == nil {
		s.audit.Store(nil)
		return
	}
	s.audit.Store(&audit{log, want})
}

// record tells one thing; err is why it was refused, nil when it was allowed.
func (a *audit) record(category AuditCategory, p *Principal, operation string, objects []string, err error) {
	if err == nil && !slices.Contains(a.want, category) {
		return
	}
	r := auditRecord{category: category, door: p.door, client: p.client, who: p.Name(), operation: operation, objects: objects, err: err}
	if p.store != nil {
		r.role = p.RoleName()
	}
	if p.webToken != nil {
		r.credential = "JWT"
	}
	a.write(&r)
}

// auditRecord is one thing that is told.
type auditRecord struct {
	category  AuditCategory
	door      string
	client    netip.Addr
	who, role string
	// credential is what kind of token who came with, where the name does not tell.
	credential string
	operation  string
	objects    []string
	err        error
}

func (a *audit) write(r *auditRecord) {
	attrs := []slog.Attr{
		slog.String("category", string(r.category)), slog.String("operation", r.operation), slog.String("outcome", "allowed"),
		slog.String("door", r.door), slog.String("principal", r.who), slog.String("role", r.role),
	}
	if r.credential != "" {
		attrs = append(attrs, slog.String("credential", r.credential))
	}
	if r.client.IsValid() {
		attrs = append(attrs, slog.String("client", r.client.String()))
	}
	if len(r.objects) > 0 {
		attrs = append(attrs, slog.String("on", strings.Join(r.objects, ", ")))
	}
	if r.err != nil {
		attrs[2] = slog.String("outcome", "denied")
		attrs = append(attrs, slog.String("reason", cqlerr.From(r.err).Message))
	}
	a.log.LogAttrs(context.Background(), slog.LevelInfo, "audit", attrs...)
}

// login tells of a login, by the name that was given.
func (a *audit) login(d *Door, client netip.Addr, user string, p *Principal, err error) {
	if p != nil {
		a.record(AuditAuth, p, "LOGIN", nil, err)
		return
	}
	a.write(&auditRecord{category: AuditAuth, door: d.name, client: client, who: presentable(user), operation: "LOGIN", err: denied(err)})
}

// denied keeps a refusal from repeating the name, which may be anything.
func denied(err error) error {
	var webToken *WebTokenError
	if errors.As(err, &webToken) {
		return cqlerr.New(cqlerr.BadCredentials, webToken.reason)
	}
	if e := cqlerr.From(err); e.Code != cqlerr.BadCredentials {
		return e
	}
	return cqlerr.New(cqlerr.BadCredentials, "wrong credentials, or too many failed attempts")
}

// presentableToken is what may be told of a token that is not good: its client id,
// or nothing but its form, for it may be a password in the wrong place.
func presentableToken(token string) string {
	if strings.HasPrefix(token, tokenPrefix) {
		return presentable(token)
	}
	return "…"
}

// presentable is a name as it may be told: of a token its client id alone.
func presentable(user string) string {
	if id, ok := ClientID(user); ok {
		return id
	}
	if strings.HasPrefix(user, tokenPrefix) {
		return tokenPrefix + "…"
	}
	return user[:min(len(user), maxAuditName)]
}

// statement tells of a statement that was authorized, or refused.
func (a *audit) statement(p *Principal, stmt cql.Statement, keyspace string, err error) {
	category, operation := describe(stmt)
	if err == nil && !slices.Contains(a.want, category) {
		return
	}
	a.record(category, p, operation, objectsOf(stmt, keyspace), err)
}

// Record tells of an operation of an API of the organization (ADMIN) on an object
// ("" for none); err is why it was refused, nil when it was allowed.
func (p *Principal) Record(operation, object string, err error) {
	a := p.store.audit.Load()
	switch {
	case a == nil:
	case object == "":
		a.record(AuditAdmin, p, operation, nil, err)
	default:
		a.record(AuditAdmin, p, operation, []string{presentable(object)}, err)
	}
}

// describe returns what kind of statement it is, and its name in CQL.
func describe(stmt cql.Statement) (AuditCategory, string) {
	name := words(reflect.TypeOf(stmt).Elem().Name())
	switch s := stmt.(type) {
	case *cql.Select:
		return AuditQuery, name
	case *cql.Insert, *cql.Update, *cql.Delete, *cql.Batch, *cql.Truncate:
		return AuditDML, name
	case *cql.Grant:
		return AuditDCL, revoked(s.Revoke, name)
	case *cql.GrantRole:
		return AuditDCL, revoked(s.Revoke, name)
	case *cql.Unsupported:
		return AuditDDL, s.What
	case *cql.Use, *cql.Describe:
		return AuditOther, name
	case *cql.ListRoles, *cql.ListPermissions:
		return AuditDCL, name
	}
	if aboutRoles(stmt) {
		return AuditDCL, name
	}
	return AuditDDL, name
}

func revoked(revoke bool, name string) string {
	if revoke {
		return strings.Replace(name, "GRANT", "REVOKE", 1)
	}
	return name
}

// words is CREATE TABLE for CreateTable.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// objectsOf names what a statement is about.
func objectsOf(stmt cql.Statement, keyspace string) []string {
	var names []string
	add := func(n cql.QualifiedName) {
		if n.Keyspace == "" {
			n.Keyspace = keyspace
		}
		if n.Name == "" {
			names = append(names, n.Keyspace)
			return
		}
		names = append(names, n.Keyspace+"."+n.Name)
	}
	tables, _ := cql.Tables(stmt)
	for _, n := range tables {
		add(n)
	}
	if len(names) > 0 {
		return slices.Compact(names)
	}
	switch s := stmt.(type) {
	case *cql.CreateKeyspace:
		return []string{s.Name}
	case *cql.AlterKeyspace:
		return []string{s.Name}
	case *cql.DropKeyspace:
		return []string{s.Name}
	case *cql.CreateTable:
		add(s.Table)
	case *cql.AlterTable:
		add(s.Table)
	case *cql.DropTable:
		add(s.Table)
	case *cql.Truncate:
		add(s.Table)
	case *cql.CreateIndex:
		add(s.Table)
	case *cql.DropIndex:
		add(s.Index)
	case *cql.CreateType:
		add(s.Type)
	case *cql.AlterType:
		add(s.Type)
	case *cql.DropType:
		add(s.Type)
	case *cql.CreateRole:
		return []string{"role " + s.Name}
	case *cql.AlterRole:
		return []string{"role " + s.Name}
	case *cql.DropRole:
		return []string{"role " + s.Name}
	case *cql.GrantRole:
		return []string{"role " + s.Role, "role " + s.From}
	case *cql.Grant:
		return []string{fmt.Sprint(objectOf(&s.Resource)), "role " + s.Role}
	}
	return names
}
