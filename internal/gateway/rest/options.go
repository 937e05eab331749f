package rest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// The parameters of the row calls that only this server has. No client of the
// reference sends them, so their answers are free to be better. One at a call
// that it can't apply to is refused, never ignored: who asks for a condition
// must not get a write without it.

// option is one of them, as a bit.
type option uint8

const (
	allowFiltering option = 1 << iota
	limit
	ifNotExists
	ifExists
	ifCondition
	withTTL
	withTimestamp
	batch

	// conditional are those that make a write a lightweight transaction.
	conditional = ifNotExists | ifExists | ifCondition
)

// optionNames are the options' parameters.
var optionNames = map[string]option{
	"allow-filtering": allowFiltering, "limit": limit, "if-not-exists": ifNotExists, "if-exists": ifExists,
	"if": ifCondition, "ttl": withTTL, "timestamp": withTimestamp, "batch": batch,
}

// rowOptions are the options that a request has.
type rowOptions struct {
	given option
	// limit in rows, ttl in seconds, timestamp in microseconds, as wire bytes.
	limit, ttl, timestamp []byte
	// condition is JSON in the form of where.
	condition string
}

// firstOption is the number of an option's parameter for params.first, less
// those of the reference's own parameters.
const firstOption = 9

// set reads a parameter; one that is no option is ignored.
func (o *rowOptions) set(p *params, name, value string) error {
	bit, ok := optionNames[name]
	if !ok {
		return nil
	}
	number := 0
	for 1<<number != bit {
		number++
	}
	if !p.first(firstOption + number) {
		return nil
	}
	var err error
	switch bit {
	case limit:
		o.limit, err = optionNumber(name, value, 1, 1<<31-1, 4)
	case withTTL:
		o.ttl, err = optionNumber(name, value, 0, 1<<31-1, 4)
	case withTimestamp:
		o.timestamp, err = optionNumber(name, value, -1<<63, 1<<63-1, 8)
	case ifCondition:
		o.condition = value
	default:
		switch {
		case strings.EqualFold(value, "false"):
			return nil
		case !strings.EqualFold(value, "true"):
			err = badRequest("Invalid '%s' parameter, problem: '%s' is neither true nor false", name, value)
		}
	}
	o.given |= bit
	return err
}

// optionNumber reads a number within bounds as wire bytes.
func optionNumber(name, value string, low, high int64, size int) ([]byte, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < low || n > high {
		return nil, badRequest("Invalid '%s' parameter, problem: '%s' is not a number from %d to %d", name, value, low, high)
	}
	wire := make([]byte, size)
	for i := range wire {
		wire[size-1-i] = byte(n >> (8 * i))
	}
	return wire, nil
}

// allow refuses options that the call can't apply, and ones that exclude each
// other, and describes the rest in c.shape.
func (c *call) allow(possible option) error {
	given := c.params.options.given
	if given != 0 {
		for _, name := range []string{"allow-filtering", "limit", "if-not-exists", "if-exists", "if", "ttl", "timestamp", "batch"} {
			if bit := optionNames[name]; given&bit != 0 && possible&bit == 0 {
				return badRequest("The parameter '%s' does not apply to this call", name)
			}
		}
		if given&ifExists != 0 && given&ifCondition != 0 {
			return badRequest("The parameters 'if-exists' and 'if' exclude each other")
		}
		if given&batch != 0 && given&conditional != 0 {
			return badRequest("The parameters 'batch' and 'if-not-exists' exclude each other")
		}
	}
	c.shape = append(c.shape, byte(given))
	return nil
}

// writes is the access that a write needs: one with a condition tells what is
// there.
func (c *call) writes(plain access) access {
	if c.params.options.given&conditional == 0 {
		return plain
	}
	if plain == deleting {
		return deletingIf
	}
	return writingIf
}

// using appends the values of USING to c.values, in the order of its markers.
func (c *call) using() {
	o := &c.params.options
	if o.given&withTimestamp != 0 {
		c.values = append(c.values, backend.Value{Bytes: o.timestamp})
	}
	if o.given&withTTL != 0 {
		c.values = append(c.values, backend.Value{Bytes: o.ttl})
	}
}

// usingClause makes USING with markers from *next on.
func (c *call) usingClause(next *int) cql.Using {
	var u cql.Using
	if c.params.options.given&withTimestamp != 0 {
		u.Timestamp = marker(next)
	}
	if c.params.options.given&withTTL != 0 {
		u.TTL = marker(next)
	}
	return u
}

// marker makes the bind marker number *next.
func marker(next *int) *cql.BindMarker {
	*next++
	return &cql.BindMarker{Index: *next - 1}
}

// limited adds LIMIT and ALLOW FILTERING to a SELECT of next bind values.
func (c *call) limited(s *cql.Select, next int) *cql.Select {
	if c.params.options.given&limit != 0 {
		s.Limit = marker(&next)
	}
	s.AllowFiltering = c.params.options.given&allowFiltering != 0
	return s
}

// limitValue appends the value of LIMIT.
func (c *call) limitValue() {
	if c.params.options.given&limit != 0 {
		c.values = append(c.values, backend.Value{Bytes: c.params.options.limit})
	}
}

// parseIf reads the parameter if: conditions in the form of where, which has
// $ne, too, and null for $eq and $ne.
func (c *call) parseIf(t *table) error {
	if c.params.options.given&ifCondition == 0 {
		return nil
	}
	if err := c.parseConditions(t, c.params.options.condition, ifOperators); err != nil {
		return c.valueError("Invalid 'if' parameter, problem: ", err)
	}
	if len(c.where) == 0 {
		return badRequest("Invalid 'if' parameter, problem: there is no condition")
	}
	for _, condition := range c.where {
		c.shape = condition.describe(c.shape)
	}
	return nil
}

// ifOperators are the operators of conditions.
var ifOperators = map[string]cql.Operator{
	"$eq": cql.Eq, "$ne": cql.Neq, "$lt": cql.Lt, "$lte": cql.Lte, "$gt": cql.Gt, "$gte": cql.Gte, "$in": cql.In, "$containsentry": cql.Eq,
}

// conditions makes IF of c.where, with markers from *next on.
func (c *call) conditions(t *table, next *int) []cql.Condition {
	var all []cql.Condition
	for _, d := range c.where {
		one := cql.Condition{Column: t.columns[d.column].Name, Op: d.op}
		if d.entry {
			one.Element = marker(next)
		}
		one.Value = marker(next)
		all = append(all, one)
	}
	return all
}

// applied looks at the answer to a write: an error when its condition was not
// met, with the row as it is.
func (c *call) applied(result *backend.Result) error {
	if c.params.options.given&conditional == 0 || result.Kind != backend.Rows || result.RowCount == 0 {
		return nil
	}
	cursor := result.Cursor()
	if applied := cursor.Next(); len(applied) == 1 && applied[0] == 1 {
		return nil
	}
	current := []byte(`,"applied":false,"data":`)
	if len(result.Columns) == 1 {
		current = append(current, "null"...) // there is no row
	} else {
		rest := *result
		rest.Columns = result.Columns[1:]
		current = c.appendRow(current, &rest, memberNames(rest.Columns), &cursor)
	}
	return &failure{Status: http.StatusPreconditionFailed, Description: "The condition is not met: nothing was written", More: string(current)}
}
