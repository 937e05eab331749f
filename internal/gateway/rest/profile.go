package rest

import (
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Profile is which server the API answers like.
type Profile uint8

// The profiles: Stargate v2 and late Astra, and Stargate v1 and old Astra. The
// REST API v1 always has the older one.
const (
	ProfileV2 Profile = iota
	ProfileV1
)

// pick returns the error of the call's profile.
func (c *call) pick(v2, v1 error) error {
	if c.v1 {
		return v1
	}
	return v2
}

// missingTable is the older profile's answer when what a path names is not
// there.
func missingV1(keyspaceThere bool, keyspace, table string) error {
	if !keyspaceThere {
		return notFound("Resource not found: keyspace '%s' not found", keyspace)
	}
	return notFound("Resource not found: table '%s' not found", table)
}

// keyError puts what was attempted before the text of a refusal of key values.
func (c *call) keyError(what string, err error) error {
	if c.v1 {
		what = "not enough partition keys provided: "
	}
	return within(what, err)
}

// valueError puts what was attempted before the text of a refusal of other
// values.
func (c *call) valueError(what string, err error) error {
	if c.v1 {
		what = "Bad request: "
	}
	return within(what, err)
}

// alreadyV1 rewords, for the older profile, that something exists already.
func (c *call) alreadyV1(err error, format string, args ...any) error {
	if err == nil || !c.v1 {
		return err
	}
	if e := cqlerr.From(err); e.Code == cqlerr.AlreadyExists || strings.Contains(e.Message, "already exists") {
		return badRequest("Bad request: "+format, args...)
	}
	return err
}

// unknownTypeV1 rewords, for the older profile, that a column's or field's user type
// is not there.
func (c *call) unknownTypeV1(err error) error {
	if err == nil || !c.v1 {
		return err
	}
	name, ok := strings.CutPrefix(cqlerr.From(err).Message, "Unknown type ")
	if !ok {
		return err
	}
	keyspace := c.target.Keyspace
	return badRequest("Bad request: Cannot find user type %s int keyspace %s", strings.TrimPrefix(name, keyspace+"."), keyspace)
}

// invalid is a value that breaks a rule: 400, in the older profile 422.
func (c *call) invalid(v2, v1 string) error {
	if c.v1 {
		return &failure{Status: http.StatusUnprocessableEntity, Description: v1}
	}
	return badRequest("%s", v2)
}
